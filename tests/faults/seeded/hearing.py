"""Bugs of hearing: what strangers answer stops somebody else, loses an order, or is kept with a secret in it."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.faults import answers
from tests.faults.hostile import KINDS
from tests.faults.report import Report
from tests.faults.seeded import Change, Hunt, bug

READING = ("providers.strict_json", "providers.guard", "providers.price_list")


def hearing(place: str, *names: str) -> Hunt:
    """Cells of hostile answers, by the beginnings of their names."""
    kinds = [kind for kind in KINDS if kind.name.startswith(names)]
    assert kinds

    def hunt(changes: Sequence[Change]) -> Report:
        return answers.answers_layer(kinds=kinds[:2], places=(place,), required=1, changes=changes, first=True)

    return hunt


def _open_door(read: Callable[..., Any], *given: object, why: str = "") -> Any:
    """A door that lets out whatever comes, but for what was caught before there was one."""
    from esimctl.malformed import Malformed

    try:
        return read(*given)
    except (ValueError, RecursionError, TypeError, IndexError) as error:
        raise error if isinstance(error, Malformed) else Malformed(why) from error


def _ajar(read: Callable[..., Any], *given: object, **more: object) -> Any:
    """Such a door for what decides nothing."""
    from esimctl.malformed import Malformed

    try:
        return _open_door(lambda: read(*given, **more))
    except Malformed:
        return None


def _without_door(*modules: str) -> None:
    from importlib import import_module

    for name in modules:
        module = vars(import_module(f"esimctl.{name}"))
        module.update({each: door for each, door in (("parsed", _open_door), ("if_told", _ajar)) if each in module})


@bug(hearing("look", "field-0"))
def door_open_to_decimals() -> None:
    """An exponent of twenty digits is no ValueError."""
    _without_door(*READING)


@bug(hearing("look", "date-1-"))
def door_open_to_dates() -> None:
    """A year of twenty digits is no ValueError."""
    _without_door("providers.asking", "providers.guard")


@bug(hearing("run", "field-0"))
def one_vendor_stops_the_run() -> None:
    """A failure that is not ours to foresee ends the run for everybody."""
    _without_door(*READING)


@bug(hearing("killed", "field-0"))
def evidence_read_again_and_again() -> None:
    """What could not be read when it came cannot be read later either."""
    from esimctl.purchase import pursue

    _without_door(*READING, "providers.reseller")
    pursue.understood = lambda provider, sent, answer: provider.interpret(sent, answer)


@bug(hearing("after", "echo-units"))
def secrets_as_they_are_only() -> None:
    """A secret is looked for as it is, and not as it may be spelled."""
    from esimctl.values import secrecy

    def without(text: str, secrets: Any) -> str:
        for secret in secrets:
            text = text.replace(secret, "***")
        return text

    secrecy.without = without


@bug(hearing("after", "echo-base64-with-user"))
def base64_alone_only() -> None:
    """In base64 it is known alone, and not behind a name."""
    from base64 import b64encode
    from functools import cache

    from esimctl.values import secrecy

    real = secrecy._spelled

    @cache
    def spelled(secret: str) -> tuple[str, str, tuple[str, ...]]:
        return (*real(secret)[:2], (b64encode(secret.encode()).decode().rstrip("="),))

    secrecy._spelled = spelled
