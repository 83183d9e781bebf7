"""What can be bought: the bundled catalogue, the person's own rows, and the copies of resellers' lists."""

from collections.abc import Sequence
from datetime import date

from esimctl.catalogue.claims import Claim
from esimctl.catalogue.holding import changes, shareable, with_changes
from esimctl.catalogue.plan import Plan, validity_days
from esimctl.catalogue.plans import stale
from esimctl.catalogue.search import find, grant_bytes, total_bytes
from esimctl.documents.document import as_json
from esimctl.documents.plans import PlanDocument, PlanInFull, PlanRow, PlanScreen, PlansDocument, PlansScreen
from esimctl.documents.result import Result
from esimctl.market.holding import day_of, of_plan
from esimctl.market.on_offer import COUNTER, PLAY, as_sold, kind_of, plans_on_offer, sold_by
from esimctl.profile.naming import line_ref
from esimctl.profile.opened import Session, unknown
from esimctl.profile.own_catalogue import market, note_wrong
from esimctl.providers.protocol import LineRef
from esimctl.values.money import Money
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import table_at, text_at
from esimctl.values.volume import UNLIMITED


def plan_by_id(session: Session, name: str, *, provider: str | None = None, line: LineRef | None = None) -> Plan:
    """A plan by its id, under the name of who sells it; an unknown one is refused with the nearest names.

    The rows of the catalogue are tried first. Without a provider they are sold where they really are: a found row at a
    counter, a demo row by the embedded operator.
    """
    known = market(session)
    asked = provider or seller_of(session, name, line)
    if asked is None or kind_of(session, asked) in (PLAY, COUNTER):
        row = known.plan(name)
        if row is not None:
            return as_sold(session, row, asked)
    if asked is None:
        among: Sequence[Plan] = tuple(known.plans.values())
    else:
        among = sold_by(session, asked, line=line)
    for row in among:
        if row.id == name:
            return row
    for row in among if line is not None else ():
        if row.renews == name:
            return row
    raise unknown("plan", name, [row.id for row in among], "esimctl plans list")


def seller_of(session: Session, name: str, line: LineRef | None) -> str | None:
    """Who sells a plan, as far as its id or its line says: a reseller's plan is `<provider>/<its package code>`."""
    prefix, slash, _ = name.partition("/")
    if slash and prefix in session.section("provider"):
        return prefix
    return None if line is None else text_at(session.lines.get(line.name, {}), "provider")


def list_plans(
    session: Session,
    *,
    country: str | None = None,
    carrier: str | None = None,
    provider: str | None = None,
    data: int | None = None,
    days: int | None = None,
    max_price: Money | None = None,
    rollover: bool | None = None,
    line: str | None = None,
    words: Sequence[str] = (),
    sort: str | None = None,
    refresh: bool = False,
) -> "Result[PlansDocument]":
    """The plans that pass every filter (R-14, R-33), in a stable order."""
    check_provider(session, provider)
    ref = None
    if line is not None:
        ref = line_ref(line, session.line(line))
    notes: list[Sentence] = []
    known = market(session)
    narrowed = bool(words) or any(
        each is not None for each in (country, carrier, data, days, max_price, rollover, line)
    )
    own = tuple(known.own.values())

    def passing(among: Sequence[Plan]) -> Sequence[Plan]:
        """Those of these plans that pass."""
        return find(
            among,
            country=country,
            carrier_name=carrier,
            carriers=known.every_carrier(),
            least_bytes=data,
            days=days,
            max_price=max_price,
            rollover=rollover,
            words=words,
            sort=sort,
            carrying=lambda row: of_plan(session, row, own).carries,
        )

    offered = plans_on_offer(session, line=ref, provider=provider, narrowed=narrowed, refresh=refresh, notes=notes)
    rows = passing(offered)
    document = PlansDocument(plans=[plan_row(session, row, own) for row in rows])
    played = 0
    if not (ref or provider or (words and not rows) or any(row.example for row in offered)):
        played = len(passing([row for row in known.plans.values() if row.example]))
    result = Result("plans", document, notes=notes, screen=PlansScreen(**vars(document), played=played))
    if words and not rows:
        result.note("nothing on offer is that: {words}", words=Raw(" ".join(words)))
        if provider is None and find(tuple(row for row in known.plans.values() if row.example), words=words):
            result.note("demo plans are: esimctl plans list {words} --provider sandbox", words=Raw(" ".join(words)))
    note_wrong(result, known.wrong)
    return result


