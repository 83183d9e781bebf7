"""`lines import`: many lines from a CSV file, each added as `lines add` would, in one report."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from esimctl.catalogue.carriers import e164
from esimctl.documents.result import Result
from esimctl.errors import EsimctlError, NoRoom, UsageError
from esimctl.lines.adopt import adopt, findable
from esimctl.lines.counter import PROVIDER, CounterPurchase, add_line, checked, instant_of, snapshot
from esimctl.lines.lines import check_tags
from esimctl.profile.many import FileRows, Told, failed, report, row, untried
from esimctl.profile.naming import check_name
from esimctl.providers.lpa import plain_iccid
from esimctl.values.as_typed import money_of, plain, volume_of
from esimctl.values.sentence import Raw, SaidError, commas
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.documents.orders import BulkDocument
    from esimctl.profile.opened import Session

#: the columns that a file may have: the options of `lines add`; `tags` holds several, with blanks between them
COLUMNS: Final = (
    "name", "provider", "carrier", "plan", "data", "days", "price", "started", "channel", "msisdn", "iccid", "order",
    "lpa", "receipt", "note", "tags",
)  # fmt: skip
#: what tells that a line that is followed already is the one of the row
SAME: Final = ("provider", "carrier", "plan", "iccid", "msisdn", "receipt")
LONGEST_TERM: Final = 3660  #: days


def import_lines(
    session: "Session",
    rows: FileRows,
    provider: str,
    told: Told,
    *,
    dry_run: bool = False,
) -> "Result[BulkDocument]":
    """Add a line for each row; a row that cannot be added is reported, the others are added all the same.

    A row whose line is followed already with the same facts is done: the same file again adds only what is missing.
    """
    found, full = [], False
    for place, name, problem in rows.wrong:
        found.append(failed(place, name, problem))
        told(name or f"#{place}", problem.said)
    for place, cells in rows.good:
        name = cells["name"]
        if full:
            found.append(untried(place, name, "not tried: the disk takes no more", plan=cells.get("plan")))
            continue
        try:
            repeated = _add(session, {"provider": provider, **cells}, dry_run=dry_run)
        except EsimctlError as error:
            found.append(failed(place, name, error, plan=cells.get("plan")))
            full = isinstance(error, NoRoom)
            told(name, error.said)
            continue
        found.append(row(place, name, repeated=repeated, plan=cells.get("plan")))
    result = report("lines import", sorted(found, key=lambda each: each.row), dry_run=dry_run)
    said = rows.sheet.note()
    if said is not None:
        result.note(said)
    return result


def _add(session: "Session", cells: Mapping[str, str], *, dry_run: bool) -> bool:
    """Add one line, or only look whether it could be. True where it is there already."""
    name, provider = check_name(cells["name"]), cells["provider"]
    tags = check_tags(cells.get("tags", "").split())
    if name in session.lines:
        return _is_there(session.lines[name], name, cells)
    if provider != PROVIDER:
        if dry_run:
            findable(session, provider, iccid=cells.get("iccid"), order=cells.get("order"))
        else:
            adopt(session, name, provider, iccid=cells.get("iccid"), order=cells.get("order"), tags=tags)
        return False
    if "order" in cells:
        raise UsageError("--order is for a line at a provider; keep the receipt's number with --receipt")
    bought = bought_of(cells, tags)
    if dry_run:
        snapshot(session, bought, checked(session, bought).carrier, instant_of(session, bought.started))
    else:
        add_line(session, bought)
    return False


def _is_there(table: Mapping[str, Toml], name: str, cells: Mapping[str, str]) -> bool:
    """True if the line that is followed is the row's; UsageError if it is another one of that name."""
    given = {key: cells[key] for key in SAME if key in cells}
    if "msisdn" in given:
        given["msisdn"] = e164(given["msisdn"]) or given["msisdn"]
    if "iccid" in given:
        given["iccid"] = plain_iccid(given["iccid"])
    differing = [key for key, value in given.items() if str(table.get(key, "")) != value]
    if differing:
        raise UsageError(
            "there is a line {name!r} already, with another {differing}", code="name_taken", name=Raw(name),
            differing=commas(differing),
        )  # fmt: skip
    return True


def bought_of(cells: Mapping[str, str], tags: Sequence[str]) -> CounterPurchase:
    """What a row says of a line bought at a counter; UsageError names the column that cannot be read."""
    column = ""
    try:
        column = "price"
        price = money_of(cells["price"]) if "price" in cells else None
        column = "data"
        data = volume_of(cells["data"]) if "data" in cells else None
        column = "days"
        days = _days(cells["days"]) if "days" in cells else None
    except SaidError as error:
        raise UsageError("{column}: {why}", code="bad_value", column=Raw(column), why=error.said) from None
    said = {key: cells.get(key) for key in ("carrier", "plan", "started", "channel", "msisdn", "iccid", "lpa")}
    return CounterPurchase(
        cells["name"], data=data, days=days, price=price, receipt=cells.get("receipt"), note=cells.get("note"),
        tags=tuple(tags), **said,
    )  # fmt: skip


def _days(text: str) -> int:
    text = plain(text)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= LONGEST_TERM:
        raise SaidError("{text} is not a number of days from 1 to {most}", text=Raw(f"{text!r:.20}"), most=LONGEST_TERM)
    return int(text)
