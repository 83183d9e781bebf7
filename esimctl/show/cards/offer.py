"""What a person sees before agreeing to pay: plan, price, terms, effect, and what would be lost."""

from collections.abc import Sequence

from esimctl.documents.offers import FittingPlanRow, OfferPart, PlanChangePart, RenewalPart
from esimctl.documents.orders import CounterStepRow
from esimctl.show.amounts import local, minutes, money, octets, term
from esimctl.show.plan_words import data_of, of_plan, sourced
from esimctl.show.words import say

MOST = 9  #: plans that are listed; the others by the command that lists them all


def before(told: RenewalPart) -> list[str]:
    """Line and account, what is left and until when, and the plans that fit."""
    account = say("you, at a counter") if told.by_hand else told.provider
    carrier = told.carrier or "-"
    lines = [say("line {line}, {carrier}, account: {account}", line=told.line, carrier=carrier, account=account)]
    lines += left(told)
    listed = plans(told.plans)
    if len(listed) > 1:
        lines.append(say("plans that fit:"))
        lines += [f"  {number}. {row}" for number, row in enumerate(listed, 1)]
    if len(told.plans) > MOST:
        lines.append(say("more: {command}", command=f"esimctl plans list --line {told.line}"))
    return lines


def left(told: RenewalPart) -> list[str]:
    """What is left now and until when, in one line; what has its hours apart."""
    said = octets(told.remaining_bytes, unlimited=told.unlimited)
    if told.restricted_bytes or told.restricted_unlimited:
        more = octets(told.restricted_bytes, unlimited=told.restricted_unlimited)
        said += ", " + say("{volume} more in its hours, apps or later", volume=more)
    if told.voice_seconds is not None:
        said += ", " + say("calls: {minutes} left", minutes=minutes(told.voice_seconds))
    if told.expires_at is None:
        lines = [say("left now: {left}", left=said)]
    elif told.status == "expired":
        lines = [say("left now: {left}; it ended {time}", left=said, time=local(told.expires_at))]
    else:
        lines = [say("left now: {left}; it ends {time}", left=said, time=local(told.expires_at))]
    if told.grace_until and told.grace_until != told.expires_at:
        lines.append(say("last moment of the grace: {date}", date=local(told.grace_until)))
    return lines


def plans(rows: Sequence[FittingPlanRow]) -> list[str]:
    """The first plans, one line each; the present one says so."""
    found = []
    for row in rows[:MOST]:
        volume = (
            "-" if row.data_bytes is None and not row.unlimited else octets(row.data_bytes, unlimited=row.unlimited)
        )
        mark = "  " + say("(the present one)") if row.present else ""
        found.append(f"{row.id}  {volume}, {term(row.validity)}, {money(row.price)}{mark}")
    return found


def after(told: RenewalPart, effect: str | None) -> list[str]:
    """The new end, what renewing early costs or not, and what becomes of what is left."""
    lines = []
    if told.new_end is None:
        lines.append(say("new end: known once it is active"))
    elif told.days_lost:
        cost = say("{days} days are lost", days=told.days_lost) if told.days_lost > 1 else say("1 day is lost")
        lines.append(say("new end: {time} ({cost})", time=local(told.new_end), cost=cost))
    else:
        lines.append(say("new end: {time} ({cost})", time=local(told.new_end), cost=say("no day is lost")))
    if told.kept_bytes and told.kept_until:
        until = local(told.kept_until)
        lines.append(say("kept: {volume}, until {time}", volume=octets(told.kept_bytes), time=until))
    elif told.kept_bytes:
        lines.append(say("kept: {volume}", volume=octets(told.kept_bytes)))
    if told.lost_bytes and effect != "reset":
        lines.append(say("lost at the present end, though renewed: {volume}", volume=octets(told.lost_bytes)))
    lines.append(say("It takes minutes to hours until it is active; keep the network on."))
    return lines


EFFECTS = {
    "add": "It comes beside what is there.",
    "queue": "It begins when the present term ends.",
    "stack": "It begins now, beside what is there; each part keeps its own end.",
    "extend": "It adds to what is left and ends one term later.",
    "reset": "It begins anew: what is left now is lost.",
}


