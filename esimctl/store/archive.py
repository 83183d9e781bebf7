"""What a compacted ledger no longer carries, one JSON line an order or reading. Derived, and rebuilt from the segments.

The snapshot says how many bytes count and their checksum; whatever does not fit that is answered from the journal.
"""

import json
import os
import re
from collections.abc import Callable, Container, Iterable, Iterator
from datetime import UTC, datetime
from functools import cached_property
from heapq import merge
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple
from zlib import crc32

from esimctl.ledger.facts import ReadingFact
from esimctl.ledger.kept import fact_from_text, fact_to_plain, facts_from_lines
from esimctl.ledger.orders import OrderState
from esimctl.ledger.state import LedgerState
from esimctl.store.files import read_bytes, replace, write_all

#: line and instant of an archived reading, seen without decoding the rest; ISO texts in UTC sort as their instants
_READ: Final = re.compile(rb'\{"as_of": \d+, "line": "([^"\\]*)", "read_at": \{"\$t": "([^"]+)"\}')
#: in a line of the orders' archive; a text before it could hold this only with its quotes escaped
_SEQ: Final = re.compile(rb'"seq": (\d+)')


#: names of an order that no imported record has of its own
MADE_HERE: Final = frozenset({"request_id", "key"})
PIECE: Final = 1 << 20  #: octets that are read at once


class Extent(NamedTuple):
    """How much of an archive file counts: bytes, and their CRC."""

    length: int = 0
    crc: int = 0


def extend(path: Path, extent: Extent, as_of: int, facts: Iterable[OrderState | ReadingFact]) -> Extent:
    """Write facts behind what counts so far (what lies beyond it was never counted) and fsync; the new extent."""
    lines = [json.dumps({"as_of": as_of, **fact_to_plain(fact)}, ensure_ascii=True) + "\n" for fact in facts]
    if not lines:
        return extent
    data = "".join(lines).encode()
    if extent.length == 0:
        replace(path, data, directory=False)
        return Extent(len(data), crc32(data))
    fd = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.ftruncate(fd, extent.length)
        os.lseek(fd, 0, os.SEEK_END)
        write_all(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)
    return Extent(extent.length + len(data), crc32(data, extent.crc))


