"""Lines: the list of them, and how an eSIM comes onto a phone."""

from datetime import UTC, datetime
from typing import NamedTuple

from esimctl.documents.document import Absent
from esimctl.documents.lines import InstallDocument, InstallGuideDocument, LineRow, LinesDocument
from esimctl.show.amounts import octets
from esimctl.show.line_cells import plan_of
from esimctl.show.reader import reader
from esimctl.show.styles import ACT, ASKED, GOOD, LOOK, PLAY, SOURCE, styled
from esimctl.show.table import listed
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
    Column("plan", lambda row: row.plan, lambda row: plan_of(row.plan) or None, priority=6),
    Column("left", lambda row: row.remaining_bytes or None, remaining, right=True, priority=1),
    Column("ends", lambda row: instant(row.expires_at or None), lambda row: day_from_now(row.expires_at or None),
           priority=2, short=[lambda row: only_day(row.expires_at or None)]),
    Column("state", lambda row: row.status or None, state, priority=3),
    Column("tags", lambda row: ",".join(row.tags), lambda row: ", ".join(row.tags), priority=7),
)  # fmt: skip

#: states that are listed first: the line does not work
TROUBLE = {"expired", "suspended", "closed"}


def listing(data: LinesDocument, terminal: Terminal) -> None:
    """Lines that do not work on top, then by their end."""
    if not data.lines:
        terminal.note(say("no lines yet: esimctl lines add, or esimctl buy"))
        return
    last = datetime.max.replace(tzinfo=UTC)

    def place(row: LineRow) -> tuple[bool, datetime, str]:
        return (row.status not in TROUBLE, row.expires_at or last, row.line)

    listed(SCREEN, sorted(data.lines, key=place), terminal, most=50, showing="Showing {shown} of {count} lines (--all)")


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
    sign = styled("✓ " if reader().blocks else "", GOOD)
    terminal.tell(sign + say("{line} is installed; turn it on where it is used", line=styled(data.line, ASKED)) + "\n")


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
        listing,
        "no lines yet: esimctl lines add, or esimctl buy",
        SCREEN,
    ),
    "install": View(columns(InstallDocument, "line installed iccid eid notified"), None, done),
    "install-guide": View(GUIDE, lambda data: [GuideStep(data.line, data.on, step) for step in data.steps], guide),
}
