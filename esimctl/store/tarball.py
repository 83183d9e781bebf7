"""A plain tar, written and read member by member: regular files with short names, in linear time and little memory.

Of `tarfile` only the header of one member is used: whatever else a tar can hold (links, sparse files, long names,
extensions that say how much is to be read next) is refused by its header, before anything of it is read.
"""

import tarfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import BinaryIO, Final, NamedTuple

from esimctl.values.sentence import Raw, SaidError

BLOCK: Final = 512
RECORD: Final = 20 * BLOCK  #: a tar's length is a multiple of this
PIECE: Final = 1 << 20  #: octets that are held at once
_PLAIN: Final = (tarfile.REGTYPE, tarfile.AREGTYPE)
_LATEST: Final = 0o77777777777  #: seconds: what the header has room for


class MemberPlace(NamedTuple):
    """Where a member's content stands in the file."""

    start: int
    size: int


def packed(members: Iterable[tuple[str, int, Iterable[bytes]]], at: datetime) -> Iterator[bytes]:
    """The bytes of a tar of members: name, size, content in pieces that come to that size."""
    length = 0
    for name, size, content in members:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, min(max(int(at.timestamp()), 0), _LATEST)
        yield info.tobuf(tarfile.USTAR_FORMAT)
        yield from content
        yield bytes(-size % BLOCK)
        length += BLOCK + size + -size % BLOCK
    yield bytes(2 * BLOCK + -(length + 2 * BLOCK) % RECORD)


def places(file: BinaryIO, most: Callable[[str], int | None], number: int) -> dict[str, MemberPlace]:
    """Every member's place, from the headers alone. `most` says how many octets a member of a name may have, None
    where there is no such member; `number` is how many members there may be.

    ValueError for whatever is not a plain tar of such members, up to its end.
    """
    found: dict[str, MemberPlace] = {}
    at = 0
    while True:
        file.seek(at)
        block = file.read(BLOCK)
        if block == bytes(BLOCK):
            return found
        try:
            info = tarfile.TarInfo.frombuf(block, "ascii", "backslashreplace")
        except tarfile.TarError as error:
            raise SaidError("no member begins at byte {at}: {why}", at=at, why=Raw(str(error))) from None
        room = most(info.name) if info.type in _PLAIN and info.name not in found else None
        if room is None:
            raise SaidError("{name!r} has no place in a backup", name=Raw(info.name[:100]))
        if not 0 <= info.size <= room:
            said = "{name} has {size} octets, and {room} at most are allowed"
            raise SaidError(said, name=Raw(info.name), size=info.size, room=room)
        if len(found) == number:
            raise SaidError("more than {number} members", number=number)
        found[info.name] = MemberPlace(at + BLOCK, info.size)
        at += BLOCK + info.size + -info.size % BLOCK


def pieces(file: BinaryIO, place: MemberPlace) -> Iterator[bytes]:
    """A member's content. ValueError where the file ends within it."""
    file.seek(place.start)
    left = place.size
    while left:
        piece = file.read(min(PIECE, left))
        if not piece:
            raise SaidError("it is cut")
        left -= len(piece)
        yield piece
