"""What is worth a reminder on a line: low data, low balance, its end, carried data that lapses, stuck orders."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from esimctl.alerts.notices import FIGURE, PROBLEM, REMINDER, Condition, ladder
from esimctl.alerts.settings import Reminders, last_clock
from esimctl.autotopup.rule import Rule, Threshold, seconds
from esimctl.autotopup.trigger import end_of_plan
from esimctl.purchase.doubts import doubts
from esimctl.usage.left import left_at_any_hour
from esimctl.usage.line import status_of
from esimctl.values.moments import month_start, zone
from esimctl.values.money import Money
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.volume import format_volume

if TYPE_CHECKING:
    from esimctl.autotopup.situation import Context
    from esimctl.ledger.orders import OrderState
    from esimctl.providers.protocol import Reading

STUCK: Final = timedelta(hours=24)  #: an order that is open so long needs a person
HYSTERESIS: Final = 5  #: per cent
LATE: Final = timedelta(hours=6)  #: a morning figure that could not be told by then is not told any more


#: what is said of a plan's end, by whether renewing saves anything
SENTENCES: Final = {
    "saved": "{line}: the plan ends on {end}, in less than {days} days; {left} is lost if it is not renewed",
    "anyway": "{line}: the plan ends on {end}, in less than {days} days; {left} is lost then, renewed or not",
    "plain": "{line}: the plan ends on {end}, in less than {days} days",
}


def of_line(context: "Context", line: str, rules: list[Rule], settings: Reminders) -> Iterator[Condition]:
    """Every condition of a line that holds, or that was told and may have ended."""
    reading = context.reading(line)
    for order in context.orders(line):
        if order.open:
            yield stuck(order, context.now)
    if reading is None:
        return
    status = status_of(reading, context.now)
    of_data, of_end = worked_out(context, line)
    renewed = renewed_since(context, line, reading)
    if status in {"active", "suspended"}:
        yield from of_data(ladder(context.ledger, low_data(line, reading, settings, context.now)))
        yield from of_data(volumes(context, line, reading, rules, settings))
        if not renewed:
            yield from of_end(ladder(context.ledger, ending(line, reading, settings, context.now)))
        yield from of_data(lapsing(context, line, reading, settings))
    elif status == "pending" and reading.use_by is not None:
        yield from ladder(context.ledger, deadlines(line, reading.use_by, settings, context.now))
    if not renewed:
        yield from of_end([ended(line, reading, status, context.now)])
    yield old_reading(context, line, reading, settings)


def renewed_since(context: "Context", line: str, reading: "Reading") -> bool:
    """Whether the line was renewed after its newest reading, which speaks of another end therefore."""
    return any(
        order.kind == "renew" and order.settled_at is not None and order.settled_at >= reading.at
        for order in context.orders(line)
    ) and not context.by_hand(line)


Told = Callable[[Iterable[Condition]], Iterator[Condition]]


def worked_out(context: "Context", line: str) -> tuple[Told, Told]:
    """How what is told of a line's data, and of its end, says that nobody read it off the phone where that is so."""
    model = context.model(line)
    if model is None:
        return iter, iter
    data, end = model.figures.data.kind, model.figures.expires_at.kind
    return (_by_the_books if data == "modelled" else iter, _by_the_books if end == "modelled" else iter)


def _by_the_books(conditions: Iterable[Condition]) -> Iterator[Condition]:
    for each in conditions:
        yield replace(each, template=BY_THE_BOOKS, params={"what": each.said})


#: how a figure is told that follows from the purchases alone
BY_THE_BOOKS: Final = Sentence("{what} (worked out from what you bought, not read)").template


def old_reading(context: "Context", line: str, reading: "Reading", settings: Reminders) -> Condition:
    """Nobody has looked for long; of a line without an interface its owner is meant, who has a day and a half."""
    model, allowed = context.model(line), timedelta(seconds=seconds(settings.stale_after))
    since = reading.at
    if model is not None:
        fact = context.ledger.lines.get(line)
        since = model.since or (context.now if fact is None else fact.added_at)
        allowed = max(allowed, context.session.provider(str(context.session.line(line)["provider"])).reading_max_age)
    stale = context.now - since > allowed
    params = {"line": Raw(line), "at": Raw(_at(context, since))}
    said = Sentence("{line}: the last reading is from {at}", params)
    if model is not None:
        said = Sentence("{line}: nobody has looked since {at}: esimctl usage record {line} --remaining V", params)
    return Condition(
        f"stale_reading:{line}", "stale_reading", REMINDER, said.template, said.params,
        line=line, holds=stale, cleared=not stale, window=STUCK,
    )  # fmt: skip


