"""What a decision looks at, gathered from the profile, the journal and the last readings. Writes nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from esimctl.autotopup.clock import MOST_SKEW, provider_skew
from esimctl.autotopup.effect import effect
from esimctl.autotopup.inert import inert
from esimctl.autotopup.rule import Rule, in_force, is_confirmed, read_rule, seconds
from esimctl.autotopup.table import Situation
from esimctl.autotopup.trigger import CLOSED, TEMPLATES, Due, by_expiry, by_schedule, by_threshold
from esimctl.catalogue.renamed import present
from esimctl.errors import EsimctlError
from esimctl.ledger.orders import BOUGHT
from esimctl.ledger.said import instant_or_none
from esimctl.profile.opened import takes_play_money
from esimctl.providers.abilities import CountsLate
from esimctl.purchase.gates import CLOCK_TOLERANCE
from esimctl.purchase.intent import methods_for
from esimctl.purchase.matching import BY_HAND
from esimctl.usage.last_reading import last_reading
from esimctl.values.moments import midnight_before, zone
from esimctl.values.money import Money
from esimctl.values.record import field, record, replace
from esimctl.values.sentence import Sentence, as_kept
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.facts import RuleFact
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import Reading
    from esimctl.usage.modelled import Modelled

#: what ends is renewed before anything is added
_TRIGGERS: Final = {"before_expiry": 0, "schedule": 1, "threshold": 2}


@record(frozen=False)
class Context:
    """One look at everything: the profile's rules, the ledger, and an index of its orders by line."""

    session: "Session"
    ledger: "Ledger"
    now: datetime
    dry_run: bool = False
    clock_sane: bool = True  #: judged before this run wrote anything
    taken: dict[str, "Reading"] = field(default_factory=dict)  #: readings of this run that are not journalled yet
    unasked: dict[str, EsimctlError] = field(default_factory=dict)  #: line → how its provider failed in this run
    unchecked: dict[str, tuple[str, Sentence]] = field(default_factory=dict)  #: provider → why its orders were not seen
    ordered: set[str] = field(default_factory=set)  #: lines that this run has ordered for
    bad: dict[str, EsimctlError] = field(default_factory=dict)  #: rules that cannot be read
    _orders: "dict[str, list[OrderState]]" = field(default_factory=dict)
    _readings: "dict[str, Reading | None]" = field(default_factory=dict)
    _models: "dict[str, Modelled | None]" = field(default_factory=dict)
    _covered: dict[str, bool] = field(default_factory=dict)
    _by_hand: dict[str, bool] = field(default_factory=dict)
    _lags: dict[str, timedelta | None] = field(default_factory=dict)
    _seed: bytes | None = None

    def __post_init__(self) -> None:
        for order in self.ledger.orders.values():
            self._orders.setdefault(order.line, []).append(order)

    def orders(self, line: str) -> "list[OrderState]":
        """The orders of a line that are not archived, oldest first."""
        return self._orders.get(line, [])

    def seed(self) -> bytes:
        """The seed of the profile's confirmations."""
        if self._seed is None:
            self._seed = self.session.store.seed()
        return self._seed

    def covered(self, rule: str, confirmed: Mapping[str, Toml] | None) -> bool:
        """Whether a confirmation of a rule is about the rule as it stands: worked out once, a keyed digest costs."""
        if rule not in self._covered:
            table = self.session.section("rule")[rule]
            self._covered[rule] = is_confirmed(rule, table, confirmed, self.seed())
        return self._covered[rule]

    def rules(self, line: str | None = None) -> list[Rule]:
        """The rules that can be read, by line and within one the renewals first; the others are in `bad`."""
        found = []
        where = zone(self.session.zone)
        for name, table in self.session.section("rule").items():
            if line is not None and table.get("line", name) != line:
                continue
            try:
                found.append(read_rule(name, table, where))
            except EsimctlError as error:
                self.bad[name] = error
        places = {name: place for place, name in enumerate(self.session.lines)}
        return sorted(found, key=lambda r: (places.get(r.line, len(places)), _TRIGGERS[r.trigger], r.name))

    def reading(self, line: str) -> "Reading | None":
        """The newest reading of a line; of one that nobody answers for, what the books make of its story by now."""
        if line in self.taken:
            return self.taken[line]
        if line not in self._readings:
            model = self.model(line)
            self._readings[line] = last_reading(self.ledger, line) if model is None else model.reading
        return self._readings[line]

    def by_hand(self, line: str) -> bool:
        """Whether nobody answers for a line: then only its owner can buy for it, and rules remind."""
        if line not in self._by_hand:
            from esimctl.usage.modelled import is_modelled

            self._by_hand[line] = is_modelled(self.session, self.session.lines.get(line, {}))
        return self._by_hand[line]

    def usage_lag(self, provider: str) -> timedelta | None:
        """How late a provider counts use; None where it does not, or cannot be opened."""
        if provider not in self._lags:
            self._lags[provider] = self._usage_lag(provider)
        return self._lags[provider]

    def _usage_lag(self, name: str) -> timedelta | None:
        try:
            provider = self.session.provider(name)
        except EsimctlError:
            return None
        return provider.usage_lag if isinstance(provider, CountsLate) else None

    def model(self, line: str) -> "Modelled | None":
        """What is worked out of a line without an interface; None for every other one."""
        if line not in self._models:
            from esimctl.usage.modelled import modelled

            self._models[line] = modelled(self.session, self.ledger, line) if self.by_hand(line) else None
        return self._models[line]

    def afresh(self, **changes: Any) -> "Context":
        """A new look, after something was written: nothing that was worked out before is kept."""
        return replace(self, _orders={}, _readings={}, _models={}, _covered={}, _by_hand={}, _lags={}, **changes)


