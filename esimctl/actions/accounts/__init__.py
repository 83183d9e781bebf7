"""Accounts at providers: which there are, their credentials, whether they work."""