def of_doubts(context: "Context", lines: Sequence[str], others: Sequence[Condition]) -> Iterator[Condition]:
    """Orders that are open too long, also of lines that are not there yet, and charges that audit doubts; each once.

    What is told as the reason why a rule does not spend, or of a rule's own order, is not told here again; `others` are
    the conditions of this run.
    """
    told = {(each.alert, each.order) for each in others if each.holds}
    told |= {
        (alert.alert, alert.key.removeprefix("discrepancy:"))
        for alert in context.ledger.alerts.values()
        if not alert.key.startswith("doubt:")
    }
    for doubt in doubts(context.session, context.ledger, lines):
        if ("discrepancy", doubt.order) in told or (doubt.kind == "foreign_order" and is_held_back(told)):
            continue
        yield Condition(
            f"doubt:{doubt.key}", doubt.kind, PROBLEM, doubt.template, doubt.params, line=doubt.line, order=doubt.order,
        )  # fmt: skip


def is_held_back(told: Iterable[tuple[str, str | None]]) -> bool:
    """Whether somebody has heard that a charge of somebody else stops the rules."""
    return any(alert == "foreign_order" for alert, _ in told)


def stuck(order: "OrderState", now: datetime) -> Condition:
    """An order that nobody has settled for a day; it blocks its line, and is never sent again by itself."""
    return Condition(
        f"stuck_pending:{order.id}", "stuck_pending", PROBLEM,
        "{line}: order {order} is open for more than a day; until it is settled nothing is bought: esimctl reconcile",
        {"line": order.line, "order": order.id}, line=order.line, order=order.id, holds=now - order.created_at >= STUCK,
    )  # fmt: skip


def low_data(line: str, reading: "Reading", settings: Reminders, now: datetime) -> list[Condition]:
    """Percentages of all that was granted and still counts, the highest first."""
    told = left_at_any_hour(reading, now)
    granted, left = told.judged_granted, told.judged
    if not granted or left is None:
        return []
    used = (granted - left) * 100
    params = {"line": line, "granted": format_volume(granted), "left": format_volume(left)}
    return [
        Condition(
            f"low_data:{line}:{percent}", "low_data", REMINDER,
            "{line}: {percent} % of the {granted} granted is used, {left} is left", {**params, "percent": percent},
            line=line, holds=used >= percent * granted, cleared=used <= (percent - HYSTERESIS) * granted,
        )
        for percent in sorted(settings.used_percent, reverse=True)
    ]  # fmt: skip


def volumes(
    context: "Context", line: str, reading: "Reading", rules: list[Rule], settings: Reminders
) -> Iterator[Condition]:
    """Thresholds that a person named: `--remind 1GB`, `--remind 1USD`, and the balance of the settings."""
    named: set[Threshold] = {value for rule in rules for value in rule.remind}
    if settings.low_balance is not None:
        named.add(settings.low_balance)
    octets = sorted(value for value in named if isinstance(value, int))
    left = left_at_any_hour(reading, context.now).judged if octets else None
    if left is not None:
        yield from ladder(
            context.ledger,
            [
                Condition(
                    f"low_data:{line}:{value}B", "low_data", REMINDER,
                    "{line}: {left} is left, at or below {threshold}",
                    {"line": line, "left": format_volume(left), "threshold": format_volume(value)},
                    line=line, holds=left <= value, cleared=left * 100 > value * (100 + HYSTERESIS),
                )
                for value in octets
            ],
        )  # fmt: skip
    balance = reading.main_balance
    for amount in sorted((value for value in named if isinstance(value, Money)), key=str):
        if balance is not None and balance.currency == amount.currency:
            yield Condition(
                f"low_balance:{line}:{amount}", "low_balance", REMINDER,
                "{line}: {left} is left on the main balance, at or below {threshold}",
                {"line": line, "left": str(balance), "threshold": str(amount)}, line=line,
                holds=balance <= amount, cleared=balance.minor * 100 > amount.minor * (100 + HYSTERESIS),
            )  # fmt: skip


def ending(line: str, reading: "Reading", settings: Reminders, now: datetime) -> list[Condition]:
    """Days before the end of the plan, the last first. Another end is another crossing."""
    end = end_of_plan(reading)
    if end is None or now >= end:
        return []
    saved, anyway = reading.lost_if_not_bytes, reading.lost_anyway_bytes
    said = SENTENCES["saved" if saved else "anyway" if anyway else "plain"]
    params = {"line": line, "left": format_volume(saved or anyway or 0), "end": f"{end:%Y-%m-%d %H:%M} UTC"}
    return [
        Condition(
            f"expiring:{line}:{end:%Y%m%dT%H%M%S}:{days}", "expiring", REMINDER,
            said,
            {**params, "days": days}, line=line, holds=now >= at,
        )
        for days, at in late_days(settings, begin_of(reading, end), end)
    ]  # fmt: skip


def late_days(settings: Reminders, begin: datetime | None, end: datetime) -> list[tuple[int, datetime]]:
    """(days, from when on) of the reminders before an end, the last first: those that fall into the second half.

    A pack for a week is not told of when it is an hour old. A pack so short that none falls there has one, at its half.
    """
    days = [(each, end - timedelta(days=each)) for each in sorted(settings.expiry_days)]
    if begin is None or begin >= end or not days:
        return days
    half = begin + (end - begin) / 2
    return [(each, at) for each, at in days if at >= half] or [(days[0][0], half)]


