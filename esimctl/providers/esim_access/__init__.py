"""eSIM Access (RedteaGO): prepaid credit, one header or HMAC, orders under our own transactionId (tier B)."""
