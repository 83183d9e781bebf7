"""The way to the counter: what to dial, whom to call and what to bring, for purchases that a person makes elsewhere."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from esimctl.catalogue.carriers import by_name, country_facts
from esimctl.documents.lines import ContactRow
from esimctl.documents.orders import CounterStepRow
from esimctl.profile.own_catalogue import market, own_carriers
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import text_at

if TYPE_CHECKING:
    from esimctl.catalogue.carriers import Carrier, Fact
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import Wish

#: topic of a carrier's fact → what it is for, in the order in which a person needs it
PURPOSES = {
    "ussd-balance": "balance",
    "ussd-voucher": "topup",
    "ussd-unsubscribe": "unsubscribe",
    "ussd-number": "number",
    "ussd-identity": "registration",
    "ussd-roaming": "roaming",
    "ussd-gift": "gift",
    "ussd-share": "share",
    "gift": "gift",
    "hotline": "call",
    "website": "website",
}
SHOWN = 3  #: ways that are said in one sentence; documents have all
COMMON_VOUCHER = "*1203*PIN#"  #: of every operator, by the ministry's common codes of August 2022
#: what is done by which purposes
FOR = {"new": ("website", "call"), "renew": ("topup", "website", "call"), "topup": ("topup", "website", "call")}


def contacts(carrier: str | None, among: "Sequence[Carrier] | None" = None) -> list[ContactRow]:
    """Codes, numbers and pages of a carrier by purpose: the better graded first, then what holds in the country."""
    known = None if carrier is None else by_name(carrier, among)
    if known is None:
        return []
    facts = [*known.facts, *(country_facts(known.home_country) if known.home_country else ())]
    places = {topic: place for place, topic in enumerate(PURPOSES)}
    rows = [(places[fact.topic], "VSU".find(fact.grade[:1]), fact) for fact in facts if fact.topic in PURPOSES]
    rows.sort(key=lambda row: row[:2])
    return [contact(fact, value) for _, _, fact in rows for value in fact.values]


def contact(fact: "Fact", value: str) -> ContactRow:
    """One code, number or page; `tel` is what a phone's camera can dial, `#` written as %23 (RFC 3966)."""
    dialled = fact.topic.startswith("ussd-") or fact.topic == "hotline"
    return ContactRow(
        purpose=PURPOSES[fact.topic],
        value=value,
        tel=tel(value) if dialled and not any(c.isalpha() for c in value) else None,
        note=fact.note,
        source=fact.source,
        as_of=None if fact.as_of is None else date.fromisoformat(fact.as_of),
        grade=fact.grade,
    )


def tel(code: str) -> str:
    """The `tel:` link of a short code or number."""
    return "tel:" + code.replace("#", "%23")


def voucher_code(carrier: str | None, among: "Sequence[Carrier] | None" = None) -> str:
    """What to dial for a voucher, `PIN` standing for its code, which is nowhere else than on the voucher."""
    for row in contacts(carrier, among):
        if row.purpose == "topup" and "PIN" in row.value:
            return row.value
    return COMMON_VOUCHER


def way(session: "Session", wish: "Wish") -> list[CounterStepRow]:
    """Steps for a purchase elsewhere: each a sentence with its parameters, and where the figure comes from."""
    table = session.lines.get(wish.line.name, {})
    carrier = text_at(table, "carrier")
    row = market(session).plan(wish.plan)
    if carrier is None and row is not None:
        carrier = row.carrier
    steps: list[CounterStepRow] = []
    if row is not None and row.dial is not None:
        day = None if row.as_of is None else date.fromisoformat(row.as_of)
        steps.append(
            CounterStepRow(
                say=SENTENCES["dial"],
                value=row.dial,
                source=row.source,
                as_of=day,
                grade=row.grade,
                tel=tel(row.dial),
            )
        )
    known = contacts(carrier, own_carriers(session))
    steps += [_step(SENTENCES[contact.purpose], contact) for contact in known if contact.purpose in FOR[wish.kind]]
    if not any(step.say == SENTENCES["website"] for step in steps):
        steps.append(_own(SENTENCES["shop"]))
    steps += [_own(sentence) for sentence in (COUNTER_NEW if wish.kind == "new" else COUNTER)]
    return steps


def _step(sentence: str, row: ContactRow) -> CounterStepRow:
    return CounterStepRow(
        say=sentence, value=row.value, source=row.source, as_of=row.as_of, grade=row.grade, tel=row.tel
    )


def _own(sentence: str) -> CounterStepRow:
    return CounterStepRow(say=sentence, value=None, source=None, as_of=None, grade=None, tel=None)


def in_words(steps: Sequence[CounterStepRow]) -> Sentence:
    """The best way of each kind in one sentence; where nothing is known of the carrier, the counter is left."""
    best: dict[str, CounterStepRow] = {}
    for step in steps:
        if step.value is not None:
            best.setdefault(step.say, step)
    known = [Sentence(say, {"value": Raw(step.value)}) for say, step in best.items()][:SHOWN]
    if not known:
        return Sentence("at a counter or kiosk")
    names = ("one", "two", "three")[: len(known)]
    return Sentence("; ".join("{" + name + "}" for name in names), dict(zip(names, known, strict=True)))


def giving(session: "Session", line: str, purpose: str) -> list[CounterStepRow]:
    """Steps for data that only the line's owner can give away or share: the carrier's own code first, then its numbers.

    `purpose` is gift or share.
    """
    rows = contacts(text_at(session.line(line), "carrier"), own_carriers(session))
    steps = []
    for row in sorted((row for row in rows if row.purpose in (purpose, "call")), key=lambda row: row.purpose == "call"):
        coded = row.purpose == "call" or row.value.startswith(("*", "#"))
        steps.append(_step(SENTENCES[row.purpose if coded else "service"], row))
    return steps


SENTENCES = {
    "gift": "dial {value}",
    "share": "dial {value}",
    "service": "its own service: {value}",
    "shop": "in the seller's app or shop",
    "dial": "on a phone with the carrier's line, dial {value}",
    "topup": "with a voucher, dial {value}",
    "website": "in the carrier's app, or at {value}",
    "call": "ask the carrier: {value}",
}
COUNTER = (
    "at a counter or kiosk: say the line's number and the plan",
    "keep the receipt: its number goes to --paid",
)
COUNTER_NEW = (
    "at the counter, airport or mall: bring your passport; its number is not stored here",
    "check first that the phone takes eSIMs: esimctl devices check MODEL",
    "back up the phone, and keep it online until the line is active",
    "ask what carries over, when it ends, how to cancel; keep the receipt: its number goes to --paid",
)
