"""Rows of a document that may be a million: on a disk where they are many, and written out one after the other."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final
from weakref import finalize

HELD: Final = 1 << 20  #: octets that stay in memory
PIECE: Final = 64 << 10  #: octets that are read at once
AT_ONCE: Final = 200  #: rows that are written at once


class Rows:
    """Rows in plain JSON types, in the order in which they came. Beyond HELD they lie in a file that nobody sees."""

    def __init__(self) -> None:
        from tempfile import SpooledTemporaryFile

        self._file = SpooledTemporaryFile(HELD)  # noqa: SIM115 - closed with the last who holds the rows
        self._count = self._length = 0
        finalize(self, self._file.close)

    def append(self, row: Mapping[str, Any]) -> None:
        """One more."""
        self._file.seek(self._length)
        self._length += self._file.write(json.dumps(row, ensure_ascii=False).encode(errors="surrogatepass") + b"\n")
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(json.loads, self._texts())

    def pieces(self) -> Iterator[str]:
        """The list as JSON, many rows at once."""
        before = "["
        texts = self._texts()
        while piece := ", ".join(islice(texts, AT_ONCE)):
            yield before + piece
            before = ", "
        yield "[]" if before == "[" else "]"

    def _texts(self) -> Iterator[str]:
        """Each as JSON."""
        place = 0
        while place < self._length:
            self._file.seek(place)  # others may read in between
            lines = self._file.readlines(PIECE)
            place += sum(map(len, lines))
            for line in lines:
                yield line[:-1].decode(errors="surrogatepass")


__all__ = ["HELD", "Rows"]
