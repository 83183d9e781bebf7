"""A person's lines: listed, added, adopted, installed, shared."""
