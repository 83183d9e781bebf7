"""What became of orders: open ones settled, the books compared with the providers', every charge accounted for."""
