"""What to buy and why: recommendations, comparisons, hints."""
