"""The embedded operator behind the wire formats of real vendors, on loopback, for rehearsals and the vendors' SDKs."""
