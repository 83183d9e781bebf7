"""What the doctor found and what mends it; backups, merges, schedules."""

from esimctl.documents.backups import BackupDocument, MergeDocument, RestoreDocument
from esimctl.documents.setup import CheckRow, DoctorDocument
from esimctl.show.page import wrap
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say
from esimctl.values.sentence import Told
from esimctl.values.text import clean

#: check → what it is about
NAMES = {
    "program": "the program",
    "home": "where it is kept",
    "profile": "the profile",
    "journal": "the journal",
    "modes": "file modes",
    "file_system": "file system",
    "room": "room on disk",
    "clock": "the clock",
    "zone": "the zone",
    "language": "the language",
    "completion": "completion script",
    "schedule": "the schedule",
    "secrets": "the credentials",
    "open_orders": "open orders",
    "rule": "a rule",
    "target": "a target of alerts",
    "seed": "the seed",
    "lock": "the lock",
}


def said(text: str) -> str:
    """A detail or a fix in the reader's language, as far as it is a sentence."""
    return say(text.said) if isinstance(text, Told) else text


def name(row: CheckRow) -> str:
    """A check's name in the reader's language; one without a phrase is called as in JSON."""
    return say(NAMES[row.name]) if row.name in NAMES else row.name


COLUMNS: Columns[CheckRow] = (
    *columns(CheckRow, "status"),
    Column("name", lambda row: row.name, name),
    Column("detail", lambda row: row.detail, lambda row: said(row.detail)),
    Column("fix", lambda row: row.fix, lambda row: said(row.fix or "")),
)

WIDE = 100_000  #: columns of a pipe

_COLOURS = {"ok": "32", "warn": "33", "fail": "31"}


def person(data: DoctorDocument, terminal: Terminal) -> None:
    """`ok    home: /…`; the word says what the colour says, and stands first, since only it has to align."""
    width = terminal.width or WIDE
    for row in data.checks:
        word = f"{row.status:4}"
        text = wrap(f"{name(row)}: {clean(said(row.detail))}", max(width - 8, 20))
        if terminal.colour:
            word = f"\x1b[{_COLOURS[row.status]}m{word}\x1b[0m"
        terminal.write(f"{word}  " + "\n        ".join(text) + "\n")
        if row.fix:
            terminal.tell(f"      -> {said(row.fix)}\n")
    failed = sum(row.status == "fail" for row in data.checks)
    warned = sum(row.status == "warn" for row in data.checks)
    terminal.tell(say("{failed} failures, {warned} warnings", failed=failed, warned=warned) + "\n")


def place_card(data: BackupDocument | RestoreDocument, terminal: Terminal) -> None:
    """Where it is."""
    terminal.write(f"{data.path}\n")


def merge_card(data: MergeDocument, terminal: Terminal) -> None:
    """A line for each thing that came, and none where nothing did."""
    if not data.nothing:
        terminal.write(say("{count} entries of {source}", count=data.taken, source=data.source) + "\n")
    if data.orders:
        terminal.write(say("orders: {orders}", orders=", ".join(data.orders)) + "\n")
    if data.added:
        terminal.write(say("in profile.toml: {added}", added=", ".join(data.added)) + "\n")
    if data.codes:
        terminal.write(say("activation codes of {lines}", lines=", ".join(data.codes)) + "\n")
    if data.moved_to:
        terminal.write(say("the copy is kept in {path}", path=", ".join(data.moved_to)) + "\n")


BACKUP_COLUMNS: Columns[BackupDocument] = (
    *columns(BackupDocument, "path"),
    *columns(BackupDocument, "name made_at entries with_vault", shown=False),
)

RESTORE_COLUMNS: Columns[RestoreDocument] = (
    *columns(RestoreDocument, "path"),
    *columns(RestoreDocument, "name made_at entries with_vault", shown=False),
)

MERGE_COLUMNS: Columns[MergeDocument] = (
    *columns(MergeDocument, "path taken orders"),
    *columns(MergeDocument, "added disabled kept moved_to", shown=False),
)


VIEWS = {
    "doctor": View(COLUMNS, lambda data: data.checks, person),
    "backup": View(BACKUP_COLUMNS, None, place_card),
    "restore": View(RESTORE_COLUMNS, None, place_card),
    "merge": View(MERGE_COLUMNS, None, merge_card),
}
