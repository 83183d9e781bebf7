"""Bugs of the kinds that cost a household money or data, planted on purpose: its own books must notice each."""

from collections.abc import Callable
from typing import Any

Put = Callable[[object, str, Any], None]  #: as of pytest's monkeypatch: an object, a name, what stands there instead


def adds_before_it_renews(put: Put) -> None:
    """The weekly pack goes first, the renewal waits."""
    from esimctl.actions.autotopup import situation

    put(situation, "_TRIGGERS", {"schedule": 0, "before_expiry": 1, "threshold": 2})


def looks_for_an_effect_when_it_is_over(put: Put) -> None:
    """A pack for a week is looked for a week later."""
    from esimctl.actions.autotopup import effect

    put(effect, "proves", lambda order, after, lag, _where: order.settled_at + lag <= after.at)


def counts_what_waits(put: Put) -> None:
    """Data that begins with the next term keeps a rule from buying."""
    from esimctl.actions.autotopup import trigger

    real = trigger.judged
    put(trigger, "judged", lambda reading, now: real(reading, now) + sum(one.remaining or 0 for one in reading.ahead))


def does_not_look_again(put: Put) -> None:
    """What waited behind an order that this run settled waits a day longer."""
    from esimctl.actions.autotopup import run

    put(run, "look_again", lambda *_: None)


def forgets_a_day_of_the_schedule(put: Put) -> None:
    """The weekly pack is bought again and again."""
    from esimctl.actions.autotopup import situation

    put(situation, "last_made", lambda *_: None)


def never_renews(put: Put) -> None:
    """The plan is taken for renewed."""
    from esimctl.actions.autotopup import situation
    from esimctl.actions.autotopup.trigger import Due

    put(situation, "by_expiry", lambda *_: Due(False, "the plan ends on {at}", {"at": "never"}))


BUGS: dict[str, Callable[[Put], None]] = {
    bug.__name__: bug
    for bug in (
        adds_before_it_renews, looks_for_an_effect_when_it_is_over, counts_what_waits, does_not_look_again,
        forgets_a_day_of_the_schedule, never_renews,
    )
}  # fmt: skip

__all__ = ["BUGS", "Put"]
