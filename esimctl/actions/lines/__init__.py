"""The person's lines: listing, adopting, sharing, installing."""
