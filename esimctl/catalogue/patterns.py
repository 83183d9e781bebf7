"""Messages of carriers as patterns: data with a source and a date, written as sentences with places for the figures.

A pattern fits a whole message or not at all, so that a message which was cut, changed or never seen gives no figure.
Places: `{remaining}` `{used}` `{granted}` (octets), `{balance}` `{bonus}` `{other}` (money), `{expires}`
`{bonus_expires}` `{read}` (dates), `{days}` (until the end), `{percent_used}` `{percent_left}`, `{minutes}`, and
without a meaning for us `{number}` `{date}` `{name}`. `{remaining}` may stand several times, also as
`{remaining:bonus}`: what is left in several buckets is added up.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import TypeVar

from esimctl.catalogue import shipped
from esimctl.catalogue.figures import NUMBER, Unreadable, moment, money, percent, volume
from esimctl.values.money import Money
from esimctl.values.record import field, record
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw, SaidError, commas
from esimctl.values.tables import Table

T = TypeVar("T")

KINDS = ("sms", "ussd")
ORDERS = ("dmy", "mdy", "ymd")
#: what a message is about; only the first four say what is left
TELLS = ("balance", "low", "empty", "expired", "bought", "topped-up", "failed", "other")
GRADES = ("V", "S", "U", "example", "own")

_KH = "\u1780-\u17ff"
#: Loose, so that they compile fast: what stands there is read strictly afterwards, or the message is not understood.
_VOLUME = rf"[0-9][0-9.,]{{0,20}}(?: [0-9]{{3}}[0-9., ]{{0,12}})? ?[a-zа-я{_KH}]{{1,10}}"
_MONEY = rf"[$៛a-z{_KH}]{{0,10}} ?[0-9][0-9.,]{{0,20}} ?[$៛a-z{_KH}]{{0,10}}"
_DATE = rf"[0-9a-z{_KH}][0-9a-z{_KH}:/., +-]{{4,40}}?"
#: place → the regular expression of its text; every repetition is bounded, so that no text takes long
PLACES: Mapping[str, str] = {
    "remaining": _VOLUME, "used": _VOLUME, "granted": _VOLUME, "balance": _MONEY, "bonus": _MONEY, "other": _MONEY,
    "expires": _DATE, "bonus_expires": _DATE,
    "read": _DATE, "percent_used": r"[0-9]{1,3}", "percent_left": r"[0-9]{1,3}", "minutes": r"[0-9]{1,5}",
    "days": r"[0-9]{1,3}",
    "number": NUMBER, "name": r"[^.,;:!?]{1,40}?", "date": _DATE,
}  # fmt: skip
#: places whose text has no meaning for us; they may stand more than once
NAMELESS = frozenset({"number", "name", "other", "date"})
#: the place whose figures are added up where it stands several times
ADDED = "remaining"
_PLACE = regex(r"\{([a-z_]+(?::[a-z0-9_-]{1,20})?)\}")
#: a place for what is there behind a minus: a debt is no figure that is left
_OWED = regex(r"(?:^|[^\w}])[-−]\{(?:remaining|used|granted|balance|bonus)[}:]")
_KHMER = str.maketrans("០១២៣៤៥៦៧៨៩", "0123456789")
_UNSEEN = regex("[\u200b-\u200f\u2060\ufeff\u00ad]")


class PatternError(SaidError):
    """A template that cannot be one; the message says why."""


@record
class Figures:
    """What a message states; None is what it does not state. `expires_day`: only the day was given."""

    remaining: int | None = None
    used: int | None = None
    granted: int | None = None
    balance: Money | None = None
    expires: datetime | None = None
    expires_day: bool = False
    read: datetime | None = None
    minutes: int | None = None
    percent_used: int | None = None
    days: int | None = None  #: so many days after the message its data ends
    bonus: Money | None = None  #: money beside the main balance, with an end of its own
    bonus_expires: datetime | None = None
    carried: int | None = None  #: carried data alone; only a person says it

    @property
    def any(self) -> bool:
        """Whether it states anything that a balance is made of."""
        parts = (
            self.remaining, self.used, self.balance, self.expires, self.minutes, self.percent_used, self.bonus,
            self.carried, self.days,
        )  # fmt: skip
        return any(part is not None for part in parts)


@record
class Pattern:
    """One sentence. `means` are figures that the words state without a number: `remaining = "0B"` of «used up»."""

    id: str
    carriers: tuple[str, ...]
    kinds: tuple[str, ...]
    template: str
    tells: str
    order: str
    language: str
    source: str
    as_of: str
    grade: str
    means: Mapping[str, str] = field(default_factory=dict)

    def fits(self, carrier: str | None, kind: str | None) -> bool:
        """Whether it may be tried for that carrier and kind of message; an unknown one excludes nothing."""
        return (carrier is None or not self.carriers or carrier in self.carriers) and kind in (None, *self.kinds)


@record
class ParsedMessage:
    """A message that was understood: the pattern, and the figures it states."""

    pattern: Pattern
    figures: Figures


def plain(text: str) -> str:
    """A message in the one form that is compared: Khmer digits as ours, spaces and case evened out."""
    words = _UNSEEN.sub("", text).translate(_KHMER).casefold().split()
    return " ".join(words).strip(" .!។")


def shown(text: str) -> str:
    """A message as a person sees it, on one line, with our digits."""
    return " ".join(_UNSEEN.sub("", text).translate(_KHMER).split())


def compiled(template: str) -> re.Pattern[str]:
    """A template as a regular expression. PatternError for an unknown place, one twice, or too few words."""
    sentence = plain(template)
    names = places_of(template)
    unknown = [name for name in names if name not in PLACES]
    if unknown:
        raise PatternError(
            "there is no place {{{name}}}; places: {places}", name=Raw(unknown[0]), places=commas(PLACES)
        )
    twice = {name for name in names if names.count(name) > 1} - NAMELESS - {ADDED}
    if twice:
        raise PatternError("the place {{{twice}}} stands twice", twice=Raw(min(twice)))
    if any(":" in place and not place.startswith(f"{ADDED}:") for place in _PLACE.findall(sentence)):
        raise PatternError("only {{{added}}} takes a word of its own, as in {{{added}:bonus}}", added=Raw(ADDED))
    if _OWED.search(sentence) is not None:
        raise PatternError("a figure behind a minus is owed, and not what is left")
    if sum(c.isalpha() for c in _PLACE.sub("", sentence)) < 8:
        raise PatternError("at least eight letters of the message must stand in the template as they are")
    if re.search(r"\}\s*\{", sentence):
        raise PatternError("two places stand side by side; nothing says where one ends")
    parts = _PLACE.split(sentence)
    made, added = "", 0
    for number, part in enumerate(parts):
        if number % 2 == 0:
            made += re.escape(part).replace(r"\ ", " ?" if not part.strip() else " ")
            continue
        name = part.partition(":")[0]
        added += name == ADDED
        group = f"{name}_{added}" if name == ADDED and added > 1 else name
        made += f"({PLACES[name]})" if name in NAMELESS else f"(?P<{group}>{PLACES[name]})"
    return re.compile(made)


def places_of(template: str) -> list[str]:
    """The names of a template's places in their order, words of their own left out."""
    return [place.partition(":")[0] for place in _PLACE.findall(plain(template))]


