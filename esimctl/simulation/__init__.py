"""Scenarios played, and what would be if."""
