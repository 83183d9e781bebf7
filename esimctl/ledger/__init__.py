"""What happened: entries, legal transitions, the fold from entries to state, invariants. Pure."""
