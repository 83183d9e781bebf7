"""From the words of `plans recommend` to one question: need in all, by day, or by a line's history."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from esimctl.advice.recommend import recommend
from esimctl.advice.wish import EVERY, Need
from esimctl.documents.advice import UseEstimate
from esimctl.documents.result import Result
from esimctl.errors import UsageError
from esimctl.market.plans import check_provider
from esimctl.usage.readings import known_use
from esimctl.usage.use import history
from esimctl.values.moments import MomentError, parse_day
from esimctl.values.money import EXPONENTS
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from esimctl.documents.advice import RecommendationDocument
    from esimctl.profile.opened import Session
    from esimctl.values.money import Money

LEAST_DAYS = 3  #: of history; under it nothing is said


def of_line(session: "Session", name: str) -> tuple[int, int]:
    """(octets a day, days of history) of a line's measured use; refused where there is too little of it."""
    session.line(name)
    days = history(known_use(session, session.store.ledger_for_reading(), name), session)
    total = sum(days.values())
    if len(days) < LEAST_DAYS or total <= 0:
        raise UsageError(
            "{line} has too little history to measure its use: {days} days, 3 are needed",
            hint="--per-day VOLUME, or look at esimctl balance now and then",
            code="too_little_history",
            line=Raw(name),
            days=len(days),
        )
    return -(-total // len(days)), len(days)


def advise(
    session: "Session",
    *,
    days: int,
    data: int | None = None,
    per_day: int | None = None,
    line: str | None = None,
    first: str | None = None,
    country: str = "KH",
    carrier: str | None = None,
    provider: str | None = None,
    rollover: bool = False,
    budget: "Money | None" = None,
    currency: str = "USD",
    rates: Sequence[str] = (),
    persons: int = 1,
    promotion: str | None = None,
    with_promotions: bool = False,
    explain: bool = False,
) -> "Result[RecommendationDocument]":
    """A recommendation; the need is given in exactly one way, or is what the line has used.

    With `explain` a person is told why, and the next best way.
    """
    given = sum([data is not None, per_day is not None])
    if given > 1 or (given == 0 and line is None):
        raise UsageError(
            "say once what you need: --data VOLUME, --per-day VOLUME or --for LINE",
            hint="esimctl plans recommend --days 14 --per-day 500MB",
            code="missing_need",
        )
    if currency not in EXPONENTS:
        raise UsageError("unknown currency {currency!r}", code="bad_currency", currency=Raw(currency))
    if promotion is not None and with_promotions:
        raise UsageError("--promotion takes one, --with-promotions every one: give one of them", code="two_promotions")
    if line is not None and persons > 1:
        raise UsageError("--for is for the person of that line: leave --persons out", code="line_and_persons")
    check_provider(session, provider)
    estimate: UseEstimate | None = None
    if line is not None and given == 0:
        per_day, history = of_line(session, line)
        estimate = UseEstimate(bytes_per_day=per_day, line=line, days_of_history=history)
    return recommend(
        session,
        Need(
            days=days,
            data=data,
            per_day=per_day,
            first=_day(first),
            country=country,
            carrier=carrier,
            provider=provider,
            rollover=rollover,
            budget=budget,
            currency=currency,
            rates=tuple(rates),
            line=line,
            persons=persons,
            promotion=EVERY if with_promotions else promotion,
        ),
        estimate,
        explain=explain,
    )


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return parse_day(text)
    except MomentError as why:
        raise UsageError("{option}: {why}", code="bad_date", option=Raw("--from"), why=why.said) from None
