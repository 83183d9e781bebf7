"""What every kind of entry that is not about an order does to the ledger: one small function each, in a table."""

from collections.abc import Callable, Mapping
from typing import Final

from esimctl.ledger.facts import (
    AdjustFact,
    AlertFact,
    AssertionFact,
    AttachedFact,
    ForeignFact,
    ReadingFact,
    RestatedFact,
    Spend,
    TieFact,
)
from esimctl.ledger.lives import line_added, line_removed, line_renamed
from esimctl.ledger.orders import taken_over
from esimctl.ledger.said import (
    flag,
    inner,
    instant,
    instant_or_none,
    number,
    number_or_none,
    text,
    text_or_none,
)
from esimctl.ledger.state import LedgerState
from esimctl.ledger.taken_back import take_back
from esimctl.values.record import replace
from esimctl.values.toml import Toml


def _reading(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    fact = ReadingFact(
        text(entry, "line"),
        instant(entry, "read_at"),
        text(entry, "source"),
        inner(entry, "data") or {},
        instant(entry, "at"),
        number(entry, "seq"),
    )
    ledger.readings.setdefault(fact.line, []).append(fact)


def _reading_undone(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    """A person takes a reading back, and with it the adjustment that stands behind it; both stay in the journal."""
    seq, line = number(entry, "undoes"), text(entry, "line")
    ledger.undone.add(seq)
    # the reading itself and its end: whoever counted it before must not count less now
    ledger.retold.setdefault(line, []).extend(
        [(seq, instant(entry, "at")), (number(entry, "seq"), instant(entry, "at"))]
    )
    left = [fact for fact in ledger.readings.pop(line, []) if fact.seq != seq]
    if left:
        ledger.readings[line] = left
    ledger.adjustments[:] = [fact for fact in ledger.adjustments if (fact.line, fact.seq) != (line, seq + 1)]


def _imported(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    """A record from elsewhere stands apart: it weighs on no limit, opens nothing and moves no data."""
    ledger.imported[text(entry, "order")] = taken_over(entry)


def _adjust(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    fact = AdjustFact(
        text(entry, "line"), number(entry, "octets"), text(entry, "reason"), instant(entry, "at"), number(entry, "seq")
    )
    ledger.adjustments.append(fact)


def _tie(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    tie = text(entry, "kind").removeprefix("line.")
    told = number_or_none(entry, "octets"), text_or_none(entry, "claim")
    ledger.ties.append(
        TieFact(tie, text(entry, "line"), text(entry, "to"), instant(entry, "at"), number(entry, "seq"), *told)
    )


def _restated(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    fact = RestatedFact(
        text(entry, "line"), instant(entry, "since"), text(entry, "claim"), inner(entry, "changed") or {},
        inner(entry, "holds") or {}, instant(entry, "at"), number(entry, "seq"),
    )  # fmt: skip
    ledger.restated.append(fact)


def _assertion(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    ledger.assertions[text(entry, "provider")] = AssertionFact(
        text(entry, "provider"),
        number(entry, "balance_minor"),
        text(entry, "currency"),
        flag(entry, "ok"),
        instant(entry, "at"),
        number_or_none(entry, "expected_minor"),
    )


def _foreign(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    """Counted against the limits of the profile, when it was ordered: somebody spent it from the same account."""
    place = (text(entry, "provider"), text(entry, "provider_order"))
    known = ledger.foreign.get(place)
    at = known.at if known else min(instant(entry, "at"), instant_or_none(entry, "ordered_at") or instant(entry, "at"))
    beside = ledger.order(text(entry, "order")) if "order" in entry and "play" not in entry else None
    fact = ForeignFact(
        *place, at, dict(entry), number_or_none(entry, "amount_minor"), text_or_none(entry, "currency"),
        flag(entry, "acknowledged") if "acknowledged" in entry else known is not None and known.acknowledged,
        flag(entry, "play") if "play" in entry else beside is not None and beside.play,
    )  # fmt: skip
    ledger.foreign[place] = fact
    if fact.amount_minor is not None and fact.currency is not None:
        ledger.spends[foreign_key(*place)] = Spend(
            fact.at, fact.amount_minor, fact.currency, "foreign", fact.provider, play=fact.play
        )


def _attached(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    """A file that is attached to an order again is the one that is there."""
    place = f"{entry['order']}:{entry['sha256']}"
    fact = AttachedFact(
        text(entry, "order"),
        text(entry, "file"),
        text(entry, "sha256"),
        number(entry, "size"),
        instant(entry, "at"),
        text_or_none(entry, "note"),
    )
    ledger.attachments.setdefault(place, fact)


def _acknowledged(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    ledger.acknowledged[text(entry, "what")] = instant(entry, "at")
    for place, fact in list(ledger.foreign.items()):
        if foreign_key(*place) == text(entry, "what"):
            ledger.foreign[place] = replace(fact, acknowledged=True)


def _alert(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    key, at, said = text(entry, "key"), instant(entry, "at"), entry.get("said")
    known = ledger.alerts.get(key)
    again = known is not None and not known.resolved
    ledger.alerts[key] = AlertFact(
        key,
        text(entry, "alert"),
        text(entry, "class"),
        known.first_at if known and again else at,
        at,
        known.count + 1 if known and again else 1,
        text(entry, "text"),
        text_or_none(entry, "line"),
        text_or_none(entry, "rule"),
        entry.get("resolved") is True,
        said if isinstance(said, Mapping) else None,
    )


def _rule_confirmed(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    """A person enabled it; `lowered` only says that a lower rule is covered as well, and wakes nothing up."""
    if entry.get("lowered") is True:
        ledger.rules[text(entry, "rule")] = replace(ledger.rule(text(entry, "rule")), confirmed=dict(entry))
        return
    rule = replace(
        ledger.rule(text(entry, "rule")), confirmed=dict(entry), confirmed_at=instant(entry, "at"), disabled_at=None,
        suspended_at=None, suspended_reason=None, failures=0, line=text_or_none(entry, "line"),
    )  # fmt: skip
    ledger.rules[rule.name] = rule
    ledger.attended()


def _rule_disabled(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    ledger.rules[text(entry, "rule")] = replace(ledger.rule(text(entry, "rule")), disabled_at=instant(entry, "at"))


def _rule_paused(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    at, until = instant(entry, "at"), instant_or_none(entry, "until")
    if "rule" in entry:
        ledger.rules[text(entry, "rule")] = replace(ledger.rule(text(entry, "rule")), paused_at=at, paused_until=until)
    else:
        ledger.paused_at, ledger.paused_until = at, until


def _rule_resumed(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    """One rule, or without a name the general pause; a person was here."""
    if "rule" in entry:
        ledger.rules[text(entry, "rule")] = replace(
            ledger.rule(text(entry, "rule")),
            paused_at=None,
            paused_until=None,
            suspended_at=None,
            suspended_reason=None,
            failures=0,
            resumed_at=instant(entry, "at"),
        )
    else:
        ledger.paused_at = ledger.paused_until = None
    ledger.attended()


def _rule_suspended(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    rule = replace(
        ledger.rule(text(entry, "rule")), suspended_at=instant(entry, "at"), suspended_reason=text(entry, "reason")
    )
    ledger.rules[rule.name] = rule


def _rule_decision(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    ledger.rules[text(entry, "rule")] = replace(ledger.rule(text(entry, "rule")), last_decision=dict(entry))


def _clock_set(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    """A person said what day it is: what stands in the future was written by a clock that was wrong."""
    take_back(ledger, instant(entry, "at"), instant(entry, "since"))


def _restored(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    """What the journal lacks is known from here on; where a person `accepted` that, nothing has to be compared."""
    ledger.astray = False
    if not entry.get("accepted"):
        ledger.restored_at, ledger.reconciled_at = instant(entry, "at"), None


def _reconciled(ledger: LedgerState, entry: Mapping[str, Toml]) -> None:
    if entry["ok"]:
        ledger.reconciled_at = instant(entry, "at")


def _merged(_ledger: LedgerState, _entry: Mapping[str, Toml]) -> None:
    """Two journals became this one. The ends that it stands for are noted where every entry is taken in."""


def foreign_key(provider: str, provider_order: str) -> str:
    """How a foreign order is named in `acknowledged` entries and among the spends."""
    return f"foreign:{provider}:{provider_order}"


HANDLERS: Final[Mapping[str, Callable[[LedgerState, Mapping[str, Toml]], None]]] = {
    "imported": _imported,
    "reading": _reading,
    "reading.undone": _reading_undone,
    "adjust": _adjust,
    "line.added": line_added,
    "line.renamed": line_renamed,
    "line.removed": line_removed,
    "line.restated": _restated,
    "line.shared": _tie,
    "line.unshared": _tie,
    "line.gifted": _tie,
    "assertion": _assertion,
    "foreign": _foreign,
    "acknowledged": _acknowledged,
    "attached": _attached,
    "alert": _alert,
    "rule.confirmed": _rule_confirmed,
    "rule.disabled": _rule_disabled,
    "rule.paused": _rule_paused,
    "rule.resumed": _rule_resumed,
    "rule.suspended": _rule_suspended,
    "rule.decision": _rule_decision,
    "clock.set": _clock_set,
    "restored": _restored,
    "reconciled": _reconciled,
    "merged": _merged,
}
