"""What is worth a word, when a person wants to hear it, and the ways on which it reaches them."""
