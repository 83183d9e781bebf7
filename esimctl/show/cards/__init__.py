"""How each kind of document is shown to a person: columns, rows, card."""
