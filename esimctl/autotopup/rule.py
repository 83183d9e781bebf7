"""A rule as a value: read from the profile, digested so that an edited one is inert, its limits raised after a day."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac_new
from typing import TYPE_CHECKING, Any, Final

from esimctl.errors import ConfigurationError
from esimctl.ledger.said import inner, instant_or_none, number, text
from esimctl.store.profile_tables import TABLES, Kind
from esimctl.values.moments import Duration, parse_duration
from esimctl.values.money import Money, MoneyError
from esimctl.values.record import fields, record
from esimctl.values.sentence import Raw, Sentence, commas
from esimctl.values.tables import Table, TableError, spell
from esimctl.values.toml import Toml
from esimctl.values.volume import VolumeError, parse_volume

if TYPE_CHECKING:
    from esimctl.ledger.facts import RuleFact

#: `--every` → calendar step from the anchor
STEPS: Final[Mapping[str, Duration]] = {
    "weekly": Duration(days=7),
    "fortnightly": Duration(days=14),
    "monthly": Duration(months=1),
}

LEAD: Final = Duration(days=7)  #: R-70: a seamless link needs a week

COOLDOWN: Final = Duration(seconds=3600)

BACKOFF: Final = Duration(seconds=3600)

MAX_AGE: Final = Duration(seconds=6 * 3600)

MOST_FAILURES: Final = 3

MOST_UNATTENDED: Final = 10  #: orders of rules since a person was last here

#: keys of a rule that say nothing about what it may spend
FREE_KEYS: Final = frozenset({"enabled", "remind"})

Threshold = int | Money


@record
class Rule:
    """A standing order. Exactly one trigger (`below`, `lead`, `every`) and one of `plan`, `amount` and `target`."""

    name: str
    line: str
    below: Threshold | None = None  #: octets, or money on the main balance
    lead: Duration | None = None
    every: str | None = None
    start: datetime | None = None  #: the anchor of `every`
    plan: str | None = None
    amount: Money | None = None
    target: Threshold | None = None
    pay: tuple[str, ...] = ()
    max_price: Money | None = None
    max_per_month: Money | None = None
    max_per_day: Money | None = None
    max_count: int | None = None  #: orders in a month
    max_unattended: int = MOST_UNATTENDED  #: orders of all rules together since a person was last here
    floor: Money | None = None  #: what an order must leave in the account at the provider
    cooldown: Duration = COOLDOWN
    until: datetime | None = None
    remind: tuple[Threshold, ...] = ()
    max_age: Duration = MAX_AGE
    ask: bool = False
    enabled: bool = True

    @property
    def trigger(self) -> str:
        """schedule, before_expiry or threshold."""
        return "schedule" if self.every else "before_expiry" if self.lead is not None else "threshold"

    @property
    def source(self) -> str:
        """How its orders are marked in the journal."""
        return f"rule:{self.name}"


def read_rule(name: str, table: Mapping[str, Toml], where: tzinfo, *, strict: bool = False) -> Rule:
    """A rule of the profile; ConfigurationError (78) names the key that cannot be read or is missing.

    `strict` is how one is read that is about to be written: no key that the profile does not know.
    """
    row = Table(table, ("rule", name))
    try:
        read = {
            _FIELDS.get(key, key): _READERS[kind](row, key, where)
            for key, kind in TABLES["rule"].items()
            if row.has(key)
        }
        if strict:
            row.finish()
    except TableError as error:
        raise _wrong(name, spell(error.problem.path[2:]), error.problem.reason) from None
    rule = Rule(**{"name": name, "line": name, **read})
    problem = complaint(rule)
    if problem:
        raise _wrong(name, *problem)
    return rule


def complaint(rule: Rule) -> tuple[str, Sentence] | None:
    """(key, what is wrong) of a rule whose parts do not fit together, None if they do."""
    if sum((rule.below is not None, rule.lead is not None, rule.every is not None)) != 1:
        return "below", Sentence("say one of below, before_expiry and every")
    if rule.every is not None and rule.every not in STEPS:
        return "every", Sentence("must be one of {words}", {"words": commas(STEPS)})
    if (rule.every is None) != (rule.start is None):
        return "from", Sentence("every and from belong together")
    if sum((rule.plan is not None, rule.amount is not None, rule.target is not None)) != 1:
        return "plan", Sentence("say one of plan, amount and target")
    if rule.max_price is None or rule.max_per_month is None:
        return "max_price", Sentence("max_price and max_per_month are needed")
    currencies = {
        m.currency
        for m in (rule.max_price, rule.max_per_month, rule.max_per_day, rule.amount, rule.floor)
        if m is not None
    }
    if len(currencies) > 1:
        said = "the limits are in several currencies ({currencies})"
        return "max_price", Sentence(said, {"currencies": commas(sorted(currencies))})
    if not rule.max_price or not rule.max_per_month:
        return "max_price", Sentence("a limit of nothing lets nothing be bought")
    return _misfit(rule)


def _misfit(rule: Rule) -> tuple[str, Sentence] | None:
    money_below, money_target = isinstance(rule.below, Money), isinstance(rule.target, Money)
    if rule.target is not None and rule.below is None:
        return "target", Sentence("a target goes with below")
    if rule.target is not None and money_target != money_below:
        return "target", Sentence("below and target must both be volumes or both be money")
    both = isinstance(rule.below, Money) and isinstance(rule.target, Money)
    if both and rule.below.currency != rule.target.currency:  # type: ignore[union-attr]
        return "target", Sentence("below and target are in different currencies")
    if rule.target is not None and rule.below is not None and not rule.target > rule.below:  # type: ignore[operator]
        return "target", Sentence("must be more than below")
    if rule.amount is not None and not rule.amount:
        return "amount", Sentence("must be more than nothing")
    return None


def canonical(table: Mapping[str, Toml]) -> bytes:
    """The part of a rule that a confirmation covers, in one form whatever the order of its keys."""
    covered = {key: _text(value) for key, value in table.items() if key not in FREE_KEYS}
    return json.dumps(covered, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(name: str, table: Mapping[str, Toml], seed: bytes) -> str:
    """What a confirmation is about: a keyed digest, so that no other program can compute it without our seed."""
    return hmac_new(seed, b"rule|" + name.encode() + b"|" + canonical(table), sha256).hexdigest()


def is_confirmed(name: str, table: Mapping[str, Toml], confirmed: Mapping[str, Toml] | None, seed: bytes) -> bool:
    """Whether the last confirmation is about the rule as it stands now."""
    return confirmed is not None and compare_digest(str(confirmed.get("digest", "")), digest(name, table, seed))


def only_lowers(old: Rule, new: Rule) -> bool:
    """Whether the new rule can spend no more, no sooner and nowhere else than the old one: that needs nobody's word."""
    same = set(fields(Rule)) - set(_LOWERED) - {"enabled", "remind"}
    if any(getattr(old, name) != getattr(new, name) for name in same):
        return False
    return all(lower(getattr(old, name), getattr(new, name)) for name, lower in _LOWERED.items())


