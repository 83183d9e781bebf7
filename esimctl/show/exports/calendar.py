"""An iCalendar file (RFC 5545): CRLF, folded at 75 octets, text escaped, an alarm for every reminder.

It has no METHOD: it is a calendar and no message to anybody, who would have to be answered (RFC 5546).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from esimctl.documents.exported import CalendarEvent
from esimctl.documents.orders import ExportDocument
from esimctl.show.amounts import octets
from esimctl.show.words import say
from esimctl.values.moments import instant
from esimctl.values.text import clean

LONGEST = 10_000
FOLD = 75  #: octets of a line without its end

#: kind → the title of its events
TEXTS = {
    "expiry": "{line} ends",
    "renew": "renew {line} now",
    "activate": "activate {line} before this",
    "carried": "{line}: {volume} carried over end",
    "keep": "{line}: last moment to renew and keep {volume}",
    "refund": "{line}: last day to ask for a refund",
    "cancellation": "{line}: last day to cancel",
}
#: kind → the command that helps
COMMANDS = {
    "expiry": "esimctl renew {line}", "renew": "esimctl renew {line}", "activate": "esimctl lines qr {line}",
    "keep": "esimctl renew {line}",
    "carried": "esimctl balance {line}", "refund": "esimctl transactions refund {order}",
    "cancellation": "esimctl transactions refund {order}",
}  # fmt: skip


def render(head: ExportDocument, rows: Iterable[CalendarEvent]) -> Iterator[str]:
    """The calendar, event by event."""
    opening = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//esimctl//transactions export//EN", "CALSCALE:GREGORIAN",
               f"X-WR-CALNAME:{escaped('esimctl ' + head.profile)}"]  # fmt: skip
    yield "".join(map(folded, opening))
    for row in rows:
        yield "".join(map(folded, event(row)))
    yield folded("END:VCALENDAR")


def event(row: CalendarEvent) -> Iterator[str]:
    """The lines of an event, unfolded."""
    line = clean(row.line, LONGEST)
    title = say(TEXTS[row.kind], line=line, volume="" if row.octets is None else octets(row.octets))
    if row.play:
        title = f"SANDBOX: {title}"
    told = [COMMANDS[row.kind].format(line=line, order=row.order)]
    if row.plan:
        told.insert(0, row.plan)
    if row.worked_out:
        told.append(say("worked out from what you bought, not read"))
    if row.keeps:
        told.append(say("renew by then, or what would carry over is lost"))
    yield "BEGIN:VEVENT"
    yield f"UID:{row.uid}"
    if row.stamp is not None:
        yield f"DTSTAMP:{stamp(row.stamp)}"
        yield f"LAST-MODIFIED:{stamp(row.stamp)}"
    yield f"SEQUENCE:{row.sequence}"
    if row.day is None:  # without a length some calendars show a whole day
        yield from (f"DTSTART:{stamp(row.at)}", "DURATION:PT1M")
    else:
        yield f"DTSTART;VALUE=DATE:{row.day:%Y%m%d}"
    yield f"SUMMARY:{escaped(title)}"
    yield "DESCRIPTION:" + r"\n".join(map(escaped, told))
    yield f"CATEGORIES:ESIM,{row.kind.upper()}"
    yield "TRANSP:TRANSPARENT"
    for minutes in row.alarms:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{escaped(title)}")
        yield from (f"TRIGGER:{trigger(minutes)}", "END:VALARM")
    yield "END:VEVENT"


def trigger(minutes: int) -> str:
    """So many minutes before the event begins."""
    days, rest = divmod(minutes, 24 * 60)
    return f"-P{days}D" if days and not rest else f"-PT{minutes}M" if minutes else "PT0S"


def stamp(at: datetime) -> str:
    """An instant in UTC as iCalendar writes it."""
    return f"{instant(at)}".replace("-", "").replace(":", "")


def escaped(text: str) -> str:
    """A TEXT value: control characters visible, so that no line can be begun; backslash, semicolon, comma escaped."""
    seen = clean(text, LONGEST)
    return seen.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def folded(line: str) -> str:
    """A content line in pieces of at most 75 octets, no character cut in two."""
    pieces, size = [""], 0
    for character in line:
        octets = len(character.encode())
        if size + octets > FOLD:
            pieces.append(" ")
            size = 1
        pieces[-1] += character
        size += octets
    return "\r\n".join(pieces) + "\r\n"
