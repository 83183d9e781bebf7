"""From pasted texts and CSV rows to what they state: messages by patterns, rows by headers. Nothing is guessed."""

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from esimctl.catalogue.patterns import Figures, ParsedMessage, Pattern, plain, read_pattern, understand
from esimctl.documents.reading import read
from esimctl.documents.usage import RefusedRow
from esimctl.errors import ConfigurationError, UsageError
from esimctl.profile.rows import Rows
from esimctl.store.sheet import SheetRow, names_of, read_sheet
from esimctl.values.as_typed import money_of, volume_of
from esimctl.values.moments import zone
from esimctl.values.record import record, replace
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw, SaidError
from esimctl.values.tables import TableProblem, read_rows
from esimctl.values.text import LongText, clean
from esimctl.values.toml import text_at
from esimctl.values.typed_days import instant_of
from esimctl.values.volume import parse_octets

if TYPE_CHECKING:
    from datetime import tzinfo

    from esimctl.profile.opened import Session

LONGEST = 64_000  #: characters of a pasted text

MOST_ROWS = 1_000_000

MOST_MODELLED = 50_000  #: of a line whose story every look plays from its beginning

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

LATEST = timedelta(days=1100)  #: no pack and no number is valid longer without another payment

KEPT = 1_000  #: characters of one message that are kept

#: messages of these are about money or a purchase: they say nothing of the data that is left
NO_DATA = frozenset({"bought", "failed", "other"})


@record
class Seen:
    """One thing that was read off a phone. `digest` names its content, `dated` whether its instant was stated."""

    at: datetime
    source: str
    figures: Figures
    digest: str
    dated: bool = False
    text: str | None = None
    pattern: str | None = None
    tells: str | None = None
    insisted: bool = False  #: a person was asked about it, and means it as it stands

    @property
    def understood(self) -> bool:
        """Whether a pattern fits, or a person typed the figures."""
        return self.text is None or self.pattern is not None


def own_patterns(session: "Session") -> tuple[Pattern, ...]:
    """The patterns that this person taught; a broken one is a ConfigurationError that names it."""
    if not session.section("pattern"):
        return ()
    problems: list[TableProblem] = []
    found = read_rows(session.table, "pattern", read_pattern, problems)
    if problems:
        raise ConfigurationError("{finding}", code="bad_pattern", finding=problems[0].said)
    return tuple(found.values())


def digest_of(*parts: object) -> str:
    """The name of a content: the same text, evenly written, has the same one."""
    return sha256("\n".join(str(part) for part in parts).encode()).hexdigest()[:32]


def messages(session: "Session", line: str, text: str, kind: str | None, at: datetime | None) -> list[Seen]:
    """Every message of a text, understood or not, as it was pasted."""
    if len(text) > LONGEST:
        raise UsageError("the text is longer than {most} characters", code="too_long", most=LONGEST)
    table, now = session.line(line), session.clock.now()
    carrier, where, own = text_at(table, "carrier"), zone(session.zone), own_patterns(session)

    def read(message: str) -> ParsedMessage | None:
        reading = understand(message, carrier, kind, where, own)
        return None if reading is None or unlikely(reading.figures, at or now) else reading

    found = []
    for message in parted(text, kind, lambda message: read(message) is not None):
        reading = read(message)
        figures = Figures() if reading is None or reading.pattern.tells in NO_DATA else reading.figures
        stated = at or (None if reading is None else reading.figures.read)
        figures = ending(figures, stated or now, where)
        source = kind or (reading.pattern.kinds[0] if reading and len(reading.pattern.kinds) == 1 else "sms")
        digest = digest_of(plain(message), "" if at is None else at.isoformat())
        found.append(
            Seen(
                stated or now, source, figures, digest, stated is not None, clean(message, KEPT, newlines=True),
                None if reading is None else reading.pattern.id, None if reading is None else reading.pattern.tells,
            )
        )  # fmt: skip
    return found


