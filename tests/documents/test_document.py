"""A definition gives keys, JSON, schema and back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator

from esimctl.documents.document import ABSENT, Absent, Anything, Document, Octets, Prose, as_json, field, one_of
from esimctl.documents.kinds import kinds
from esimctl.documents.reading import read
from esimctl.documents.schemas import part_schema
from esimctl.show.view import columns
from esimctl.values.money import Money
from esimctl.values.record import replace
from esimctl.values.sentence import Sentence


class PartOfATest(Document):
    left_bytes: Octets | None = field(column=1)
    state: Annotated[str, one_of("on|off")] | None
    from_: date
    story: Sequence[Prose] | Absent = ABSENT


class WholeOfATest(Document, schema="test"):
    at: datetime
    price: Money | None
    charged: bool | Literal["unknown"]
    part: PartOfATest | None
    parts: Iterable[PartOfATest]
    counts: Mapping[str, int]
    other: Anything
    said: Sentence
    more_of_it: str | Absent = ABSENT


PART = PartOfATest(left_bytes=None, state="on", from_=date(2026, 1, 31))
WHOLE = WholeOfATest(
    at=datetime(2026, 1, 31, 1, tzinfo=UTC),
    price=Money(-50, "USD"),
    charged="unknown",
    part=None,
    parts=(PART, PartOfATest(left_bytes=3, state=None, from_=date(2026, 2, 1), story=["a"])),
    counts={"one": 1},
    other=[{"x": None}],
    said=Sentence("{n} lines", {"n": 2}),
)
JSON: dict[str, Any] = {
    "at": "2026-01-31T01:00:00Z",
    "price": {"amount": "-0.50", "currency": "USD"},
    "charged": "unknown",
    "part": None,
    "parts": [
        {"left_bytes": None, "state": "on", "from": "2026-01-31"},
        {"left_bytes": 3, "state": None, "from": "2026-02-01", "story": ["a"]},
    ],
    "counts": {"one": 1},
    "other": [{"x": None}],
    "said": {"template": "{n} lines", "params": {"n": 2}},
}


def test_json_has_the_keys_as_declared_and_is_read_back() -> None:
    assert as_json(WHOLE) == JSON
    assert list(as_json(WHOLE)) == list(JSON)
    again = read(WholeOfATest, JSON)
    assert as_json(again) == JSON
    assert (again.at, again.price, again.more_of_it) == (WHOLE.at, WHOLE.price, ABSENT)


def test_a_wrong_or_missing_key_is_refused_when_it_is_made_and_when_it_is_read() -> None:
    with pytest.raises(TypeError, match="lacks from_"):
        PartOfATest(left_bytes=1, state="on")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="has no colour"):
        PartOfATest(left_bytes=1, state="on", from_=date(2026, 1, 1), colour="red")  # type: ignore[call-arg]
    with pytest.raises(AttributeError, match="frozen"):
        PART.state = "off"  # type: ignore[misc]
    with pytest.raises(KeyError):
        read(PartOfATest, {"left_bytes": 1, "state": "on"})
    with pytest.raises(ValueError):
        read(PartOfATest, {"left_bytes": 1, "state": "on", "from": "yesterday"})


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"more_of_it": "x"}, True),
        ({"charged": True}, True),
        ({"charged": "maybe"}, False),
        ({"at": None}, False),
        ({"unknown": 1}, False),
        ({"parts": [{"left_bytes": 1, "state": "high", "from": "2026-01-01"}]}, False),
        ({"counts": {"one": "1"}}, False),
    ],
)
def test_the_schema_follows(change: dict[str, Any], holds: bool) -> None:
    assert Draft202012Validator(part_schema(WholeOfATest, strict=True)).is_valid({**JSON, **change}) is holds


def test_columns_follow_from_the_fields() -> None:
    left, since, price = (
        *columns(PartOfATest, "left_bytes from"),
        *columns(WholeOfATest, "cost=price"),
    )
    assert (left.name, left.right, left.priority, left.cell(PART)) == ("left_bytes", True, 1, None)
    assert left.person is not None
    assert left.person(PART) == "unknown"
    assert (since.cell(PART), price.name, price.cell(WHOLE)) == ("2026-01-31", "cost", "-0.50 USD")
    with pytest.raises(KeyError):
        columns(PartOfATest, "colour")


def test_a_field_of_no_kind_is_refused() -> None:
    class OddOfATest(Document):
        odd: complex

    with pytest.raises(TypeError, match="complex"):
        kinds(OddOfATest)


class PlaceOfATest(Document):
    where: str


class PlacedOfATest(PlaceOfATest, PartOfATest):
    """Of two."""


def test_a_document_of_two_has_the_keys_of_both_in_their_order() -> None:
    assert ("where", *PartOfATest.KEYS) == PlacedOfATest.KEYS
    made = PlacedOfATest(where="here", **vars(PART))
    assert list(as_json(made)) == ["where", "left_bytes", "state", "from"]
    assert list(kinds(PlacedOfATest)) == ["where", "left_bytes", "state", "from", "story"]
    with pytest.raises(TypeError, match="lacks where"):
        PlacedOfATest(**vars(PART))


def test_a_copy_has_other_values_and_keeps_what_is_absent() -> None:
    copy = replace(PART, state="off")
    assert (copy.state, copy.story, PART.state) == ("off", ABSENT, "on")
    assert list(as_json(copy)) == ["left_bytes", "state", "from"]
    assert replace(copy, story=["a"]).story == ["a"]
    with pytest.raises(TypeError, match="has no colour"):
        replace(PART, colour="red")  # type: ignore[call-arg]
