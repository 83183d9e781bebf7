"""Plans, promotions and carriers: lists, comparison, changes of the catalogue, one plan with its terms in full."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from esimctl.documents.advice import ChangeRow, ComparedPlan, Field
from esimctl.documents.claims import CarrierRow, CarriersDocument, FactRow, PromotionRow
from esimctl.documents.document import ABSENT
from esimctl.documents.plans import PlanDocument, PlanRow, PlansDocument
from esimctl.show.amounts import minutes, money, month, term
from esimctl.show.plan_words import ROLLS_OVER, data_of, dated, of_plan, sourced
from esimctl.show.styles import COMMAND, GOOD, LOOK, PLAY, SOURCE, styled
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say
from esimctl.values.money import Money

DATA: Column[PlanRow] = Column(
    "data_bytes", lambda r: "unlimited" if r.unlimited else r.data_bytes, data_of, right=True
)
VALIDITY: Column[PlanRow] = Column("validity", lambda r: r.validity, lambda r: term(r.validity))
ROLLOVER: Column[PlanRow] = Column("rollover", lambda r: r.rollover, of_plan)
EXAMPLE: Column[PlanRow | PromotionRow] = Column(
    "example", lambda r: r.example, lambda r: say("demo") if r.example else "-"
)

COLUMNS: Columns[PlanRow] = (
    *columns(PlanRow, "id price"),
    DATA,
    VALIDITY,
    ROLLOVER,
    *columns(PlanRow, "price_per_gb"),
    Column("as_of", lambda r: r.as_of, dated),
    *columns(PlanRow, "name"),
    EXAMPLE,
    *columns(PlanRow, "grade", shown=False),
    Column("seen", lambda r: r.seen, dated, shown=False),
    *columns(PlanRow, "retrieved dial carrier provider countries clock billing kind overage shareable", shown=False),
    *columns(PlanRow, "allowance price_per_day promotions rollover_claim rollover_by source stale", shown=False),
)


def rolls_over(plan: PlanRow) -> str:
    """`yes`, `no`, `disputed`, and whether that is a person's own word."""
    word = say(ROLLS_OVER[plan.rollover]) if plan.rollover != "not-applicable" else "-"
    style = {"carry": GOOD, "disputed": LOOK}.get(plan.rollover)
    return styled(word, style) + (" " + say("(your word)") if plan.rollover_by == "person" else "")


def last_seen(plan: PlanRow) -> str:
    """The month in which its price was seen last, or read where it has no date."""
    at = plan.seen or plan.retrieved
    return "-" if at is None else styled(month(at), LOOK if plan.stale else None)


def per_gb(plan: PlanRow) -> str:
    """The price of a GB without its currency, which stands beside the price."""
    return "-" if plan.price_per_gb is None else money(plan.price_per_gb).rpartition(" ")[0]


SCREEN: Columns[PlanRow] = (
    Column("plan", lambda r: r.id, priority=0),
    Column("price", lambda r: r.price, lambda r: money(r.price), right=True, priority=1),
    Column("", lambda r: r.example, lambda r: styled("SANDBOX", PLAY) if r.example else "", priority=3),
    DATA._replace(name="data", priority=2),
    VALIDITY._replace(name="for", priority=2),
    Column("rolls over", lambda r: r.rollover, rolls_over, priority=3),
    Column("per GB", lambda r: r.price_per_gb, per_gb, right=True, priority=4),
    Column("seen", lambda r: r.seen, last_seen, priority=5),
)


def listing(data: PlansDocument, terminal: Terminal) -> None:
    """What can be bought for money, and how many plans of the embedded operator there are beside."""
    from esimctl.show.table import listed

    real = [plan for plan in data.plans if not plan.example]
    rows = real or list(data.plans)
    if not rows:
        terminal.note(say("no plan fits"))
        return
    listed(SCREEN, rows, terminal, most=30, showing="Showing {shown} of {count} plans (--all)")
    if terminal.quiet:
        return
    if real and terminal.width is not None:
        terminal.tell(styled(say("Ask before you pay: prices were last seen then."), SOURCE) + "\n")
    if played := len(data.plans) - len(real) if real else 0:
        command = styled("--provider sandbox", COMMAND)
        terminal.tell(say("{count} play plans: {command}", count=played, command=command) + "\n")


FIELDS = ("carrier", "provider", "countries", "billing", "clock", "overage", "shareable", "promotions")


