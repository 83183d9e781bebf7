"""Values that every room may use: money, volume, time, text, sentences, records, and how tables are read."""
