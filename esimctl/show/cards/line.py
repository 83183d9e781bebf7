"""One line: what is left and until when, what it is, what to dial for what, and what is known of its carrier."""

from collections.abc import Iterator, Sequence

from esimctl.documents.balance import RolloverPart
from esimctl.documents.document import ABSENT
from esimctl.documents.lines import CarrierFactRow, ContactRow, LineDocument, LinePart, LineScreen, TieRow
from esimctl.show.amounts import octets
from esimctl.show.cards.lines import COLUMNS, remaining, restricted
from esimctl.show.fact_words import topic
from esimctl.show.line_cells import plan_of
from esimctl.show.plan_words import GRADES, ROLLS_OVER
from esimctl.show.styles import ACT, ASKED, COMMAND, LOOK, PLAY, SOURCE, styled
from esimctl.show.table import draw
from esimctl.show.terminal import Terminal
from esimctl.show.times import day, moment, moment_from_now
from esimctl.show.view import Column, Columns, View
from esimctl.show.words import say

Field = tuple[str, str]  #: a name, and what it is

FIELDS: Columns[Field] = (
    Column("name", lambda row: row[0], priority=0),
    Column("value", lambda row: row[1], priority=0),
)

#: how a tie is said, by the role of the other line
TIES = {
    "owner": "may use the data of {line}: {taken} taken",
    "member": "{line} may use its data: {taken} taken",
}

CAPPED = {
    "owner": "may use the data of {line}: {taken} of {cap} taken",
    "member": "{line} may use its data: {taken} of {cap} taken",
}

#: purpose of a contact → what it is called
PURPOSES = {
    "balance": "Balance",
    "topup": "Top up by voucher",
    "unsubscribe": "Unsubscribe",
    "number": "Own number",
    "registration": "Registered to",
    "roaming": "Roaming",
    "gift": "Give data away",
    "share": "Share data",
    "call": "Customer care",
    "website": "Website",
}

#: topics of facts that are shown without being asked for; those of `SAID_ABOVE` stand among the contacts
USEFUL = ("apn", "coverage", "status", "loan", "ussd-loan", "ussd-packs", "claims-within", "receipts")

SAID_ABOVE = frozenset(
    {"hotline", "website", "gift", "share"}
    | {f"ussd-{what}" for what in ("balance", "voucher", "unsubscribe", "number", "identity", "roaming", "gift")}
)


def person(data: LineDocument, terminal: Terminal) -> None:
    """What is left, what the line is, what to dial; with `--sources` who says so, and a code for the phone's camera."""
    line, sources = data.line, isinstance(data, LineScreen) and data.sources
    terminal.tell(headline(line) + "\n")
    for said in left_lines(line):
        terminal.tell(said + "\n")
    fields = [*own_fields(line), *contact_fields(line.contacts or (), sources), *fact_fields(line, sources)]
    if fields:
        draw(FIELDS, fields, terminal, header=False)
    camera(line.contacts or (), terminal)


def headline(line: LinePart) -> str:
    """`sim · smart-laor-30d · SANDBOX · ends Thu 10 Dec 09:00 · in 20 days`."""
    names: list[str] = [styled(line.line, ASKED), *([plan] if (plan := plan_of(line.plan)) else [])]
    if line.play_money:
        names.append(styled("SANDBOX", PLAY))
    if line.removed_at:
        names.append(styled(say("removed {time}", time=moment(line.removed_at)), SOURCE))
    elif line.removed:
        names.append(styled(say("removed"), SOURCE))
    elif line.expires_at:
        ended = line.status == "expired"
        when = say("ended {time}" if ended else "ends {time}", time=moment_from_now(line.expires_at))
        names.append(styled(when, ACT if ended else None))
    return " · ".join(names)


def left_lines(line: LinePart) -> Iterator[str]:
    """What is left, what was used, what renewing does with it, and whose data it may use."""
    from esimctl.show.cards.balance_card import outlook

    if line.status is not ABSENT and (line.unlimited or line.remaining_bytes is not None):
        parts: list[str] = [styled(say("{volume} left", volume=remaining(line)), ASKED)]
        if line.used_bytes:
            parts.append(say("{volume} used", volume=octets(line.used_bytes)))
        if restricted(line):
            parts.append(say("{volume} more in its hours, apps or later", volume=restricted(line)))
        yield ", ".join(parts)
    if line.status is not ABSENT:
        yield from outlook(renewing(line), line.expires_at or None)
    for tie in line.ties:
        yield tie_sentence(tie)
    if line.open_orders:
        yield styled("! " + say("order open"), LOOK) + "  " + styled("esimctl reconcile", COMMAND)


