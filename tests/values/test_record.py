"""A record behaves as the dataclass of the same fields, to its callers and to the type checker."""

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from esimctl.values.record import REQUIRED, as_dict, field, fields, record, replace
from tests.tools import library

#: every name stands for something in the code that is made of them, or is the name of a method's own variable
NAMES = ("name", "f1", "f0", "put0", "hash", "other", "method", "named", "args", "cls", "after", "function")


class Spec(NamedTuple):
    """A field of a class that is made twice, as a record and as a dataclass."""

    default: Any = REQUIRED
    factory: Callable[[], Any] | None = None
    repr: bool = True
    compare: bool = True

    def given(self, field_of: Callable[..., Any]) -> Any:
        """What stands behind the name in the class."""
        flags = {"repr": self.repr, "compare": self.compare}
        if self.factory is not None:
            return field_of(default_factory=self.factory, **flags)
        return self.default if all(flags.values()) else field_of(default=self.default, **flags)


required = st.lists(st.just(Spec()), max_size=4)
others = st.lists(
    st.builds(Spec, st.none() | st.integers(), st.none(), st.booleans(), st.booleans())
    | st.builds(Spec, st.just(REQUIRED), st.sampled_from([list, dict, tuple]), st.booleans(), st.booleans()),
    max_size=5,
)
specs = st.tuples(required, others).map(lambda each: dict(zip(NAMES, each[0] + each[1], strict=False)))
values = st.integers(0, 2) | st.just("text") | st.just([])

#: a busy machine is no failure
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def classes(spec: dict[str, Spec], frozen: bool, base: tuple[type, type] = (object, object)) -> tuple[Any, Any]:
    """The record and the dataclass."""

    def body(field_of: Callable[..., Any]) -> dict[str, Any]:
        return {
            "__annotations__": dict.fromkeys(spec, Any),
            "__module__": __name__,
            **{name: one.given(field_of) for name, one in spec.items() if one != Spec()},
        }

    mine, theirs = type("Made", (base[0],), body(field)), type("Made", (base[1],), body(dataclasses.field))
    return record(frozen=frozen)(mine), dataclasses.dataclass(frozen=frozen, slots=True)(theirs)


def outcome(call: Callable[..., Any], *args: Any, **named: Any) -> str:
    """What a call gives, as text; an error with its class and words."""
    try:
        return repr(call(*args, **named))
    except TypeError as wrong:
        return f"TypeError: {wrong}"


@patient
@given(specs, st.booleans(), st.lists(values, max_size=10), st.dictionaries(st.sampled_from(NAMES[:10]), values))
def test_it_is_made_as_a_dataclass_is(
    spec: dict[str, Spec], frozen: bool, args: list[Any], named: dict[str, Any]
) -> None:
    """By place and by name, from the first time on; with the words of Python where something is too much or missing."""
    mine, theirs = classes(spec, frozen)
    expected = outcome(theirs, *args, **named).replace("classes.<locals>.", "")
    assert outcome(mine, *args, **named) == outcome(mine, *args, **named) == expected
    assert mine.__match_args__ == theirs.__match_args__ == tuple(fields(mine))
    shown = [
        [
            (each.name, each.kind, each.default is inspect.Parameter.empty)
            for each in inspect.signature(of).parameters.values()
        ]
        for of in (mine, theirs)
    ]
    assert shown[0] == shown[1]


@patient
@given(specs, st.booleans(), st.lists(values, min_size=9, max_size=9), st.lists(values, min_size=9, max_size=9))
def test_equality_hash_and_copies_are_those_of_a_dataclass(
    spec: dict[str, Spec], frozen: bool, first: list[Any], second: list[Any]
) -> None:
    assume(spec)
    mine, theirs = classes(spec, frozen)
    one, two = first[: len(spec)], second[: len(spec)]
    assert (mine(*one) == mine(*two)) == (theirs(*one) == theirs(*two))
    assert mine(*one) == mine(*one)
    assert mine(*one) != theirs(*one)
    assert outcome(hash, mine(*one)) == outcome(hash, theirs(*one))
    name = next(iter(spec))
    assert repr(replace(mine(*one), **{name: 9})) == repr(dataclasses.replace(theirs(*one), **{name: 9}))
    assert as_dict(mine(*one)) == dict(zip(spec, one, strict=True))
    assert as_dict(copy.copy(mine(*one))) == as_dict(copy.deepcopy(mine(*one))) == as_dict(mine(*one))
    assert fields(mine) == fields(mine(*one)) == {name: given.default for name, given in spec.items()}


@patient
@given(specs, specs, st.booleans(), st.data())
def test_inherited_fields_come_first(
    spec: dict[str, Spec], more: dict[str, Spec], frozen: bool, data: st.DataObject
) -> None:
    """In the order of the base; a field that is declared again keeps its place and changes its default."""
    own = dict(zip(data.draw(st.permutations(NAMES)), more.values(), strict=False))
    whole = list((spec | own).values())
    assume(whole == sorted(whole, key=lambda each: each != Spec()))
    mine, theirs = classes(own, frozen, classes(spec, frozen))
    assert mine.__match_args__ == theirs.__match_args__
    assert mine.__slots__ == theirs.__slots__
    values = range(len(whole))
    assert repr(mine(*values)) == repr(theirs(*values)) == repr(mine(**dict(zip(spec | own, values, strict=True))))
    assert mine(*values) == mine(*values)
    assert outcome(hash, mine(*values)) == outcome(hash, theirs(*values))