def understand(
    text: str,
    carrier: str | None,
    kind: str | None,
    where: tzinfo | None,
    own: Iterable[Pattern] = (),
    *,
    base: int = 1000,
) -> ParsedMessage | None:
    """The figures of a message, or None where no pattern fits, a value cannot be, or patterns disagree.

    `where` is the zone of its dates, `base` what its GB are made of. A person's own patterns come first.
    """
    sentence = plain(text)
    if not sentence or len(sentence) > 1000:
        return None
    for among in (tuple(own), candidates(sentence)):
        found = readings(text, carrier, kind, where, among, base=base)
        if found:
            same = all(each.figures == found[0].figures for each in found)
            return found[0] if same else None
    return None


def readings(
    text: str,
    carrier: str | None,
    kind: str | None,
    where: tzinfo | None,
    among: Iterable[Pattern],
    *,
    base: int = 1000,
) -> list[ParsedMessage]:
    """What each of these patterns that fits reads off a message: more than one where they disagree."""
    sentence = plain(text)
    return [
        ParsedMessage(pattern, figures)
        for pattern in among
        if pattern.fits(carrier, kind) and (figures := _read(pattern, sentence, where, base)) is not None
    ]


def candidates(sentence: str) -> tuple[Pattern, ...]:
    """The shipped patterns whose first words the message has."""
    begins = _begins()
    return begins.get(sentence[:HEAD], ()) + begins.get("", ())


