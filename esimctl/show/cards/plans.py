"""Plans: what can be bought, and plans side by side."""

from collections.abc import Sequence
from typing import Any

from esimctl.documents.advice import ComparedPlan, ComparisonDocument
from esimctl.documents.plans import PlanRow, PlansScreen
from esimctl.show.amounts import money, term
from esimctl.show.plan_words import (
    USED_UP,
    data_of,
    dated,
    last_seen,
    last_seen_briefly,
    of_plan,
    price_alone,
    rolls_over,
)  # fmt: skip
from esimctl.show.styles import ASKED, COMMAND, LOOK, PLAY, SOURCE, styled
from esimctl.show.table import listed
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say
from esimctl.values.money import Money

DATA: Column[PlanRow] = Column(
    "data_bytes", lambda r: "unlimited" if r.unlimited else r.data_bytes, data_of, right=True
)
VALIDITY: Column[PlanRow] = Column("validity", lambda r: r.validity, lambda r: term(r.validity))
ROLLOVER: Column[PlanRow] = Column("rollover", lambda r: r.rollover, of_plan)
EXAMPLE: Column[PlanRow] = Column("example", lambda r: r.example, lambda r: say("demo") if r.example else "-")

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

PLAN: Column[PlanRow] = Column("plan", lambda r: r.id, priority=0)
PRICE: Column[PlanRow] = Column("price", lambda r: r.price, lambda r: money(r.price), right=True, priority=1)
PLAYED: Column[PlanRow] = Column(
    "", lambda r: r.example, lambda r: styled("SANDBOX", PLAY) if r.example else "", priority=3
)
SCREEN: Columns[PlanRow] = (
    PLAN,
    PRICE,
    PLAYED,
    DATA._replace(name="data", priority=2),
    VALIDITY._replace(name="for", priority=2),
    Column("rolls over", lambda r: r.rollover, rolls_over, priority=3),
    Column("per GB", lambda r: r.price_per_gb, lambda r: price_alone(r.price_per_gb), right=True, priority=4),
    Column("seen", lambda r: r.seen, last_seen, priority=5, short=[last_seen_briefly]),
)

MOST = 30  #: plans on a terminal unless `--all` is given


def listing(data: PlansScreen, terminal: Terminal) -> None:
    """What can be bought; where it is not all of it, how many plans there are, and how many of play beside."""
    rows, played = data.plans, data.played
    if rows:
        shown = headed(SCREEN, rows, terminal)
        real = shown is SCREEN
        whole = listed(
            shown,
            rows,
            terminal,
            most=MOST,
            showing="Showing {shown} of {count} plans (--all). Ask before you pay: prices were last seen then."
            if real
            else "Showing {shown} of {count} plans (--all)",
        )
        if real and whole and not terminal.quiet and terminal.width is not None:
            terminal.tell(styled(say("Ask before you pay: prices were last seen then."), SOURCE) + "\n")
    else:
        terminal.note(say("no plan fits"))
    if played and not terminal.quiet and terminal.width is not None:
        command = styled("--provider sandbox", COMMAND)
        one = say("1 play plan: {command}", command=command)
        many = say("{count} play plans: {command}", count=played, command=command)
        terminal.tell((one if played == 1 else many) + "\n")


def headed(shown: Columns[Any], rows: Sequence[PlanRow], terminal: Terminal) -> Columns[Any]:
    """The columns; where every plan is a play plan, a line above says so in place of a column."""
    if not all(row.example for row in rows):
        return shown
    terminal.tell(sandbox() + "\n")
    return [column for column in shown if column is not PLAYED]


def sandbox() -> str:
    """What stands above a screen of plans that nobody sells."""
    return styled("SANDBOX", PLAY) + " · " + say("invented plans, paid with play money")


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


def comparable(plan: ComparedPlan, what: str) -> Money | None:
    """A price of a plan (`price_per_gb`, `price_per_day`) in the currency asked for, where there is one."""
    found: Money | None = getattr(plan if plan.in_ is None else plan.in_, what)
    return found