def renewing(line: LinePart) -> RolloverPart:
    """What renewing does, as a balance has it."""
    return RolloverPart(
        effective="unknown",
        disputed=False,
        claim=None,
        by=None,
        carry_if_renewed_bytes=line.carry_if_renewed_bytes or None,
        lost_anyway_bytes=line.lost_anyway_bytes or None,
        lost_if_not_bytes=line.lost_if_not_bytes or None,
        kept_anyway_bytes=line.kept_anyway_bytes or None,
        carried_until=line.carried_until or None,
        lost_anyway_at=line.lost_anyway_at or None,
        renew_by=line.renew_by or None,
        grace_until=line.grace_until or None,
    )


def tie_sentence(tie: TieRow) -> str:
    """Whose data a line may use, or who may use its data, and how much of it was taken."""
    template = (TIES if tie.cap_bytes is None else CAPPED)[tie.role]
    return say(template, line=tie.line, taken=octets(tie.taken_bytes), cap=octets(tie.cap_bytes))


def own_fields(line: LinePart) -> Iterator[Field]:
    """What the profile says of it; what nobody wrote down is left out."""
    carrier = line.carrier if line.carrier in (None, line.provider) else f"{line.carrier} ({line.provider})"
    code = line.activation.lpa if line.activation else None
    if line.activation and line.activation.lpa and line.activation.confirmation_code_required:
        code = f"{code} ({say('needs a confirmation code')})"
    guess = " / ".join(line.prefix_guess or ())
    number = line.msisdn or ""
    if guess and guess != line.carrier:
        number += f" ({say('by its prefix perhaps {carrier}', carrier=guess)})"
    told = {
        say("Carrier"): carrier or line.provider,
        say("Rolls over"): rolls_over(line),
        say("Number"): number,
        say("ICCID"): line.iccid,
        say("Code"): code,
        say("Confirmation code"): line.confirmation_code or None,
        say("Tags"): ", ".join(line.tags),
        say("Owner"): line.owner,
        say("Note"): line.note,
        say("Order"): line.order,
        say("Receipt"): line.receipt or None,
        say("Line id"): line.id or None,
    }
    yield from ((name, value) for name, value in told.items() if value)


def rolls_over(line: LinePart) -> str:
    """`yes (your word)`, `assume no: sources disagree`."""
    held = line.rollover
    if not held:
        return ""
    if held.disputed:
        return say("assume {answer}: sources disagree", answer=say(ROLLS_OVER[held.effective]))
    if held.effective == "not-applicable":
        return ""
    return say(ROLLS_OVER[held.effective]) + (" " + say("(your word)") if held.by == "person" else "")


def sourced(row: ContactRow | CarrierFactRow) -> str:
    """Who says so, of when, and how good that is, dim behind the value."""
    seen = say("undated") if row.as_of is None else day(row.as_of)
    return " " + styled(f"({row.source}; {say(GRADES[row.grade])}; {seen})", SOURCE)


def contact_fields(contacts: Sequence[ContactRow], sources: bool) -> Iterator[Field]:
    """What to dial for what: one row a purpose, or one each with its source."""
    for purpose, name in PURPOSES.items():
        rows = [row for row in contacts if row.purpose == purpose]
        if sources:
            yield from ((say(name), row.value + sourced(row)) for row in rows)
        elif rows:
            yield say(name), ", ".join(dict.fromkeys(row.value for row in rows))


def fact_fields(line: LinePart, sources: bool) -> Iterator[Field]:
    """What is useful of the carrier, one row a topic; with sources all that is known, one row each."""
    facts: dict[str, list[CarrierFactRow]] = {}
    for fact in line.carrier_facts or ():
        if fact.topic in USEFUL or (sources and fact.topic not in SAID_ABOVE):
            facts.setdefault(fact.topic, []).append(fact)
    for known, rows in facts.items():
        said = topic(known)
        name = said[:1].upper() + said[1:]
        if sources:
            yield from ((name, fact_text(row) + sourced(row)) for row in rows)
        else:
            yield name, ", ".join(dict.fromkeys(map(fact_text, rows)))


def fact_text(fact: CarrierFactRow) -> str:
    """Its values with what there is to note about them."""
    return ", ".join(fact.values) + (f" ({fact.note})" if fact.note else "")


def camera(contacts: Sequence[ContactRow], terminal: Terminal) -> None:
    """A code for the phone's camera that dials the balance, on a terminal."""
    first = next((row for row in contacts if row.purpose == "balance" and row.tel), None)
    if first is not None and first.tel is not None and terminal.out_is_terminal:
        from esimctl.show.cards import qr

        terminal.tell(say("scan it with the phone to dial {value}:", value=first.value) + "\n")
        qr.draw(first.tel, terminal)


VIEWS = {"line": View(COLUMNS, lambda data: [data.line], person)}
