"""Servers that behave like the vendors, written from their documents alone, and ways to make them misbehave."""
