"""The state of the lines as metrics for a monitoring system: base units, unknown is absent, no numbers of SIMs."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from esimctl import __version__
from esimctl.advice.advised import advise
from esimctl.autotopup.clock import last_run
from esimctl.documents.balance import BalanceLine
from esimctl.documents.document import ABSENT
from esimctl.documents.exported import MetricFamily
from esimctl.profile.opened import takes_play_money
from esimctl.purchase.findings import counts_since, findings
from esimctl.purchase.matching import HORIZON
from esimctl.usage.balance import balance
from esimctl.usage.left import OVER
from esimctl.values.money import Money
from esimctl.values.record import replace

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session


class LineLook(NamedTuple):
    """When a line was looked at, and where: a provider, a message, a person."""

    at: datetime
    source: str


Sample = tuple[dict[str, str], str]
Sums = dict[tuple[str, bool], int]  #: (currency, whether it is play money) → minor units
Value = Callable[[BalanceLine], str | None]
KINDS = ("duplicate_charge", "failed_charge", "charged_not_delivered", "foreign_order", "amount_differs",
         "unknown_outcome")  # fmt: skip
_NUMBER = re.compile(r"[\d_-]{7,}\Z")


def families(session: "Session", ledger: "Ledger", line: str | None) -> list[MetricFamily]:
    """Every family that has something to say, in a fixed order; each sample with the profile as its first label.

    Of a profile that is not there nothing is claimed, not even that no order is open.
    """
    whose = {"profile": alias(session.store.name)}
    build = family("build_info", "gauge", "The program that wrote this.", [({"version": __version__}, "1")])
    found = [*told(session, ledger, line), build] if session.store.exists() else [build]
    return [
        replace(each, samples=[({**whose, **labels}, value) for labels, value in each.samples])
        for each in found
        if each.samples
    ]


def told(session: "Session", ledger: "Ledger", line: str | None) -> list[MetricFamily]:
    """The families of the lines, the orders and the rules."""
    names = [name for name in session.lines if line in (None, name)]
    documents = balance(session, names, advise=advise, refresh=False).data.lines if names else []
    recent: list[OrderState] = []
    bought: dict[str, datetime] = {}
    since = session.clock.now() - HORIZON
    orders = of_orders(session, ledger, line, recent, since, bought)
    looks = looked(session, ledger, documents, bought)
    found = [*of_lines(documents, looks), *orders, *of_rules(session, ledger, line)]
    if line is None:
        found += [*of_audit(session, ledger, recent, since), *of_runs(session)]
    return found


def family(name: str, kind: str, text: str, samples: Iterable[Sample]) -> MetricFamily:
    """A family; samples are sorted by their labels."""
    rows = sorted(samples, key=lambda sample: tuple(sample[0].values()))
    return MetricFamily(f"esimctl_{name}", kind, text, rows)


def alias(name: str) -> str:
    """A name as a label; one that is a phone or card number becomes a digest of it."""
    return f"line-{sha256(name.encode()).hexdigest()[:8]}" if _NUMBER.match(name) else name


def label(document: BalanceLine, **more: str) -> dict[str, str]:
    """The labels of a line's sample; `play` marks one that is bought with play money."""
    play = {"play": "true"} if document.play_money else {}
    return {"line": alias(document.line), "operator": document.carrier or "", **play, **more}


def of_lines(documents: Sequence[BalanceLine], looks: Mapping[str, LineLook]) -> list[MetricFamily]:
    """Data, money and dates of every line, before and after its end, until it is removed."""
    money = [
        (label(d, currency=d.main_balance.currency, bucket="main"), d.main_balance.amount)
        for d in documents
        if d.main_balance is not None
    ]
    read = [
        (label(d, source=looks[d.line].source), str(int(looks[d.line].at.timestamp())))
        for d in documents
        if d.line in looks
    ]
    return [
        family("data_known", "gauge", "Whether it is known how much data is left (1) or not (0).",
               [(label(d), str(int(known(d)))) for d in documents]),
        family("data_remaining_bytes", "gauge", "Data that can be used now, by kind of bucket.", remaining(documents)),
        family("data_restricted_bytes", "gauge", "Data left for windows, single apps or later.", restricted(documents)),
        family("data_rollover_bytes", "gauge", "Data left over from an earlier period.", carried(documents)),
        family("balance_money", "gauge", "Main balance of the line, in units of its currency.", money),
        *(family(name, "gauge", text, each(documents, value, more)) for name, text, value, more in LINE_GAUGES),
        family("reading_timestamp_seconds", "gauge", "When it was last read, or bought if it never was.", read),
    ]  # fmt: skip


