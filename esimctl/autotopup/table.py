"""The decision table, one row after another, the first that matches wins, and the sentence of every row. Pure.

The numbers are those of the rows as they were specified; rows with a letter are the brakes of the money path that
stand between them. A row looks at a `Situation` and at nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from string import Formatter
from typing import Final, NamedTuple, TypeAlias

from esimctl.autotopup.rule import MOST_FAILURES, Rule, seconds
from esimctl.autotopup.trigger import Due
from esimctl.ledger.caps import Breach
from esimctl.values.money import Money
from esimctl.values.record import record
from esimctl.values.sentence import Param, Raw, Sentence

SENTENCES: Final[Mapping[str, str]] = {
    "disabled": "the rule is disabled",
    "unconfirmed": "the rule was changed since it was confirmed: it does nothing until it is enabled again",
    "expired": "the rule ended on {until}",
    "suspended": "the rule is suspended: {why}",
    "line_gone": "the line {line} is not followed any more",
    "line_removed": "its line {line} was removed: it does nothing",
    "earlier_line": "it was confirmed for an earlier line {line}, which was removed: it does nothing until it is "
    "enabled for this one",
    "line_closed": "the line {line} is closed",
    "clock": "the clock is not to be trusted: it stands before the journal, or far after it: esimctl doctor --clock",
    "ordered_now": "another rule comes first on {line}, and a run orders once for a line: the next run takes this one",
    "why": "{why}",
    "paused": "all spending is paused",
    "restored": "the profile was put back from a copy or mended, and not compared with its providers since",
    "foreign_order": "{count} orders that were not made here are not acknowledged: esimctl transactions audit, then "
    "esimctl reconcile --acknowledge all",
    "discrepancy": "order {order} did not come as ordered: look at it, then esimctl reconcile --acknowledge {order}",
    "balance_differs": "the account holds {missing} less than its orders explain: esimctl reconcile",
    "provider_clock": "its clock and this machine's are {hours} hours apart",
    "pending": "order {order} is still open",
    "no_effect": "two orders in a row changed nothing",
    "effect_unseen": "the last order cannot be seen on the line yet: the next one is after {until}",
    "unattended_limit": "{count} orders were made since a person was last here, and {most} are allowed: look at them, "
    "then esimctl autotopup resume",
    "backoff": "the last try failed: the next one is after {until}",
    "cooldown": "the last order is too recent: the next one is after {until}",
    "would_wait": "{plan} would wait behind the present term of {line} until {begins}: it would not help now; set the "
    "rule with another --plan, or for renewals with --before-expiry",
    "would_wait_unsaid": "{plan} would wait behind the present term of {line}: it would not help now; set the rule "
    "with another --plan, or for renewals with --before-expiry",
    "price_above_max": "{price} is above {most} an order",
    "price_jump": "{price} is more than a quarter above {old}, what it cost last time",
    "purchase_limit_reached": "{spent} orders, and {most} are allowed ({limit})",
    "spend_limit_reached": "{spent} spent or reserved, {price} more is above {most} ({limit})",
    "missing_payment_method": "none of its payment methods is there any more",
    "balance_floor": "the account holds {left}, and {floor} are to stay in it after paying {price}",
    "insufficient_funds": "the account holds {left}, and it costs {price}",
}


#: what fills the sentence of a decision
Params: TypeAlias = Mapping[str, Param]


@record
class Priced:
    """What would be ordered, and for how much; `problem` is the reason where there is no price."""

    price: Money | None = None
    problem: str | None = None  #: not_eligible, invalid_amount, unreachable, missing_payment_method, …
    said: Sentence | None = None  #: what is wrong, where something is
    breaches: Sequence[Breach] = ()
    last_price: Money | None = None  #: of the rule's last order for the same thing
    over_budget: Sentence | None = None  #: why a budget of this month has no room for it
    waits: tuple[str, datetime | None] | None = None  #: a plan that would wait behind the present term, until when


@record
class Situation:
    """Everything that a decision depends on, at one instant."""

    now: datetime
    rule: Rule
    confirmed: bool  #: a person confirmed this very rule and has not disabled it since
    edited: bool = False  #: it was confirmed once, and differs now
    suspended: Sentence | None = None
    line_known: bool = True
    inert: str | None = (
        None  #: its line was removed, or another one has its name: the name of the sentence that says so
    )
    closed: bool = False
    by_hand: bool = False  #: nobody can order for the line from here: a rule reminds its owner
    reading_at: datetime | None = None
    reading_usable: bool = False
    reading_problem: Sentence | None = None
    due: Due | None = None
    clock_sane: bool = True
    paused: bool = False
    restored: bool = False
    foreign: int = 0
    discrepancy: str | None = None  #: an order on the line that did not come as ordered, and that nobody looked at
    missing: Money | None = None  #: what the account holds less than the books say
    skew_hours: int | None = None  #: the provider's clock, where it is a day or more away
    unchecked: tuple[str, Sentence] | None = (
        None  #: why the provider's order list could not be seen: a reason, a sentence
    )
    open_order: str | None = None
    ordered_now: bool = False  #: this run has ordered for the line already
    failures: int = 0
    last_failed: datetime | None = None
    last_attempt: datetime | None = None
    without_effect: int = 0  #: newest orders in a row that brought nothing of what was bought
    unseen: bool = False  #: no reading shows yet what the newest order brought
    lag: timedelta = timedelta(0)  #: how late the provider's figures may be
    last_settled: datetime | None = None
    unattended: int = 0  #: orders of rules since a person was last here
    methods: Sequence[str] = ()
    balance_left: Money | None = None  #: of the account at the provider
    dry_run: bool = False
    priced: Priced | None = None


class Decision(NamedTuple):
    """What is done, why, and the sentence for people. `row` is where the table matched."""

    row: str
    decision: str  #: skip, ask, remind, would_topup or topup
    reason: str
    template: str
    params: Params
    needs_price: bool = False


class Row(NamedTuple):
    """A row of the table. `test` gives the parameters of the sentence when it matches, else None."""

    number: str
    decision: str
    reason: str
    words: str  #: of its sentence in SENTENCES
    test: Callable[[Situation], Params | None]
    priced: bool = False  #: only looked at once the price is known


def _when(condition: bool, **params: "Param | None") -> Params | None:
    return {name: value for name, value in params.items() if value is not None} if condition else None


def _inert(s: "Situation", why: str) -> Params | None:
    return _when(not s.confirmed and s.inert == why, line=Raw(s.rule.line))


def _wait(since: datetime | None, length: timedelta, now: datetime) -> Params | None:
    """Whether a waiting time that began at `since` still runs."""
    if since is None or not since <= now < since + length:
        return None
    return {"until": since + length}


def _cooldown(s: Situation) -> Params | None:
    return _wait(s.last_attempt, timedelta(seconds=seconds(s.rule.cooldown)), s.now)


def _due(s: Situation) -> Due:
    assert s.due is not None
    return s.due


def _limit(s: Situation, kinds: Sequence[str]) -> Params | None:
    assert s.priced is not None
    for breach in s.priced.breaches:
        if breach.limit_name in kinds:
            return {
                "price": Raw(str(s.priced.price)),
                "limit": Raw(breach.limit_name.replace("_", " ")),
                "spent": breach.spent if breach.currency is None else Money(breach.spent, breach.currency),
                "most": breach.limit if breach.currency is None else Money(breach.limit, breach.currency),
            }
    return None


def _jump(s: Situation) -> Params | None:
    """More than a quarter above what the same thing cost last time: somebody should look first."""
    priced = s.priced
    if priced is None or priced.price is None or priced.last_price is None:
        return None
    old, new = priced.last_price, priced.price
    return _when(new.currency != old.currency or new.minor * 4 > old.minor * 5, old=Raw(str(old)), price=Raw(str(new)))


def _problem(reason: str) -> Callable[[Situation], Params | None]:
    def test(s: Situation) -> Params | None:
        assert s.priced is not None
        return _when(s.priced.problem == reason, why=s.priced.said)

    return test


def _would_wait(s: Situation) -> Params | None:
    waits = None if s.priced is None else s.priced.waits
    return (
        None
        if waits is None or waits[1] is None
        else {"plan": Raw(waits[0]), "line": Raw(s.rule.line), "begins": waits[1]}
    )


def _would_wait_unsaid(s: Situation) -> Params | None:
    waits = None if s.priced is None else s.priced.waits
    return None if waits is None else {"plan": Raw(waits[0]), "line": Raw(s.rule.line)}


def _short(s: Situation) -> Params | None:
    price = s.priced.price if s.priced is not None else None
    if price is None or s.balance_left is None or s.balance_left.currency != price.currency:
        return None
    return _when(s.balance_left < price, left=Raw(str(s.balance_left)), price=Raw(str(price)))


def _over_budget(s: Situation) -> Params | None:
    assert s.priced is not None
    return _when(s.priced.over_budget is not None, why=s.priced.over_budget)


def _unseen(s: Situation) -> Params | None:
    """A top-up that no reading shows yet: the provider's figures lag, and would set the rule off once more."""
    return _wait(s.last_settled, max(EFFECT_WAIT, s.lag), s.now) if s.unseen else None


