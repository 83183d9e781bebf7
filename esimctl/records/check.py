"""`check`: what is left, for monitors: one finding is exit 20 and one line; books that are not whole are exit 6."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from esimctl.documents.balance import BalanceLine, CheckDocument, CheckedLine, HeldOrderRow, OverdueRule, PluginPart
from esimctl.documents.document import ABSENT
from esimctl.documents.result import Result
from esimctl.errors import ExitCode
from esimctl.purchase.doubts import Doubt, doubts
from esimctl.usage.readings import fresh_balance
from esimctl.usage.whole import Flaw, flaws
from esimctl.values.moments import Duration, later, zone
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session

Never: TypeAlias = Literal["none"]  #: no reading is too old

#: findings that a monitor calls critical; all others are warnings, and a stale reading is unknown
CRITICAL: Final = frozenset({"expired", "order_open", "exhausted"})
UNKNOWN: Final = frozenset({"stale_reading"})
#: of a home in which there is no such profile: whoever looks there looks at nothing
NO_PROFILE: Final = "there is no profile {name} in {home}: nothing is watched"


def check(
    session: "Session",
    names: Sequence[str] = (),
    *,
    below: int | None = None,
    within: Duration | None = None,
    max_age: Duration | Never | None = None,
    refresh: bool | None = None,
    plugin: bool = False,
) -> "Result[CheckDocument]":
    """Lines (all, if none is named) that need attention. `below`, `within` and `max_age` replace the usual thresholds.

    `refresh` asks the provider, False never does, None when a reading is stale. `plugin` adds a plugin's state.
    """
    lines: Sequence[BalanceLine] = ()
    orders: list[HeldOrderRow] = []
    notes: list[Sentence] = []
    doubted: list[Doubt] = []
    for name in names:
        session.line(name)
    session.store.check_settings_there()
    if session.store.exists():
        fresh = fresh_balance(session, names, refresh=refresh)
        lines, notes, doubted = fresh.lines, fresh.notes, doubts(session, fresh.ledger, names)
        orders = held(fresh.ledger, names)
    rows = [checked(session, line, below, within, max_age) for line in lines]
    late = overdue_rules(session)
    flawed = flaws(session)
    nowhere = not session.store.exists() and not flawed
    if nowhere:
        said = Sentence(NO_PROFILE, {"name": Raw(session.store.name), "home": Raw(str(session.home))})
        flawed = [Flaw("no_profile", said, ExitCode.ATTENTION)]
    ok = all(found.ok for found in rows) and not doubted and not orders and not flawed and not late
    document = CheckDocument(
        ok=ok,
        lines=rows,
        orders=orders,
        findings=[*(flaw.row() for flaw in flawed), *(doubt.row() for doubt in doubted)],
        rules=late,
        plugin=plugin_part(rows, doubted=bool(doubted or orders or flawed), late=bool(late), nowhere=nowhere)
        if plugin
        else ABSENT,
    )
    damaged = any(flaw.code is ExitCode.DAMAGED for flaw in flawed)
    result = Result("check", document, ExitCode.DONE if ok else ExitCode.DAMAGED if damaged else ExitCode.ATTENTION)
    result.notes.extend(notes)
    return result


def overdue_rules(session: "Session") -> list[OverdueRule]:
    """Rules that run on one machine, and that no machine has gone through for too long."""
    if not session.store.exists() or "machine" not in session.settings:
        return []
    from esimctl.autotopup.overdue import overdue

    return overdue(session)


def held(ledger: "Ledger", names: Sequence[str]) -> list[HeldOrderRow]:
    """Orders that left and whose outcome is open, with the money that is held for them; also for lines that are not
    there yet. With `names` only of those lines.
    """
    return [
        HeldOrderRow(
            order=order.id, line=order.line, state=order.state, price=order.price, sent_at=order.last_attempt_at
        )
        for order in ledger.open_orders()
        if order.state != "prepared" and (not names or order.line in names)
    ]


def checked(
    session: "Session",
    line: BalanceLine,
    below: int | None,
    within: Duration | None,
    max_age: Duration | Never | None = None,
) -> CheckedLine:
    """A line's finding. Thresholds look at what can be used at any hour: a night pack is not used up each morning."""
    attention = list(line.attention)
    left = line.data.judged_bytes
    if below is not None:
        live = line.status in {"active", "suspended"}
        attention = with_or_without(attention, "low_data", live and left is not None and left < below)
    if within is not None:
        attention = with_or_without(attention, "expiring", ends_within(session, line, within))
    if max_age is not None:
        attention = with_or_without(attention, "stale_reading", older(session, line, max_age))
    if left == 0 and line.status == "active":
        attention.append("exhausted")
    return CheckedLine(
        line=line.line,
        ok=not attention,
        attention=attention,
        remaining_bytes=line.data.remaining_bytes,
        expires_at=line.expires_at,
        source=line.reading.source,
        restricted_bytes=line.data.restricted_bytes,
        restricted_unlimited=line.data.restricted_unlimited,
        judged_bytes=left,
        unlimited=line.data.unlimited,
        renew_by=line.rollover.renew_by,
        grace_until=line.rollover.grace_until,
    )


def older(session: "Session", line: BalanceLine, max_age: Duration | Never) -> bool:
    """Whether the last reading is older than that; a line that was never read is as old as it is by the usual rule."""
    if isinstance(max_age, str):
        return False
    at = line.reading.at
    return line.reading.stale if at is None else later(at, max_age, zone(session.zone)) < session.clock.now()


def ends_within(session: "Session", line: BalanceLine, within: Duration) -> bool:
    """Whether the plan ends in that time."""
    if line.expires_at is None or line.status == "expired":
        return False
    now = session.clock.now()
    return now < line.expires_at <= later(now, within, zone(session.zone))


def with_or_without(words: Sequence[str], word: str, holds: bool) -> list[str]:
    """The words with this one exactly if it holds."""
    kept = [each for each in words if each != word]
    return [word, *kept] if holds else kept


def plugin_part(
    rows: Sequence[CheckedLine], *, doubted: bool = False, late: bool = False, nowhere: bool = False
) -> PluginPart:
    """State and exit code as plugins of Nagios and Icinga give them: 0, 1, 2 or 3. Doubtful money is critical.

    `late` says that rules are overdue, `nowhere` that there is no profile to look at.
    """
    words = {word for found in rows for word in found.attention}
    if nowhere:
        state = "UNKNOWN"
    elif doubted or words & CRITICAL:
        state = "CRITICAL"
    elif words - UNKNOWN or late:
        state = "WARNING"
    else:
        state = "UNKNOWN" if words else "OK"
    return PluginPart(state=state, exit_code=("OK", "WARNING", "CRITICAL", "UNKNOWN").index(state))