def describe(offer: OfferPart) -> list[str]:
    """The offer in sentences: of a renewal the line and its plans first and what comes of it last, else the price."""
    if not offer.renewal:
        return terms(offer)
    return [*before(offer.renewal), *terms(offer), *after(offer.renewal, offer.effect)]


def terms(offer: OfferPart) -> list[str]:
    """Plan, effect and price, the price last."""
    lines = []
    plan = offer.plan
    if plan is not None:
        lines.append(say("{name} ({id}), by {carrier}", name=plan.name, id=plan.id, carrier=plan.carrier))
        volume = data_of(plan)
        lines.append(
            say(
                "data {volume}, valid {validity}, rollover: {rollover}",
                volume=volume,
                validity=term(plan.validity),
                rollover=of_plan(plan),
            )
        )
        if plan.voice_seconds:
            lines.append(say("calls: {minutes}", minutes=minutes(plan.voice_seconds)))
        lines.append(sourced(plan))
        if plan.kind == "base" and offer.effect in (None, "new") and not offer.renewal:
            lines.append(
                say("Check first that the phone takes eSIMs (dial *#06#: an EID means yes), back up its data,")
            )
            lines.append(say("and keep the network on until the line is active."))
    lines += effects(offer)
    lines += [str(note) for note in offer.notes]
    for one in offer.promotions or ():
        lines.append(say("a promotion would apply: {name} (--promotion {id})", name=one.name, id=one.id))
    lines += [way_line(step) for step in offer.way or ()]
    if offer.dial:
        lines.append(dial_line(offer.dial))
    if offer.balance_before is not None:
        lines.append(say("account balance before: {money}", money=money(offer.balance_before)))
    if offer.valid_until:
        lines.append(say("the price holds until {time}", time=local(offer.valid_until)))
    mark = "  SANDBOX" if offer.play_money else ""
    lines.append(
        say("price: {money}, paid with {method}", money=money(offer.price) + mark, method=offer.payment_method)
    )
    return lines


def dial_line(code: str) -> str:
    """What to dial for a voucher, whose own code is never printed: screens, logs and mails are read by others."""
    return say("dial on the phone: {code}, the voucher's code in the place of PIN", code=code)


def effects(offer: OfferPart) -> list[str]:
    """What it does to what is there, and what would be lost."""
    lines = []
    if offer.begins_at:
        lines.append(say("It begins when the present term ends, on {time}.", time=local(offer.begins_at)))
    elif offer.effect in EFFECTS:
        lines.append(say(EFFECTS[offer.effect]))
    if offer.lost_bytes:
        lines.append(say("You would lose {volume} that is left now.", volume=octets(offer.lost_bytes)))
    if offer.plan_change:
        lines.append(change_line(offer.plan_change))
    return lines


def change_line(change: PlanChangePart) -> str:
    """What going over to another plan does to what is left."""
    return say(
        "This plan carries over {kept} of what is left; {plan} would carry over {same}.",
        kept=octets(change.carry_bytes),
        plan=change.from_ or "-",
        same=octets(change.carry_if_same_bytes),
    )


def way_line(step: CounterStepRow) -> str:
    """One step of a purchase elsewhere, with the grade and date of its figure."""
    sentence = say(step.say, value=step.value) if step.value is not None else say(step.say)
    return "- " + sentence + (f"  [{step.grade}, {step.as_of or say('undated')}]" if step.source else "")


def question(offer: OfferPart) -> str:
    """The question that is asked last, from our own figures."""
    mark = " SANDBOX" if offer.play_money else ""
    lost = offer.plan_change.lost_bytes if offer.plan_change else 0
    if lost:
        return say(
            "Pay {money} with {method} and lose {volume} by changing the plan?",
            money=money(offer.price) + mark,
            method=offer.payment_method,
            volume=octets(lost),
        )
    return say("Pay {money} with {method}?", money=money(offer.price) + mark, method=offer.payment_method)