def begin_of(reading: "Reading", end: datetime) -> datetime | None:
    """When the term that ends then began: the base data's start; None where nobody says."""
    starts = [b.start for b in reading.buckets if b.category == "base" and b.start is not None and b.start < end]
    return max(starts, default=None)


def lapsing(context: "Context", line: str, reading: "Reading", settings: Reminders) -> Iterator[Condition]:
    """Carried data that is about to lapse: use it first, or give it to somebody (R-48)."""
    now = context.now
    for bucket in reading.buckets:
        end, left = bucket.end, bucket.remaining
        if bucket.category != "rollover" or end is None or not left or end <= now or bucket.usage_type != "data":
            continue
        yield from ladder(
            context.ledger,
            [
                Condition(
                    f"lapsing:{line}:{bucket.id}:{end:%Y%m%dT%H%M%S}:{days}", "rollover_lapsing", REMINDER,
                    "{line}: {left} of carried data lapses on {end}: use it, or give it away with esimctl lines gift",
                    {"line": line, "left": format_volume(left), "end": f"{end:%Y-%m-%d %H:%M} UTC"},
                    line=line, holds=now >= at,
                )
                for days, at in late_days(settings, bucket.start, end)
            ],
        )  # fmt: skip


def deadlines(line: str, use_by: datetime, settings: Reminders, now: datetime) -> list[Condition]:
    """Days until an eSIM that is not installed yet cannot be installed any more."""
    return [
        Condition(
            f"activation:{line}:{use_by:%Y%m%dT%H%M%S}:{days}", "activation_deadline", REMINDER,
            "{line}: install the eSIM before {end}, or it is lost",
            {"line": line, "end": f"{use_by:%Y-%m-%d %H:%M} UTC"}, line=line,
            holds=now < use_by <= now + timedelta(days=days),
        )
        for days in sorted(settings.expiry_days)
    ]  # fmt: skip


def ended(line: str, reading: "Reading", status: str, now: datetime) -> Condition:
    """The plan has ended: told once for each end, also of a line that goes on with what is added to it now and then."""
    end = end_of_plan(reading)
    outlived = status == "active" and reading.plan_ends_at is not None and reading.plan_ends_at <= now
    over = status == "expired" or outlived
    key = f"expired:{line}" if end is None else f"expired:{line}:{end:%Y%m%dT%H%M%S}"
    return Condition(
        key, "expired", REMINDER, "{line}: the plan has ended; renew it with esimctl renew {line}", {"line": line},
        line=line, holds=over, cleared=end is None and status == "active", window=STUCK,
    )  # fmt: skip


def figures(context: "Context", lines: list[str], settings: Reminders) -> Iterator[Condition]:
    """The morning's figures (R-98) and the review at the beginning of a month (R-92, R-99), for those who want them."""
    where = zone(context.session.zone)
    local = context.now.astimezone(where)
    if settings.morning is not None:
        at = last_clock(settings.morning, context.now, where)
        if context.now - at < LATE:
            left = "; ".join(f"{line} {_left(context, line)}" for line in lines)
            yield Condition(
                f"morning:{at:%Y-%m-%d}", "morning", FIGURE, "this morning: {left}", {"left": left or "no lines"}
            )
    if settings.monthly and local.day <= 3:
        yield Condition(
            f"month:{local:%Y-%m}", "month_review", FIGURE,
            "a new month: look at balances and orders (esimctl balance, esimctl transactions list); {spent}",
            {"spent": _spent_last_month(context)},
        )  # fmt: skip


def _left(context: "Context", line: str) -> str:
    reading = context.reading(line)
    if reading is None:
        return "unknown"
    told = left_at_any_hour(reading, context.now)
    if told.endless:
        return "unlimited"
    return "unknown" if told.judged is None else format_volume(told.judged)


def _spent_last_month(context: "Context") -> Sentence:

    where = zone(context.session.zone)
    first, end = month_start(context.now, -1, where), month_start(context.now, 0, where)
    totals: dict[tuple[bool, str], int] = {}
    for spend in context.ledger.spends.values():
        if first <= spend.at < end:
            place = (spend.play, spend.currency)
            totals[place] = totals.get(place, 0) + spend.minor
    if not totals:
        return Sentence("nothing was spent last month")
    sums = ", ".join(
        f"{Money(minor, currency)}{' SANDBOX' if play else ''}" for (play, currency), minor in sorted(totals.items())
    )
    return Sentence("last month: {sums}", {"sums": Raw(sums)})


def _at(context: "Context", moment: datetime) -> str:
    return moment.astimezone(zone(context.session.zone)).strftime("%Y-%m-%d %H:%M")
