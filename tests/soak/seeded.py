"""Bugs of the kinds that cost a household money or data, planted on purpose: its own books must notice each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.soak.household import Found, Household
from tests.soak.weather import CLOCKS, FAIR, SATURDAYS, Weather

Put = Callable[[object, str, Any], None]  #: as of pytest's monkeypatch: an object, a name, what stands there instead


def adds_before_it_renews(put: Put) -> None:
    """The weekly pack goes first, the renewal waits."""
    from esimctl.autotopup import situation

    put(situation, "_TRIGGERS", {"schedule": 0, "before_expiry": 1, "threshold": 2})


def looks_for_an_effect_when_it_is_over(put: Put) -> None:
    """A pack for a week is looked for a week later."""
    from esimctl.autotopup import effect

    put(effect, "proves", lambda order, after, lag, _where: order.settled_at + lag <= after.at)


def counts_what_waits(put: Put) -> None:
    """Data that begins with the next term keeps a rule from buying."""
    from esimctl.autotopup import trigger

    real = trigger.judged
    put(trigger, "judged", lambda reading, now: real(reading, now) + sum(one.remaining or 0 for one in reading.ahead))


def forgets_a_day_of_the_schedule(put: Put) -> None:
    """The weekly pack is bought again and again."""
    from esimctl.autotopup import situation

    put(situation, "last_made", lambda *_: None)


def never_renews(put: Put) -> None:
    """The plan is taken for renewed."""
    from esimctl.autotopup import situation
    from esimctl.autotopup.trigger import Due

    put(situation, "by_expiry", lambda *_: Due(False, "the plan ends on {at}", {"at": "never"}))


def leaves_the_future(put: Put) -> None:
    """A clock is taken back, and what it dated keeps its date."""
    from esimctl.ledger import happenings

    put(happenings, "take_back", lambda ledger, at, _since: setattr(ledger, "high_water", at))


@dataclass(frozen=True)
class Bug:
    """`plant` puts it in; it shows within so many days of that weather."""

    plant: Callable[[Put], None]
    days: int
    weather: Weather = FAIR


BUGS: dict[str, Bug] = {
    bug.plant.__name__: bug
    for bug in (
        Bug(adds_before_it_renews, 31, SATURDAYS),
        Bug(looks_for_an_effect_when_it_is_over, 20, SATURDAYS),
        Bug(counts_what_waits, 33),
        Bug(forgets_a_day_of_the_schedule, 3),
        Bug(never_renews, 8),
        Bug(leaves_the_future, 5, CLOCKS),
    )
}


def hunted(bug: Bug, put: Put) -> Found:
    """A household with the bug, up to the first difference."""
    bug.plant(put)
    return Household(3, 0.0, bug.weather).run(bug.days, first=True)


__all__ = ["BUGS", "Bug", "Put", "hunted"]
