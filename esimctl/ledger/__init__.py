"""What happened: entries, the order state machine as data, the fold, caps, totals and invariants. Pure."""