def check_provider(session: Session, provider: str | None) -> None:
    """A provider that was named must be one of the profile; `manual` needs no adding."""
    if provider is not None and provider not in {*session.section("provider"), COUNTER}:
        raise unknown("provider", provider, list(session.section("provider")), "esimctl providers list")


def show_plan(session: Session, name: str, *, sources: bool = False) -> "Result[PlanDocument]":
    """One plan with its terms in full; with `sources` a person is told where it is known from."""
    row = plan_by_id(session, name)
    own = tuple(market(session).own.values())
    terms = with_changes(row.terms, changes(own, row, today(session)))
    document = PlanDocument(plan=PlanInFull(**vars(plan_row(session, row, own)), terms=as_json(terms)))
    result = Result("plan", document, screen=PlanScreen(**vars(document), sources=sources))
    if row.kind == "base":
        result.next = f"esimctl buy {row.id}"
    return result


def plan_row(session: Session, row: Plan, own: Sequence[Claim] | None = None) -> PlanRow:
    """A plan as the public document has it; unknown is null, unlimited is null beside `unlimited: true`.

    `own` are the person's claims where they are at hand. The terms are those that a purchase today would be kept with.
    """
    mine = tuple(market(session).own.values()) if own is None else tuple(own)
    day = today(session)
    held = of_plan(session, row, mine)
    terms = with_changes(row.terms, changes(mine, row, day, held))
    total, grant = total_bytes(row), grant_bytes(row)
    seen = day_written(row.as_of)
    return PlanRow(
        id=row.id,
        carrier=row.carrier,
        name=row.name,
        countries=row.countries,
        price=row.price,
        data_bytes=total if isinstance(total, int) else None,
        unlimited=total is UNLIMITED,
        validity=row.term,
        clock=text_at(terms, "clock") or "anchor",
        billing=row.billing,
        rollover=held.word,
        rollover_counted=held.mode,
        rollover_claim=held.claim,
        rollover_by=held.by,
        overage=text_at(table_at(terms, "overage"), "action") or "block",
        shareable=shareable(mine, row, day),
        promotions=row.promotions,
        provider=row.provider,
        source=row.source,
        grade=row.grade,
        seen=seen,
        retrieved=day_written(row.retrieved) or seen,
        as_of=seen,
        stale=stale(row, day),
        allowance=allowance_word(row),
        kind=row.kind,
        category=row.category,
        period=row.period,
        period_bytes=grant if isinstance(grant, int) else None,
        voice_seconds=row.voice_seconds,
        audience=row.audience,
        price_per_gb=price_per_gb(row),
        price_per_day=price_per_day(row),
        example=row.example,
        dial=row.dial,
        notes=row.notes,
    )


def day_written(text: str | None) -> date | None:
    """A day of the catalogue as a value."""
    return None if text is None else date.fromisoformat(text)


def allowance_word(row: Plan) -> str:
    """none (pay per use), limited, fair-use (slower after its data, not dearer and not over), unlimited or unknown."""
    grant = grant_bytes(row)
    if grant is None:
        return "none" if row.billing == "pay-as-you-go" else "unknown"
    if grant is UNLIMITED:
        return "unlimited"
    return "fair-use" if row.overage.get("action") == "throttle" else "limited"


def price_per_gb(row: Plan) -> Money | None:
    """Price of 10^9 octets, rounded half up to the minor unit."""
    total = total_bytes(row)
    if row.price is None or not isinstance(total, int) or total == 0:
        return None
    return _share(row.price, 10**9, total)


def price_per_day(row: Plan) -> Money | None:
    """Price of one day of the term, rounded half up to the minor unit."""
    days = validity_days(row)
    return None if row.price is None or not days else _share(row.price, 1, days)


def _share(price: Money, part: int, whole: int) -> Money:
    return Money((2 * price.minor * part + whole) // (2 * whole), price.currency)


def today(session: Session) -> date:
    """The present day in the profile's zone."""
    return day_of(session)
