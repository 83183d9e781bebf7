"""What is known of the market: data files with their sources, and how they are read."""
