"""Journals of an older schema: read through a table of steps, and rewritten once, with the old files kept.

The order of work is such that a stop at any point leaves the old journal or the new one, whole: the new one is written
beside and read back, its totals and orders compared with the old one's, then the two change places.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from shutil import rmtree
from typing import Final

from esimctl.errors import Damaged
from esimctl.ledger.entries import Entry
from esimctl.ledger.said import number, tables, text
from esimctl.store import frames
from esimctl.store.files import make_folder, read_bytes, replace, sync_folder
from esimctl.store.frames import SCHEMA
from esimctl.store.journal import SEGMENT_RECORDS, Journal
from esimctl.store.segments import Loaded, Position, Segments
from esimctl.values.toml import Toml

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
    for segment in journal.segments():
        at = loaded.position
        data = read_bytes(journal.path(segment))
        seen = frames.walk(data, at.last_hash, at.next_seq, headed=True, file=journal.path(segment).name)
        loaded.entries += seen.entries
        loaded.position = Position(segment, seen.good_length, len(seen.entries), seen.next_seq, seen.last_hash)
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
    """Complete a change of journals that was stopped between its two renames; harmless otherwise."""
    if not (folder / "journal").exists() and (folder / NEXT).exists():
        (folder / NEXT).rename(folder / "journal")
        sync_folder(folder)


def standing(folder: Path) -> Path:
    """Where a profile's journal stands: between the two renames of a change under its other name."""
    journal = folder / "journal"
    return folder / NEXT if not journal.exists() and (folder / NEXT).exists() else journal


def begin_next(folder: Path) -> Path:
    """An empty folder beside the journal for the one that takes its place; what a stopped change left in it goes."""
    sweep_next(folder)
    make_folder(folder / NEXT)
    return folder / NEXT


def sweep_next(folder: Path) -> None:
    """Take away what a change that was stopped before its first rename has left."""
    if (folder / NEXT).exists() and (folder / "journal").exists():
        rmtree(folder / NEXT)


def change_places(folder: Path, kept_as: str) -> Path:
    """The journal beside takes the journal's place; the old one is kept in backups/, where is returned.

    A stop between the two renames is finished by whoever opens the profile next.
    """
    make_folder(folder / "backups")
    kept = _free(folder / "backups", kept_as)
    if (folder / "journal").exists():
        _bring_along(folder)
        (folder / "journal").rename(kept)
        sync_folder(folder)
    finish(folder)
    return kept


def migrate(folder: Path, begins: Callable[[], None] = lambda: None) -> bool:
    """Rewrite a profile's journal in today's schema; whether there was anything to do. Only inside `locked`.

    `begins` is called before the first change: whoever noted a hash of the old journal forgets it. The old segments
    stay in backups/, with a cut append set aside there. Damaged (6), with nothing changed, when the two journals do not
    come to the same.
    """
    finish(folder)
    old = Journal(folder / "journal")
    if schema_of(old) == SCHEMA:
        sweep_next(folder)
        return False
    loaded = read_old(old)
    if loaded.damage is not None:
        raise Damaged("the journal is damaged and cannot be migrated", hint="esimctl doctor")
    begins()
    old.heal(loaded)
    new = Journal(begin_next(folder))
    new.load()
    for start in range(0, len(loaded.entries), SEGMENT_RECORDS):
        new.append(loaded.entries[start : start + SEGMENT_RECORDS])
    again = Journal(folder / NEXT).load()
    if again.damage is not None or again.torn is not None or totals(again.entries) != totals(loaded.entries):
        raise Damaged("the migrated journal does not come to the same as the old one; nothing was changed")
    change_places(folder, "journal-schema-0")
    return True


def totals(entries: Iterable[Mapping[str, Toml]]) -> tuple[dict[tuple[str, str], int], list[str], int]:
    """What may not change: every account's sum, the orders in their order, the number of entries."""
    sums: dict[tuple[str, str], int] = {}
    orders: dict[str, None] = {}
    count = 0
    for entry in entries:
        count += 1
        if "order" in entry:
            orders.setdefault(text(entry, "order"))
        for posting in tables(entry, "postings"):
            place = (text(posting, "account"), text(posting, "currency"))
            sums[place] = sums.get(place, 0) + number(posting, "minor")
    return sums, list(orders), count


def _bring_along(folder: Path) -> None:
    """What else stands beside the segments stays where it is looked for: cut appends, copies of a sync program."""
    segments = {Segments(folder / "journal").path(number).name for number in Segments(folder / "journal").segments()}
    for path in sorted((folder / "journal").iterdir()):
        if path.name not in segments and path.is_file() and not path.is_symlink():
            replace(folder / NEXT / path.name, read_bytes(path))


def _free(backups: Path, name: str) -> Path:
    number = 1
    while (backups / f"{name}-{number}").exists():
        number += 1
    return backups / f"{name}-{number}"
