"""From files to a ledger: the snapshot where it can be believed, the journal behind it, and the findings on the way."""

from datetime import datetime
from pathlib import Path
from typing import Final

from esimctl.errors import ConfigurationError
from esimctl.ledger.fold import Ledger
from esimctl.ledger.invariants import NEWER, Violation, audited_fold
from esimctl.ledger.kept import compact
from esimctl.store.archive import Archive, Extent, extend
from esimctl.store.frames import SCHEMA
from esimctl.store.journal import Journal
from esimctl.store.migrate import read_old, schema_of, standing
from esimctl.store.segments import Loaded, Position
from esimctl.store.snapshot import Snapshot, prefix_of, read_snapshot, seal_of, still_true, write_snapshot
from esimctl.values.record import field, record
from esimctl.values.sentence import Raw

SNAPSHOT_EVERY: Final = 32  #: entries
CLOCK: Final = "clock.set"
#: what the ledger no longer carries: orders that were made here, records of others, readings
ORDERS: Final = "archive-orders.jsonl"
IMPORTED: Final = "archive-imported.jsonl"
READINGS: Final = "archive-readings.jsonl"


@record(frozen=False)
class Opened:
    """A ledger and where it came from. `recent` are the instants of the entries behind the snapshot."""

    ledger: Ledger
    findings: list[Violation]
    loaded: Loaded
    snapshot: Snapshot | None
    recent: list[datetime] = field(default_factory=list)
    took_back: bool = False  #: a clock was, since: what is archived has its old dates, and no snapshot is kept


def open_ledger(folder: Path, journal: Journal) -> Opened:
    """The ledger of a profile's folder. Damage is a finding, not an error; what can be read is read.

    ConfigurationError (78) for a journal, or an entry of a kind, that only a newer version knows.
    """
    journal = _there(folder, journal)
    if schema_of(journal) != SCHEMA:
        loaded = read_old(journal)
        return _opened(Opened(*audited_fold(loaded.entries), loaded, None))
    snapshot = read_snapshot(folder / "snapshot.json")
    behind = journal.load(snapshot.position) if snapshot is not None and still_true(snapshot, journal) else None
    if snapshot is not None and behind is not None and not _took_back(behind):
        loaded = behind
        attach(snapshot, folder, journal)
        ledger, findings = audited_fold(loaded.entries, snapshot.ledger)
    else:
        loaded = journal.load()
        ledger, findings = audited_fold(loaded.entries)
        if snapshot is not None and loaded.damage is not None and snapshot.ledger.next_seq > ledger.next_seq:
            ledger = snapshot.ledger  # it saw more than can be read now
            attach(snapshot, folder, journal)
        snapshot = None
    return _opened(Opened(ledger, findings, loaded, snapshot))


def _took_back(loaded: Loaded) -> bool:
    """Whether a clock was taken back behind the snapshot: what is archived by then is dated anew as well."""
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
            seq=newer.seq or 0,
            what=Raw(newer.message),
        )
    if loaded.damage is not None:
        place = f"{loaded.damage.file}, byte {loaded.damage.offset}: {loaded.damage.reason}"
        opened.findings.append(Violation("frames", loaded.position.next_seq, place))
    opened.recent = [entry["at"] for entry in loaded.entries if "at" in entry]
    return opened


def _there(folder: Path, journal: Journal) -> Journal:
    """The journal where it stands now, which is not its own folder between the two renames of a change."""
    place = standing(folder)
    return journal if place.name == journal.folder.name else Journal(place, journal.ballast)


def attach(snapshot: Snapshot, folder: Path, journal: Journal) -> None:
    """Give the ledger of a snapshot its archive."""

    def rebuild() -> Ledger:
        return audited_fold(Journal(journal.folder).load().entries)[0]

    snapshot.ledger.elders = Archive(
        (folder / ORDERS, snapshot.orders),
        (folder / IMPORTED, snapshot.imported),
        (folder / READINGS, snapshot.readings),
        rebuild,
    )


def keep_snapshot(folder: Path, journal: Journal, opened: Opened, position: Position) -> None:
    """Compact the ledger and keep it, when enough has been appended. OSError leaves the old one or none."""
    if opened.took_back or len(opened.recent) < SNAPSHOT_EVERY or position.length == 0:
        return
    old = opened.snapshot
    ledger, recent = opened.ledger, opened.recent[-SNAPSHOT_EVERY * 4 :]
    if old is None and ledger.archived:
        return  # a ledger whose archive cannot be continued: the next run rebuilds both
    leaving, gone = compact(ledger, min(recent))
    own, others = ([order for order in leaving if order.imported is one] for one in (False, True))
    orders = extend(folder / ORDERS, old.orders if old else Extent(), ledger.next_seq, own)
    imported = extend(folder / IMPORTED, old.imported if old else Extent(), ledger.next_seq, others)
    readings = extend(folder / READINGS, old.readings if old else Extent(), ledger.next_seq, gone)
    sealed = dict(old.sealed) if old else {}
    for number in range(1, position.segment):
        sealed.setdefault(number, seal_of(journal, number))
    snapshot = Snapshot(ledger, position, prefix_of(journal, position), sealed, orders, imported, readings)
    write_snapshot(folder / "snapshot.json", snapshot)
    attach(snapshot, folder, journal)
    opened.snapshot, opened.recent = snapshot, []
