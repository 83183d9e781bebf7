"""Rows of a document that may be a million: written out one after the other, and never all in memory."""

import json
from array import array
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final, Generic, TypeVar
from weakref import finalize

from esimctl.documents.document import json_text

T = TypeVar("T")
HELD: Final = 1 << 20  #: octets of rows that stay in memory
PIECE: Final = 64 << 10  #: octets that are read at once
AT_ONCE: Final = 200  #: rows that are written at once
KEPT: Final = 60_000  #: values that are kept for whoever walks over them again


class Made(Generic[T]):
    """Rows that are made while somebody walks over them."""

    def __init__(self, make: Callable[[], Iterator[T]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[T]:
        return self._make()

    def pieces(self) -> Iterator[str]:
        """The list as JSON, many rows at once."""
        before = "["
        texts = self._texts()
        while piece := ", ".join(islice(texts, AT_ONCE)):
            yield before + piece
            before = ", "
        yield "[]" if before == "[" else "]"

    def _texts(self) -> Iterator[str]:
        return (json_text(row) for row in self)


class Rows(Made[T]):
    """Rows in the order in which they came, and each by its place. Beyond HELD they lie in a file that nobody sees.

    They are kept as JSON; `back` makes a row of it again.
    """

    def __init__(self, back: Callable[[Any], T]) -> None:
        from tempfile import SpooledTemporaryFile

        self._back = back
        self._file = SpooledTemporaryFile(HELD)  # noqa: SIM115 - closed with the last who holds the rows
        self._length = 0
        self._places = array("Q")
        finalize(self, self._file.close)

    def append(self, row: T) -> None:
        """One more."""
        self._file.seek(self._length)
        self._places.append(self._length)
        self._length += self._file.write(json_text(row).encode(errors="surrogatepass") + b"\n")

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, place: int) -> T:
        self._file.seek(self._places[place])
        return self._back(json.loads(self._file.readline().decode(errors="surrogatepass")))

    def __iter__(self) -> Iterator[T]:
        return map(self._back, map(json.loads, self._texts()))

    def _texts(self) -> Iterator[str]:
        place = 0
        while place < self._length:
            self._file.seek(place)  # others may read in between
            lines = self._file.readlines(PIECE)
            place += sum(map(len, lines))
            for line in lines:
                yield line[:-1].decode(errors="surrogatepass")


class Again(Generic[T]):
    """What can be walked over as often as one likes: kept where it is short, made anew where it is long."""

    def __init__(self, make: Callable[[], Iterator[T]]) -> None:
        self._make = make
        self.kept: list[T] | None = None  #: all of it, once somebody came to its end

    def __iter__(self) -> Iterator[T]:
        return self._walk() if self.kept is None else iter(self.kept)

    def _walk(self) -> Iterator[T]:
        kept: list[T] | None = []
        for each in self._make():
            if kept is not None:
                kept.append(each)
                if len(kept) > KEPT:
                    kept = None
            yield each
        self.kept = kept
