"""The door and the guard: whatever a stranger's bytes do to our code comes out as that vendor's failure."""

from datetime import UTC, datetime, timedelta
from decimal import InvalidOperation
from types import SimpleNamespace
from typing import Any

import pytest

from esimctl.errors import EsimctlError, ProtocolViolation, Refused, Unreachable
from esimctl.malformed import Malformed, parsed
from esimctl.providers import abilities
from esimctl.providers.airalo.provider import Airalo
from esimctl.providers.asking import Limit, skew
from esimctl.providers.celitech.provider import Celitech
from esimctl.providers.esim_access.provider import EsimAccess
from esimctl.providers.guard import ASKED, guarded
from esimctl.providers.protocol import Answer, Provider, Verdict
from esimctl.providers.strict_json import JsonObject, as_objects, decode
from esimctl.providers.tokens import Tokens

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
ADAPTERS = (EsimAccess, Airalo, Celitech)
RAISED = (
    OverflowError, RecursionError, InvalidOperation, UnicodeError, KeyError, AttributeError, ZeroDivisionError,
    MemoryError, AssertionError, StopIteration,
)  # fmt: skip
#: they have a word of their own for it: an answer, an outcome
OWN_WORD = {"send", "interpret", "look_up"}
#: these ask nobody, or only the embedded operator has them
NOT_ASKED = {"clock_skew", "gift", "restate", "share", "stories", "term_begin", "unshare", "uses", "word"}


def fails(kind: type[BaseException]) -> Any:
    def read(*_given: object, **_more: object) -> Any:
        raise kind

    return read


@pytest.mark.parametrize("kind", RAISED)
def test_nothing_but_malformed_comes_through_the_door(kind: type[Exception]) -> None:
    """Whatever a library raises."""
    with pytest.raises(Malformed, match="no date"):
        parsed(fails(kind), "x", why="no date")
    with pytest.raises(ProtocolViolation) as caught:
        guarded(fails(kind))(SimpleNamespace(name="airalo"))
    assert (caught.value.code, caught.value.params["provider"]) == ("malformed", "airalo")


@pytest.mark.parametrize("kind", [Refused, OSError, KeyboardInterrupt])
def test_what_is_no_reading_of_bytes_passes(kind: Any) -> None:
    """Failures of ours, of the disk, of a person: nobody's bytes are wrong."""
    made = kind("x")

    def read() -> Any:
        raise made

    with pytest.raises(kind) as caught:
        parsed(read)
    assert caught.value is made


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_everything_that_an_adapter_is_asked_is_guarded(adapter: type) -> None:
    """By the protocols: a method that is added there, or to an adapter, is guarded or has a word of its own."""
    faces = [
        Provider,
        *(one for one in vars(abilities).values() if getattr(one, "__module__", "") == abilities.__name__),
    ]
    wanted = {name for face in faces for name in vars(face) if callable(vars(face)[name]) and not name.startswith("_")}
    assert wanted - OWN_WORD - NOT_ASKED <= ASKED
    own = [vars(each)[name] for each in adapter.__mro__ for name in ASKED & vars(each).keys()]
    bare = [
        each for each in own if not hasattr(each, "__wrapped__") and not getattr(each, "__isabstractmethod__", False)
    ]
    assert bare == []


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("kind", RAISED[:4])
def test_an_order_has_its_own_word_for_it(adapter: Any, kind: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    """After it may have left nothing is raised: an answer that says nothing, and an outcome that nobody knows."""
    seller = adapter.__new__(adapter)
    seller.name = "x"
    for name in ("_send", "understand"):
        monkeypatch.setattr(adapter, name, fails(kind), raising=False)
    monkeypatch.setattr(adapter, "find", guarded(fails(kind)))
    order: Any = SimpleNamespace()
    answer = seller.send(order, None, NOW, deadline=1.0)
    assert (answer.status, answer.sent, answer.failure) == (None, True, "malformed")
    assert seller.interpret(order, Answer(200, b"{}")).verdict is Verdict.AMBIGUOUS
    assert seller.look_up(order, NOW, deadline=1.0).verdict is Verdict.AMBIGUOUS


@pytest.mark.parametrize("text", ["1e9999999999999999999", "-1E-9999999999999999999", "9" * 31, "0." + "1" * 40])
def test_numbers_beyond_all_counting_are_malformed(text: str) -> None:
    """Also in a field that nobody reads."""
    with pytest.raises(Malformed, match="absurd"):
        decode(f'{{"x": {text}}}'.encode())


@pytest.mark.parametrize("value", [1 << 63, -(1 << 63), "9" * 20])
def test_figures_stay_within_what_a_file_can_hold(value: int | str) -> None:
    """64 bits, as a figure and as a count."""
    found = JsonObject({"x": value})
    for read in (found.number, found.integer):
        with pytest.raises(Malformed):
            read("x")


@pytest.mark.parametrize("key", ["\u00b2", "\u0663", "9" * 5000])
def test_keys_that_only_look_like_places(key: str) -> None:
    """A list as an object has the keys 0, 1, 2 …; a superscript is no number, and 5,000 digits are no place."""
    with pytest.raises(Malformed):
        as_objects({key: {}}, "it")


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 31 Dec 9999 23:59:59 -0100", f"Fri, 31 Dec {'9' * 20} 23:59:59 GMT", "Fri, 31 Dec 2300 00:00:00 GMT",
        f"Fri, 31 Dec 2026 {'9' * 20}:59:59 GMT", f"Fri, 31 Dec 2026 23:59:59 +{'9' * 20}",
    ],
)  # fmt: skip
def test_dates_that_no_clock_shows_say_nothing(text: str) -> None:
    """Neither a skew nor an exception."""
    assert skew({"date": text}, NOW) is None


def test_who_waits_for_a_token_waits_within_the_own_time() -> None:
    """A token that comes slowly to one thread does not keep the next ones for their own time on top."""
    account: Any = SimpleNamespace(name="x", tokens=None, auth_address=None, address=None)
    tokens = Tokens(account, None, "token", limit=Limit("token", 3, 60.0), margin=timedelta(minutes=1))  # type: ignore[arg-type]
    with tokens._lock, pytest.raises(Unreachable) as caught:
        tokens.headers(NOW, 0.01)
    assert isinstance(caught.value, EsimctlError)
