"""From the words of `plans recommend` to one question: need in all, by day, by activities, or by a line's history."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from esimctl.actions.advice.estimate import of_line, of_uses
from esimctl.actions.advice.recommend import Wish, recommend
from esimctl.actions.market.on_offer import seller_for
from esimctl.actions.market.plans import check_provider
from esimctl.actions.result import Result
from esimctl.charging.money import EXPONENTS
from esimctl.errors import UsageError

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.charging.moments import Duration
    from esimctl.charging.money import Money


def advise(
    session: "Session",
    *,
    days: int,
    data: int | None = None,
    per_day: int | None = None,
    line: str | None = None,
    uses: "Mapping[str, Duration | None] | None" = None,
    first: str | None = None,
    country: str = "KH",
    carrier: str | None = None,
    rollover: bool = False,
    budget: "Money | None" = None,
    currency: str = "USD",
    rates: Sequence[str] = (),
    provider: str | None = None,
) -> Result:
    """A recommendation; the need is given in exactly one way."""
    spent = {name: span for name, span in (uses or {}).items() if span is not None}
    given = [data is not None, per_day is not None, line is not None, bool(spent)]
    if sum(given) != 1:
        raise UsageError(
            "say once what you need: --data VOLUME, --per-day VOLUME, --for LINE, or what you do in a day",
            hint="esimctl plans recommend --days 14 --per-day 500MB",
            code="missing_need",
        )
    check_provider(session, provider)
    if currency not in EXPONENTS:
        raise UsageError("unknown currency {currency!r}", code="bad_currency", currency=currency)
    estimate: dict[str, Any] | None = None
    if spent:
        per_day, working = of_uses(spent)
        estimate = {"bytes_per_day": per_day, "from": working}
    if line is not None:
        per_day, history = of_line(session, line)
        provider = provider or seller_for(session, line)
        estimate = {"bytes_per_day": per_day, "line": line, "days_of_history": history}
    wish = Wish(days, data, per_day, _day(first), country, carrier, rollover, budget, currency, tuple(rates), provider)
    result = recommend(session, wish)
    result.data["estimate"] = estimate
    return result


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("--from takes a date like 2026-12-01, not {text!r}", code="bad_date", text=text) from None


__all__ = ["advise"]
