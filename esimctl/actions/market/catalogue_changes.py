"""The person's own rows: taken from a file, compared with what was, and resellers' lists fetched anew."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from esimctl.actions.books import open_books
from esimctl.actions.market.catalogue import Market, market, note_wrong, parsed, shipped_market
from esimctl.actions.market.plans import plan_document
from esimctl.actions.result import Result
from esimctl.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from esimctl.actions.session import Session

STATES = ("shipped", "current")
COMPARED = (
    "name", "price", "data_bytes", "unlimited", "validity", "clock", "billing", "rollover", "overage", "shareable",
    "countries", "promotions", "source", "as_of",
)  # fmt: skip


def import_plans(session: "Session", path: str, name: str | None = None) -> Result:
    """Take a file of rows into the profile's catalogue. Rows that are wrong are refused by key, the others count."""
    from pathlib import PurePath

    from esimctl.store.given import read_given
    from esimctl.store.own_files import MOST_BYTES

    data = read_given(path, MOST_BYTES)
    if len(data) > MOST_BYTES:
        raise UsageError("{path} is larger than 4 MiB", code="too_large", path=path)
    return take(session, data, PurePath(path).name, name or file_name(PurePath(path).stem))


def take(session: "Session", data: bytes, path: str, name: str) -> Result:
    """Keep rows under a name; `path` names the file in what is said of it."""
    from esimctl.store.own_files import OwnFiles

    taken = Market()
    table = parsed(data, path, taken.wrong)
    if table is None:
        raise UsageError("{finding}", code="bad_catalogue", finding=str(taken.wrong[0]))
    taken.take(table, path)
    counts = _counts(taken)
    if not any(counts.values()):
        first = str(taken.wrong[0]) if taken.wrong else f"{path}: there is no row in it"
        raise UsageError("nothing was imported: {finding}", code="bad_catalogue", finding=first)
    session.begin()
    before = _documents(session, market(session))
    with open_books(session, f"plans import {path}"):
        OwnFiles(session.store.folder).write(name, data)
    changes = difference(before, _documents(session, market(session)))
    refused = [{"file": one.file, "key": one.key, "message": one.message} for one in taken.wrong]
    result = Result("import", {"imported": counts, "refused": refused, "changes": changes})
    if refused:
        result.exit_code = ExitCode.ATTENTION
        note_wrong(result, taken.wrong)
    return result


def forget_file(session: "Session", name: str) -> Result:
    """Take an imported file away again."""
    from esimctl.actions.session import unknown
    from esimctl.store.own_files import OwnFiles

    files = OwnFiles(session.store.folder)
    if not session.store.exists() or name not in files.names():
        raise unknown("catalogue file", name, files.names(), "esimctl plans diff")
    before = _documents(session, market(session))
    with open_books(session, f"plans import --remove {name}"):
        files.remove(name)
    changes = difference(before, _documents(session, market(session)))
    return Result("import", {"imported": _counts(Market()), "refused": [], "changes": changes})


def _counts(rows: Market) -> dict[str, int]:
    """How many rows of each kind."""
    return {
        "plans": len(rows.plans),
        "promotions": len(rows.promotions),
        "claims": len(rows.own),
        "carriers": len(rows.carriers),
        "devices": len(rows.devices),
    }


def diff(session: "Session", before: str, after: str) -> Result:
    """What differs between two states: shipped, current, a file of rows, or a kept `plans list --json`."""
    changes = difference(_state(session, before), _state(session, after))
    return Result("plan-changes", {"before": before, "after": after, "changes": changes})


def refresh(session: "Session", provider: str | None = None) -> Result:
    """Fetch the lists of the providers that have one, and say what changed since the last copy."""
    from esimctl.actions.session import unknown
    from esimctl.providers.abilities import Restocks

    names = list(session.section("provider"))
    if provider is not None and provider not in names:
        raise unknown("provider", provider, names, "esimctl providers list")
    asked, changes = [], []
    for name in [provider] if provider else names:
        opened = session.provider(name)
        if not isinstance(opened, Restocks):
            continue
        now = session.clock.now()
        before = {row.id: plan_document(session, row) for row in opened.plans(now)}
        opened.restock(now)
        after = {row.id: plan_document(session, row) for row in opened.plans(now)}
        asked.append({"provider": name, "plans": len(after)})
        changes += difference(before, after)
    result = Result("plan-changes", {"before": "copy", "after": "now", "providers": asked, "changes": changes})
    if not asked:
        result.note("no provider here has a list to fetch; the bundled rows come with the program")
    return result


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Added, removed and changed plans, one row a field, in the order of the ids."""
    found: list[dict[str, Any]] = []
    for name in sorted({*before, *after}):
        if name not in after or name not in before:
            change = "added" if name in after else "removed"
            found.append({"plan": name, "change": change, "field": None, "before": None, "after": None})
            continue
        for key in COMPARED:
            if before[name].get(key) != after[name].get(key):
                old, new = before[name].get(key), after[name].get(key)
                found.append({"plan": name, "change": "changed", "field": key, "before": old, "after": new})
    return found


def _state(session: "Session", name: str) -> dict[str, Any]:
    if name == "shipped":
        return _documents(session, shipped_market())
    if name == "current":
        return _documents(session, market(session))
    from pathlib import PurePath

    from esimctl.store.given import read_given
    from esimctl.store.own_files import MOST_BYTES

    data = read_given(name, 4 * MOST_BYTES)
    if data.lstrip().startswith(b"{"):
        return _kept(data, name)
    taken = Market()
    table = parsed(data, PurePath(name).name, taken.wrong)
    if table is None:
        raise UsageError("{finding}", code="bad_catalogue", finding=str(taken.wrong[0]))
    taken.take(table, PurePath(name).name)
    return _documents(session, taken)


def _kept(data: bytes, name: str) -> dict[str, Any]:
    """The plans of a document that `plans list --json` gave."""
    from json import loads

    try:
        document = loads(data)
        return {str(row["id"]): row for row in document["plans"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError("{name} is not a document of plans list --json", code="bad_catalogue", name=name) from None


def _documents(session: "Session", rows: Market) -> dict[str, Any]:
    return {row.id: plan_document(session, row) for row in rows.plans.values()}


def file_name(stem: str) -> str:
    """A name for the copy, made of the file's own."""
    safe = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in stem.lower()).strip("-")
    return safe[:32] or "own"


__all__ = ["STATES", "diff", "difference", "file_name", "forget_file", "import_plans", "refresh", "take"]