def _said(value: object) -> str:
    """A field for a person: words with commas, `mode=carry max=40GB` for a table, unknown as `-`."""
    if isinstance(value, Mapping):
        return " ".join(f"{key}={_said(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_said(inner) for inner in value) or "-"
    if isinstance(value, bool):
        return say("yes" if value else "no")
    return "-" if value is None else str(value)


def disputed(plan: PlanRow) -> str:
    """What a disputed rollover is counted as, and where everybody's word stands."""
    return say(
        "rollover is disputed and counted as {mode}: esimctl policy show {carrier}/{id} rollover",
        mode=say(plan.rollover_counted),
        carrier=plan.carrier,
        id=plan.id,
    )


def one(data: PlanDocument, terminal: Terminal) -> None:
    """One plan: every field, then the terms as they count."""
    plan = data.plan
    put = terminal.tell
    put(f"{plan.id}  {plan.name}\n")
    put(f"{money(plan.price)}  {data_of(plan)}  {term(plan.validity)}  {of_plan(plan)}\n")
    if plan.rollover == "disputed":
        put(disputed(plan) + "\n")
    if plan.allowance == "fair-use":
        put(say("fair use: after that it goes on, but slower") + "\n")
    if plan.price_per_gb is not None or plan.price_per_day is not None:
        put(say("a GB: {gb}; a day: {day}", gb=money(plan.price_per_gb), day=money(plan.price_per_day)) + "\n")
    if plan.voice_seconds:
        put(say("calls: {minutes}", minutes=minutes(plan.voice_seconds)) + "\n")
    if plan.dial:
        put(say("dial on the line's phone to buy it: {value}", value=plan.dial) + "\n")
    for note in plan.notes:
        put(f"{note}\n")
    put("\n")
    for key in FIELDS:
        put(f"{say(key)}: {_said(getattr(plan, key))}\n")
    put("\n" + say("terms:") + "\n")
    for key, value in plan.terms.items():
        put(f"  {key} = {_said(value)}\n")
    put("\n" + sourced(plan) + "\n")


COMPARISON_COLUMNS: Columns[ComparedPlan] = (
    *columns(ComparedPlan, "id price"),
    DATA,
    VALIDITY,
    *columns(ComparedPlan, "price_per_gb price_per_day"),
    ROLLOVER,
    *columns(ComparedPlan, "overage"),
    EXAMPLE,
    *columns(ComparedPlan, "in_price=in.price in_price_per_gb=in.price_per_gb", shown=False),
    *columns(ComparedPlan, "in_price_per_day=in.price_per_day carrier provider", shown=False),
    Column("coverage", lambda r: "; ".join(r.coverage), shown=False),
)


def effect(row: PromotionRow) -> str:
    """`percent 20`, `add 3GB 15 days`."""
    told = [each for key in row.effect.KEYS if (each := getattr(row.effect, key)) is not ABSENT]
    flat = [item for each in told for item in (each.values() if isinstance(each, Mapping) else [each])]
    return " ".join(map(str, flat))


PROMOTION_COLUMNS: Columns[PromotionRow] = (
    *columns(PromotionRow, "id"),
    Column("effect", effect),
    *columns(PromotionRow, "from until eligible orders"),
    Column("for", lambda r: ",".join([*r.plans, *r.carriers])),
    *columns(PromotionRow, "name"),
    *columns(PromotionRow, "holds", shown=False),
    EXAMPLE,
    *columns(PromotionRow, "source grade seen retrieved as_of", shown=False),
)


def plain(value: Field) -> object:
    """A field of a row in one cell."""
    return ",".join(value) if isinstance(value, list | tuple) else value


def readable(value: Field) -> object:
    """A field of a row in one cell, money as people write it."""
    return money(value) if isinstance(value, Money) else plain(value)


CHANGE_COLUMNS: Columns[ChangeRow] = (
    *columns(ChangeRow, "plan change field"),
    Column("before", lambda r: plain(r.before), lambda r: readable(r.before)),
    Column("after", lambda r: plain(r.after), lambda r: readable(r.after)),
    *columns(ChangeRow, "of"),
)


class FactOfCarrier(NamedTuple):
    """A fact with the carrier that it is about."""

    fact: FactRow
    carrier: CarrierRow


def rows(data: CarriersDocument) -> Iterator[FactOfCarrier]:
    """One row for each fact of each carrier."""
    for carrier in data.carriers:
        for fact in carrier.facts:
            yield FactOfCarrier(fact, carrier)


def person(data: CarriersDocument, terminal: Terminal) -> None:
    """Every carrier with its other names, then what is known of it and who says so."""
    put = terminal.tell
    for number, carrier in enumerate(data.carriers):
        others = ", ".join([*carrier.names.values(), *carrier.aliases])
        put(("\n" if number else "") + f"{carrier.id}  {carrier.name}  {carrier.home_country or ''}\n")
        if others:
            put("  " + say("also: {names}", names=others) + "\n")
        if carrier.former:
            put("  " + say("formerly: {names}", names=", ".join(carrier.former)) + "\n")
        if carrier.roaming:
            put("  " + say("in Cambodia its lines roam") + "\n")
        for fact in carrier.facts:
            note = f" ({fact.note})" if fact.note else ""
            age = fact.as_of.isoformat() if fact.as_of else say("undated")
            age += " " + say("(old)") if fact.stale and fact.as_of else ""
            put(f"  {fact.topic}: {', '.join(fact.values)}{note}  [{fact.grade}, {age}, {fact.source}]\n")


CARRIER_COLUMNS: Columns[FactOfCarrier] = (
    Column("carrier", lambda r: r.carrier.id),
    Column("topic", lambda r: r.fact.topic),
    Column("values", lambda r: ",".join(r.fact.values)),
    Column("note", lambda r: r.fact.note),
    Column("grade", lambda r: r.fact.grade),
    Column("as_of", lambda r: r.fact.as_of),
    Column("stale", lambda r: r.fact.stale, shown=False),
    Column("source", lambda r: r.fact.source),
    Column("name", lambda r: r.carrier.name, shown=False),
)


VIEWS = {
    "plans": View(COLUMNS, lambda data: data.plans, listing, "no plan fits", SCREEN),
    "plan": View(COLUMNS, lambda data: [data.plan], one),
    "comparison": View(COMPARISON_COLUMNS, lambda data: data.plans, None, "no plan fits"),
    "promotions": View(PROMOTION_COLUMNS, lambda data: data.promotions, None, "no promotion holds today"),
    "plan-changes": View(CHANGE_COLUMNS, lambda data: data.changes, None, "nothing differs"),
    "import": View(CHANGE_COLUMNS, lambda data: data.changes, None, "nothing differs"),
    "carriers": View(CARRIER_COLUMNS, rows, person, "no carrier of that name"),
}
