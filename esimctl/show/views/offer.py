"""What a person sees before agreeing to pay: plan, price, terms, effect, and what would be lost."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.amounts import local, minutes, money, octets, term
from esimctl.show.views import renewal
from esimctl.show.views.plans import data_of, sourced
from esimctl.show.views.rollover import of_plan
from esimctl.show.words import say

EFFECTS = {
    "add": "It comes beside what is there.",
    "queue": "It begins when the present term ends.",
    "stack": "It begins now, beside what is there; each part keeps its own end.",
    "extend": "It adds to what is left and ends one term later.",
    "reset": "It begins anew: what is left now is lost.",
}


def describe(offer: Mapping[str, Any]) -> list[str]:
    """The offer in sentences: of a renewal the line and its plans first and what comes of it last, else the price."""
    told = offer.get("renewal")
    if told is None:
        return terms(offer)
    return [*renewal.before(told), *terms(offer), *renewal.after(told, offer["effect"])]


def terms(offer: Mapping[str, Any]) -> list[str]:
    """Plan, effect and price, the price last."""
    lines = []
    plan = offer["plan"]
    if plan is not None:
        lines.append(say("{name} ({id}), by {carrier}", name=plan["name"], id=plan["id"], carrier=plan["carrier"]))
        volume = data_of(plan)
        lines.append(
            say(
                "data {volume}, valid {validity}, rollover: {rollover}",
                volume=volume,
                validity=term(plan["validity"]),
                rollover=of_plan(plan),
            )
        )
        if plan["voice_seconds"]:
            lines.append(say("calls: {minutes}", minutes=minutes(plan["voice_seconds"])))
        lines.append(sourced(plan))
        if plan["kind"] == "base" and offer["effect"] in (None, "new") and "renewal" not in offer:
            lines.append(
                say("Check first that the phone takes eSIMs (dial *#06#: an EID means yes), back up its data,")
            )
            lines.append(say("and keep the network on until the line is active."))
    lines += effects(offer)
    lines += [str(note) for note in offer["notes"]]
    for one in offer.get("promotions", ()):
        lines.append(say("a promotion would apply: {name} (--promotion {id})", name=one["name"], id=one["id"]))
    lines += [way_line(step) for step in offer.get("way", ())]
    if offer.get("dial"):
        lines.append(dial_line(offer["dial"]))
    if offer["balance_before"] is not None:
        lines.append(say("account balance before: {money}", money=money(offer["balance_before"])))
    if offer["valid_until"]:
        lines.append(say("the price holds until {time}", time=local(offer["valid_until"])))
    mark = "  SANDBOX" if offer["play_money"] else ""
    lines.append(
        say("price: {money}, paid with {method}", money=money(offer["price"]) + mark, method=offer["payment_method"])
    )
    return lines


def dial_line(code: str) -> str:
    """What to dial for a voucher, whose own code is never printed: screens, logs and mails are read by others."""
    return say("dial on the phone: {code}, the voucher's code in the place of PIN", code=code)


def effects(offer: Mapping[str, Any]) -> list[str]:
    """What it does to what is there, and what would be lost."""
    lines = []
    if offer.get("begins_at"):
        lines.append(say("It begins when the present term ends, on {time}.", time=local(offer["begins_at"])))
    elif offer["effect"] in EFFECTS:
        lines.append(say(EFFECTS[offer["effect"]]))
    if offer["lost_bytes"]:
        lines.append(say("You would lose {volume} that is left now.", volume=octets(offer["lost_bytes"])))
    if offer.get("plan_change"):
        lines.append(change_line(offer["plan_change"]))
    return lines


def change_line(change: Mapping[str, Any]) -> str:
    """What going over to another plan does to what is left."""
    return say(
        "This plan carries over {kept} of what is left; {plan} would carry over {same}.",
        kept=octets(change["carry_bytes"]),
        plan=change["from"] or "-",
        same=octets(change["carry_if_same_bytes"]),
    )


def way_line(step: Mapping[str, Any]) -> str:
    """One step of a purchase elsewhere, with the grade and date of its figure."""
    sentence = say(step["say"], value=step["value"]) if step["value"] is not None else say(step["say"])
    return "- " + sentence + (f"  [{step['grade']}, {step['as_of'] or say('undated')}]" if step["source"] else "")


def question(offer: Mapping[str, Any]) -> str:
    """The question that is asked last, from our own figures."""
    mark = " SANDBOX" if offer["play_money"] else ""
    lost = offer["plan_change"]["lost_bytes"] if offer.get("plan_change") else 0
    if lost:
        return say(
            "Pay {money} with {method} and lose {volume} by changing the plan?",
            money=money(offer["price"]) + mark,
            method=offer["payment_method"],
            volume=octets(lost),
        )
    return say("Pay {money} with {method}?", money=money(offer["price"]) + mark, method=offer["payment_method"])
