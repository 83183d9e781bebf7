"""`[settings.reminders]` of the profile: what is worth a word, when it is told, and how that is changed."""

from collections.abc import Callable, Mapping, MutableMapping
from datetime import datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final

from esimctl.documents.alerts import RemindersDocument, RemindersPart
from esimctl.documents.result import Result
from esimctl.errors import ConfigurationError, UsageError
from esimctl.profile.books import open_books
from esimctl.values.moments import Duration, parse_duration
from esimctl.values.money import Money
from esimctl.values.record import record
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw, SaidError, Sentence
from esimctl.values.tables import Table, TableError, spell
from esimctl.values.toml import Toml, table_at, table_in

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

_CLOCK: Final = regex(r"([01]\d|2[0-3]):([0-5]\d)\Z")

_HOURS: Final = regex(r"(\d\d:\d\d)-(\d\d:\d\d)\Z")

STALE_AFTER: Final = Duration(days=1)


@record
class Reminders:
    """What is announced. The percentages are those that the regulator has operators announce: 90 and 100 % used."""

    used_percent: tuple[int, ...] = (90, 100)
    expiry_days: tuple[int, ...] = (7, 3, 1)
    low_balance: Money | None = None
    stale_after: Duration = STALE_AFTER
    quiet: tuple[time, time] | None = None
    digest: time | None = None
    morning: time | None = None
    monthly: bool = False
    each: bool = False  #: one message for each alert, not one for all of a run


def read_reminders(settings: Mapping[str, Toml]) -> Reminders:
    """The settings of a profile; ConfigurationError (78) names the key that cannot be read."""
    table = Table(settings.get("reminders", {}), ("settings", "reminders"))
    try:
        read = {key: read(table, key) for key, read in _READERS.items() if table.has(key)}
        table.finish()
    except TableError as error:
        raise _wrong(spell(error.problem.path[2:]), error.problem.reason) from None
    return Reminders(**read)


def is_quiet(hours: tuple[time, time] | None, now: datetime, where: tzinfo) -> bool:
    """Whether `now` lies in the quiet hours, which may span midnight; half-open."""
    if hours is None:
        return False
    begin, end = hours
    at = now.astimezone(where).time()
    return begin <= at < end if begin <= end else at >= begin or at < end


def last_clock(at: time, now: datetime, where: tzinfo) -> datetime:
    """The newest instant, not after `now`, at which the wall clock there showed `at`."""
    local = now.astimezone(where)
    today = datetime.combine(local.date(), at, where)
    if today > local:
        today = datetime.combine(local.date() - timedelta(days=1), at, where)
    return today


def clock(text: str) -> time:
    """`07:30` as a time of day."""
    found = _CLOCK.match(text)
    if found is None:
        raise SaidError("must be a time of day, such as 07:30")
    return time(int(found[1]), int(found[2]))


def hours(text: str) -> tuple[time, time]:
    """`22:00-07:00` as two times of day."""
    found = _HOURS.match(text)
    if found is None:
        raise SaidError("must be two times of day, such as 22:00-07:00")
    return clock(found[1]), clock(found[2])


def _numbers(most: int) -> Callable[[Table, str], tuple[int, ...]]:
    def read(table: Table, key: str) -> tuple[int, ...]:
        value = table.raw(key)
        values = value if isinstance(value, list) else [value]
        if not all(type(item) is int and 0 < item <= most for item in values):
            raise table.wrong(key, "must be whole numbers from 1 to {most}", most=most)
        return tuple(values)

    return read


#: key → how its value is read; each is a field of Reminders
_READERS: Final[Mapping[str, Callable[[Table, str], Any]]] = {
    "used_percent": _numbers(100),
    "expiry_days": _numbers(366),
    "low_balance": Table.money,
    "stale_after": lambda table, key: table.parsed(key, parse_duration),
    "quiet": lambda table, key: table.parsed(key, hours),
    "digest": lambda table, key: table.parsed(key, clock),
    "morning": lambda table, key: table.parsed(key, clock),
    "monthly": Table.flag,
    "each": Table.flag,
}


def _wrong(key: str, what: Sentence) -> ConfigurationError:
    return ConfigurationError(
        "profile.toml: settings.reminders.{key}: {what}",
        hint="esimctl autotopup reminders --help",
        code="bad_reminder",
        key=Raw(key),
        what=what,
    )


def show(session: "Session") -> "Result[RemindersDocument]":
    """What holds now."""
    settings = read_reminders(session.settings)
    quiet = settings.quiet
    part = RemindersPart(
        used_percent=list(settings.used_percent),
        expiry_days=list(settings.expiry_days),
        low_balance=settings.low_balance,
        stale_after=str(settings.stale_after),
        quiet=None if quiet is None else f"{quiet[0]:%H:%M}-{quiet[1]:%H:%M}",
        digest=_clock(settings.digest),
        morning=_clock(settings.morning),
        monthly=settings.monthly,
        each=settings.each,
    )
    return Result("reminders", RemindersDocument(reminders=part))


def _clock(at: time | None) -> str | None:
    return None if at is None else f"{at:%H:%M}"


def change(session: "Session", given: Mapping[str, Toml], *, reset: bool = False) -> "Result[RemindersDocument]":
    """Write new settings; `none` takes one away, `reset` all of them."""
    before = {} if reset else dict(table_at(session.settings, "reminders"))
    wanted = {**before, **given}
    wanted = {key: value for key, value in wanted.items() if value != "none"}
    try:
        read_reminders({"reminders": wanted})
    except ConfigurationError as error:
        raise UsageError(
            "{key}: {what}", hint="esimctl autotopup reminders --help", code="bad_reminder",
            key=error.params["key"], what=error.params["what"],
        ) from None  # fmt: skip

    def edit(doc: MutableMapping[str, Toml]) -> None:
        settings = table_in(doc, "settings")
        if wanted:
            settings["reminders"] = wanted
        elif "reminders" in settings:
            del settings["reminders"]

    with open_books(session, "autotopup reminders"):
        session.store.profile.edit(edit)
        session.forget()
    return show(session)
