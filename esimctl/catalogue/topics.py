"""What claims can be about: which keys a value has, and which of two values promises a person less."""

from collections.abc import Callable, Mapping, Sequence

from esimctl.values.moments import parse_duration
from esimctl.values.money import Money
from esimctl.values.record import record
from esimctl.values.sentence import commas
from esimctl.values.tables import Table

MODES = ("not-applicable", "none", "unknown", "promo-only", "carry")
PAYMENTS = (
    "credit-card", "debit-card", "paypal", "alipay", "bank-transfer", "e-wallet", "khqr", "cash", "provider-balance",
    "main-balance",
)  # fmt: skip
FAR = 10**6

Said = str | int | Sequence[str]
Value = Mapping[str, Said]  #: what a claim says on its topic: a few keys, which TOPICS reads and weighs
Rank = tuple[Said, ...]  #: how much a value promises: smaller is less, and one topic's are of one shape


@record
class Topic:
    """A topic: how its value is read, and how much a value promises (smaller is less). `joins` adds values up."""

    read: Callable[[Table], Value]
    promise: Callable[[Value], Rank]
    joins: bool = False


def _choice(key: str, *words: str, **texts: str) -> Topic:
    """One word of a list, the one that promises least first; `texts` are further keys of the value."""

    def read(row: Table) -> Value:
        found = {key: row.choice(key, words)}
        return found | {name: text for name in texts if (text := row.text(name, None)) is not None}

    return Topic(read, lambda value: (words.index(str(value[key])),))


def _rollover(row: Table) -> Value:
    found: dict[str, Said] = {"mode": row.choice("mode", MODES)}
    for name in ("validity", "max", "cap", "condition", "grace", "on_lapse", "consumption", "cap_scope", "excluded"):
        text = row.text(name, None)
        if text is not None:
            found[name] = text
    for name in ("cycles", "max_percent"):
        count = row.integer(name, None, least=1)
        if count is not None:
            found[name] = count
    table = rollover_terms(found)
    if table is not None:
        from esimctl.charging.policies import rollover_from_table

        rollover_from_table(Table(table, row.path, file=row.file), extended=True)
    return found


def rollover_terms(value: Value) -> dict[str, Said] | None:
    """The value as the engine's rollover table; None where it does not say enough to count with."""
    if value["mode"] != "carry" or "validity" not in value or "cap" in value:
        return None
    plain = ("mode", "validity", "max", "max_percent", "condition", "grace", "on_lapse", "consumption", "cap_scope")
    return {key: value[key] for key in plain if key in value}


def _rollover_promise(value: Value) -> Rank:
    """none, unknown, promo-only, carry; then the shorter life, the fewer cycles, the lower limit; unsaid is least."""
    days = 0
    if "validity" in value:
        words = str(value["validity"]).split()
        span = None if words[-1].startswith("period") else parse_duration(str(value["validity"]))
        days = int(words[0]) * 30 if span is None else span.months * 30 + span.days
    limit = 0 if "cap" in value else value.get("max_percent", 100)
    return (MODES.index(str(value["mode"])), days, value.get("cycles", FAR), limit, str(value.get("max", "~")))


def _days(row: Table) -> Value:
    return {"days": row.integer("days")}


def _span(row: Table) -> Value:
    return {"within": row.spelled("within", parse_duration)}


def _span_promise(value: Value) -> Rank:
    span = parse_duration(str(value["within"]))
    return (-((span.months * 30 + span.days) * 86_400 + span.seconds),)


def _methods(row: Table) -> Value:
    methods = row.texts("methods")
    if not methods or any(method not in PAYMENTS for method in methods):
        raise row.wrong("methods", "is not a list of {words}", words=commas(PAYMENTS))
    return {"methods": list(methods)}


def _price_level(row: Table) -> Value:
    """What a plan of a market usually costs, from `least` to `most` in one currency (R-28)."""
    least, most = row.money("least"), row.money("most")
    if least.currency != most.currency or most < least:
        raise row.wrong("most", "is less than least, or in another currency")
    return {"least": str(least), "most": str(most)}


def _list(key: str) -> Callable[[Table], Value]:
    return lambda row: {key: list(row.texts(key))}


def listed(value: Value, key: str) -> tuple[str, ...]:
    """The words under a key that holds a list."""
    found = value[key]
    return (found,) if isinstance(found, str) else () if isinstance(found, int) else tuple(found)


_SPAN = Topic(_span, _span_promise)
_METHODS = Topic(_methods, lambda value: (len(listed(value, "methods")), *listed(value, "methods")))
_TEXT = Topic(lambda row: {"text": row.text("text")}, lambda value: (value["text"],))

#: topic → how it is read and weighed
TOPICS: Mapping[str, Topic] = {
    "rollover": Topic(_rollover, _rollover_promise),
    "overage": _choice("action", "charge", "block", "throttle"),
    "sharing": _choice("allowed", "no", "unknown", "yes"),
    "cancellation": _choice("allowed", "no", "unknown", "yes", loses="", within=""),
    "refund": _choice("allowed", "no", "unknown", "yes", within=""),
    "number-retention": Topic(_days, lambda value: (value["days"],)),
    "lead-time": Topic(_days, lambda value: (-int(str(value["days"])),)),
    "validity-clock": _choice("clock", "calendar-month", "calendar-day", "hours24", "anchor"),
    "burn-order": Topic(_list("order"), lambda value: listed(value, "order")),
    "early-renewal": _choice("effect", "reset", "queue", "stack", "extend"),
    "activation-new": _SPAN,
    "activation-renew": _SPAN,
    "delivery": Topic(_list("by"), lambda value: listed(value, "by"), joins=True),
    "connection": _choice("needed", "always", "activation-and-management", "rarely"),
    "esim": _choice("allowed", "no", "unknown", "yes"),
    "standing": _TEXT,
    "notices": _TEXT,
    "promotions": _TEXT,
    "market": _TEXT,
    "price-level": Topic(_price_level, lambda value: (-Money.parse(str(value["most"])).minor, value["least"])),
    "failed-carry": Topic(_list("causes"), lambda value: listed(value, "causes"), joins=True),
    **{f"payment-{kind}": _METHODS for kind in ("new", "renew", "topup", "autotopup", "autorenew", "offline")},
}


def read_value(topic: str, row: Table) -> Value:
    """A claim's value, read strictly; TableError names the key."""
    value = TOPICS[topic].read(row)
    row.finish()
    return value
