"""The papers of a purchase: what was promised and delivered, and the files that a person keeps with it."""
