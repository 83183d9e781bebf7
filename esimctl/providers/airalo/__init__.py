"""Airalo's partner interface: OAuth tokens, no idempotency of any kind, a searchable description (tier C)."""
