"""The cheapest purchases that cover a need: an exact search in whole numbers."""