def _at_most(old: Any, new: Any) -> bool:
    if old is None:
        return True
    if new is None:
        return False
    if isinstance(old, Money) and isinstance(new, Money) and old.currency != new.currency:
        return False
    return bool(new <= old)


def _at_least(old: Any, new: Any) -> bool:
    return old is None or (new is not None and old.currency == new.currency and old <= new)


def seconds(length: Duration) -> int:
    """A duration in seconds, a month taken as 30 days: for waiting, not for dates."""
    return length.months * 2_592_000 + length.days * 86_400 + length.seconds


_LOWERED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "max_price": _at_most,
    "max_per_month": _at_most,
    "max_per_day": _at_most,
    "max_count": _at_most,
    "max_unattended": _at_most,
    "floor": _at_least,
    "until": _at_most,
    "cooldown": lambda old, new: seconds(new) >= seconds(old),
    "ask": lambda old, new: new or not old,
}


def threshold(text: str) -> Threshold:
    """`500MB` as octets, or `1USD` as money."""
    try:
        return Money.parse(text)
    except MoneyError:
        pass
    octets = parse_volume(text)
    if not isinstance(octets, int):
        raise VolumeError("a finite volume is needed")
    return octets


def _text(value: Any) -> Any:
    if isinstance(value, bool | int):
        return value
    return [_text(item) for item in value] if isinstance(value, list | tuple) else str(value)


def _texts(row: Table, key: str) -> tuple[str, ...]:
    value = row.raw(key)
    return (value,) if isinstance(value, str) else row.texts(key)