def known(document: BalanceLine) -> bool:
    """Whether there is a figure of its data."""
    return document.data.unlimited or document.data.remaining_bytes is not None


def looked(
    session: "Session", ledger: "Ledger", documents: Sequence[BalanceLine], bought: Mapping[str, datetime]
) -> dict[str, LineLook]:
    """Line → when somebody last looked, whatever was worked out since; of one that nobody ever read when its data was
    last bought. A line of whose data nothing is known, and that nobody read, is not there.
    """
    now = session.clock.now()
    found = {}
    for document in documents:
        name, reading = document.line, document.reading
        fact = ledger.last_reading(name)
        if reading.at is not None and reading.source not in (None, "modelled"):
            found[name] = LineLook(reading.at, str(reading.source))
        elif fact is not None and fact.read_at <= now:
            found[name] = LineLook(fact.read_at, fact.source)
        elif known(document):
            born = [told.since for told in ledger.lines[name].births] if name in ledger.lines else []
            times = [at for at in (*born, bought.get(name)) if at is not None and at <= now]
            found |= {name: LineLook(max(times), "modelled")} if times else {}
    return found


def each(documents: Sequence[BalanceLine], value: Value, more: tuple[str, ...]) -> list[Sample]:
    """A sample a line, for those where the value is known."""
    found = []
    for document in documents:
        told = value(document)
        if told is not None:
            extra = {"plan": document.plan or ""}
            found.append((label(document, **{name: extra[name] for name in more}), told))
    return found


def remaining(documents: Sequence[BalanceLine]) -> list[Sample]:
    """Octets that can be used now by category of bucket, 0 where a kind is used up or has ended; one sample
    `bucket="all"` where only the whole is known.
    """
    found: list[Sample] = []
    for document in documents:
        if document.data.unlimited or document.data.remaining_bytes is None:
            continue
        sums = dict.fromkeys(by_category(document), 0) | by_category(document, now=True)
        if sum(sums.values()) != document.data.remaining_bytes:
            sums = {"all": document.data.remaining_bytes}
        sums = sums or {"base" if played(document) else "all": 0}
        found += [(label(document, bucket=category), str(octets)) for category, octets in sums.items()]
    return found


def played(document: BalanceLine) -> bool:
    """Whether it was worked out from what was bought: such a line has buckets as long as it lives."""
    return document.figures is not ABSENT


def restricted(documents: Sequence[BalanceLine]) -> list[Sample]:
    """Octets that are left and cannot be used now; none of a line that has no such data."""
    sums = [(document, document.data.restricted_bytes) for document in documents]
    return [(label(document), str(octets)) for document, octets in sums if octets]


def by_category(document: BalanceLine, *, now: bool = False) -> dict[str, int]:
    """category → octets, of buckets whose rest is known; with `now` of those that can be used now."""
    sums: dict[str, int] = {}
    for bucket in document.buckets:
        if now and bucket.usable != "now":
            continue
        if bucket.usage_type == "data" and bucket.remaining is not None:
            sums[bucket.category] = sums.get(bucket.category, 0) + bucket.remaining
    return sums


def carried(documents: Sequence[BalanceLine]) -> list[Sample]:
    """What is left of earlier periods, where the line's buckets are known; nothing after its end."""
    told = [d for d in documents if d.buckets or (played(d) and known(d))]
    return [(label(d), "0" if d.status in OVER else str(by_category(d).get("rollover", 0))) for d in told]


def of_orders(
    session: "Session",
    ledger: "Ledger",
    line: str | None,
    recent: "list[OrderState]",
    since: datetime,
    bought: dict[str, datetime],
) -> list[MetricFamily]:
    """Money spent and come back by currency, attempts by how they ended, orders without an end.

    All orders are gone through once; those that an audit looks at are put into `recent`, when something was last
    bought for a line into `bought`. Sums of play money are samples of their own.
    """
    plays = cache(lambda provider: takes_play_money(session, provider))
    spent: Sums = {}
    back: Sums = {}
    ended: dict[str, int] = {}
    explained: set[tuple[str, str | None]] = set()
    still = 0
    for order in ledger.records():
        if line not in (None, order.line):
            continue
        if order.imported:
            explained.add((order.provider, order.provider_order))
        elif counts_since(order, since):
            recent.append(order)
        still += order.open
        play = order.play or plays(order.provider)
        if order.settled_at is not None:
            add(spent, order.counted, play)
            if not order.imported:
                bought[order.line] = max(order.settled_at, bought.get(order.line, order.settled_at))
        if order.refund is not None:
            add(back, order.refund, play)
        if (result := attempt(order)) is not None:
            ended[result] = ended.get(result, 0) + 1
    return [
        family("spend_total", "counter", "Paid for orders, before refunds, in units of the currency.", money(spent)),
        family("refund_total", "counter", "Come back for orders, in units of the currency.", money(back)),
        family("foreign_spend_total", "counter", "Charged without an order of ours, by currency.",
               money(strange(ledger, explained, plays) if line is None else {})),
        family("topup_attempts_total", "counter", "Top-ups and renewals by how they ended.",
               [({"result": result}, str(count)) for result, count in ended.items()]),
        family("orders_open", "gauge", "Orders of which nobody knows yet how they end.", [({}, str(still))]),
    ]  # fmt: skip


