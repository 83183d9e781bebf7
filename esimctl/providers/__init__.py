"""Who sells: one protocol, HTTP, the adapters, and the embedded operator."""
