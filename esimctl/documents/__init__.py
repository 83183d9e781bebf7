"""What the answers are: the public documents, their keys and types."""
