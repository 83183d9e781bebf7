"""Schedulers that run `autotopup run`: what each is given as text (`texts`), and how it is installed (`install`)."""