def strange(ledger: "Ledger", explained: set[tuple[str, str | None]], plays: Callable[[str], bool]) -> Sums:
    """Charges that no order of ours explains, nor a record that was taken over."""
    sums: Sums = {}
    for fact in ledger.foreign.values():
        if fact.currency is not None and fact.amount_minor and (fact.provider, fact.provider_order) not in explained:
            add(sums, Money(fact.amount_minor, fact.currency), fact.play or plays(fact.provider))
    return sums


def attempt(order: "OrderState") -> str | None:
    """How a top-up or a renewal that was made here ended; None of others, and while nobody knows."""
    if order.kind not in {"topup", "renew"} or order.open or order.imported:
        return None
    return "settled" if order.settled_at is not None else order.state


def of_rules(session: "Session", ledger: "Ledger", line: str | None) -> list[MetricFamily]:
    """Whether automatic top-up has stopped itself."""
    rules = {name: t for name, t in session.section("rule").items() if line in (None, t.get("line"))}
    samples: list[Sample] = [
        ({"rule": alias(name)}, str(int(ledger.rule(name).suspended_at is not None))) for name in rules
    ]
    return [family("autotopup_breaker_open", "gauge", "Whether a rule has stopped itself (1) or not (0).", samples)]


def of_audit(session: "Session", ledger: "Ledger", recent: "list[OrderState]", since: datetime) -> list[MetricFamily]:
    """What the books alone find wrong; no provider is asked."""
    found = [each.kind for each in findings(session, ledger, [], since, recent)]
    samples: list[Sample] = [({"kind": kind}, str(found.count(kind))) for kind in KINDS]
    return [family("audit_findings", "gauge", "Findings of the audit that the journal alone shows.", samples)]


def of_runs(session: "Session") -> list[MetricFamily]:
    """When the rules were last gone through, and whether that went well."""
    last = last_run(session)
    at, code = None if last.began_at is None else str(int(last.began_at.timestamp())), last.exit_code
    return [
        family("last_run_timestamp_seconds", "gauge", "When autotopup run last began.", [({}, at)] if at else []),
        family("last_run_success", "gauge", "Whether it ended well (1) or not (0).",
               [({}, str(int(code == 0)))] if code is not None else []),
    ]  # fmt: skip


def add(sums: Sums, amount: Money, play: bool) -> None:
    """An amount to the sum of its currency and kind."""
    place = (amount.currency, play)
    sums[place] = sums.get(place, 0) + amount.minor


def money(sums: Sums) -> list[Sample]:
    """One sample a currency and kind of money, in its units, exactly; `play` marks play money."""
    return [
        ({"currency": currency, **({"play": "true"} if play else {})}, Money(minor, currency).amount)
        for (currency, play), minor in sums.items()
    ]


def number(value: int | None) -> str | None:
    """A figure as text."""
    return None if value is None else str(value)


def seconds(at: datetime | None) -> str | None:
    """An instant as seconds since 1970."""
    return None if at is None else str(int(at.timestamp()))


def unlimited(document: BalanceLine) -> str | None:
    """1 or 0; None of a line of whose data nothing is known."""
    return str(int(document.data.unlimited)) if known(document) else None


#: name, help, value of a line's document, labels beside line and operator
LINE_GAUGES: tuple[tuple[str, str, Value, tuple[str, ...]], ...] = (
    (
        "data_judged_bytes",
        "Data that thresholds look at, not bound to hours.",
        lambda d: number(d.data.judged_bytes),
        (),
    ),
    ("data_allowance_bytes", "Data that was granted.", lambda d: number(d.data.granted_bytes), ()),
    ("plan_expiry_timestamp_seconds", "When the line ends.", lambda d: seconds(d.expires_at), ("plan",)),
    ("plan_activate_by_timestamp_seconds", "Last moment to activate it.", lambda d: seconds(d.use_by), ("plan",)),
    ("plan_unlimited", "Whether its data is unlimited (1) or not (0).", unlimited, ("plan",)),
)