def gather(context: Context, rule: Rule) -> Situation:
    """The situation of a rule. What the first rows of the table decide is looked at first, and nothing more then."""
    ledger, now = context.ledger, context.now
    fact = ledger.rule(rule.name)
    confirmed, edited = standing(context, rule, fact)
    found = Situation(
        now,
        in_force(rule, fact, now),
        confirmed,
        edited=edited,
        suspended=suspension(context, rule, fact),
        line_known=rule.line in context.session.lines,
        inert=None if confirmed else inert(ledger, context.session.lines, rule),
        clock_sane=context.clock_sane,
        ordered_now=rule.line in context.ordered,
    )
    if not confirmed or not found.line_known:
        return found
    reading = context.reading(rule.line)
    problem = reading_problem(context, rule, reading)
    found = replace(
        found,
        by_hand=context.by_hand(rule.line),
        closed=reading is not None and reading.status in CLOSED,
        reading_at=None if reading is None else reading.at,
        reading_usable=rule.trigger == "schedule" or not problem,
        reading_problem=problem,
        dry_run=context.dry_run,
    )
    if not found.reading_usable:
        return found
    now_due = due(context, rule, fact, reading)
    found = replace(found, due=now_due)
    return braked(context, found, fact, reading) if now_due.due else found


def standing(context: Context, rule: Rule, fact: "RuleFact") -> tuple[bool, bool]:
    """(a person's confirmation covers the rule as it is, it was confirmed and then changed by something else)."""
    if not fact.enabled or not rule.enabled:
        return False, False
    covered = context.covered(rule.name, fact.confirmed)
    return covered, not covered


def suspension(context: Context, rule: Rule, fact: "RuleFact") -> Sentence | None:
    """Why the rule sleeps; None if it does not. A successful order by a person for the line ends it."""
    since = fact.suspended_at
    if since is None:
        return None
    for order in context.orders(rule.line):
        if order.rule is None and order.state in BOUGHT and order.settled_at is not None and order.settled_at > since:
            return None
    return None if fact.suspended_reason is None else as_kept(fact.suspended_reason)


def reading_problem(context: Context, rule: Rule, reading: "Reading | None") -> Sentence | None:
    """Why the newest reading cannot be trusted with money; None when it can. A provider that failed is the reason."""
    problem, failure = _reading_problem(context, rule, reading), context.unasked.get(rule.line)
    return failure.said if problem is not None and failure is not None else problem


