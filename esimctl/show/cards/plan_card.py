"""One plan: what it gives and costs, its terms in words, how to buy it, and where that is known from."""

from collections.abc import Iterator, Mapping
from typing import Any

from esimctl.documents.balance import WindowPart
from esimctl.documents.plans import PlanInFull, PlanScreen
from esimctl.show.amounts import minutes, money, octets, term
from esimctl.show.cards.plans import COLUMNS
from esimctl.show.left import hours_of
from esimctl.show.plan_words import CLOCKS, ROLLS_OVER, WHEN_USED_UP, for_data, months_seen, sourced, together
from esimctl.show.styles import ASKED, COMMAND, GOOD, LOOK, PLAY, SOURCE, styled
from esimctl.show.table import facts
from esimctl.show.terminal import Terminal
from esimctl.show.view import View
from esimctl.show.words import say
from esimctl.values.volume import parse_octets

#: what a renewal before the end does
EARLY = {
    "stack": "both packs can be used, each until its own end",
    "queue": "the next pack starts when this one ends",
    "extend": "the end moves back, the data is added",
    "reset": "a new term starts at once and what is left is lost",
}

#: when the term starts, where that is not the purchase
STARTS = {"installation": "when the eSIM is installed", "first-use": "with the first use"}

#: for whom a plan is
AUDIENCES = {
    "tourist": "for visitors",
    "resident": "for residents",
    "business": "for companies",
    "student": "for students",
    "family": "for families",
}


def card(data: PlanScreen, terminal: Terminal) -> None:
    """Name and price first, then what else there is to know, and how old the price is."""
    plan, put = data.plan, terminal.tell
    put(" · ".join(part for part in heads(plan) if part) + "\n")
    put(" · ".join(answers(plan)) + "\n")
    facts(list(known(plan)), terminal)
    if data.sources:
        put(styled(say("Source: {source}", source=sourced(plan)), SOURCE) + "\n")
    elif (seen := months_seen([plan])) is not None:
        said = say("Price seen {month}: ask before you pay. Where it is from: --sources", month=seen)
        put(styled(said, SOURCE) + "\n")


def heads(plan: PlanInFull) -> Iterator[str]:
    """`smart-laor-30d · Laor! monthly · smart`."""
    yield styled(plan.id, ASKED)
    yield plan.name
    if plan.example:
        yield styled("SANDBOX", PLAY)
    elif plan.carrier:
        yield plan.carrier


def answers(plan: PlanInFull) -> Iterator[str]:
    """`6.00 USD · 60 GB for 30 days · 0.10 USD per GB · 0.20 USD per day`."""
    unpriced = say("pay per use") if plan.billing == "pay-as-you-go" else say("price unknown")
    yield styled(unpriced if plan.price is None else money(plan.price), ASKED)
    if (given := for_data(plan)) != "-":
        yield styled(given, ASKED)
    if plan.price_per_gb is not None:
        yield say("{price} per GB", price=money(plan.price_per_gb))
    if plan.price_per_day is not None:
        yield say("{price} per day", price=money(plan.price_per_day))


def known(plan: PlanInFull) -> Iterator[tuple[str, str]]:
    """What a plan does, as (name, text)."""
    yield say("rolls over"), rollover(plan)
    if plan.rollover == "disputed":
        yield "", styled(f"esimctl policy show {plan.carrier}/{plan.id} rollover", COMMAND)
    yield say("used up"), used_up(plan)
    yield from term_of(plan)
    yield from limits(plan)
    if plan.voice_seconds:
        yield say("calls"), minutes(plan.voice_seconds)
    yield from uses(plan)
    if plan.promotions:
        yield say("promotions"), ", ".join(plan.promotions)
    if plan.dial:
        yield say("buy it"), say("dial {value} on the line's phone", value=styled(plan.dial, COMMAND))
    for number, note in enumerate(plan.notes):
        yield "" if number else say("note"), note


