"""The way to the counter: what to dial, whom to call and what to bring, for purchases that a person makes elsewhere."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esimctl.actions.session import Session
    from esimctl.catalogue.carriers import Carrier, Fact
    from esimctl.providers.protocol import Wish

#: topic of a carrier's fact → what it is for, in the order in which a person needs it
PURPOSES = {
    "ussd-balance": "balance",
    "ussd-voucher": "topup",
    "ussd-unsubscribe": "unsubscribe",
    "ussd-number": "number",
    "ussd-identity": "registration",
    "ussd-roaming": "roaming",
    "hotline": "call",
    "website": "website",
}
#: what is done by which purposes
FOR = {"new": ("website", "call"), "renew": ("topup", "website", "call"), "topup": ("topup", "website", "call")}


def contacts(carrier: str | None, among: "Sequence[Carrier] | None" = None) -> list[dict[str, Any]]:
    """Codes, numbers and pages of a carrier by purpose: the better graded first, then what holds in the country."""
    from esimctl.catalogue.carriers import by_name, country_facts

    known = None if carrier is None else by_name(carrier, among)
    if known is None:
        return []
    facts = [*known.facts, *(country_facts(known.home_country) if known.home_country else ())]
    places = {topic: place for place, topic in enumerate(PURPOSES)}
    rows = [(places[fact.topic], "VSU".find(fact.grade[:1]), fact) for fact in facts if fact.topic in PURPOSES]
    rows.sort(key=lambda row: row[:2])
    return [contact(fact, value) for _, _, fact in rows for value in fact.values]


def contact(fact: "Fact", value: str) -> dict[str, Any]:
    """One code, number or page; `tel` is what a phone's camera can dial, `#` written as %23 (RFC 3966)."""
    dialled = fact.topic.startswith("ussd-") or fact.topic == "hotline"
    return {
        "purpose": PURPOSES[fact.topic],
        "value": value,
        "tel": tel(value) if dialled and "PIN" not in value else None,
        "note": fact.note,
        "source": fact.source,
        "as_of": fact.as_of,
        "grade": fact.grade,
    }


def tel(code: str) -> str:
    """The `tel:` link of a short code or number."""
    return "tel:" + code.replace("#", "%23")


def dial_string(carrier: str | None, voucher: str, among: "Sequence[Carrier] | None" = None) -> tuple[str, str]:
    """(what to dial for a voucher's code, the source of that). The code is nowhere else."""
    for row in contacts(carrier, among):
        if row["purpose"] == "topup" and "PIN" in row["value"]:
            return str(row["value"]).replace("PIN", voucher), str(row["source"])
    return f"*1203*{voucher}#", "the ministry's common codes of August 2022"


def way(session: "Session", wish: "Wish") -> list[dict[str, Any]]:
    """Steps for a purchase elsewhere: each a sentence with its parameters, and where the figure comes from."""
    from esimctl.actions.market.catalogue import market, own_carriers

    table = session.lines.get(wish.line.name, {})
    carrier = table.get("carrier")
    row = market(session).plan(wish.plan)
    if carrier is None and row is not None:
        carrier = row.carrier
    steps: list[dict[str, Any]] = []
    if row is not None and row.dial is not None:
        steps.append(
            {"say": SENTENCES["dial"], "value": row.dial, "source": row.source, "as_of": row.as_of,
             "grade": row.grade, "tel": tel(row.dial)}
        )  # fmt: skip
    steps += [
        {"say": SENTENCES[row["purpose"]], "value": row["value"], "source": row["source"], "as_of": row["as_of"],
         "grade": row["grade"], "tel": row["tel"]}
        for row in contacts(carrier, own_carriers(session))
        if row["purpose"] in FOR[wish.kind]
    ]  # fmt: skip
    if not any(step["say"] == SENTENCES["website"] for step in steps):
        steps.append(_own(SENTENCES["shop"]))
    steps += [_own(sentence) for sentence in (COUNTER_NEW if wish.kind == "new" else COUNTER)]
    return steps


def _own(sentence: str) -> dict[str, Any]:
    return {"say": sentence, "value": None, "source": None, "as_of": None, "grade": None, "tel": None}


SENTENCES = {
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

__all__ = ["PURPOSES", "contacts", "dial_string", "tel", "way"]
