"""How each kind of document is shown: one module for those that belong together, loaded when one is."""
