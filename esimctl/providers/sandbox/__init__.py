"""The embedded operator: sells the bundled examples, keeps its own books, takes play money and never the network."""
