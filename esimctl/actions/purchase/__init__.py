"""One order, from a wish to its outcome: the same walk for buy, renew, topup and the automatic top-up."""
