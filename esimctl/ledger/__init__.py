"""What happened: entries, orders, postings, and what they come to. Pure."""
