"""Commands typed without what they need: on a terminal a person is led there step by step (R-06), else it is all said.

Every question has a default that Enter takes, and every answer can be given as an option beforehand.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from esimctl.cli.choosing import ask, choose
from esimctl.cli.reading import lacking
from esimctl.cli.shared import Run
from esimctl.cli.values import level, refused, volume
from esimctl.cli.values import money as price_in
from esimctl.errors import UsageError
from esimctl.market.carriers import carrier_named, first_carrier
from esimctl.market.plans import list_plans, plan_by_id
from esimctl.profile.naming import check_name, line_ref
from esimctl.purchase.renewing import fitting, row_of
from esimctl.show.amounts import money, octets, term
from esimctl.show.words import say
from esimctl.values.as_typed import money_in, money_of
from esimctl.values.money import Money, MoneyError
from esimctl.values.sentence import SaidError
from esimctl.values.toml import Toml, text_at

if TYPE_CHECKING:
    from esimctl.documents.offers import PlanChoice
    from esimctl.documents.plans import PlanRow
    from esimctl.profile.opened import Session

MOST = 9  #: plans that are listed
WHAT = "--plan PLAN or --amount MONEY"
WHEN = "--below V, --before-expiry D or --every PERIOD with --from DATE"
BUYS = "--plan PLAN, --amount MONEY or --target V"


def plan_to_buy(run: Run, provider: str | None) -> str:
    """The plan of `buy` without one: the cheapest of each carrier's are listed, any other id can be typed."""
    if not run.asks:
        raise lacking("esimctl buy", ["PLAN"])
    rows = list_plans(run.session(), provider=provider, sort="price").data.plans
    fit = [row for row in rows if row.kind == "base" and row.category == "base" and row.price is not None][:MOST]
    run.terminal.note(say("plans, the cheapest first (all of them: esimctl plans list):"))
    return choose(run, say("Which plan?"), [told(row) for row in fit], [row.id for row in fit], instead="PLAN")


def told(row: "PlanChoice | PlanRow") -> str:
    """A plan in one line."""
    known = row.data_bytes is not None or row.unlimited
    volume = octets(row.data_bytes, unlimited=row.unlimited) if known else "-"
    return f"{row.id}  {volume}, {term(row.validity)}, {money(row.price)}"


def which_line(run: Run, session: "Session") -> str:
    """The line, of those that there are."""
    names = list(session.lines)
    if len(names) == 1:
        return names[0]
    if not names:
        raise UsageError("there are no lines yet", hint="esimctl buy PLAN, or esimctl lines add NAME", code="no_lines")
    return choose(run, say("Which line?"), names, names, instead="LINE")


def reading(run: "Run", session: "Session", line: str) -> tuple[int | None, "Money | None"]:
    """What a person read off the phone: data that is left, or the main balance.

    Nothing is the default: Enter must not make a reading out of what the books say already.
    """
    from esimctl.usage.modem import readable

    codes = readable(session, text_at(session.line(line), "carrier"))
    if codes:
        run.terminal.note(say("dial {code} to see it", code=codes[0]))
    return ask(run, say("How much is left? (4.2GB, or 3USD on the main balance)"), None, left, instead="--remaining V")


def left(text: str) -> "tuple[int | None, Money | None]":
    """A volume, or money."""

    try:
        return None, money_of(text)
    except MoneyError:
        return volume(text), None


def line_to_renew(run: "Run", given: Sequence[str] | None) -> Sequence[str]:
    """The line of `renew` without one."""
    if given:
        return given
    if not run.asks:
        raise lacking("esimctl renew", ["LINE"])
    return [which_line(run, run.session())]


def first_plan(run: Run, name: str) -> str | None:
    """The plan of a line that has none yet; None where it has one, or where nobody can be asked."""
    session = run.session()
    if name not in session.lines or session.lines[name].get("plan") is not None or not run.asks:
        return None
    return packs(run, session, name, "base")


def packs(run: Run, session: "Session", name: str, kind: str) -> str:
    """One of the plans of that kind that a line can have."""
    rows = [row_of(row) for row in fitting(session, name, kind) if row.kind == kind][:MOST]
    run.terminal.note(say("plans that fit:"))
    return choose(run, say("Which plan?"), [told(row) for row in rows], [row.id for row in rows], instead="--plan PLAN")


def topup(
    run: Run, lines: Sequence[str] | None, plan: str | None, amount: Money | None, *, selected: bool
) -> tuple[Sequence[str] | None, str | None, Money | None]:
    """Line and pack (or amount) of `topup`; `selected` where lines come by tag or file."""
    named = bool(lines) or selected
    if named and (plan is not None or amount is not None):
        return lines, plan, amount
    if not run.asks:
        missing = ([] if named else ["LINE"]) + ([] if plan is not None or amount is not None else [WHAT])
        if missing == [WHAT]:
            name = lines[0] if lines else "LINE"
            raise lacking(
                "esimctl topup", missing, code="plan_or_amount", hint="esimctl plans list --line {line}", line=name
            )
        raise lacking("esimctl topup", missing)
    session = run.session()
    chosen = lines if named else [which_line(run, session)]
    if plan is None and amount is None:
        plan, amount = pack_or_money(run, session, chosen[0] if chosen else None)
    return chosen, plan, amount


