"""Lines: a list, one with what is known of its carrier, and how its eSIM comes onto a phone."""

from typing import NamedTuple

from esimctl.documents.balance import RolloverPart
from esimctl.documents.document import ABSENT, Absent
from esimctl.documents.lines import InstallDocument, InstallGuideDocument, LineDocument, LinePart, LineRow, TieRow
from esimctl.show.amounts import local, octets
from esimctl.show.plan_words import of_line
from esimctl.show.styles import ACT, GOOD, LOOK, PLAY, SOURCE, styled
from esimctl.show.terminal import Terminal
from esimctl.show.times import day_from_now, only_day
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say
from esimctl.values.moments import instant


def seller(line: LineRow) -> str:
    """Who a line is from; what is only played with says so, whatever carrier's plan it is."""
    return f"{line.provider or '-'}" + ("  SANDBOX" if line.play_money else "")


def restricted(row: LineRow) -> str:
    """What cannot be used now; nothing where there is none."""
    endless, left = bool(row.restricted_unlimited), row.restricted_bytes or None
    return octets(left, unlimited=endless) if left or endless else ""


def remaining(row: LineRow) -> str:
    """What can be used now; nothing of a line that is gone."""
    left = row.remaining_bytes
    return "" if isinstance(left, Absent) else octets(left, unlimited=bool(row.unlimited))


(_REMAINING, _RESTRICTED) = columns(LineRow, "remaining_bytes restricted_bytes", shown=False)

COLUMNS: Columns[LineRow] = (
    *columns(LineRow, "line"),
    Column("provider", lambda row: row.provider, seller),
    *columns(LineRow, "carrier plan iccid msisdn tags"),
    _REMAINING._replace(cell=lambda row: "unlimited" if row.unlimited else _REMAINING.cell(row), person=remaining),
    _RESTRICTED._replace(person=restricted),
    *columns(LineRow, "expires_at renew_by owner order note", shown=False),
    Column("ties", lambda row: ",".join(f"{tie.role}:{tie.line}" for tie in row.ties) or None, shown=False),
    *columns(LineRow, "play_money", shown=False, sheet=True),
    *columns(LineRow, "id removed_at", shown=False),
)

#: state of a line → how it is shown
STATES = {
    "pending": ("not active yet", LOOK),
    "active": ("active", GOOD),
    "suspended": ("suspended", ACT),
    "expired": ("ended", ACT),
    "closed": ("closed", SOURCE),
    "unknown": ("unknown", SOURCE),
}


def state(row: LineRow) -> str:
    """`active`, `ended`, `removed`."""
    if row.removed_at:
        return styled(say("removed"), SOURCE)
    word, style = STATES[row.status or "unknown"]
    return styled(say(word), style) + (" " + styled(say("order open"), LOOK) if row.open_orders else "")


SCREEN: Columns[LineRow] = (
    Column("line", lambda row: row.line, priority=0),
    Column("", lambda row: row.play_money, lambda row: styled("SANDBOX", PLAY) if row.play_money else "", priority=4),
    Column("carrier", lambda row: row.carrier, lambda row: row.carrier or row.provider, priority=5),
    Column("plan", lambda row: row.plan, priority=6),
    Column("left", lambda row: row.remaining_bytes or None, remaining, right=True, priority=1),
    Column("ends", lambda row: instant(row.expires_at or None), lambda row: day_from_now(row.expires_at or None),
           priority=2, short=[lambda row: only_day(row.expires_at or None)]),
    Column("state", lambda row: row.status or None, state, priority=3),
    Column("tags", lambda row: ",".join(row.tags), lambda row: ", ".join(row.tags), priority=7),
)  # fmt: skip

#: how a tie is said, by the role of the other line
TIES = {
    "owner": "may use the data of {line}: {taken} taken",
    "member": "{line} may use its data: {taken} taken",
}

CAPPED = {
    "owner": "may use the data of {line}: {taken} of {cap} taken",
    "member": "{line} may use its data: {taken} of {cap} taken",
}


def one(data: LineDocument, terminal: Terminal) -> None:
    """One line in full; the carrier's codes and hotlines with their source and date."""
    line, put = data.line, terminal.tell
    shown = {
        "line": line.line,
        "id": line.id,
        "provider": seller(line) if line.provider else None,
        "carrier": line.carrier,
        "plan": line.plan,
        "iccid": line.iccid,
        "msisdn": line.msisdn,
        "owner": line.owner,
        "order": line.order,
        "note": line.note,
        "tags": ", ".join(line.tags),
    }
    for key, value in shown.items():
        if value:
            put(f"{say(key)}: {value}\n")
    for tie in line.ties:
        put(tie_sentence(tie) + "\n")
    if line.status is not ABSENT:
        left_lines(line, terminal)
    code_lines(line, terminal)
    if line.removed_at:
        put(say("removed: {time}", time=local(line.removed_at)) + "\n")
    elif line.removed:
        put(say("removed") + "\n")
    if line.rollover:
        put(say("rollover: {rollover}", rollover=of_line(line.rollover)) + "\n")
    contact_lines(line, terminal)
    facts = line.carrier_facts or ()
    if facts:
        put("\n")
    for fact in facts:
        note = f" ({fact.note})" if fact.note else ""
        dated = f"{fact.grade}, {fact.as_of or say('undated')}, {fact.source}"
        put(f"{fact.topic}: {', '.join(fact.values)}{note}  [{dated}]\n")


def tie_sentence(tie: TieRow) -> str:
    """Whose data a line may use, or who may use its data, and how much of it was taken."""
    template = (TIES if tie.cap_bytes is None else CAPPED)[tie.role]
    return say(template, line=tie.line, taken=octets(tie.taken_bytes), cap=octets(tie.cap_bytes))


