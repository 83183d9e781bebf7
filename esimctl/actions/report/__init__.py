"""Spend, use and waste by month, counted from the journal alone."""
