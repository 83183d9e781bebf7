"""An opened profile: its clock, its providers and credentials, its books under the lock, its budgets."""
