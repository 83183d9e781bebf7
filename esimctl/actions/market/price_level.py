"""Whether a price is far outside what is claimed that a plan costs: a warning, never a rule (R-28)."""

from typing import TYPE_CHECKING, Any

from esimctl.actions.market.catalogue import market
from esimctl.catalogue.claims import all_claims, decide
from esimctl.charging.money import Money

if TYPE_CHECKING:
    from esimctl.actions.result import Result
    from esimctl.actions.session import Session
    from esimctl.catalogue.plan import Plan

#: Far above: more than so many times the upper end. Far below: less than one part in so many of the lower end, for day
#: packs of a quarter of a dollar are nothing strange.
ABOVE, BELOW = 2, 10

PRICE_LEVEL = {
    "above": "{price} is far above the usual {least} to {most} {currency}; look again at what you buy ({source})",
    "below": "{price} is far below the usual {least} to {most} {currency}; look again at what you buy ({source})",
}


def unusual(session: "Session", plan: "Plan | None", price: Money) -> dict[str, Any] | None:
    """How far a price of a plan lies outside the claimed level; None where it does not, or nobody claims one.

    `than` is above or below; `least` and `most` are the level's ends, `claim` and `source` who says so. Prices in
    another currency are not compared; top-ups and demo plans have no level.
    """
    if plan is None or plan.kind != "base":
        return None
    verdict = decide(all_claims(tuple(market(session).own.values()), plan), "price-level", plan.carrier, plan)
    if verdict.value is None or verdict.effective is None:
        return None
    least, most = Money.parse(str(verdict.value["least"])), Money.parse(str(verdict.value["most"]))
    if price.currency != most.currency:
        return None
    above, below = price.minor > ABOVE * most.minor, price.minor * BELOW < least.minor
    if not (above or below):
        return None
    return {
        "than": "above" if above else "below",
        "least": least.as_json(),
        "most": most.as_json(),
        "claim": verdict.effective.id,
        "source": verdict.effective.source,
    }


def told(result: "Result", strange: dict[str, Any] | None, price: Money) -> None:
    """Say so, where there is something to say."""
    if strange is not None:
        result.note(
            PRICE_LEVEL[strange["than"]],
            price=str(price),
            least=strange["least"]["amount"],
            most=strange["most"]["amount"],
            currency=strange["most"]["currency"],
            source=strange["source"],
        )
