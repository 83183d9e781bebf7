"""Bugs of reading: damage passes for something else."""

from typing import Any

from tests.faults.seeded import bug
from tests.faults.seeded.hunts import flipping, losing


@bug(flipping)
def torn_tail_swallowed() -> None:
    """What is cut at the end is simply not there."""
    from esimctl.store import frames

    real = frames._classify

    def classify(seen: Any, data: bytes, reason: str, file: str) -> None:
        real(seen, data, reason, file)
        seen.torn = None

    frames._classify = classify


@bug(flipping)
def damage_taken_for_a_cut() -> None:
    """Whatever makes no sense is a torn tail, and goes."""
    from esimctl.store import frames

    def classify(seen: Any, data: bytes, reason: str, file: str) -> None:
        del reason, file
        seen.torn = data[seen.good_length :]

    frames._classify = classify


@bug(flipping)
def checksum_not_compared() -> None:
    """Length and number fit: that is believed."""
    from esimctl.store import frames

    def step(seen: Any, data: bytes, *, headed: bool) -> str | None:
        found = frames._FRAME.search(data, seen.good_length)
        if found is None:
            return "no frame ends here"
        block = data[seen.good_length : found.start()]
        if len(block) != int(found[3]):
            return "length"
        try:
            table = frames.parse(block)
        except ValueError as error:
            return str(error)
        if table.keys() != ({"tx"} if headed else {"schema", "segment", "first", "previous"}):
            return "not one of ours"
        if headed:
            seen.entries.append(table["tx"][0])
            seen.next_seq += 1
        else:
            seen.head = table
        seen.last_hash, seen.good_length = found[4].decode(), found.end()
        return None

    frames._step = step


@bug(flipping)
def torn_tail_thrown_away() -> None:
    """The cut append is cut off without a copy."""
    from esimctl.store.journal import Journal

    def heal(self: Any, loaded: Any) -> None:
        if loaded.torn is not None:
            path = self.path(loaded.position.segment)
            path.write_bytes(path.read_bytes()[: loaded.position.length])
            loaded.torn = None

    Journal.heal = heal  # type: ignore[method-assign]


@bug(flipping)
def seal_not_looked_at() -> None:
    """A profile that somebody else changed is taken for ours."""
    from esimctl.store import profile

    profile._by_hand = lambda _data: False


@bug(losing)
def the_index_is_believed_as_it_lies() -> None:
    """Before anything is spent nobody looks whether a row is missing: a request id that is known is denied."""
    from esimctl.store import opening

    opening.whole = lambda _folder: True


@bug(losing)
def rows_are_counted_and_not_looked_at() -> None:
    """As many rows as there should be are taken for the rows that should be there."""
    from esimctl.store import index

    index.sound = lambda _database, _told: True
