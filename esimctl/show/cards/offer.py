"""What a person sees before agreeing to pay: what it is, what it costs, what it does, and what would be lost."""

from collections.abc import Sequence
from functools import reduce

from esimctl.documents.offers import FittingPlanRow, OfferPart, PlanChangePart, RenewalPart
from esimctl.documents.orders import CounterStepRow
from esimctl.show.amounts import minutes, money, month, octets, term
from esimctl.show.page import folded, labelled
from esimctl.show.plan_words import data_of, rolls_over
from esimctl.show.styles import ACT, ASKED, COMMAND, LOOK, PLAY, SOURCE, Styled, styled, unstyled
from esimctl.show.times import counted, from_now, moment, only_day
from esimctl.show.words import say
from esimctl.values.text import clean

MOST = 9  #: plans that are listed; the others by the command that lists them all
ROWS = 4  #: rows of a purchase before its question

EFFECTS = {
    "add": "Added to your current data; each keeps its own end.",
    "queue": "Starts when the current period ends: no day is lost.",
    "stack": "Starts now. Your current data stays usable until its own end.",
    "extend": "Added to what is left; everything ends one period later.",
    "reset": "Starts a new period now: what is left is lost.",
}


def before(offer: OfferPart, line: str, width: int, choice: bool) -> list[str]:
    """What stands before the question: of a renewal its steps, of a purchase at most four rows.

    With a `choice` the answer may be another plan.
    """
    if offer.renewal:
        pairs = [*steps(offer, offer.renewal, choice), *reservations(offer), *how(offer)]
        return [headline(offer, line), *labelled(pairs, width)]
    shown: list[str] = []
    rows = 0
    for sentence in described(offer, line):
        more = len(folded(sentence, width))
        if len(shown) >= 2 and rows + more > ROWS:
            break
        shown.append(sentence)
        rows += more
    return shown


def rehearsed(offer: OfferPart, line: str, width: int | None) -> list[str]:
    """Everything that is known of it, as `--dry-run` shows it, the way to buy it elsewhere last."""
    if not offer.renewal:
        lines = described(offer, line)
        lines.append(say("Paid with {method}.", method=say(offer.payment_method)))
    else:
        pairs = [*steps(offer, offer.renewal, choice=False), *reservations(offer)]
        lines = [headline(offer, line), *labelled(pairs, width), *extras(offer)]
        lines.append(say("It takes minutes to hours until it is active; keep the network on."))
    return [*lines, *way_lines(offer.way or ())]


def headline(offer: OfferPart, line: str) -> str:
    """`sim · Smart Laor! monthly · you, paying cash at a counter`."""
    parts: list[str] = [styled(line, ASKED)]
    if offer.plan is not None:
        parts.append(clean(offer.plan.name) if offer.renewal else styled(offer.plan.id, ASKED))
    elif offer.amount is not None:
        parts.append(say("{money} for the main balance", money=styled(money(offer.amount), ASKED)))
    if offer.renewal:
        by_hand = offer.renewal.by_hand
        if not by_hand:
            parts.append(clean(offer.renewal.provider))
        elif offer.payment_method == "cash":
            parts.append(say("you, paying cash at a counter"))
        else:
            parts.append(say("you, paying with {method}", method=say(offer.payment_method)))
    if offer.play_money:
        parts.append(styled("SANDBOX", PLAY))
    return " · ".join(parts)


def steps(offer: OfferPart, told: RenewalPart, choice: bool) -> list[tuple[str, str]]:
    """What is left, what renews it, when it ends then, and what is kept."""
    found = [(say("Left now"), left(told))]
    if told.grace_until and told.grace_until != told.expires_at:
        found.append((say("At the latest"), moment(told.grace_until, week=True)))
    if offer.plan is not None:
        what = terms(offer)
        if len(told.plans) > 1:
            command = styled(f"esimctl plans list --line {told.line}", COMMAND)
            if choice:
                what += "\n" + say("(other plans: answer ?, or {command})", command=command)
            else:
                what += "\n" + say("(other plans: {command}, then --plan)", command=command)
        found.append((say("Renewing"), what))
    found.append((say("New end"), new_end(offer, told)))
    found.append((say("Kept"), kept(offer, told)))
    return found


def left(told: RenewalPart) -> str:
    """What is left now and until when; what has its hours apart."""
    parts = [octets(told.remaining_bytes, unlimited=told.unlimited)]
    if told.restricted_bytes or told.restricted_unlimited:
        more = octets(told.restricted_bytes, unlimited=told.restricted_unlimited)
        parts.append(say("{volume} more in its hours, apps or later", volume=more))
    if told.voice_seconds is not None:
        parts.append(say("calls: {minutes} left", minutes=minutes(told.voice_seconds)))
    if told.expires_at is not None:
        ended = told.status == "expired"
        when = say("{time} ({from_now})", time=moment(told.expires_at), from_now=from_now(told.expires_at))
        parts.append(styled(say("ended {time}", time=when), ACT) if ended else say("ends {time}", time=when))
    return listed(parts)


def terms(offer: OfferPart) -> str:
    """`smart-laor-30d, 60 GB for 30 days, 6.00 USD`."""
    plan = offer.plan
    if plan is None:
        return money(offer.price)
    parts = [plan.id] if offer.renewal else []
    parts.append(say("{volume} for {term}", volume=data_of(plan), term=term(plan.validity)))
    if plan.voice_seconds:
        parts.append(say("calls: {minutes}", minutes=minutes(plan.voice_seconds)))
    return listed([*parts, money(offer.price)])


def listed(parts: Sequence[str]) -> str:
    """Parts of a sentence with the commas of the reader's language between them."""
    return reduce(lambda one, other: Styled(say("{a}, {b}", a=one, b=other)), map(Styled, parts))