def ending(figures: Figures, at: datetime, where: "tzinfo") -> Figures:
    """The figures with the end that «in 3 days» comes to: the first instant of that day, the earlier end."""
    if figures.days is None or figures.expires is not None:
        return figures
    day = at.astimezone(where).date() + timedelta(days=figures.days)
    local = datetime.combine(day, datetime.min.time(), where)
    return replace(figures, days=None, expires=local.astimezone(UTC), expires_day=True)


#: header of a CSV column → what it holds
COLUMNS = {
    "at": "at", "date": "at", "time": "at", "read_at": "at", "remaining": "remaining", "remaining_bytes": "remaining",
    "left": "remaining", "used": "used", "used_bytes": "used", "balance": "balance", "main_balance": "balance",
    "expires": "expires", "expires_at": "expires",
}  # fmt: skip


HELD = frozenset(COLUMNS.values())


def looks_like_csv(text: LongText) -> bool:
    """Whether the first line is a header that is known: an instant and a figure."""
    words = {COLUMNS.get(name) for name in names_of(text)}
    return "at" in words and bool(words & {"remaining", "used", "balance"})


class MessageTable:
    """The readings of a CSV file, which may be a million: the cells of each beside the program's memory.

    `refused` holds the rows that cannot be read, `sheet` is what they stood in.
    """

    def __init__(self, session: "Session", text: LongText) -> None:
        if not looks_like_csv(text):
            raise UsageError(
                "the first line of a CSV file names its columns: at, and remaining, used or balance",
                hint="at,remaining,expires",
                code="csv_header",
            )
        self._session = session
        self._cells = Rows[dict[str, str]](dict)
        self._moments = array("q")  #: microseconds since 1970
        self.refused = Rows(lambda kept: read(RefusedRow, kept))
        self.sheet = read_sheet(text, COLUMNS)
        for row in self.sheet.rows:
            self._take(row)

    def _take(self, row: SheetRow) -> None:
        if len(self) + len(self.refused) >= MOST_ROWS:
            raise UsageError("more than {most} rows", code="too_long", most=MOST_ROWS)
        named = {key: value for key, value in row.cells.items() if key in HELD}
        try:
            if row.wrong is not None:
                raise SaidError("{why}", why=row.wrong)
            at, _ = _row(self._session, named)
        except ValueError as why:
            self.refused.append(RefusedRow(row=row.number, why=str(why)))
            return
        self._moments.append((at - _EPOCH) // timedelta(microseconds=1))
        self._cells.append(named)

    def __len__(self) -> int:
        return len(self._moments)

    def places(self) -> Sequence[int]:
        """The places of the readings, the oldest first."""
        every, moments = range(len(self)), self._moments
        if all(moments[place] <= moments[place + 1] for place in every[:-1]):
            return every
        return array("L", sorted(every, key=moments.__getitem__))

    def seen(self, places: Iterable[int]) -> Iterator[Seen]:
        """The readings at these places."""
        for place in places:
            named = self._cells[place]
            at, figures = _row(self._session, named)
            yield Seen(at, "manual", figures, digest_of("csv", *sorted(map(str, named.items()))), dated=True)


def _row(session: "Session", named: dict[str, str]) -> tuple[datetime, Figures]:

    where = zone(session.zone)
    if "at" not in named:
        raise SaidError("it has no instant")
    expires = named.get("expires")
    figures = Figures(
        remaining=_octets(named.get("remaining")),
        used=_octets(named.get("used")),
        balance=_money(named.get("balance")),
        expires=None if expires is None else instant_of(expires, where),
        expires_day=expires is not None and len(expires) == len("2026-11-20"),
    )
    if not figures.any:
        raise SaidError("it states nothing")
    return instant_of(named["at"], where), figures


def _octets(text: str | None) -> int | None:

    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return int(parse_octets(f"{text}B"))
    octets = volume_of(text)
    if not isinstance(octets, int):
        raise SaidError("{text} is not a volume with a number", text=Raw(text))
    return octets


def _money(text: str | None) -> Any:
    return None if text is None else money_of(text)


def too_new(seen: Seen, now: datetime) -> bool:
    """Dated in the future: a clock is wrong, or a date was read in the wrong order."""
    return seen.at > now + timedelta(minutes=5)


def unlikely(figures: Figures, at: datetime) -> bool:
    """Ends so late that its date was read in the wrong order: `26/11/30` is not the year 2030."""
    return figures.expires is not None and figures.expires > at + LATEST


def outdated(seen: Seen) -> bool:
    """What it tells ended before it was read: an old message, whose figures are no longer what is left."""
    expires = seen.figures.expires
    if expires is None or seen.tells == "expired" or seen.insisted:
        return False
    end = expires + timedelta(days=1) if seen.figures.expires_day else expires
    return bool(end <= seen.at)


#: what a modem answers to a USSD code: `+CUSD: 0,"…",15`; the last number is the alphabet (3GPP TS 27.007, 7.15)
_CUSD: Final = regex(r'\+CUSD: ?[0-9],"(?P<text>[^"]*)"(?:, ?(?P<alphabet>[0-9]{1,3}))?')

#: UCS-2 as hexadecimal digits, four for each character (3GPP TS 23.038, 6.2.3)
_HEX: Final = regex(r"(?:[0-9A-Fa-f]{4}){8,}")

_PART: Final = regex(r"^\(?(?P<number>[1-9])/(?P<of>[2-9])\)?[ :.-]*")

MOST_JOINED: Final = 4  #: paragraphs that may be one message


def parted(text: str, kind: str | None, known: Callable[[str], bool]) -> list[str]:
    """The messages of a text: a reply is one, SMS stand apart by an empty line unless `known` only together."""
    whole = "\n".join(unpacked(text)).strip()
    if kind == "ussd" or not whole:
        return [whole] if whole else []
    lines = "\n".join(line.strip() for line in whole.splitlines())
    paragraphs = [part.strip() for part in re.split(r"\n{2,}", lines) if part.strip()]
    return list(_joined(_together(paragraphs), known))


def unpacked(text: str) -> Iterator[str]:
    """The lines of a text, those of a modem as a phone would show them."""
    for line in text.splitlines():
        reply = _CUSD.search(line)
        shown = line if reply is None else reply["text"]
        yield _characters(shown.strip()) if _HEX.fullmatch(shown.strip()) else shown


def _characters(digits: str) -> str:
    """What UCS-2 digits say; digits that say nothing readable stay as they are."""
    try:
        said = bytes.fromhex(digits).decode("utf-16-be")
    except ValueError:
        return digits
    return said if said.isprintable() or "\n" in said else digits


def _together(paragraphs: list[str]) -> list[str]:
    """Parts that count themselves, `(1/2) … (2/2) …`, as one."""
    made: list[str] = []
    expected = 0
    for paragraph in paragraphs:
        part = _PART.match(paragraph)
        number = 0 if part is None else int(part["number"])
        rest = paragraph if part is None else paragraph[part.end() :]
        if part is not None and number == expected and made:
            made[-1] = f"{made[-1]} {rest}"
        else:
            made.append(rest if number == 1 else paragraph)
        expected = number + 1 if part is not None and number < int(part["of"]) else 0
    return made


def _joined(paragraphs: list[str], known: Callable[[str], bool]) -> Iterator[str]:
    """Paragraphs that are known only as one, as one; the others each for itself."""
    place = 0
    while place < len(paragraphs):
        taken = 1
        if not known(paragraphs[place]):
            for count in range(2, min(MOST_JOINED, len(paragraphs) - place) + 1):
                if known("\n".join(paragraphs[place : place + count])):
                    taken = count
                    break
        yield "\n".join(paragraphs[place : place + taken])
        place += taken