class Archive:
    """The elders of a ledger, read when somebody asks. `rebuild` gives the whole ledger from the journal.

    Orders that were made here are few enough to be held once they are asked for; imported records and readings may be
    a million, and are read from the file as they are wanted.
    """

    def __init__(
        self,
        orders: tuple[Path, Extent],
        imported: tuple[Path, Extent],
        readings: tuple[Path, Extent],
        rebuild: Callable[[], LedgerState],
    ) -> None:
        self._orders = orders
        self._imported = Lines(*imported)
        self._readings = Lines(*readings)
        self._rebuild = rebuild
        self._data: bytes | None = None
        self._whole: LedgerState | None = None

    def find(self, field: str, value: str) -> tuple[int, OrderState] | None:
        """See `ledger.state.Elders`."""
        data, needle = self._read(), f"{json.dumps(field)}: {json.dumps(value)}".encode()
        if data is None or not self._imported.sound:
            return next((found for found in self.in_order() if getattr(found[1], field) == value), None)
        at = data.rfind(needle)
        while at >= 0:
            start, end = data.rfind(b"\n", 0, at) + 1, data.index(b"\n", at)
            as_of, order = fact_from_text(OrderState, data[start:end])
            if getattr(order, field) == value:
                return (as_of, order) if field == "id" else self.find("id", order.id)
            at = data.rfind(needle, 0, start)
        if field in MADE_HERE:
            return None
        likely = facts_from_lines(OrderState, (line for line in self._imported if needle in line))
        return next((found for found in likely if getattr(found[1], field) == value), None)

    def orders(self) -> Iterator[tuple[int, OrderState]]:
        """See `ledger.state.Elders`."""
        data = self._read()
        if data is None:
            whole = self._ledger()
            yield from ((whole.next_seq, order) for order in whole.orders.values())
            return
        yield from facts_from_lines(OrderState, data.splitlines())

    def in_order(self) -> Iterator[tuple[int, OrderState]]:
        """See `ledger.state.Elders`: where each stands is found first, then they are read one by one."""
        places = self._places()
        if places is None or not self._imported.sound:
            whole = self._ledger()
            every = sorted((*whole.orders.values(), *whole.imported.values()), key=lambda order: order.seq)
            yield from ((whole.next_seq, order) for order in every)
            return
        imported = facts_from_lines(OrderState, self._imported)  # none of them comes back: they are in order
        yield from merge(self._at(places), imported, key=lambda found: found[1].seq)

    def _at(self, places: dict[int, int]) -> Iterator[tuple[int, OrderState]]:
        if places:
            with _opened(self._orders[0]) as file:
                yield from facts_from_lines(OrderState, _lines_at(file, (start for _, start in sorted(places.items()))))

    def _places(self) -> dict[int, int] | None:
        """`seq` of each order → where its last line begins; None when the file is not as the snapshot knew it."""
        path, extent = self._orders
        places: dict[int, int] = {}
        start = crc = 0
        if not extent.length:
            return places
        try:
            with _opened(path) as file:
                while start < extent.length and (line := file.readline()):
                    crc = crc32(line, crc)
                    found = _SEQ.search(line)
                    if found is None:
                        return None
                    places[int(found[1])] = start
                    start += len(line)
        except OSError:
            return None
        return places if start == extent.length and crc == extent.crc else None

    def readings(self) -> Iterator[tuple[int, ReadingFact]]:
        """See `ledger.state.Elders`."""
        if not self._readings.sound:
            whole = self._ledger()
            yield from ((whole.next_seq, fact) for facts in whole.readings.values() for fact in facts)
            return
        yield from facts_from_lines(ReadingFact, self._readings)

    def readings_since(self, since: datetime, whole: Container[str]) -> Iterator[tuple[int, ReadingFact]]:
        """See `ledger.state.Elders`; what was read before is decoded only where it is a line's last."""
        if not self._readings.sound:
            yield from self.readings()
            return
        yield from facts_from_lines(ReadingFact, _since(self._readings, since, whole))

    def _read(self) -> bytes | None:
        """The orders' bytes that count, None when they are not there as the snapshot knew them."""
        if self._data is None and self._whole is None:
            path, extent = self._orders
            try:
                data = read_bytes(path)[: extent.length] if extent.length else b""
            except OSError:
                return None
            if len(data) != extent.length or crc32(data) != extent.crc:
                return None
            self._data = data
        return self._data

    def _ledger(self) -> LedgerState:
        if self._whole is None:
            self._whole = self._rebuild()
        return self._whole


class Lines:
    """The lines of an archive file as far as they count, read from it each time somebody walks over them."""

    def __init__(self, path: Path, extent: Extent) -> None:
        self._path = path
        self._extent = extent

    @cached_property
    def sound(self) -> bool:
        """Whether the file is as the snapshot knew it."""
        left, crc = self._extent.length, 0
        if not left:
            return True
        try:
            with _opened(self._path) as file:
                while left and (piece := file.read(min(left, PIECE))):
                    left, crc = left - len(piece), crc32(piece, crc)
        except OSError:
            return False
        return not left and crc == self._extent.crc

    def __iter__(self) -> Iterator[bytes]:
        left = self._extent.length
        if not left:
            return
        with _opened(self._path) as file:
            while left > 0 and (line := file.readline()):
                left -= len(line)
                yield line


def _opened(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")


def _since(lines: Iterable[bytes], since: datetime, whole: Container[str]) -> Iterator[bytes]:
    """The lines of readings at or after an instant, the last before it of every line, and all of those in `whole`."""
    start = since.astimezone(UTC).isoformat().encode()
    last: dict[bytes, tuple[bytes, bytes]] = {}
    for line in lines:
        seen = _READ.match(line)
        if seen is None or seen[2] >= start or (whole and seen[1].decode() in whole):
            yield line
        elif seen[1] not in last or seen[2] >= last[seen[1]][0]:
            last[seen[1]] = (seen[2], line)
    yield from (line for _, line in last.values())


def _lines_at(file: BinaryIO, places: Iterable[int]) -> Iterator[bytes]:
    """The line that begins at each place."""
    for start in places:
        file.seek(start)
        yield file.readline()
