"""The fault harness: it breaks the machine around the program and compares what is left with the provider's books."""