def pack_or_money(run: Run, session: "Session", name: str | None) -> tuple[str | None, Money | None]:
    """A pack by its number or id, or money for the main balance."""
    if name is not None:
        session.line(name)
    rows = [] if name is None else [row_of(row) for row in fitting(session, name, "topup") if row.kind == "topup"]
    run.terminal.note(say("packs that fit, or an amount like 5USD for the main balance:"))
    given = choose(
        run, say("Which one?"), [told(row) for row in rows[:MOST]], [row.id for row in rows[:MOST]], instead=WHAT
    )
    try:
        return None, money_of(given)
    except MoneyError:
        return given, None


def line_to_add(
    run: Run, name: str | None, provider: str | None, carrier: str | None, plan: str | None, known: str | None
) -> tuple[str, str, str | None, str | None]:
    """Name, provider, carrier of `lines add`, and the ICCID that was asked for.

    `known` is the ICCID or the order by which a provider finds a line of its own.
    """
    manual = provider in (None, "manual")
    missing = [] if name else ["NAME"]
    missing += [] if provider else ["--provider P"]
    if manual and carrier is None and plan is None and not (provider is None and known):
        missing.append("--carrier CARRIER")
    if not manual and known is None:
        missing.append("--iccid N or --order ID")
    if name and provider and (not missing or not run.asks):
        return name, provider, carrier, None  # what else is missing is said there, with what is known of the number
    if not run.asks:
        raise lacking("esimctl lines add", missing)
    provider = provider or ask(
        run, say("Where was it bought? manual is a counter"), "manual", str, instead="--provider P"
    )
    if provider == "manual" and carrier is None and plan is None:
        named = partial(carrier_named, run.session())
        carrier = ask(run, say("Whose SIM is it?"), first_carrier(run.session()), named, instead="--carrier CARRIER")
    iccid = None
    if provider != "manual" and known is None:
        iccid = ask(run, say("The card's number (ICCID)"), None, card_number, instead="--iccid N or --order ID")
    name = name or ask(run, say("A name for it"), free_name(run, carrier), line_named, instead="NAME")
    return name, provider, carrier, iccid


def card_number(text: str) -> str:
    """An ICCID as it is printed on the card."""
    from esimctl.lines.counter import printed_iccid

    return printed_iccid(text) or text


def line_named(text: str) -> str:
    """A name as lines can have it."""
    return check_name(text)


def free_name(run: Run, carrier: str | None) -> str:
    """A name that no line has."""
    base, number = carrier or "sim", 1
    while (name := base if number == 1 else f"{base}-{number}") in run.session().lines:
        number += 1
    return name


def rule(run: Run, line: str | None, values: dict[str, Toml], *, selected: bool) -> tuple[str | None, dict[str, Toml]]:
    """Line and values of `autotopup set`, with what was missing."""
    missing = [] if line or selected else ["LINE"]
    missing += [] if any(values[key] for key in ("below", "before_expiry", "every")) else [WHEN]
    missing += [] if any(values[key] for key in ("plan", "amount", "target")) else [BUYS]
    limits = {"max_price": "--max-price MONEY", "max_per_month": "--max-per-month MONEY"}
    missing += [option for key, option in limits.items() if values[key] is None]
    if not missing:
        return line, values
    if not run.asks:
        only_limits = set(missing) <= set(limits.values())
        raise lacking("esimctl autotopup set", missing, code="limits_needed" if only_limits else "missing_value")
    return rule_asked(run, line, dict(values), selected=selected)


def rule_asked(
    run: Run, line: str | None, values: dict[str, Toml], *, selected: bool
) -> tuple[str | None, dict[str, Toml]]:
    """The questions of a rule: which line, when, what, and what it may cost."""
    session = run.session()
    if not line and not selected:
        line = which_line(run, session)
    if line:
        session.line(line)
    if not any(values[key] for key in ("below", "before_expiry", "every")):
        values["below"] = ask(run, say("Buy when how much is left?"), "500MB", threshold, instead=WHEN)
    if not any(values[key] for key in ("plan", "amount", "target")):
        plan, amount = pack_or_money(run, session, line)
        values["plan"], values["amount"] = plan, None if amount is None else str(amount)
    named, given = values["plan"], values["amount"]
    price = str(given) if given else None
    if price is None and line and named is not None:
        price = price_of(session, line, str(named))
    if values["max_price"] is None:
        asked = say("At most for one order?")
        values["max_price"] = str(ask(run, asked, price, money_like(price), instead="--max-price MONEY"))
    if values["max_per_month"] is None:
        most = str(Money.parse(str(values["max_price"])) * 3)
        asked = say("At most in a month?")
        values["max_per_month"] = str(ask(run, asked, most, money_like(most), instead="--max-per-month MONEY"))
    return line, values


def money_like(default: str | None) -> "Callable[[str], Money]":
    """Reads an amount; a number without a currency is in that of the default."""

    def read(text: str) -> "Money":
        if default is None:
            return price_in(text)
        try:
            return money_in(text, default[-3:])
        except SaidError as error:
            raise refused(text, error) from None

    return read


def threshold(text: str) -> str:
    """What is left as a rule is written: `500MB` or `1USD`."""
    from esimctl.autotopup.rule import threshold as checked

    said = level(text)
    try:
        checked(said)
    except SaidError as error:
        raise refused(text, error) from None
    return said


def price_of(session: "Session", line: str, plan: str | None) -> str | None:
    """What a plan costs; None where that is not known."""
    if plan is None:
        return None
    price = plan_by_id(session, plan, line=line_ref(line, session.line(line))).price
    return None if price is None else str(price)
