"""What data is worth: the rules by which it is granted, used, carried and lost. Pure."""
