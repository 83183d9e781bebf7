"""What is left: the provider's reading, or the modelled ledger where there is none, never mixed silently.

The lines' documents are kept in the derived state, each with the instant until which it holds; as long as neither the
journal nor the profile has changed and no such instant has passed, `balance` reads nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from json import loads
from typing import Any

from esimctl.documents.balance import BalanceDocument, BalanceLine, BudgetRow, HintRow
from esimctl.documents.document import ABSENT
from esimctl.documents.reading import read
from esimctl.documents.result import Result
from esimctl.profile.opened import Session
from esimctl.usage.kept_documents import kept_lines, kept_state
from esimctl.values.sentence import from_table, sentence_of

#: what would be cheaper for these lines, as rows of `hints`
Advise = Callable[[Session, Sequence[BalanceLine]], list[HintRow]]


def balance(
    session: Session,
    names: Sequence[str] = (),
    *,
    advise: Advise,
    refresh: bool | None = None,
    explain: bool = False,
    pictured: bool = False,
) -> "Result[BalanceDocument]":
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
    session: Session, lines: Sequence[BalanceLine], beside: Mapping[str, Any], names: Sequence[str], *, pictured: bool
) -> "Result[BalanceDocument]":
    """The answer with these lines; what would be cheaper is said as well."""
    document = envelope(session, lines, beside if pictured else {**beside, "use": {}}, names)
    result = Result("balance", document)
    if beside.get("mistake") and not session.looked_at:
        mistake = from_table(beside["mistake"])
        if mistake is not None:
            result.note("{what}; nothing is bought until it is mended", what=mistake)
    if pictured:  # somebody reads along: the one command that answers is enough
        result.next = next(
            (str(row.params["command"]) for row in document.hints or () if "command" in row.params), None
        )
        return result
    for row in document.hints or ():
        result.note(sentence_of(row.template, row.params))
    return result


def envelope(
    session: Session,
    lines: Sequence[BalanceLine],
    beside: Mapping[str, Any] | None = None,
    names: Sequence[str] = (),
) -> BalanceDocument:
    """The document around the lines; `budget` stands there only where one is set, `hints` where something saves."""
    now = session.clock.now()
    budget: Sequence[BudgetRow] = ()
    if beside and beside["budget"]:
        from esimctl.profile.budget import of_kept, of_lines, paced

        budget = [paced(row, now) for row in of_lines(of_kept(beside["budget"]), names)]
    use = beside["use"].get(lines[0].line) if beside and len(lines) == 1 else None
    hints = [read(HintRow, row) for row in loads(beside.get("hints", "[]"))] if beside else []
    told = [row for row in hints if not names or row.line in names]
    return BalanceDocument(
        as_of=now,
        profile=session.store.name,
        lines=lines,
        budget=budget or ABSENT,
        recent_use=use or ABSENT,
        hints=told or ABSENT,
    )