@record
class Price:
    """One for the tests that need no other."""

    TAX: ClassVar[int] = 10
    minor: int
    currency: str = "USD"


@record(frozen=False)
class Basket:
    """One that changes."""

    owner: str
    prices: list[Price] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.owner = self.owner.title()


def test_a_frozen_one_stays_as_it_is() -> None:
    price: Any = Price(3)
    for name in ("minor", "unknown"):
        with pytest.raises(AttributeError, match=f"Price is frozen: {name} stays as it is"):
            setattr(price, name, 4)
        with pytest.raises(AttributeError):
            delattr(price, name)
    assert price == Price(3)
    assert pickle.loads(pickle.dumps(price)) == price
    assert not hasattr(price, "__dict__")


def test_one_that_changes_has_only_its_fields_and_no_hash() -> None:
    basket: Any = Basket("ann")
    basket.prices.append(Price(3))
    assert (basket.owner, Basket("bo").prices) == ("Ann", [])
    basket.owner = "Bo"
    assert basket == Basket("bo", [Price(3)]) == copy.copy(basket)
    with pytest.raises(AttributeError):
        basket.other = 1
    with pytest.raises(TypeError, match="unhashable"):
        hash(basket)


def test_records_within_one_become_tables_too() -> None:
    basket = Basket("ann", [Price(3)])
    assert as_dict(basket) == {"owner": "Ann", "prices": [{"minor": 3, "currency": "USD"}]}
    assert as_dict(Basket("bo", [{"of": (Price(3),)}]))["prices"] == [{"of": ({"minor": 3, "currency": "USD"},)}]  # type: ignore[list-item]


def test_what_belongs_to_the_class_is_no_field() -> None:
    assert (tuple(fields(Price)), Price.TAX, Price(3).TAX) == (("minor", "currency"), 10, 10)
    match Price(7, "KHR"):
        case Price(minor, currency="KHR"):
            assert minor == 7
        case _:
            pytest.fail("a price is matched by place and by name")


def test_methods_that_a_class_has_stay() -> None:
    @record
    class Named:
        name: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Named) and self.name.lower() == other.name.lower()

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return self.name

    assert Named("A") == Named("a")
    assert (hash(Named("A")), repr(Named("A"))) == (7, "A")


def test_a_field_without_a_default_after_one_that_has_one_is_refused() -> None:
    """The checker says so; where nobody asked it, no default may go to a field that it does not belong to."""

    class Wrong:
        first: int = 1
        second: int

    with pytest.raises(TypeError, match="second without a default"):
        record(Wrong)(1, 2)


MISTAKES = {
    "Price()": 'Missing positional argument "minor"',
    "Price('3')": 'incompatible type "str"; expected "int"',
    "Price(3, curency='KHR')": 'Unexpected keyword argument "curency"',
    "Price(3).minor = 4": 'Property "minor" defined in "Price" is read-only',
    "replace(Price(3), minor='4')": 'Argument "minor" to "replace" of "Price" has incompatible type "str"',
    "replace(Price(3), major=4)": 'Unexpected keyword argument "major" for "replace"',
    "Basket('ann').owner = 4": 'expression has type "int", variable has type "str"',
    "Basket('ann', [4])": 'List item 0 has incompatible type "int"; expected "Price"',
    "reveal_type(replace(Price(3), minor=4))": 'Revealed type is "checked.Price"',
}


def test_a_field_of_a_dataclass_is_refused() -> None:
    """It would be taken for a default, and stand in every value of the class."""
    with pytest.raises(TypeError, match="prices is one of dataclasses"):

        @record
        class Basket:
            prices: list[int] = dataclasses.field(default_factory=list)


def test_the_type_checker_finds_what_it_finds_in_a_dataclass(tmp_path: Path) -> None:
    """Each mistake on a line of its own, and nothing where there is none."""
    checked = tmp_path / "checked.py"
    head = (
        "from typing import reveal_type\n"
        "from esimctl.values.record import field, record, replace\n"
        "@record\nclass Price:\n    minor: int\n    currency: str = 'USD'\n"
        "@record(frozen=False)\nclass Basket:\n    owner: str\n"
        "    prices: list[Price] = field(default_factory=list)\n"
        "Basket('ann', [Price(3), Price(4, 'KHR')]).owner = 'bo'\n"
    )
    checked.write_text(head + "\n".join(MISTAKES) + "\n")
    words = ["--strict", "--config-file", "", "--cache-dir", str(tmp_path / "cache"), str(checked)]
    told = library("mypy.api", "mypy").run(words)[0].splitlines()
    first = head.count("\n") + 1
    assert [int(line.split(":")[1]) for line in told[:-1]] == list(range(first, first + len(MISTAKES))), told
    assert [line for line, expected in zip(told, MISTAKES.values(), strict=False) if expected not in line] == []
