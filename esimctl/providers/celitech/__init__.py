"""Celitech: OAuth tokens and a real idempotency key (tier A); no balance and no refund to ask for."""
