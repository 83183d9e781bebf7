"""What is told to whom: notices, targets, delivery."""