def _unattended(s: Situation) -> Params | None:
    return _when(s.unattended >= s.rule.max_unattended, count=s.unattended, most=s.rule.max_unattended)


def _floor(s: Situation) -> Params | None:
    """What would be left in the account is less than the person wants to keep there."""
    price, floor, left = s.priced.price if s.priced is not None else None, s.rule.floor, s.balance_left
    if floor is None or price is None or left is None or len({left.currency, price.currency, floor.currency}) > 1:
        return None
    return _when(left - price < floor, left=Raw(str(left)), price=Raw(str(price)), floor=Raw(str(floor)))


def _unchecked(reason: str) -> Callable[[Situation], Params | None]:
    def test(s: Situation) -> Params | None:
        return None if s.unchecked is None or s.unchecked[0] != reason else {"why": s.unchecked[1]}

    return test


def _payment_missing(s: Situation) -> Params | None:
    return _when(not s.methods or (s.priced is not None and s.priced.problem == "missing_payment_method"))


def _discrepancy(s: Situation) -> Params | None:
    return _when(bool(s.discrepancy), order=Raw(s.discrepancy or ""))


def _ended(s: Situation) -> Params | None:
    return _when(s.rule.until is not None and s.now >= s.rule.until, until=s.rule.until)


REMIND: Final = "remind"  #: what a rule does where only the line's owner can buy

