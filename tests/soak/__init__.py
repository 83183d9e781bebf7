"""Many simulated days of `autotopup run` against a model that is written independently of the program."""
