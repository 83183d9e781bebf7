"""What every kind of entry that is not about an order does to the ledger: one small function each, in a table."""

from collections.abc import Callable, Mapping
from typing import Any, Final

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
from esimctl.ledger.state import LedgerState
from esimctl.ledger.taken_back import take_back
from esimctl.values.record import replace

_Entry = Mapping[str, Any]


def _reading(ledger: LedgerState, entry: _Entry) -> None:
    fact = ReadingFact(entry["line"], entry["read_at"], entry["source"], entry["data"], entry["at"], entry["seq"])
    ledger.readings.setdefault(fact.line, []).append(fact)


def _reading_undone(ledger: LedgerState, entry: _Entry) -> None:
    """A person takes a reading back, and with it the adjustment that stands behind it; both stay in the journal."""
    seq, line = entry["undoes"], entry["line"]
    ledger.undone.add(seq)
    # the reading itself and its end: whoever counted it before must not count less now
    ledger.retold.setdefault(line, []).extend([(seq, entry["at"]), (entry["seq"], entry["at"])])
    left = [fact for fact in ledger.readings.pop(line, []) if fact.seq != seq]
    if left:
        ledger.readings[line] = left
    ledger.adjustments[:] = [fact for fact in ledger.adjustments if (fact.line, fact.seq) != (line, seq + 1)]


def _imported(ledger: LedgerState, entry: _Entry) -> None:
    """A record from elsewhere stands apart: it weighs on no limit, opens nothing and moves no data."""
    ledger.imported[entry["order"]] = taken_over(entry)


def _adjust(ledger: LedgerState, entry: _Entry) -> None:
    fact = AdjustFact(entry["line"], entry["octets"], entry["reason"], entry["at"], entry["seq"])
    ledger.adjustments.append(fact)


def _tie(ledger: LedgerState, entry: _Entry) -> None:
    tie = entry["kind"].removeprefix("line.")
    told = entry.get("octets"), entry.get("claim")
    ledger.ties.append(TieFact(tie, entry["line"], entry["to"], entry["at"], entry["seq"], *told))


def _restated(ledger: LedgerState, entry: _Entry) -> None:
    fact = RestatedFact(*(entry[name] for name in ("line", "since", "claim", "changed", "holds", "at", "seq")))
    ledger.restated.append(fact)


def _assertion(ledger: LedgerState, entry: _Entry) -> None:
    ledger.assertions[entry["provider"]] = AssertionFact(
        entry["provider"],
        entry["balance_minor"],
        entry["currency"],
        entry["ok"],
        entry["at"],
        entry.get("expected_minor"),
    )


def _foreign(ledger: LedgerState, entry: _Entry) -> None:
    """Counted against the limits of the profile, when it was ordered: somebody spent it from the same account."""
    place = (entry["provider"], entry["provider_order"])
    known = ledger.foreign.get(place)
    at = known.at if known else min(entry["at"], entry.get("ordered_at", entry["at"]))
    beside = ledger.order(entry["order"]) if "order" in entry and "play" not in entry else None
    fact = ForeignFact(
        *place, at, dict(entry), entry.get("amount_minor"), entry.get("currency"),
        entry.get("acknowledged", known.acknowledged if known else False),
        entry.get("play", beside is not None and beside.play),
    )  # fmt: skip
    ledger.foreign[place] = fact
    if fact.amount_minor is not None and fact.currency is not None:
        ledger.spends[foreign_key(*place)] = Spend(
            fact.at, fact.amount_minor, fact.currency, "foreign", fact.provider, play=fact.play
        )


def _attached(ledger: LedgerState, entry: _Entry) -> None:
    """A file that is attached to an order again is the one that is there."""
    place = f"{entry['order']}:{entry['sha256']}"
    fact = AttachedFact(entry["order"], entry["file"], entry["sha256"], entry["size"], entry["at"], entry.get("note"))
    ledger.attachments.setdefault(place, fact)