def term_of(plan: PlanInFull) -> Iterator[tuple[str, str]]:
    """When the term starts and ends, and what an early renewal does."""
    terms = plan.terms
    if plan.validity is not None and plan.clock is not None:
        starts = STARTS.get(str(terms.get("starts_on")))
        begins = [] if starts is None else [say("starts {when}", when=say(starts))]
        yield say("term"), together([*begins, say(CLOCKS[plan.clock])])
    if "use_by" in terms:
        yield say("install"), say("within {term} after buying", term=term(str(terms["use_by"])))
    if (early := str(terms.get("early_renewal"))) in EARLY:
        yield say("renewed early"), say(EARLY[early])


def uses(plan: PlanInFull) -> Iterator[tuple[str, str]]:
    """For whom and where it is."""
    if plan.shareable:
        yield say("sharing"), say("several people can use it")
    if plan.kind == "topup":
        yield say("kind"), say("a top-up for a line that has a plan")
    if plan.countries not in ((), ["KH"], ("KH",)):
        yield say("works in"), ", ".join(plan.countries)
    if plan.audience in AUDIENCES:
        yield say("audience"), say(AUDIENCES[plan.audience])


def rollover(plan: PlanInFull) -> str:
    """Whether data that is left goes on, and for how long; what to assume where that is disputed."""
    if plan.rollover == "disputed":
        return say("assume {answer}: sources disagree", answer=styled(say(ROLLS_OVER[plan.rollover_counted]), LOOK))
    if plan.rollover == "not-applicable":
        return say("nothing to roll over")
    parts: list[str] = [styled(say(ROLLS_OVER[plan.rollover]), GOOD if plan.rollover == "carry" else None)]
    table: Any = plan.terms.get("rollover")
    if plan.rollover == "carry" and isinstance(table, Mapping):
        if "validity" in table:
            parts.append(say("for {term}", term=term(str(table["validity"]))))
        if "max_percent" in table:
            parts.append(say("at most {percent} %", percent=table["max_percent"]))
        if "max" in table:
            parts.append(say("at most {volume}", volume=octets(parse_octets(str(table["max"])))))
        if "grace" in table:
            parts.append(say("if renewed within {term} after its end", term=term(str(table["grace"]))))
        elif table.get("condition") == "renewed-on-time":
            parts.append(say("if renewed before its end"))
    return together(parts) + (" " + say("(your word)") if plan.rollover_by == "person" else "")


def used_up(plan: PlanInFull) -> str:
    """What happens when the data is used up, and what more data costs."""
    table: Any = plan.terms.get("overage")
    rate = table.get("price_per_mb") if isinstance(table, Mapping) else None
    if plan.overage == "charge" and rate is not None:
        most = table.get("max_charge")
        told = say("data goes on for {price} per MB", price=str(rate))
        return told if most is None else together([told, say("at most {price}", price=str(most))])
    return say(WHEN_USED_UP[plan.overage or "block"])


def limits(plan: PlanInFull) -> Iterator[tuple[str, str]]:
    """Hours, apps, extra data and gifts."""
    window: Any = plan.terms.get("window")
    if isinstance(window, Mapping):
        yield say("hours"), hours(window)
    if plan.terms.get("purpose") == "social":
        yield say("apps"), say("social media only")
    bonus: Any = plan.terms.get("bonus")
    if isinstance(bonus, Mapping):
        more = octets(parse_octets(str(bonus["data"])))
        yield say("extra"), say("{volume} for {term}", volume=more, term=term(str(bonus["term"])))
    if plan.terms.get("transferable") is True:
        yield say("gifts"), say("data can be given to another line")


def hours(window: Mapping[str, Any]) -> str:
    """The hours and days in which the data can be used."""
    days = ",".join(map(str, window.get("days", ())))
    clock = f"{window.get('from', '00:00')}-{window.get('to', '24:00')}"
    return hours_of(WindowPart(opens=f"{days} {clock}".strip()))


VIEWS = {"plan": View(COLUMNS, lambda data: [data.plan], card)}