def _reading_problem(context: Context, rule: Rule, reading: "Reading | None") -> Sentence | None:
    if reading is None:
        return Sentence("nothing is known of what is left on the line")
    if context.by_hand(rule.line):  # a reminder may rest on what the books say
        unread = isinstance(rule.below, int) and reading.remaining_bytes is None and not reading.unlimited
        return Sentence("nobody has said yet what is left on the line") if unread else None
    now = context.now
    if now - reading.at > timedelta(seconds=seconds(rule.max_age)):
        return Sentence("the last reading is too old")
    if reading.at > now + CLOCK_TOLERANCE:
        return Sentence("the last reading is from the future")
    if reading.next_change is not None and reading.next_change <= now:
        return Sentence("the figures have changed since the last reading")
    for order in context.orders(rule.line):
        if order.settled_at is not None and predates(context, rule.line, reading, order):
            return Sentence("the last reading is older than the last top-up")
    return None


def predates(context: Context, line: str, reading: "Reading", order: "OrderState") -> bool:
    """Whether a reading cannot show a settled order yet. At one and the same instant, what was written later counts,
    and only in that instant: a provider that still says so afterwards is behind.
    """
    assert order.settled_at is not None
    if order.settled_at != reading.at:
        return order.settled_at > reading.at
    if order.kind != "new" and context.now > reading.at:
        return True
    fact = context.ledger.last_reading(line)
    return line not in context.taken and fact is not None and fact.seq < order.seq