BACKOFF: Final = timedelta(hours=1)

EFFECT_WAIT: Final = timedelta(hours=6)  #: after a top-up that no reading shows

_STOP = ("per_order",)

_COUNT = ("count_per_day", "count_per_month")

_SPEND = ("per_day", "per_month")

TABLE: Final[tuple[Row, ...]] = (
    Row("1", "skip", "disabled", "line_removed", lambda s: _inert(s, "line_removed")),
    Row("1", "skip", "disabled", "earlier_line", lambda s: _inert(s, "earlier_line")),
    Row("1", "skip", "disabled", "disabled", lambda s: _when(not s.confirmed and not s.edited)),
    Row("1a", "skip", "unconfirmed", "unconfirmed", lambda s: _when(s.edited)),
    Row("1b", "skip", "expired", "expired", _ended),
    Row("2", "skip", "suspended", "suspended", lambda s: _when(s.suspended is not None, why=s.suspended)),
    Row("3", "skip", "not_eligible", "line_gone", lambda s: _when(not s.line_known, line=Raw(s.rule.line))),
    Row("3", "skip", "not_eligible", "line_closed", lambda s: _when(s.closed, line=Raw(s.rule.line))),
    Row("3a", "skip", "clock", "clock", lambda s: _when(not s.clock_sane)),
    Row("3b", "skip", "pending", "ordered_now", lambda s: _when(s.ordered_now, line=Raw(s.rule.line))),
    Row("4", "skip", "balance_unknown", "why", lambda s: _when(not s.reading_usable, why=s.reading_problem)),
    Row("4", "skip", "balance_unknown", "why", lambda s: _when(not _due(s).known, why=Raw(_due(s).template))),
    Row("5", "skip", "not_due", "why", lambda s: _when(not _due(s).due)),
    Row("5a", "skip", "paused", "paused", lambda s: _when(s.paused)),
    Row("5r", REMIND, "by_hand", "why", lambda s: _when(s.by_hand and (s.priced is None or s.priced.waits is None))),
    Row("5b", "skip", "restored", "restored", lambda s: _when(s.restored)),
    Row("5c", "skip", "foreign_order", "foreign_order", lambda s: _when(s.foreign > 0, count=s.foreign)),
    Row("5d", "skip", "discrepancy", "discrepancy", _discrepancy),
    Row("5e", "skip", "balance_differs", "balance_differs", lambda s: _when(bool(s.missing), missing=s.missing)),
    Row("5f", "skip", "provider_clock", "provider_clock", lambda s: _when(bool(s.skew_hours), hours=s.skew_hours)),
    Row("5g", "skip", "unreachable", "why", _unchecked("unreachable")),
    Row("5h", "skip", "credentials", "why", _unchecked("credentials")),
    Row("6", "skip", "pending", "pending", lambda s: _when(s.open_order is not None, order=Raw(s.open_order or ""))),
    Row("6a", "skip", "no_effect", "no_effect", lambda s: _when(s.without_effect >= 2)),
    Row("6b", "skip", "effect_unseen", "effect_unseen", _unseen),
    Row("7", "skip", "backoff", "backoff", lambda s: _wait(s.last_failed, BACKOFF, s.now) if s.failures else None),
    Row("8", "skip", "cooldown", "cooldown", _cooldown),
    Row("8a", "skip", "unattended_limit", "unattended_limit", _unattended),
    Row("8b", "skip", "would_wait", "would_wait", _would_wait, priced=True),
    Row("8b", "skip", "would_wait", "would_wait_unsaid", _would_wait_unsaid, priced=True),
    Row("9", "skip", "not_eligible", "why", _problem("not_eligible"), priced=True),
    Row("9", "skip", "invalid_amount", "why", _problem("invalid_amount"), priced=True),
    Row("9a", "skip", "unreachable", "why", _problem("unreachable"), priced=True),
    Row("9b", "skip", "authentication_required", "why", _problem("authentication_required"), priced=True),
    Row("9c", "skip", "credentials", "why", _problem("credentials"), priced=True),
    Row("9d", "skip", "price_above_max", "price_above_max", lambda s: _limit(s, _STOP), priced=True),
    Row("9e", "skip", "price_jump", "price_jump", _jump, priced=True),
    Row("10", "skip", "purchase_limit_reached", "purchase_limit_reached", lambda s: _limit(s, _COUNT), priced=True),
    Row("11", "skip", "spend_limit_reached", "spend_limit_reached", lambda s: _limit(s, _SPEND), priced=True),
    Row("11a", "skip", "budget_reached", "why", _over_budget, priced=True),
    Row("11b", "skip", "budget_unreadable", "why", _problem("budget_unreadable"), priced=True),
    Row("12", "skip", "missing_payment_method", "missing_payment_method", _payment_missing, priced=True),
    Row("12a", "skip", "insufficient_funds", "insufficient_funds", _short, priced=True),
    Row("12b", "skip", "balance_floor", "balance_floor", _floor, priced=True),
    Row("13", "would_topup", "due", "why", lambda s: _when(s.dry_run and not s.rule.ask), priced=True),
    Row("13", "ask", "due", "why", lambda s: _when(s.rule.ask), priced=True),
    Row("14", "topup", "due", "why", lambda _: {}, priced=True),
)  # fmt: skip