HEAD = 4  #: characters by which patterns are looked up


@lru_cache(maxsize=1)
def _begins() -> dict[str, tuple[Pattern, ...]]:
    table: dict[str, tuple[Pattern, ...]] = {}
    for pattern in patterns():
        head = _PLACE.split(plain(pattern.template))[0]
        key = head[:HEAD] if len(head) >= HEAD else ""
        table[key] = (*table.get(key, ()), pattern)
    return table


@lru_cache(maxsize=512)
def _expression(template: str) -> re.Pattern[str]:
    return compiled(template)


def _read(pattern: Pattern, sentence: str, where: tzinfo | None, base: int) -> Figures | None:
    match = _expression(pattern.template).fullmatch(sentence)
    if match is None:
        return None
    try:
        return _figures(pattern, {**pattern.means, **match.groupdict()}, where, base)
    except Unreadable:
        return None


def _figures(pattern: Pattern, texts: Mapping[str, str], where: tzinfo | None, base: int) -> Figures:
    several = [volume(text, base) for name, text in texts.items() if name.split("_")[0] == ADDED]
    left = percent(texts["percent_left"]) if "percent_left" in texts else None
    ends = moment(texts["expires"], pattern.order, where) if "expires" in texts else None
    found = Figures(
        remaining=sum(several) if several else None,
        used=_said(texts, "used", lambda text: volume(text, base)),
        granted=_said(texts, "granted", lambda text: volume(text, base)),
        balance=_said(texts, "balance", money),
        expires=None if ends is None else ends[0],
        expires_day=ends is not None and ends[1],
        read=_said(texts, "read", lambda text: moment(text, pattern.order, where)[0]),
        minutes=_said(texts, "minutes", int),
        percent_used=_said(texts, "percent_used", percent) if left is None or "percent_used" in texts else 100 - left,
        days=_said(texts, "days", int),
        bonus=_said(texts, "bonus", money),
        bonus_expires=_said(texts, "bonus_expires", lambda text: moment(text, pattern.order, where)[0]),
    )
    if found.remaining is not None and found.granted is not None and found.remaining > found.granted:
        raise Unreadable("more is left than there was")
    return found


def _said(texts: Mapping[str, str], place: str, read: Callable[[str], T]) -> T | None:
    return read(texts[place]) if place in texts else None


@lru_cache(maxsize=1)
def patterns() -> tuple[Pattern, ...]:
    """All shipped patterns, in the order of the file."""
    return tuple(Pattern(**shipped.fields(row)) for row in shipped.compiled("patterns"))


def read_pattern(name: str, row: Table) -> Pattern:
    """One row, read strictly, its template and meanings tried; TableError names the key."""
    means = row.inner("means", None)
    made = Pattern(
        id=name,
        carriers=row.texts("carriers"),
        kinds=row.texts("kinds", KINDS),
        template=row.text("template"),
        tells=row.choice("tells", TELLS, "balance"),
        order=row.choice("order", ORDERS, "dmy"),
        language=row.choice("language", ("en", "km"), "en"),
        source=row.text("source"),
        as_of=row.day("as_of").isoformat(),
        grade=row.choice("grade", GRADES, "example"),
        means={} if means is None else {place: means.text(place) for place in means.table},
    )
    row.finish()
    try:
        compiled(made.template)
        _figures(made, made.means, None, 1000)
    except (PatternError, Unreadable) as why:
        raise row.wrong("template", why.said) from None
    return made
