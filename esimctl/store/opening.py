"""From files to a ledger: the index where it can be believed, the journal behind it, and the findings on the way."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from esimctl.errors import ConfigurationError
from esimctl.ledger.fold import Ledger
from esimctl.ledger.invariants import NEWER, Violation, audited_fold
from esimctl.store.frames import SCHEMA
from esimctl.store.index import FILE, Origin, drop, note_checked, read_index, read_origin, trusted, whole
from esimctl.store.index_writing import attach, origin_at, rebuild, times_of, write_index
from esimctl.store.journal import Journal
from esimctl.store.migrate import read_old, schema_of, standing
from esimctl.store.segments import Loaded, Position
from esimctl.values.progress import Progress
from esimctl.values.record import field, record
from esimctl.values.sentence import Raw

INDEX_EVERY: Final = 32  #: entries
LONG: Final = 3  #: segments; the index of a journal that has more is made one after the other, with a bar
CLOCK: Final = "clock.set"
#: what earlier versions kept in place of the index
FORMER: Final = ("archive-orders.jsonl", "archive-imported.jsonl", "archive-readings.jsonl", "snapshot.json")


@record(frozen=False)
class Opened:
    """A ledger and where it came from. `recent` are the instants of the entries behind the index."""

    ledger: Ledger
    findings: list[Violation]
    loaded: Loaded
    origin: Origin | None  #: of the index that it continues
    recent: list[datetime] = field(default_factory=list)
    took_back: bool = False  #: a clock was, since: what is archived has its old dates, and no index is kept


def open_ledger(folder: Path, journal: Journal) -> Opened:
    """The ledger of a profile's folder. Damage is a finding, not an error; what can be read is read.

    ConfigurationError (78) for a journal, or an entry of a kind, that only a newer version knows.
    """
    journal = _there(folder, journal)
    if schema_of(journal) != SCHEMA:
        loaded = read_old(journal)
        return _opened(Opened(*audited_fold(loaded.entries), loaded, None))
    path = folder / FILE
    kept = read_index(path)
    behind = journal.load(kept.origin.position) if kept is not None and trusted(kept.origin, journal) else None
    if kept is not None and behind is not None and not _took_back(behind):
        attach(kept.ledger, path, journal)
        return _opened(Opened(*audited_fold(behind.entries, kept.ledger), behind, kept.origin))
    loaded = journal.load()
    ledger, findings = audited_fold(loaded.entries)
    if kept is not None and loaded.damage is not None and kept.ledger.next_seq > ledger.next_seq:
        ledger = kept.ledger  # it saw more than can be read now
        attach(ledger, path, journal)
    return _opened(Opened(ledger, findings, loaded, None))


def make_ready(folder: Path, journal: Journal, tell: Progress) -> None:
    """Under the lock, before anything is spent: an index that has lost something goes, a long journal gets one anew.

    `tell` hears how far that has come.
    """
    path = folder / FILE
    for name in FORMER if (folder / FORMER[-1]).exists() else ():
        (folder / name).unlink(missing_ok=True)
    if not whole(folder):
        drop(path)
    if len(journal.segments()) > LONG and schema_of(journal) == SCHEMA:
        origin = read_origin(path)
        if origin is None or not trusted(origin, journal):
            with suppress(OSError):  # then all of it is read, and the next run tries again
                rebuild(folder, journal, tell)
                note_checked(folder)


def _took_back(loaded: Loaded) -> bool:
    """Whether a clock was taken back behind the index: what is archived by then is dated anew as well."""
    return any(entry.get("kind") == CLOCK for entry in loaded.entries)


def read_whole(folder: Path, journal: Journal) -> Loaded:
    """Every entry from the first one on, whatever its schema and wherever a stopped migration left it."""
    journal = _there(folder, journal)
    return journal.load() if schema_of(journal) == SCHEMA else read_old(journal)


def _opened(opened: Opened) -> Opened:
    loaded = opened.loaded
    newer = next((finding for finding in opened.findings if finding.name == NEWER), None)
    if newer is not None:
        raise ConfigurationError(
            "the journal was written by a newer esimctl (entry {seq}: {what})",
            hint="upgrade esimctl; nothing was changed",
            code="schema_too_new",
            seq=Raw("?" if newer.seq is None else str(newer.seq)),
            what=newer.said,
        )
    if loaded.damage is not None:
        opened.findings.append(Violation("frames", loaded.position.next_seq, loaded.damage.said))
    opened.recent = times_of(loaded.entries)
    return opened


def _there(folder: Path, journal: Journal) -> Journal:
    """The journal where it stands now, which is not its own folder between the two renames of a change."""
    place = standing(folder)
    return journal if place.name == journal.folder.name else Journal(place, journal.ballast)


def keep_index(folder: Path, journal: Journal, opened: Opened, position: Position) -> None:
    """Compact the ledger and keep it, when enough has been appended. OSError leaves the old index or none."""
    if opened.took_back or len(opened.recent) < INDEX_EVERY or position.length == 0:
        return
    ledger, path = opened.ledger, folder / FILE
    if opened.origin is None and ledger.archive is not None:
        return  # a ledger whose archive cannot be continued: the next run rebuilds it
    origin = origin_at(journal, position, opened.origin)
    try:
        write_index(path, ledger, opened.origin, origin, opened.recent)
        note_checked(folder)
    finally:
        attach(ledger, path, journal)
    opened.origin, opened.recent = origin, []