def new_end(offer: OfferPart, told: RenewalPart) -> str:
    """When it ends then, and whether days are lost."""
    if told.new_end is None:
        return say("known once it is active")
    if told.days_lost:
        cost = say("{days} lost", days=counted(told.days_lost, "day"))
        return styled(say("{time} ({cost})", time=moment(told.new_end, week=True), cost=cost), LOOK)
    waits = offer.effect == "queue" or offer.begins_at is not None
    cost = say("begins when this one ends: no day is lost") if waits else say("no day is lost")
    return say("{time} ({cost})", time=moment(told.new_end, week=True), cost=cost)


def kept(offer: OfferPart, told: RenewalPart) -> str:
    """What becomes of the data that is left."""
    said = []
    if told.kept_bytes and told.kept_until:
        said.append(say("{volume}, until {date}", volume=octets(told.kept_bytes), date=only_day(told.kept_until)))
    elif told.kept_bytes:
        said.append(octets(told.kept_bytes))
    if told.lost_bytes:
        lost = {"volume": octets(told.lost_bytes), "date": only_day(told.expires_at)}
        now = offer.effect == "reset" or told.expires_at is None
        gone = say("{volume} is lost", **lost) if now else say("{volume} is lost on {date}, though you renew", **lost)
        said.append(styled(gone, LOOK))
    if not said:
        said.append(say("known once it is active") if told.kept_bytes is None else say("nothing is left to keep"))
    return "\n".join(said)


def reservations(offer: OfferPart) -> list[tuple[str, str]]:
    """What else a person should know before renewing: a change of plan, a promotion."""
    found = [(say("Mind"), loss) for loss in losses(offer)]
    return found + [(say("Cheaper"), promotion) for promotion in promotions(offer)[:1]]


def how(offer: OfferPart) -> list[tuple[str, str]]:
    """The first way to buy it elsewhere."""
    ways = [way_line(step) for step in offer.way or () if step.value is not None]
    return [(say("How"), way) for way in ways[:1]]


def described(offer: OfferPart, line: str) -> list[str]:
    """A purchase in sentences, what matters most first."""
    plan, lines = offer.plan, [headline(offer, line)]
    if plan is not None:
        lines.append(say("{terms}, rolls over: {word}", terms=terms(offer), word=unstyled(rolls_over(plan))))
    lines += [styled(f"! {loss}", LOOK) for loss in losses(offer)]
    if offer.dial:
        lines.append(dial_line(offer.dial))
    lines += [f"{label}: {way}" for label, way in how(offer)]
    if offer.begins_at:
        lines.append(say("Starts when the current period ends, {time}.", time=moment(offer.begins_at, week=True)))
    elif offer.effect in EFFECTS:
        lines.append(say(EFFECTS[offer.effect]))
    if plan is not None and plan.kind == "base" and offer.effect in (None, "new"):
        lines.append(say("Dial *#06# on the phone first: it takes eSIMs if it shows an EID."))
    return lines + extras(offer) + promotions(offer)


def extras(offer: OfferPart) -> list[str]:
    """The account's money, how long the price holds, and how old it is."""
    lines = []
    if offer.balance_before is not None:
        lines.append(say("The account holds {money} now.", money=money(offer.balance_before)))
    if offer.valid_until:
        lines.append(say("The price holds until {time}.", time=moment(offer.valid_until, week=True)))
    lines += [str(note) for note in offer.notes]
    seen = None if offer.plan is None or offer.plan.example else offer.plan.seen or offer.plan.retrieved
    if seen is not None:
        lines.append(styled(say("Price last seen in {month}: ask before you pay.", month=month(seen)), SOURCE))
    return lines


def promotions(offer: OfferPart) -> list[str]:
    """Promotions that would apply, each with the option that takes it."""
    return [
        say("{name}: {option}", name=one.name, option=styled(f"--promotion {one.id}", COMMAND))
        for one in offer.promotions or ()
    ]


def losses(offer: OfferPart) -> list[str]:
    """What would be lost."""
    found = []
    if offer.lost_bytes and not offer.renewal:
        found.append(say("You lose {volume} that is left now.", volume=octets(offer.lost_bytes)))
    return found + ([change_line(offer.plan_change)] if offer.plan_change else [])


def change_line(change: PlanChangePart) -> str:
    """What going over to another plan does to what is left."""
    return say(
        "This plan carries over {kept} of what is left; {plan} would carry over {same}.",
        kept=octets(change.carry_bytes),
        plan=change.from_ or "-",
        same=octets(change.carry_if_same_bytes),
    )


def dial_line(code: str) -> str:
    """What to dial for a voucher, whose own code is never printed: screens, logs and mails are read by others."""
    return say("Dial on the phone: {code}, with the voucher's code in the place of PIN.", code=code)


def way_line(step: CounterStepRow) -> str:
    """One step of a purchase elsewhere."""
    return say(step.say, value=step.value) if step.value is not None else say(step.say)


def way_lines(way: Sequence[CounterStepRow]) -> list[str]:
    """The way of a purchase elsewhere, a line for each step, none of them twice."""
    return [f"- {said}" for said in dict.fromkeys(map(way_line, way))]


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


def question(offer: OfferPart, *, alone: bool) -> str:
    """The question that is asked last, from our own figures; one that stands `alone` says itself that it is play."""
    price = money(offer.price) + (" SANDBOX" if alone and offer.play_money else "")
    lost = offer.plan_change.lost_bytes if offer.plan_change else 0
    if lost:
        return say(
            "Pay {money} with {method} and lose {volume} by changing the plan?",
            money=price,
            method=say(offer.payment_method),
            volume=octets(lost),
        )
    return say("Pay {money} with {method}?", money=price, method=say(offer.payment_method))
