"""What is left on a line: read, modelled, foretold, and what needs attention."""
