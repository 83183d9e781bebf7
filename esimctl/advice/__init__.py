"""What to buy: the recommendation with its exact search, comparison, hints."""
