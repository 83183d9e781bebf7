"""The automatic top-up: rules that a person confirmed, decided by one table, spent through the one walk of every order.

`rule` reads and digests a rule, `situation` gathers what is looked at, `table` decides, `order` spends, `run` goes
through all rules, `rules` are a person's commands.
"""