def _acknowledged(ledger: LedgerState, entry: _Entry) -> None:
    ledger.acknowledged[entry["what"]] = entry["at"]
    for place, fact in list(ledger.foreign.items()):
        if foreign_key(*place) == entry["what"]:
            ledger.foreign[place] = replace(fact, acknowledged=True)


def _alert(ledger: LedgerState, entry: _Entry) -> None:
    key, at = entry["key"], entry["at"]
    known = ledger.alerts.get(key)
    again = known is not None and not known.resolved
    ledger.alerts[key] = AlertFact(
        key, entry["alert"], entry["class"], known.first_at if known and again else at, at,
        known.count + 1 if known and again else 1, entry["text"], entry.get("line"), entry.get("rule"),
        entry.get("resolved") is True, entry.get("said"),
    )  # fmt: skip


def _rule_confirmed(ledger: LedgerState, entry: _Entry) -> None:
    """A person enabled it; `lowered` only says that a lower rule is covered as well, and wakes nothing up."""
    if entry.get("lowered") is True:
        ledger.rules[entry["rule"]] = replace(ledger.rule(entry["rule"]), confirmed=dict(entry))
        return
    rule = replace(
        ledger.rule(entry["rule"]), confirmed=dict(entry), confirmed_at=entry["at"], disabled_at=None,
        suspended_at=None, suspended_reason=None, failures=0, line=entry.get("line"),
    )  # fmt: skip
    ledger.rules[rule.name] = rule
    ledger.attended()


def _rule_disabled(ledger: LedgerState, entry: _Entry) -> None:
    ledger.rules[entry["rule"]] = replace(ledger.rule(entry["rule"]), disabled_at=entry["at"])


def _rule_paused(ledger: LedgerState, entry: _Entry) -> None:
    at, until = entry["at"], entry.get("until")
    if "rule" in entry:
        ledger.rules[entry["rule"]] = replace(ledger.rule(entry["rule"]), paused_at=at, paused_until=until)
    else:
        ledger.paused_at, ledger.paused_until = at, until


def _rule_resumed(ledger: LedgerState, entry: _Entry) -> None:
    """One rule, or without a name the general pause; a person was here."""
    if "rule" in entry:
        ledger.rules[entry["rule"]] = replace(
            ledger.rule(entry["rule"]),
            paused_at=None,
            paused_until=None,
            suspended_at=None,
            suspended_reason=None,
            failures=0,
            resumed_at=entry["at"],
        )
    else:
        ledger.paused_at = ledger.paused_until = None
    ledger.attended()


def _rule_suspended(ledger: LedgerState, entry: _Entry) -> None:
    rule = replace(ledger.rule(entry["rule"]), suspended_at=entry["at"], suspended_reason=entry["reason"])
    ledger.rules[rule.name] = rule


def _rule_decision(ledger: LedgerState, entry: _Entry) -> None:
    ledger.rules[entry["rule"]] = replace(ledger.rule(entry["rule"]), last_decision=dict(entry))


def _clock_set(ledger: LedgerState, entry: _Entry) -> None:
    """A person said what day it is: what stands in the future was written by a clock that was wrong."""
    take_back(ledger, entry["at"], entry["since"])


def _restored(ledger: LedgerState, entry: _Entry) -> None:
    """What the journal lacks is known from here on; where a person `accepted` that, nothing has to be compared."""
    ledger.astray = False
    if not entry.get("accepted"):
        ledger.restored_at, ledger.reconciled_at = entry["at"], None


def _reconciled(ledger: LedgerState, entry: _Entry) -> None:
    if entry["ok"]:
        ledger.reconciled_at = entry["at"]


def _merged(_ledger: LedgerState, _entry: _Entry) -> None:
    """Two journals became this one. The ends that it stands for are noted where every entry is taken in."""


def foreign_key(provider: str, provider_order: str) -> str:
    """How a foreign order is named in `acknowledged` entries and among the spends."""
    return f"foreign:{provider}:{provider_order}"


HANDLERS: Final[Mapping[str, Callable[[LedgerState, _Entry], None]]] = {
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