COMPARISON_SCREEN: Columns[ComparedPlan] = (
    PLAN,
    PRICE,
    PLAYED,
    Column("converted", lambda r: comparable(r, "price"), lambda r: money(comparable(r, "price")), right=True,
           priority=4),
    DATA._replace(name="data", priority=2),
    VALIDITY._replace(name="for", priority=2),
    Column("per GB", lambda r: r.price_per_gb, lambda r: price_alone(comparable(r, "price_per_gb")), right=True,
           priority=1),
    Column("per day", lambda r: r.price_per_day, lambda r: price_alone(comparable(r, "price_per_day")), right=True,
           priority=1),
    Column("rolls over", lambda r: r.rollover, rolls_over, priority=3),
    Column("used up", lambda r: r.overage, lambda r: say(USED_UP[r.overage]) if r.overage else "-", priority=5),
)  # fmt: skip


def comparing(data: ComparisonDocument, terminal: Terminal) -> None:
    """Which plan is the cheapest, then all of them, the cheapest first."""
    if not data.plans:
        terminal.note(say("no plan fits"))
        return
    for said in answers(data):
        terminal.tell(said + "\n")
    shown = headed(COMPARISON_SCREEN, data.plans, terminal)
    needless = set()
    if all(plan.in_ is None or plan.in_.price == plan.price for plan in data.plans):
        needless.add("converted")
    if len({plan.overage for plan in data.plans}) == 1:
        needless.add("used up")
    shown = [column for column in shown if column.name not in needless]
    listed(shown, data.plans, terminal, most=MOST, showing="Showing {shown} of {count} plans (--all)")


def answers(data: ComparisonDocument) -> list[str]:
    """The cheapest plan for a GB and for a day, among those in one currency."""
    priced = [plan for plan in data.plans if comparable(plan, "price_per_day") is not None]
    named = [price.currency for plan in priced if (price := comparable(plan, "price_per_day")) is not None]
    if len(named) < 2:
        return []
    currency = data.currency or max(sorted(set(named)), key=named.count)
    best = {what: cheapest(priced, what, currency) for what in ("price_per_gb", "price_per_day")}
    (by_gb, gb), (by_day, day) = best["price_per_gb"], best["price_per_day"]
    if by_gb and by_gb == by_day:
        said = say("Cheapest per GB and per day: {plan}, {gb} and {day}", plan=by_gb, gb=money(gb), day=money(day))
    else:
        told = [say("Cheapest per GB: {plan}, {price}", plan=by_gb, price=money(gb))] if by_gb else []
        told += [say("Cheapest per day: {plan}, {price}", plan=by_day, price=money(day))] if by_day else []
        said = "\n".join(told)
    others = sum(1 for each in named if each != currency)
    if not others:
        return [said]
    return [said, styled(say("{count} in other currencies: --in {currency} --rate 1USD=4100KHR", count=others,
                             currency=currency), LOOK)]  # fmt: skip


def cheapest(plans: Sequence[ComparedPlan], what: str, currency: str) -> tuple[str, Money | None]:
    """The plans with the lowest price of that kind, `smart-5g-7d and 5 more`, and the price."""
    priced = [(price, plan.id) for plan in plans if (price := comparable(plan, what)) and price.currency == currency]
    if not priced:
        return "", None
    lowest = min(price for price, _ in priced)
    ids = [plan for price, plan in priced if price == lowest]
    first = styled(ids[0], ASKED)
    return (first if len(ids) == 1 else say("{plan} and {count} more", plan=first, count=len(ids) - 1)), lowest


VIEWS = {
    "plans": View(COLUMNS, lambda data: data.plans, listing, "no plan fits", SCREEN),
    "comparison": View(COMPARISON_COLUMNS, lambda data: data.plans, comparing, "no plan fits", COMPARISON_SCREEN),
}
