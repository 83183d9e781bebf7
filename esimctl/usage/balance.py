"""What is left: the provider's reading, or the modelled ledger where there is none, never mixed silently.

The lines' documents are kept in the derived state, each with the instant until which it holds; as long as neither the
journal nor the profile has changed and no such instant has passed, `balance` reads nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from json import loads
from typing import Any

from esimctl.documents.result import Result
from esimctl.profile.opened import Session
from esimctl.usage.kept_documents import kept_lines, kept_state, rfc3339

#: what would be cheaper for these lines, as rows of `hints`
Advise = Callable[[Session, list[dict[str, Any]]], list[dict[str, Any]]]


def balance(
    session: Session,
    names: Sequence[str] = (),
    *,
    advise: Advise,
    refresh: bool | None = None,
    explain: bool = False,
    pictured: bool = False,
) -> Result:
    """The balance of lines (all, if none is named). `refresh` asks the provider, False never does, None when stale.

    `advise` is asked what would be cheaper where the lines are worked out anew; `pictured` puts the last days' use
    beside a single line, for a terminal that draws it.
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
    from esimctl.usage.readings import fresh_balance

    fresh = fresh_balance(session, names, refresh=refresh, explain=explain, advise=lambda lines: advise(session, lines))
    result = looked(session, fresh.lines, fresh.beside, names, pictured=pictured)
    result.notes[:0] = fresh.notes
    return result


def looked(
    session: Session, lines: list[dict[str, Any]], beside: Mapping[str, Any], names: Sequence[str], *, pictured: bool
) -> Result:
    """The answer with these lines; what would be cheaper is said as well."""
    result = Result("balance", envelope(session, lines, beside if pictured else {**beside, "use": {}}, names))
    if beside.get("mistake") and not session.looked_at:
        from esimctl.values.sentence import from_table

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
        from esimctl.profile.budget import of_kept, of_lines, paced

        document["budget"] = [paced(row, now) for row in of_lines(of_kept(beside["budget"]), names)]
    if beside and len(lines) == 1 and lines[0]["line"] in beside["use"]:
        document["recent_use"] = beside["use"][lines[0]["line"]]
    hints = [row for row in loads(beside.get("hints", "[]") if beside else "[]") if not names or row["line"] in names]
    if hints:
        document["hints"] = hints
    return document
