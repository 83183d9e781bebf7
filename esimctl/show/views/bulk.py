"""Many lines at once: what is agreed to beforehand, and what became of each row."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from esimctl.show.amounts import flat_money, money
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
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
            yield f"{each.line}: {say(each.error.template, **each.error.params)}"
        elif each.earlier is not None:
            yield say("{line}: done before, nothing is bought again", line=each.line)
        else:
            yield " ".join(part for part in (f"{each.line}:", each.plan, str(each.price)) if part)


def question(count: int, totals: Sequence[str], played: Sequence[str]) -> str:
    """The question that is asked last, for all rows together; sums of play money stand by themselves and say so."""
    sums = [part for part in (" + ".join(totals), f"{' + '.join(played)} SANDBOX" if played else "") if part]
    return say("Orders: {count}. Pay {total} in all?", total=", ".join(sums), count=count)


def outcome(row: Mapping[str, Any]) -> str:
    """What became of a row, in a word or two."""
    if row["ok"] and not row["repeated"]:
        return say("would be done") if row["dry_run"] else say("done")
    if row["ok"]:
        return say("done before")
    return say("not tried") if row["exit_code"] is None else row["code"].replace("_", " ")


def _short(row: Mapping[str, Any]) -> str:
    return "repeated" if row["repeated"] else "planned" if row["dry_run"] else "done"


def rows(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows, each knowing whether it is only a rehearsal."""
    return [{**row, "dry_run": data["dry_run"]} for row in data["rows"]]


COLUMNS = (
    Column("row", lambda r: r["row"], right=True),
    Column("line", lambda r: r["line"]),
    Column("ok", lambda r: r["ok"], shown=False),
    Column("exit_code", lambda r: r["exit_code"], right=True),
    Column("price", flat_money("price"), lambda r: money(r["price"]), right=True),
    Column("order", lambda r: None if r["order"] is None else r["order"]["id"]),
    Column("outcome", lambda r: r["code"] or _short(r), outcome),
    Column("plan", lambda r: r["plan"], shown=False),
    Column("message", lambda r: r["message"]),
)


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """The rows as a table, and how many came to what."""
    from esimctl.show.table import draw

    told = [column for column in COLUMNS if column.shown and column.name != "message"]  # it was told as it happened
    draw(told, rows(data), terminal)
    counts = {"done": data["done"], "failed": data["failed"], "left": data["not_tried"]}
    if data["dry_run"]:
        terminal.note(say("{done} would be done, {failed} would fail; nothing was done", **counts))
        return
    terminal.note(say("{done} done, {failed} failed, {left} not tried", **counts))
    for block, mark in ((data, " SANDBOX" if data.get("play_money") else ""), (data.get("play", {}), " SANDBOX")):
        for name, sentence in SUMS.items():
            sums = " + ".join(money(each) for each in block.get(name, ()))
            if sums:
                terminal.note(say(sentence, total=sums + mark))


#: sums of the report → how they are said
SUMS = {"charged": "charged in all: {total}", "unknown": "not known whether charged: {total}"}

VIEWS = {"bulk": View(COLUMNS, rows, person)}
