"""The automatic top-up: rules that a person confirmed, decided by one table, spent through the one walk of every order.

`rule` reads and digests a rule, `decide` is the table, `situation` gathers what it looks at, `run` goes through all
rules, `rules` are the commands of a person, `conditions` and `alerts` say what needs attention, `deliver` carries it.
"""
