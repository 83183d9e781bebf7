"""`doctor --clock`: a person says what day it is, and what a wrong clock has written is taken back."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from esimctl.autotopup.clock import MOST_SKEW, is_far_ahead, provider_skew
from esimctl.errors import EsimctlError, OwnRules, UsageError
from esimctl.profile.credentials import source_of
from esimctl.setup.providers import kind_of
from esimctl.store.kept_by import BUILT
from esimctl.store.mend import take_clock_back
from esimctl.values.sentence import Param, Raw, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esimctl.profile.opened import Session

#: what came of a person's date, and what contradicts it
TEXTS: Final = {
    "no_books": "there are no books yet: nothing was written",
    "none": "no entry of the journal stands in the future: nothing was written",
    "noted": "the date is taken down: rules go on from here",
    "taken_back": "{count} entries stood in the future, up to {stood}: they count today, and in the month they state",
    "release": "it cannot be {day}: this program was made on {other}",
    "says": "it cannot be {day}: {provider} says that it is {other}",
    "said": "it cannot be {day}: {provider} said {other} before",
}
#: somewhere on Earth it is a day earlier, or later, than by UTC: whoever travels says the date that is around them
EASTERN, WESTERN = timedelta(hours=14), timedelta(hours=-12)
#: a provider's time that lies so long after the release is no time of day, and keeps nobody from saying the date
MOST_AGE: Final = timedelta(days=20 * 366)
ASKING: Final = 10.0  #: seconds for one provider's answer


def set_clock(session: "Session", typed: str) -> list[Sentence]:
    """Take back what was written in the future; what to tell of it.

    `typed` is today's date as a person gave it: it has to agree with the clock of this machine, with the release, and
    with what providers say. OwnRules (5) where it does not, UsageError (2) for what is no date.
    """
    day, store = read_day(typed), session.store
    store.check_open()
    check_day(session, day)
    if not store.exists():
        return [Sentence(TEXTS["no_books"])]
    with store.locked(purpose="doctor --clock", any_clock=True):
        ledger, now = store.ledger_for_reading(), session.clock.now()
        taken = take_clock_back(store, now, confirm=is_far_ahead(session, ledger, now))
    if taken is None:
        return [Sentence(TEXTS["none"])]
    if taken.stood is None:
        return [Sentence(TEXTS["noted"])]
    params: dict[str, Param] = {"count": taken.entries, "stood": Raw(f"{taken.stood:%Y-%m-%d %H:%M} UTC")}
    return [
        Sentence(
            "{count} entries stood in the future, up to {stood}: they count today, and in the month they state", params
        )
    ]


def read_day(typed: str) -> date:
    """A date like 2026-11-29; UsageError (2) for anything else."""
    try:
        if len(typed.strip()) == len("2026-11-29"):
            return date.fromisoformat(typed.strip())
    except ValueError:
        pass
    raise UsageError(
        "{text!r} is not a date like 2026-11-29",
        hint="esimctl doctor --clock YYYY-MM-DD",
        code="bad_date",
        text=Raw(typed),
    )


def check_day(session: "Session", day: date) -> None:
    """OwnRules (5) where the release, the clock of this machine or a provider contradicts a person's date."""
    now = session.clock.now()
    if not session.clock.rehearsal and day < BUILT.date():
        raise _contradicted(TEXTS["release"], day, BUILT.date())
    if not (now + WESTERN).date() <= day <= (now + EASTERN).date():
        raise OwnRules(
            "it cannot be {day}: the clock of this machine says {now}",
            hint="set the clock, then: esimctl doctor --clock {day}",
            code="clock_contradicted",
            day=day,
            now=Raw(f"{now:%Y-%m-%d %H:%M} UTC"),
        )
    for name, theirs in said_by_providers(session):
        if abs(theirs - now) > MOST_SKEW:
            raise _contradicted(TEXTS["says"], day, theirs.date(), name)
    heard = last_heard(session)
    if heard is not None and heard[1] > now + MOST_SKEW:
        raise _contradicted(TEXTS["said"], day, heard[1].date(), heard[0])


def last_heard(session: "Session") -> tuple[str, datetime] | None:
    """(provider, its time) of the newest answer whose time the journal keeps; None in a rehearsal."""
    if session.clock.rehearsal or not session.store.exists():
        return None
    told = [
        (order.last_their_time, order.provider)
        for order in session.store.ledger_for_reading().orders.values()
        if order.last_their_time is not None and order.last_their_time < BUILT + MOST_AGE
    ]
    at, name = max(told, default=(None, ""))
    return None if at is None else (name, at)


def said_by_providers(session: "Session") -> "Iterator[tuple[str, datetime]]":
    """(provider, its time now) of those who have credentials and answer; nothing is ordered."""
    if session.clock.rehearsal:
        return
    for name in session.section("provider"):
        try:
            kind = kind_of(session, name)
            if kind.base_url is None or source_of(session, name, kind) is None:
                continue
            session.progress(Sentence("asking {name}", {"name": Raw(name)}))
            session.provider(name).account_balance(session.clock.now(), deadline=ASKING)
        except EsimctlError:
            pass  # it may have said its time all the same
        try:
            apart = provider_skew(session, name)
        except EsimctlError:
            continue
        if apart is not None:
            yield name, session.clock.now() + apart


def _contradicted(template: str, day: date, other: date, provider: str = "") -> OwnRules:
    return OwnRules(
        template,
        hint="set the clock of this machine, then: esimctl doctor --clock",
        code="clock_contradicted",
        day=day,
        other=other,
        provider=Raw(provider),
    )
