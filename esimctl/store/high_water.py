"""How far a profile's journal had come, noted outside the home: what was cut, put back or replaced shows by it.

The note is a hint, not a truth: it is not fsynced, and an older one only detects less. There is one for each real path
of a profile, once real money was booked there, in a folder that no copy of the home takes along.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from esimctl.ledger.said import text
from esimctl.store.files import make_folder, read_bytes, write_all
from esimctl.values.record import record
from esimctl.values.regex import regex
from esimctl.values.sentence import Param, Raw, Sentence
from esimctl.values.toml import Toml, parse_toml

if TYPE_CHECKING:
    from esimctl.ledger.state import LedgerState
    from esimctl.store.opening import Opened
    from esimctl.store.segments import Segments

OLD_FOLDER: Final = "high-water"  #: in the home, where earlier versions kept the marks: with every copy of it
MOST_BYTES: Final = 8192
_MARK: Final = regex(rb"([0-9a-f]{16}|-{16}) (\d{18}) ([0-9a-f]{32})\n")
_OLD: Final = regex(rb"(\d{1,18}) ([0-9a-f]{32})\n?\Z")
#: our own names of orders in profile.toml; a line that was adopted by hand may name its provider's
_ORDER: Final = regex(rb"""^\s*order\s*=\s*["'](\d{6}-[0-9a-f]{8})["']""", re.MULTILINE)
NOBODY: Final = "-" * 16

#: what is said of each alarm
TEXTS: Final = {
    "journal_gone": "the journal is gone, although {count} entries were in it",
    "journal_gone_by_lines": "the journal is gone, although line {line} was bought",
    "profile_vanished": "the profile is gone, although {count} entries were in its journal",
    "journal_cut": "the journal was cut within entry {seq}: that one and all behind it are missing",
    "journal_torn": "the last entry of the journal is incomplete, as if cut; whatever writes next sets it aside",
    "journal_shorter": "the journal ends at entry {last}, but entry {seq} was written: an older copy was put back",
    "journal_replaced": "entry {seq} of the journal is not the one that was written: another copy was put in its place",
    "journal_of_another": "the journal of another profile was put in the place of this one",
    "restored": "the profile was put back from a copy or mended, and not compared with its providers since",
    "line_lost": "line {line} was bought with order {order}, and is not in profile.toml",
    "line_without_order": "line {line} was bought with order {order}, which is not in the journal",
}
#: what ends an alarm
WAYS: Final = {
    "journal_gone": "esimctl profile restore FILE, esimctl reconcile, or esimctl profile create {name} --anew",
    "profile_vanished": "esimctl profile restore FILE, or esimctl profile create {name} --anew",
    "journal_torn": "esimctl reconcile",
    "restored": "esimctl reconcile",
    "line_lost": "esimctl reconcile",
}
#: a journal that was read whole, although more is known: documents are made of it, with a word
WHOLE: Final = frozenset({"journal_shorter", "line_without_order", "line_lost", "restored"})
WAY: Final = "esimctl profile merge FILE if you have the other copy, otherwise esimctl reconcile"


class Mark(NamedTuple):
    """The last record that is known: of which profile, its sequence number and its hash."""

    profile: str
    seq: int
    digest: str


@record
class Alarm:
    """Something that shows that there was more than is there. One that `stops` forbids spending (6)."""

    name: str
    said: Sentence
    way: Sentence
    stops: bool = True


def mark_file(folder: Path) -> str:
    """The name of the mark of the profile in that folder, by its real path."""
    return sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:32]


def profile_id(seed: bytes | None) -> str:
    """What tells a profile from every other, in 16 digits: its seed decides, which copies of it share."""
    return NOBODY if seed is None else sha256(b"esimctl profile " + seed).hexdigest()[:16]


def read_mark(path: Path | None) -> Mark | None:
    """The mark in a file of ours, None where nothing sensible is noted."""
    found = None if path is None else _MARK.match(_content(path))
    return None if found is None else Mark(found[1].decode(), int(found[2]), found[3].decode())


def read_old_mark(path: Path) -> Mark | None:
    """A mark as earlier versions kept it, in the home."""
    found = _OLD.match(_content(path))
    return None if found is None else Mark(NOBODY, int(found[1]), found[2].decode())


