"""Who sells data: one protocol and its adapters."""
