"""What is waited for, and how far it has come where that is known: told while it goes on, to whoever watches."""

from typing import Protocol

from esimctl.values.sentence import Sentence


class Progress(Protocol):
    """Hears what is being done: `total` is 0 where nobody knows how much there is."""

    def __call__(self, said: str | Sentence, done: int = 0, total: int = 0, /) -> None: ...


def silent(_said: str | Sentence, _done: int = 0, _total: int = 0, /) -> None:
    """Progress that nobody watches."""