def code_lines(line: LinePart, terminal: Terminal) -> None:
    """The activation code with what belongs to it."""
    if line.activation and line.activation.lpa:
        terminal.tell(f"LPA: {line.activation.lpa}\n")
        if line.activation.confirmation_code_required:
            terminal.tell(say("a confirmation code is needed") + "\n")
    if line.confirmation_code:
        terminal.tell(say("confirmation code: {code}", code=line.confirmation_code) + "\n")


def left_lines(line: LinePart, terminal: Terminal) -> None:
    """What is left, until when, and by when to renew, as far as it is known."""
    from esimctl.show.cards.balance_card import outlook

    if line.unlimited or line.remaining_bytes is not None:
        terminal.tell(say("can be used now: {volume}", volume=remaining(line)) + "\n")
    if line.used_bytes:
        terminal.tell(say("used: {volume}", volume=octets(line.used_bytes)) + "\n")
    if restricted(line):
        terminal.tell(say("{volume} more in its hours, apps or later", volume=restricted(line)) + "\n")
    if line.expires_at:
        terminal.tell(say("expires: {time}", time=local(line.expires_at)) + "\n")
    renewing = RolloverPart(
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
    for sentence in outlook(renewing, line.expires_at or None):
        terminal.tell(sentence + "\n")


#: purpose of a contact → how it is said
PURPOSES = {
    "balance": "check the balance: dial {value}",
    "topup": "top up by voucher: dial {value}",
    "unsubscribe": "unsubscribe from services: dial {value}",
    "number": "your own number: dial {value}",
    "registration": "who it is registered to: dial {value}",
    "roaming": "roaming: dial {value}",
    "gift": "give data away: {value}",
    "share": "share data: {value}",
    "call": "call customer care: {value}",
    "website": "website: {value}",
}


def contact_lines(line: LinePart, terminal: Terminal) -> None:
    """What to dial for what, and a code for the phone's camera that dials the balance."""
    contacts = line.contacts or ()
    if line.prefix_guess:
        guess = " / ".join(line.prefix_guess)
        terminal.tell(say("by its prefix the number may be {guess}'s: a guess, no fact", guess=guess) + "\n")
    for row in contacts:
        tel = f"  {row.tel}" if row.tel else ""
        said = say(PURPOSES[row.purpose], value=row.value)
        terminal.tell(f"- {said}{tel}  [{row.grade}, {row.as_of or say('undated')}]\n")
    first = next((row for row in contacts if row.purpose == "balance" and row.tel), None)
    if first is not None and first.tel is not None and terminal.out_is_terminal:
        from esimctl.show.cards import qr

        terminal.tell(say("scan it with the phone to dial {value}:", value=first.value) + "\n")
        qr.draw(first.tel, terminal)


#: the name of a step → what to do
STEPS: dict[str, str] = {
    "wifi": "Connect the phone to Wi-Fi. The code works once: do not begin where the network may break off.",
    "qr": "Show the QR code on another screen: esimctl lines qr {line}",
    "ios-scan": "On the iPhone: Settings, Mobile Service, Add eSIM, Use QR Code. Point the camera at it.",
    "by-hand": "Without a camera: Enter Details Manually. SM-DP+ address {address}, activation code {matching_id}.",
    "ios-link": "Or open this on the iPhone (iOS 17.4 and later): {apple_url}",
    "android-scan": "On the phone: Settings, Network & internet, SIMs, Add eSIM (Samsung: Connections, SIM manager).",
    "android-by-hand": "Without a camera: choose to enter it by hand and type {lpa}",
    "android-link": "Or open this on the phone; not every model knows it: {android_url}",
    "confirmation": "It will ask for the confirmation code: esimctl lines show {line} --show-code",
    "ios-roaming": "Turn the line on for mobile data, and Data Roaming for it if the seller says so.",
    "android-roaming": "Turn mobile data on for the new SIM, and roaming for it if the seller says so.",
}


def guide(data: InstallGuideDocument, terminal: Terminal) -> None:
    """Numbered steps, one a line."""
    activation = data.activation
    masked = say("masked; --show-code shows it")
    for number, step in enumerate(data.steps, 1):
        sentence = say(
            STEPS[step],
            line=data.line,
            address=data.address,
            matching_id=data.matching_id,
            lpa=activation.lpa,
            apple_url=activation.apple_url or masked,
            android_url=activation.android_url or masked,
        )
        terminal.tell(f"{number}. {sentence}\n")


def done(data: InstallDocument, terminal: Terminal) -> None:
    """One sentence."""
    terminal.tell(say("{line} is installed; turn it on where it is used", line=data.line) + "\n")


class GuideStep(NamedTuple):
    """A row of a guide."""

    line: str
    on: str
    step: str


GUIDE: Columns[GuideStep] = (
    Column("line", lambda row: row.line),
    Column("on", lambda row: row.on),
    Column("step", lambda row: row.step),
)

VIEWS = {
    "lines": View(
        COLUMNS,
        lambda data: data.lines,
        screen=SCREEN,
        most=50,
        showing="Showing {shown} of {count} lines (--all)",
        empty="no lines yet: esimctl lines add, or esimctl buy",
    ),
    "line": View(COLUMNS, lambda data: [data.line], one),
    "install": View(columns(InstallDocument, "line installed iccid eid notified"), None, done),
    "install-guide": View(GUIDE, lambda data: [GuideStep(data.line, data.on, step) for step in data.steps], guide),
}
