"""What the doctor found and what mends it; backups, merges, schedules."""

from esimctl.documents.backups import BackupDocument, MergeDocument, RestoreDocument
from esimctl.documents.setup import CheckRow, DoctorDocument
from esimctl.show.failure import coloured_way
from esimctl.show.page import wrap
from esimctl.show.styles import ACT, ASKED, GOOD, LOOK, SOURCE, coloured, styled
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

#: status → its sign, the one for terminals without Unicode, its colour
SIGNS = {"fail": ("✗", "x", ACT), "warn": ("!", "!", LOOK), "ok": ("✓", "ok", GOOD)}


def person(data: DoctorDocument, terminal: Terminal) -> None:
    """What is wrong first, each with what mends it; what is fine is counted, or shown with `--all`."""
    wrong = [row for status in ("fail", "warn") for row in data.checks if row.status == status]
    fine = [row for row in data.checks if row.status == "ok"]
    if not wrong:
        well = say("Everything is fine: {count} checks (--all)", count=len(fine))
        terminal.tell(f"{sign('ok', terminal)} {well}\n")
    for row in (*wrong, *(fine if terminal.every_row else ())):
        tell(row, terminal)
    if wrong and fine and not terminal.every_row and not terminal.quiet:
        one = len(fine) == 1
        counted = say("1 check is fine (--all)") if one else say("{count} checks are fine (--all)", count=len(fine))
        terminal.tell(styled(counted, SOURCE) + "\n")


def sign(status: str, terminal: Terminal) -> str:
    """`✗`, `!` or `✓`, in its colour."""
    drawn, plain, style = SIGNS[status]
    return styled(drawn if terminal.blocks else plain, style)


def tell(row: CheckRow, terminal: Terminal) -> None:
    """`✗ file modes: open to others`, and below it the command that mends it."""
    text = f"{name(row)}: {clean(said(row.detail))}"
    lines = [text] if terminal.width is None else wrap(text, max(terminal.width - 3, 20))
    terminal.write(coloured(f"{sign(row.status, terminal)} " + "\n  ".join(lines) + "\n", terminal.colour))
    if row.fix:
        terminal.tell(f"    {coloured_way(clean(said(row.fix)))}\n")


def backup_card(data: BackupDocument, terminal: Terminal) -> None:
    """Where the backup is, and what is not in it."""
    terminal.tell(styled(data.path, ASKED) + "\n")
    if not data.with_vault:
        terminal.tell(styled(say("without activation codes (--with-vault)"), SOURCE) + "\n")


def place_card(data: RestoreDocument, terminal: Terminal) -> None:
    """Where it is."""
    terminal.write(f"{data.path}\n")


def merge_card(data: MergeDocument, terminal: Terminal) -> None:
    """A line for each thing that came, and none where nothing did."""
    if not data.nothing:
        terminal.tell(say("{count} entries of {source}", count=data.taken, source=data.source) + "\n")
    if data.orders:
        terminal.tell(say("orders: {orders}", orders=", ".join(data.orders)) + "\n")
    if data.added:
        terminal.tell(say("in profile.toml: {added}", added=", ".join(data.added)) + "\n")
    if data.codes:
        terminal.tell(say("activation codes of {lines}", lines=", ".join(data.codes)) + "\n")
    if data.moved_to:
        terminal.tell(say("the copy is kept in {path}", path=", ".join(data.moved_to)) + "\n")


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
    "backup": View(BACKUP_COLUMNS, None, backup_card),
    "restore": View(RESTORE_COLUMNS, None, place_card),
    "merge": View(MERGE_COLUMNS, None, merge_card),
}
