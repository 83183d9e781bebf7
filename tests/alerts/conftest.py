"""What is told to whom is told of lines and rules: the world of the automatic top-up is theirs, too."""

from tests.autotopup.conftest import low, world

__all__ = ["low", "world"]