def write_mark(path: Path | None, mark: Mark, folder: Path) -> bool:
    """Note it, in place and always of one length; whether that was possible. The profile's path stands behind it."""
    if path is None:
        return False
    data = f"{mark.profile} {mark.seq:018d} {mark.digest}\n".encode() + os.fsencode(os.path.realpath(folder)) + b"\n"
    try:
        make_folder(path.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        fd = os.open(path, flags, 0o600)
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                return False
            write_all(fd, data)
        finally:
            os.close(fd)
    except OSError:
        return False
    return True


def forget_mark(path: Path | None) -> None:
    """Take the note away, with the profile."""
    if path is not None:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def forget_old_mark(path: Path) -> None:
    """Take a note in the home away, and the folder when it was the last."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
        path.parent.rmdir()


def answered(mark: tuple[int, str], heads: Iterable[tuple[int, str]]) -> bool:
    """Whether a journal stands for the record that a mark names, (sequence number, hash), although it is not in it.

    `heads` are those of its entries of a merge or of a person's acceptance: ends of journals that it replaced.
    """
    return mark in set(heads)


def contradicted(mark: Mark | None, opened: "Opened", journal: "Segments") -> str | None:
    """Which alarm a mark raises, by its name in TEXTS; None where its record is there, or answered.

    Where others have written behind it (a folder that two machines carry), its own hash must still stand in its place.
    """
    if mark is None or mark.seq < 1 or answered((mark.seq, mark.digest), opened.ledger.heads):
        return None
    at = opened.loaded.position
    last = at.next_seq - 1
    if last == 0:
        return "journal_gone"
    if last < mark.seq:
        return "journal_cut" if opened.loaded.torn is not None else "journal_shorter"
    there = last == mark.seq and at.last_hash == mark.digest
    return None if there or (last > mark.seq and mark.digest in journal.digests_of(mark.seq)) else "journal_replaced"


def orders_named(profile: bytes) -> Iterator[str]:
    """The orders of ours that profile.toml names, by its bytes: they are looked at whenever the journal is read."""
    yield from (found[1].decode() for found in _ORDER.finditer(profile))


def lines_without_orders(profile: bytes, ledger: "LedgerState") -> list[tuple[str, str]]:
    """(line, order) of every line in profile.toml whose order the ledger does not have and nobody acknowledged."""
    named = set(orders_named(profile)) - ledger.orders.keys() - {fact.order for fact in ledger.lines.values()}
    missing = {order for order in named if f"order:{order}" not in ledger.acknowledged and ledger.order(order) is None}
    lines = (_lines(profile) if missing else None) or {}
    return [(name, text(table, "order")) for name, table in lines.items() if table.get("order") in missing]


def lines_lost(profile: bytes, ledger: "LedgerState") -> list[tuple[str, str]]:
    """(line, order) of every line that was bought and neither removed nor given back, and is not in profile.toml."""
    named = set(orders_named(profile))
    missing = [
        fact for fact in ledger.lines.values() if fact.order and fact.removed_at is None and fact.order not in named
    ]
    lines = _lines(profile) if missing else None
    if lines is None:
        return []
    found = [(fact.name, str(fact.order)) for fact in missing if fact.name not in lines]
    return [(name, order) for name, order in found if (o := ledger.order(order)) is not None and o.state == "settled"]


def _lines(profile: bytes) -> dict[str, dict[str, Toml]] | None:
    """The lines of profile.toml; None where it cannot be read: whoever needs it says what is wrong with it."""
    try:
        lines = parse_toml(profile.decode("utf-8-sig")).get("line", {})
    except ValueError:
        return None
    return {name: table for name, table in lines.items() if isinstance(table, dict)} if isinstance(lines, dict) else {}


def has_real_money(ledger: "LedgerState") -> bool:
    """Whether real money was ever booked: orders that are open or settled, or charges of somebody else."""
    booked = [order for order in ledger.orders.values() if order.open or order.settled_at is not None]
    places = (*ledger.spent_before, *ledger.spent_rows.places)
    return any(not order.play for order in (*booked, *ledger.imported.values())) or any(not play for *_, play in places)


def alarm(name: str, profile: str, *, text: str | None = None, stops: bool = True, **params: Param) -> Alarm:
    """An alarm with its sentence and the way out; `text` is the sentence's name where it differs."""
    return Alarm(
        name, Sentence(TEXTS[text or name], params), Sentence(WAYS.get(name, WAY), {"name": Raw(profile)}), stops
    )


def _content(path: Path) -> bytes:
    """What a file of ours holds; nothing where there is none, or something else in its place."""
    try:
        return read_bytes(path, MOST_BYTES)
    except OSError:
        return b""
