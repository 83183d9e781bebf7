"""Plans, policies, devices and counters as a profile sees them."""