def _thresholds(row: Table, key: str, _where: tzinfo) -> tuple[Threshold, ...]:
    try:
        return tuple(threshold(text) for text in _texts(row, key))
    except VolumeError as why:
        raise row.wrong(key, why.said) from None


#: key of profile.toml → field of Rule, where they are not the same
_FIELDS: Final[Mapping[str, str]] = {"before_expiry": "lead", "from": "start"}

#: kind of a key of profile.toml → how its value is read
_READERS: Final[Mapping[Kind, Callable[[Table, str, tzinfo], Any]]] = {
    "text": lambda row, key, _: row.text(key),
    "texts": lambda row, key, _: _texts(row, key),
    "threshold": lambda row, key, _: row.parsed(key, threshold),
    "thresholds": _thresholds,
    "money": lambda row, key, _: row.money(key),
    "duration": lambda row, key, _: row.parsed(key, parse_duration),
    "time": lambda row, key, where: row.instant(key, where, texts=True),
    "count": lambda row, key, _: row.integer(key, least=1),
    "flag": lambda row, key, _: row.flag(key),
}


def _wrong(name: str, key: str, what: Sentence) -> ConfigurationError:
    return ConfigurationError(
        "rule {name}, {key}: {what}",
        hint="esimctl autotopup show {name}, or set it again",
        code="bad_rule",
        name=Raw(name),
        key=Raw(key),
        what=what,
    )


DELAY: Final = timedelta(hours=24)

CAPS: Final = ("max_price", "max_per_day", "max_per_month", "max_count", "max_unattended")

Cap = Money | int | None


def in_force(rule: Rule, fact: "RuleFact", now: datetime) -> Rule:
    """The rule with the limits that count now."""
    held = waiting(fact, now)
    return Rule(**{**{name: getattr(rule, name) for name in fields(Rule)}, **held}) if held else rule


def waiting(fact: "RuleFact", now: datetime) -> dict[str, Cap]:
    """cap → what counts instead of it for now."""
    entry = fact.confirmed or {}
    until = instant_or_none(entry, "held_until")
    return {} if until is None or now >= until else _read(entry, "held")


def raised(rule: Rule, fact: "RuleFact", now: datetime, *, lowered: bool = False) -> dict[str, Toml]:
    """What a confirmation of `rule` notes about its limits: `caps`, what they are measured against, what is held."""
    before = fact.confirmed or {}
    caps: dict[str, Cap] = {cap: getattr(rule, cap) for cap in CAPS}
    found: dict[str, Toml] = {"caps": _written(caps)}
    if "caps" not in before:
        return found
    counted = {**dict.fromkeys(CAPS), **_read(before, "caps"), **waiting(fact, now)}
    since = instant_or_none(before, "base_at")
    young = since is not None and now < since + DELAY
    base = {**dict.fromkeys(CAPS), **_read(before, "base")} if young and "base" in before else counted
    found |= {"base": _written(base), "base_at": since if young else now}
    held = {cap: counted[cap] for cap in CAPS if counted[cap] is not None and _doubles(base[cap], caps[cap])}
    if held:
        earlier = instant_or_none(before, "held_until") if lowered else None
        found |= {"held": _written(held), "held_until": earlier or now + DELAY}
    return found


def _doubles(base: Cap, new: Cap) -> bool:
    """More than twofold; no limit at all is more than any, and one in another currency cannot be compared."""
    if base is None:
        return False
    if new is None:
        return True
    if isinstance(base, Money) and isinstance(new, Money):
        return new.currency != base.currency or new.minor > 2 * base.minor
    return int(new) > 2 * int(base)  # type: ignore[arg-type]


def _written(caps: Mapping[str, Cap]) -> dict[str, str | int]:
    return {key: str(cap) if isinstance(cap, Money) else cap for key, cap in caps.items() if cap is not None}


def _read(entry: Mapping[str, Toml], name: str) -> dict[str, Cap]:
    """The limits in a table of a confirmation, which leaves out those that were not set."""
    table = inner(entry, name) or {}
    return {cap: _cap(table, cap) for cap in CAPS if cap in table}


def _cap(table: Mapping[str, Toml], name: str) -> Cap:
    return Money.parse(text(table, name)) if isinstance(table[name], str) else number(table, name)
