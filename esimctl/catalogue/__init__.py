"""Data files on the market, and how they are read."""
