"""How it is said: streams, tables, tab-separated text, JSON, QR codes and words."""
