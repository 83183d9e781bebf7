"""The embedded operator: sells the demo plans, keeps its own books, takes play money and never the network."""
