"""Which rows are put before a person: what can really be bought, and the demo rows only where they were asked for.

Found rows are sold at a counter, in an app or by a code (provider `manual`); a reseller's rows once it has an account
here; the demo rows by the embedded operator, which plays with a found row only when that row is named to it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from esimctl.catalogue.claims import all_claims, decide
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.promotions import Promotion
from esimctl.documents.offers import UnusualPricePart
from esimctl.errors import EsimctlError, UsageError
from esimctl.profile.opened import Session
from esimctl.profile.own_catalogue import market
from esimctl.providers.protocol import LineRef
from esimctl.values.money import Money
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.documents.document import Document
    from esimctl.documents.result import Result

Row = TypeVar("Row", Plan, Promotion)

#: Providers that are part of the program: nobody needs an account with them.
PLAY, COUNTER = "sandbox", "manual"


def kind_of(session: "Session", provider: str) -> str:
    """The kind of a provider of the profile; one that was never added is of the kind of its name."""
    return str(session.section("provider").get(provider, {}).get("kind", provider))


def plans_on_offer(
    session: "Session",
    *,
    provider: str | None = None,
    line: "LineRef | None" = None,
    narrowed: bool = False,
    refresh: bool = False,
    notes: list[Sentence] | None = None,
) -> tuple[Plan, ...]:
    """Every row that a person may be shown, in the order of its seller's list.

    Without a provider: the found rows and those of every reseller with an account. With one: its rows, of the embedded
    operator the demo rows. With a line: what its own provider sells for it. Where nothing was asked for (`narrowed`
    says that something was) and nothing else exists, the demo rows stand there, each with `example`. A reseller that
    was not asked for by name and cannot be asked becomes a note.
    """
    if line is not None:
        return sold_by(session, provider or str(session.line(line.name)["provider"]), line=line)
    everything = tuple(market(session).plans.values())
    if provider is not None:
        if kind_of(session, provider) == PLAY:
            return tuple(replace(row, provider=provider) for row in everything if row.example)
        return sold_by(session, provider, refresh=refresh)
    found = {row.id: row for row in everything if not row.example}
    for name in session.section("provider"):
        if kind_of(session, name) in (PLAY, COUNTER):
            continue
        try:
            rows = sold_by(session, name, refresh=refresh)
        except EsimctlError as error:
            if notes is not None:
                notes.append(error.said)
            continue
        for row in rows:
            found.setdefault(row.id, row)
    return real_or_demo((*found.values(), *(row for row in everything if row.example)), narrowed=narrowed)


def promotions_on_offer(
    session: "Session", *, provider: str | None = None, narrowed: bool = False
) -> tuple[Promotion, ...]:
    """Every promotion that a person may be shown, by the rule of `plans_on_offer`; resellers tell of none."""
    known = tuple(market(session).promotions.values())
    if provider is not None and kind_of(session, provider) == PLAY:
        return tuple(row for row in known if row.example)
    return real_or_demo(known, narrowed=narrowed or provider is not None)


def real_or_demo(rows: Iterable[Row], *, narrowed: bool) -> tuple[Row, ...]:
    """The rows that are real; the demo ones only where nothing was asked for and nothing else exists."""
    everything = tuple(rows)
    real = tuple(row for row in everything if not row.example)
    return real if real or narrowed else everything


def as_sold(session: "Session", row: Plan, provider: str | None) -> Plan:
    """A row of the catalogue under the name of who is to sell it; a demo row is sold by the embedded operator alone."""
    if provider is None:
        return row
    kind = kind_of(session, provider)
    if row.example and kind != PLAY:
        raise UsageError(
            "{plan} is a demo plan: only the embedded operator sells it",
            hint="real plans: esimctl plans list; --provider sandbox plays with it",
            code="demo_plan",
            plan=Raw(row.id),
        )
    return replace(row, provider=provider)


def sold_by(session: Session, name: str, *, line: LineRef | None = None, refresh: bool = False) -> tuple[Plan, ...]:
    """Everything that a provider sells; with `line`, what that line can be renewed or topped up with."""
    opened = session.provider(name)
    if refresh and line is None:
        from esimctl.providers.abilities import Restocks

        if isinstance(opened, Restocks):
            session.progress(Sentence("asking {name} for its plans", {"name": Raw(name)}))
            opened.restock(session.clock.now())
    return tuple(opened.plans(session.clock.now(), line=line))


#: Far above: more than so many times the upper end. Far below: less than one part in so many of the lower end, for day
#: packs of a quarter of a dollar are nothing strange.
ABOVE, BELOW = 2, 10

PRICE_LEVEL = {
    "above": "{price} is far above the usual {least} to {most} {currency}; look again at what you buy ({source})",
    "below": "{price} is far below the usual {least} to {most} {currency}; look again at what you buy ({source})",
}


def unusual(session: "Session", plan: "Plan | None", price: Money) -> UnusualPricePart | None:
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
    return UnusualPricePart(
        than="above" if above else "below",
        least=least,
        most=most,
        claim=verdict.effective.id,
        source=verdict.effective.source,
    )


def told(result: "Result[Document]", strange: UnusualPricePart | None, price: Money) -> None:
    """Say so, where there is something to say."""
    if strange is not None:
        result.note(
            PRICE_LEVEL[strange.than],
            price=Raw(str(price)),
            least=Raw(strange.least.amount),
            most=Raw(strange.most.amount),
            currency=Raw(strange.most.currency),
            source=Raw(strange.source),
        )
