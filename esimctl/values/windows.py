"""Times of the day and week at which a bucket may be used: weekend and night packs (R-23)."""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from esimctl.values.record import record
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw, commas
from esimctl.values.tables import Table

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = regex(r"([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)
_WHOLE_DAY = 24 * 60


@record
class Window:
    """Half-open times from `opens` to `closes` (minutes of the local day) on the days on which it opens (0 is Monday).

    A window that closes at or before its opening time closes on the next day.
    """

    days: frozenset[int] = frozenset(range(7))
    opens: int = 0
    closes: int = _WHOLE_DAY

    def open_at(self, moment: datetime, where: tzinfo) -> bool:
        """Whether usage at that instant falls into the window, on the wall clock of that zone."""
        local = moment.astimezone(where)
        minute = local.hour * 60 + local.minute
        today = local.weekday()
        if self.opens < self.closes:
            return today in self.days and self.opens <= minute < self.closes
        return (today in self.days and minute >= self.opens) or ((today - 1) % 7 in self.days and minute < self.closes)

    def next_change(self, after: datetime, where: tzinfo) -> datetime:
        """The first instant after the given one at which the window opens or closes (at most 8 days ahead)."""
        day = after.astimezone(where).date() - timedelta(days=1)
        was = self.open_at(after, where)
        for offset in range(10):
            for minute in sorted({0, self.opens % _WHOLE_DAY, self.closes % _WHOLE_DAY}):
                local = datetime.combine(day + timedelta(days=offset), time(minute // 60, minute % 60), where)
                moment = local.astimezone(UTC)
                if moment > after and self.open_at(moment, where) != was:
                    return moment
        return datetime.max.replace(tzinfo=UTC)

    @property
    def hours(self) -> tuple[str, str]:
        """When it opens and closes, as it is written: 22:00, 06:00."""
        return _spell(self.opens), _spell(self.closes)

    def as_table(self) -> dict[str, str | list[str]]:
        """The keys `days`, `from` and `to` of a plan's table."""
        named = [DAYS[day] for day in sorted(self.days)]
        opens, closes = self.hours
        return {"days": named, "from": opens, "to": closes}

    def __str__(self) -> str:
        days = "" if len(self.days) == 7 else ",".join(DAYS[day] for day in sorted(self.days)) + " "
        return f"{days}{_spell(self.opens)}-{_spell(self.closes)}"


def window_from_text(text: str) -> Window | None:
    """The window that is spelled so (`sat,sun 00:00-24:00`), as readings keep it; None for any other text."""
    days, _, hours = text.rpartition(" ")
    opens, dash, closes = hours.partition("-")
    named = days.split(",") if days else list(DAYS)
    if not dash or any(day not in DAYS for day in named) or not (_CLOCK.fullmatch(opens) and _CLOCK.fullmatch(closes)):
        return None
    first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (opens, closes))
    return Window(frozenset(DAYS.index(day) for day in named), first, last)


def _spell(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def window_from_table(table: Table) -> Window:
    """Read `{ days = ["sat"], from = "22:00", to = "06:00" }`; all keys may be left out."""
    days: frozenset[int] = frozenset(range(7))
    if table.has("days"):
        named = table.raw("days")
        if not isinstance(named, list) or not named or any(day not in DAYS for day in named):
            raise table.wrong("days", "must be a list of {words}", words=commas(DAYS))
        days = frozenset(DAYS.index(day) for day in named)
    opens, closes = _minutes(table, "from", "00:00"), _minutes(table, "to", "24:00")
    if opens == _WHOLE_DAY:
        raise table.wrong("from", "a window opens at 23:59 at the latest")
    table.finish()
    return Window(days, opens, closes)


def _minutes(table: Table, key: str, default: str) -> int:
    written = table.text(key, default)
    found = _CLOCK.fullmatch(written)
    minutes = int(found[1]) * 60 + int(found[2]) if found else _WHOLE_DAY + 1
    if minutes > _WHOLE_DAY:
        raise table.wrong(key, "{text} is not a time like '06:00' or '24:00'", text=Raw(f"{written!r:.40}"))
    return minutes
