"""What is left: the provider's reading, or the modelled ledger where there is none, never mixed silently.

The lines' documents are kept in the derived state, each with the instant until which it holds; as long as neither the
journal nor the profile has changed and no such instant has passed, `balance` reads nothing else.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from json import dumps, loads
from typing import TYPE_CHECKING, Any

from esimctl.actions.result import Result
from esimctl.actions.session import Session

if TYPE_CHECKING:
    from esimctl.providers.protocol import Reading

STATE_FORM = 6  #: of the derived documents; another number in the file means: work them out again


def balance(
    session: Session,
    names: Sequence[str] = (),
    *,
    refresh: bool | None = None,
    explain: bool = False,
    pictured: bool = False,
) -> Result:
    """The balance of lines (all, if none is named). `refresh` asks the provider, False never does, None when stale.

    `pictured` puts the last days' use beside a single line, for a terminal that draws it.
    """
    session.store.check_settings_there()
    if not session.store.exists():
        for name in names:
            session.line(name)
        result = Result("balance", envelope(session, []))
        result.note("no lines yet: esimctl tour shows how it works, esimctl plans list what can be bought")
        return result
    state = None if refresh or explain else kept_state(session)
    kept = None if state is None else kept_lines(session, state, names, allow_stale=refresh is False)
    if state is not None and kept is not None and "hints" in state:
        return looked(session, kept, state, names, pictured=pictured)
    from esimctl.actions.advice.hints import hints
    from esimctl.actions.balance.readings import fresh_balance

    fresh = fresh_balance(session, names, refresh=refresh, explain=explain, advise=lambda lines: hints(session, lines))
    result = looked(session, fresh.lines, fresh.beside, names, pictured=pictured)
    result.notes[:0] = fresh.notes
    return result


def looked(
    session: Session, lines: list[dict[str, Any]], beside: Mapping[str, Any], names: Sequence[str], *, pictured: bool
) -> Result:
    """The answer with these lines; what would be cheaper is said as well."""
    result = Result("balance", envelope(session, lines, beside if pictured else {**beside, "use": {}}, names))
    if beside.get("mistake") and not session.looked_at:
        from esimctl.sentence import from_table

        result.note("{what}; nothing is bought until it is mended", what=from_table(beside["mistake"]))
    for row in result.data.get("hints", ()):
        result.note(row["template"], **row["params"])
    return result


def envelope(
    session: Session,
    lines: list[dict[str, Any]],
    beside: Mapping[str, Any] | None = None,
    names: Sequence[str] = (),
) -> dict[str, Any]:
    """The document around the lines; `budget` stands there only where one is set, `hints` where something saves."""
    now = session.clock.now()
    document: dict[str, Any] = {"as_of": rfc3339(now), "profile": session.store.name, "lines": lines}
    if beside and beside["budget"]:
        from esimctl.actions.budget import of_lines, paced

        document["budget"] = [paced(row, now) for row in of_lines(beside["budget"], names)]
    if beside and len(lines) == 1 and lines[0]["line"] in beside["use"]:
        document["recent_use"] = beside["use"][lines[0]["line"]]
    hints = [row for row in loads(beside.get("hints", "[]") if beside else "[]") if not names or row["line"] in names]
    if hints:
        document["hints"] = hints
    return document


def rfc3339(moment: datetime) -> str:
    """UTC with Z and without fractions."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def kept_documents(session: Session, names: Sequence[str], *, allow_stale: bool) -> list[dict[str, Any]] | None:
    """The lines' documents from the derived state, or None if any of them has to be worked out again."""
    state = kept_state(session)
    return None if state is None else kept_lines(session, state, names, allow_stale=allow_stale)


def kept_state(session: Session) -> dict[str, Any] | None:
    """The derived state, if it was made from the files as they are, and its budgets are of this month."""
    state = session.store.state.read()
    if state is None or state.get("form") != STATE_FORM or state.get("stamp") != session.store.stamp(state.get("mark")):
        return None
    now = rfc3339(session.clock.now())
    return state if all(row["from"] <= now < row["until"] for row in state["budget"]) else None


def kept_lines(
    session: Session, state: Mapping[str, Any], names: Sequence[str], *, allow_stale: bool
) -> list[dict[str, Any]] | None:
    """The lines' documents of that state."""
    lines: Mapping[str, Mapping[str, Any]] = state.get("line", {})
    for name in names:
        if name not in lines:
            return None
    now = rfc3339(session.clock.now())
    found = []
    for name in names or lines:
        kept = lines[name]
        if not (kept["from"] <= now < kept["until"]) or (not allow_stale and now >= kept["stale"]):
            return None
        found.append(loads(kept["document"]))
    return found


def keep_documents(
    session: Session,
    documents: Mapping[str, tuple[dict[str, Any], datetime | None, datetime]],
    beside: Mapping[str, Any] | None = None,
) -> None:
    """Put documents into the derived state; each with `until` (when its numbers change) and `stale`.

    `beside` holds the month's `budget` rows, the lines' recent `use`, and where they were worked out the `hints`, as
    JSON.
    """
    now = session.clock.now()
    far = now + timedelta(days=3650)
    table = {
        name: {
            "from": rfc3339(now),
            "until": rfc3339(until or far),
            "stale": rfc3339(stale),
            "document": dumps(document, ensure_ascii=False, separators=(",", ":")),
        }
        for name, (document, until, stale) in documents.items()
    }
    beside = beside or {"budget": [], "use": {}, "hints": "[]"}
    store = session.store
    if not store.alarms and not store.findings:  # what is wrong is said each time
        kept = {"form": STATE_FORM, "mark": store.noted.name, "line": table, **beside}
        store.state.write(kept, store.stamp(store.noted.name))


def reading_table(reading: "Reading") -> dict[str, Any]:
    """A provider's reading as the journal keeps it: plain types, unknown left out."""
    from dataclasses import asdict

    from esimctl.charging.money import Money

    def plain(value: Any) -> Any:
        if isinstance(value, Money):
            return str(value)
        if isinstance(value, Mapping):
            return {key: plain(item) for key, item in value.items() if item is not None}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        return value

    table = {name: getattr(reading, name) for name in reading.__slots__ if name not in {"at", "ahead", "buckets"}}
    table["buckets"] = [asdict(bucket) for bucket in reading.buckets]
    if reading.ahead:
        table["ahead"] = [asdict(bucket) for bucket in reading.ahead]
    filtered: dict[str, Any] = plain(table)
    return filtered


__all__ = ["balance", "envelope", "keep_documents", "kept_documents", "reading_table", "rfc3339"]
