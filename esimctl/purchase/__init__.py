"""How an order is made: quote, gates, the one walk, recovery, reconciliation, refund."""
