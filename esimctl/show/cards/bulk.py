"""Many orders at once: what they come to before the question, and what became of each."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from esimctl.documents.orders import BulkDocument, BulkRow
from esimctl.show.amounts import money
from esimctl.show.styles import ACT, GOOD, LOOK, PLAY, SOURCE, styled
from esimctl.show.table import draw
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say

if TYPE_CHECKING:
    from esimctl.errors import EsimctlError


class Foreseen(Protocol):
    """A row as `describe` needs it."""

    @property
    def line(self) -> str: ...
    @property
    def plan(self) -> str | None: ...
    @property
    def price(self) -> object: ...
    @property
    def error(self) -> "EsimctlError | None": ...
    @property
    def earlier(self) -> object: ...


def describe(planned: Sequence[Foreseen]) -> Iterator[str]:
    """One line for each row: its price, that it was done before, or why it cannot be."""
    for each in planned:
        if each.error is not None:
            yield f"{each.line}: {say(each.error.said)}"
        elif each.earlier is not None:
            yield say("{line}: done before, nothing is bought again", line=each.line)
        else:
            yield " ".join(part for part in (f"{each.line}:", each.plan, str(each.price)) if part)


def question(count: int, totals: Sequence[str], played: Sequence[str]) -> str:
    """The question that is asked last, for all rows together; sums of play money stand by themselves and say so."""
    sums = [part for part in (" + ".join(totals), f"{' + '.join(played)} SANDBOX" if played else "") if part]
    return say("Orders: {count}. Pay {total} in all?", total=", ".join(sums), count=count)


class ReportedRow(BulkRow):
    """A row that knows whether it is only a rehearsal."""

    dry_run: bool


def rows(data: BulkDocument) -> list[ReportedRow]:
    """The rows of a report."""
    return [ReportedRow(**vars(row), dry_run=data.dry_run) for row in data.rows]


def outcome(row: ReportedRow) -> str:
    """What became of a row, in a word or two."""
    if row.ok and not row.repeated:
        return say("would be done") if row.dry_run else say("done")
    if row.ok:
        return say("done before")
    return say("not tried") if row.exit_code is None else (row.code or "").replace("_", " ")


def _short(row: ReportedRow) -> str:
    return row.code or ("repeated" if row.repeated else "planned" if row.dry_run else "done")


BULK_COLUMNS: Columns[ReportedRow] = (
    *columns(ReportedRow, "row line"),
    *columns(ReportedRow, "ok", shown=False),
    *columns(ReportedRow, "exit_code price order=order.id"),
    Column("outcome", _short, outcome),
    *columns(ReportedRow, "plan", shown=False),
    *columns(ReportedRow, "message"),
)


def became(row: ReportedRow) -> str:
    """`outcome` in its colour."""
    style = GOOD if row.ok else SOURCE if row.exit_code is None else ACT
    return styled(outcome(row), style)


SCREEN: Columns[ReportedRow] = (
    Column("row", lambda r: r.row, right=True, priority=6),
    Column("line", lambda r: r.line, priority=1),
    Column("plan", lambda r: r.plan, priority=5),
    Column("price", lambda r: r.price, lambda r: money(r.price), right=True, priority=3),
    Column("", lambda r: plays(r), lambda r: styled("SANDBOX", PLAY) if plays(r) else "", priority=4),
    Column("order", lambda r: None if r.order is None else r.order.id, priority=2),
    Column("state", _short, became, priority=0),
)  # fmt: skip


def plays(row: ReportedRow) -> bool:
    """Whether its order is of play money."""
    return row.order is not None and row.order.play_money


def bulk_card(data: BulkDocument, terminal: Terminal) -> None:
    """How many came to what and what was charged, then every row."""
    counts = {"done": data.done, "failed": data.failed, "left": data.not_tried}
    bad = data.failed or data.not_tried
    if data.dry_run:
        said = say("{done} would be done, {failed} would fail; nothing was done (--dry-run)", **counts)
    elif bad:
        said = say("{done} done, {failed} failed, {left} not tried", **counts)
    else:
        said = say("all {done} done", **counts)
    terminal.tell(styled(said, LOOK if bad else GOOD) + "\n")
    if not data.dry_run:
        for block, mark in ((data, bool(data.play_money)), (data.play, True)):
            for key, sentence in SUMS.items():
                if sums := getattr(block, key, ()):
                    play = f" · {styled('SANDBOX', PLAY)}" if mark else ""
                    terminal.tell(say(sentence, total=" + ".join(map(money, sums))) + play + "\n")
    draw(SCREEN, rows(data), terminal)


#: sums of the report → how they are said
SUMS = {"charged": "{total} charged in all", "unknown": "{total}: unknown whether it was charged"}


VIEWS = {"bulk": View(BULK_COLUMNS, rows, bulk_card)}
