"""Journals of an older schema: read through a table of steps, and rewritten once, with the old files kept.

The order of work is such that a stop at any point leaves the old journal or the new one, whole: the new one is written
beside and read back, its totals and orders compared with the old one's, then the two change places.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from esimctl.errors import Damaged
from esimctl.ledger.entries import Entry
from esimctl.store import frames
from esimctl.store.frames import SCHEMA
from esimctl.store.journal import SEGMENT_RECORDS, Journal
from esimctl.store.replace import make_folder, read_bytes, sync_folder
from esimctl.store.segments import Loaded, Position, Segments

NEXT: Final = "journal.next"


def _sources_and_tiers(entry: Entry) -> Entry:
    """Schema 0 knew only people who bought, and no provider that honours a key."""
    if entry.get("kind") != "order.prepared":
        return entry
    return {**entry, "source": entry.get("source", "person"), "tier": entry.get("tier", "D")}


#: schema → what makes an entry of it one of the next schema. A step never changes an amount or the name of an order.
STEPS: Final[Mapping[int, Callable[[Entry], Entry]]] = {0: _sources_and_tiers}


def schema_of(journal: Segments) -> int:
    """The schema in which a journal was written; an empty one is of today's."""
    numbers = journal.segments()
    start = read_bytes(journal.path(numbers[0]))[:7] if numbers else b""
    return 0 if start == b"[[tx]]\n" else SCHEMA


def read_old(journal: Segments) -> Loaded:
    """A journal of schema 0 (frames without a head) as entries of today's schema; see `Segments.load`."""
    loaded = Loaded()
    for number in journal.segments():
        at = loaded.position
        data = read_bytes(journal.path(number))
        seen = frames.walk(data, at.last_hash, at.next_seq, headed=True, file=journal.path(number).name)
        loaded.entries += seen.entries
        loaded.position = Position(number, seen.good_length, len(seen.entries), seen.next_seq, seen.last_hash)
        loaded.torn, loaded.damage = seen.torn, seen.damage
        if seen.torn is not None or seen.damage is not None:
            break
    loaded.entries = [upgraded(entry, 0) for entry in loaded.entries]
    return loaded


def upgraded(entry: Entry, schema: int) -> Entry:
    """An entry of an older schema as one of today's."""
    for step in range(schema, SCHEMA):
        entry = STEPS[step](entry)
    return entry


def finish(folder: Path) -> None:
    """Complete a migration that was stopped between its two renames; harmless otherwise."""
    if not (folder / "journal").exists() and (folder / NEXT).exists():
        (folder / NEXT).rename(folder / "journal")
        sync_folder(folder)


def migrate(folder: Path, begins: Callable[[], None] = lambda: None) -> bool:
    """Rewrite a profile's journal in today's schema; whether there was anything to do. Only inside `locked`.

    `begins` is called before the first change: whoever noted a hash of the old journal forgets it. The old segments
    stay in backups/, with a cut append set aside there. Damaged (6), with nothing changed, when the two journals do not
    come to the same.
    """
    finish(folder)
    old = Journal(folder / "journal")
    if schema_of(old) == SCHEMA:
        return False
    loaded = read_old(old)
    if loaded.damage is not None:
        raise Damaged("the journal is damaged and cannot be migrated", hint="esimctl doctor")
    begins()
    old.heal(loaded)
    new = _fresh(folder / NEXT)
    new.load()
    for start in range(0, len(loaded.entries), SEGMENT_RECORDS):
        new.append(loaded.entries[start : start + SEGMENT_RECORDS])
    again = Journal(folder / NEXT).load()
    if again.damage is not None or again.torn is not None or totals(again.entries) != totals(loaded.entries):
        raise Damaged("the migrated journal does not come to the same as the old one; nothing was changed")
    make_folder(folder / "backups")
    (folder / "journal").rename(_free(folder / "backups"))
    sync_folder(folder)
    finish(folder)
    return True


def totals(entries: Iterable[Mapping[str, Any]]) -> tuple[dict[tuple[str, str], int], list[str], int]:
    """What may not change: every account's sum, the orders in their order, the number of entries."""
    sums: dict[tuple[str, str], int] = {}
    orders: dict[str, None] = {}
    count = 0
    for entry in entries:
        count += 1
        if "order" in entry:
            orders.setdefault(entry["order"])
        for posting in entry.get("postings", ()):
            place = (posting["account"], posting["currency"])
            sums[place] = sums.get(place, 0) + posting["minor"]
    return sums, list(orders), count


def _fresh(folder: Path) -> Journal:
    """An empty folder; what a stopped migration left in it goes."""
    make_folder(folder)
    for path in folder.iterdir():
        path.unlink()
    return Journal(folder)


def _free(backups: Path) -> Path:
    number = 1
    while (backups / f"journal-schema-0-{number}").exists():
        number += 1
    return backups / f"journal-schema-0-{number}"


__all__ = ["NEXT", "STEPS", "finish", "migrate", "read_old", "schema_of", "totals", "upgraded"]