#: what may be called a definite failure in a row before the rule sleeps
assert MOST_FAILURES == 3

#: reasons with which a due top-up was held back by the person's own rules: exit 5
OWN_RULES: Final = frozenset({
    "clock", "paused", "restored", "foreign_order", "discrepancy", "balance_differs", "provider_clock", "effect_unseen",
    "backoff", "cooldown", "unattended_limit", "price_above_max", "price_jump", "purchase_limit_reached",
    "spend_limit_reached", "balance_floor", "budget_reached", "budget_unreadable",
})  # fmt: skip


#: reasons that the trigger itself words
OF_TRIGGER: Final = frozenset({"due", "not_due", "by_hand"})


def decide(situation: Situation) -> Decision:
    """The first row that matches. Until the price is known, the answer may be that it is needed."""
    for row in TABLE:
        if row.priced and situation.priced is None:
            return Decision(row.number, "price", "", "", {}, needs_price=True)
        params = row.test(situation)
        if params is not None:
            return _worded(row, situation, params)
    raise AssertionError("the last row matches everything")


def _worded(row: Row, situation: Situation, params: Params) -> Decision:
    """The row's sentence; where it only says why the trigger is as it is, the trigger's own."""
    due = situation.due
    if (
        due is not None
        and row.words == "why"
        and (row.reason in {"due", "not_due", "by_hand"} or params["why"] == due.template)
    ):
        return Decision(row.number, row.decision, row.reason, due.template, due.params)
    shown = {key: _shown(value) for key, value in params.items()}
    return Decision(row.number, row.decision, row.reason, SENTENCES[row.words], shown)


def _shown(value: Param) -> Param:
    return Raw(value.strftime("%Y-%m-%d %H:%M UTC")) if isinstance(value, datetime) else value


#: what an attempt adds to a decision: its words belong to no row
TRIED: Final = Sentence("{why}: {what}").template


def retold(reason: str, kept: Sentence | None) -> Sentence | None:
    """A decision that a journal keeps, in the words that its reason has now; in those that were kept where they do not
    hold what today's need, or nobody knows the reason any more.

    An earlier version wrote the reason in other words, and those are translated no more.
    """
    today = [SENTENCES[row.words] for row in TABLE if row.reason == reason and row.words != "why"]
    if kept is not None and kept.template in (*today, TRIED):
        return kept
    params = {} if kept is None else kept.params
    fitting = [template for template in today if names_in(template) <= params.keys()]
    if not fitting:
        return kept
    best = max(fitting, key=lambda template: len(names_in(template)))
    return Sentence(best, {name: params[name] for name in names_in(best)})


def names_in(template: str) -> set[str]:
    """The names of what fills a sentence."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}