def due(context: Context, rule: Rule, fact: "RuleFact", reading: "Reading | None") -> Due:
    """Whether the rule's trigger holds."""
    now, where = context.now, zone(context.session.zone)
    if rule.trigger == "schedule":
        return by_schedule(rule, now, where, enabled_since(fact, where), last_made(context, rule, fact))
    assert reading is not None
    if rule.trigger == "before_expiry":
        renewals = [
            order.created_at for order in context.orders(rule.line) if order.state in BOUGHT and renews(order, rule)
        ]
        return by_expiry(rule, reading, now, where, max(renewals, default=None))
    found = by_threshold(rule, reading, now)
    lag = usage_lag(context, rule) if found.known and isinstance(rule.below, int) else None
    if lag is None or found.template not in EXPLANATIONS:
        return found
    return replace(
        found, template=EXPLANATIONS[found.template], params={**found.params, "hours": lag // timedelta(hours=1)}
    )


def renews(order: "OrderState", rule: Rule) -> bool:
    """Whether an order renews what a rule renews: its own, a person's, or one of the same plan.

    What another rule buys beside the plan is no renewal, though a base plan may be sold for it.
    """
    if order.rule == rule.name:
        return True
    same = present("plan", order.plan or "") == present("plan", rule.plan or "")
    return order.kind == "renew" and (order.rule is None or same)


#: what is said of a threshold where the provider counts use late
EXPLANATIONS: Final = {
    TEMPLATES[True]: "{left} is left, at or below {threshold} (the provider counts use up to {hours} hours late)",
    TEMPLATES[False]: "{left} is left, above {threshold} (the provider counts use up to {hours} hours late)",
}


def usage_lag(context: Context, rule: Rule) -> timedelta | None:
    """How late the provider of a rule's line counts its use; None where it does not, or cannot be opened."""
    line = context.session.lines.get(rule.line)
    return None if line is None else context.usage_lag(str(line.get("provider")))


def enabled_since(fact: "RuleFact", where: Any) -> datetime:
    """From when on a schedule counts: the day on which a person enabled it, whatever was lowered or raised since."""
    since = instant_or_none(fact.confirmed or {}, "since") or fact.confirmed_at or datetime.min.replace(tzinfo=UTC)
    return midnight_before(since, where)


def last_made(context: Context, rule: Rule, fact: "RuleFact") -> datetime | None:
    """When the newest successful order of a rule was made, or of the person whom it reminds."""
    anybody = context.by_hand(rule.line)
    made = [
        o.created_at for o in context.orders(rule.line) if (o.rule == rule.name or anybody) and o.state in BOUGHT
    ]  # fmt: skip
    return max(made) if made else fact.last_settled_at


def braked(context: Context, found: Situation, fact: "RuleFact", reading: "Reading | None") -> Situation:
    """The situation of a due rule, with what can still hold it back."""
    session, ledger, rule = context.session, context.ledger, found.rule
    provider = str(session.line(rule.line).get("provider"))
    still_open = [order for order in context.orders(rule.line) if order.open or is_waited_out(context, order)]
    methods = methods_for(session, provider)
    lag = usage_lag(context, rule) or timedelta(0)
    came = effect(
        ledger, rule, context.orders(rule.line), looked_at(fact), reading, lag=lag, where=zone(session.zone)
    )  # fmt: skip
    return replace(
        found,
        paused=session.store.paused() or is_paused(ledger, fact, found.now),
        restored=ledger.must_reconcile,
        foreign=sum(1 for foreign in ledger.unacknowledged() if foreign.provider == provider),
        discrepancy=unlooked_at(context, rule, fact),
        missing=missing_money(ledger, provider),
        skew_hours=hours_apart(context, provider),
        unchecked=context.unchecked.get(provider),
        open_order=still_open[0].id if still_open else None,
        failures=fact.failures,
        last_failed=fact.last_failed_at,
        last_attempt=fact.last_attempt_at,
        last_settled=fact.last_settled_at,
        unattended=ledger.unattended_play if takes_play_money(session, provider) else ledger.unattended,
        without_effect=came.missing,
        unseen=came.unseen,
        lag=lag,
        methods=tuple(
            name for name in rule.pay if name in methods and methods[name].get("provider") in (None, provider)
        ),
    )


def is_waited_out(context: Context, order: "OrderState") -> bool:
    """Whether a person took a lost order for not charged, and its seller may still list it: no rule buys meanwhile."""
    if order.state != "rejected" or order.reason != BY_HAND or order.last_attempt_at is None:
        return False
    try:
        horizon = context.session.provider(order.provider).absence_horizon
    except EsimctlError:
        return False
    return context.now < order.last_attempt_at + horizon


def looked_at(fact: "RuleFact") -> datetime | None:
    """When a person last looked at the rule: orders made up to then are forgiven."""
    confirmed = None if fact.confirmed_at is None else fact.confirmed_at - timedelta(microseconds=1)
    return max((at for at in (confirmed, fact.resumed_at) if at is not None), default=None)


def is_paused(ledger: "Ledger", fact: "RuleFact", now: datetime) -> bool:
    """Whether this rule or all of them are paused in the journal."""
    for since, until in ((ledger.paused_at, ledger.paused_until), (fact.paused_at, fact.paused_until)):
        if since is not None and (until is None or now < until):
            return True
    return False


def unlooked_at(context: Context, rule: Rule, fact: "RuleFact") -> str | None:
    """An order of the rule's line that did not come as ordered, since a person last said that it is looked at."""
    since = looked_at(fact)
    for order in context.orders(rule.line):
        forgiven = since is not None and order.changed_at <= since
        if order.discrepancy and not forgiven and f"order:{order.id}" not in context.ledger.acknowledged:
            return order.id
    return None


def missing_money(ledger: "Ledger", provider: str) -> Money | None:
    """What an account held less than the books say when it was last compared; more is no reason to wait."""
    fact = ledger.assertions.get(provider)
    if fact is None or fact.ok or fact.expected_minor is None or fact.expected_minor <= fact.balance_minor:
        return None
    return Money(fact.expected_minor - fact.balance_minor, fact.currency)


def hours_apart(context: Context, provider: str) -> int | None:
    """How far the provider's clock is away, where that is a day or more."""
    if provider not in context.session.section("provider"):
        return None
    skew = provider_skew(context.session, provider)
    return None if skew is None or abs(skew) <= MOST_SKEW else round(abs(skew) / timedelta(hours=1))
