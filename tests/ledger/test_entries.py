"""Entries are data: what is missing, mistyped or unknown is said, and a kind is one line of a table."""

from datetime import datetime

import pytest

from esimctl.ledger.entries import FIELDS, KINDS, check_entry, fields_of, mended, without_none
from tests.ledger.samples import START, numbered, prepared


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_names_only_fields_with_a_type(kind):
    """A kind that used a field without a type would let anything through."""
    required, optional, _free = fields_of(kind)
    assert required | optional <= FIELDS.keys()


def test_a_right_entry_has_no_problem():
    (entry,) = numbered(prepared())
    assert check_entry(entry, writing=True) == []


@pytest.mark.parametrize("field", sorted(fields_of("order.prepared")[0] - {"kind"}))
def test_every_required_field_is_missed(field):
    (entry,) = numbered(prepared())
    del entry[field]
    assert [*map(str, check_entry(entry))] == [f"order.prepared: `{field}` is missing"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price_minor", 1.5), ("price_minor", True), ("price_minor", -1), ("price_minor", 2**63), ("currency", "usd"),
        ("order_kind", "steal"), ("tier", "E"), ("at", datetime(2026, 1, 1)), ("terms", []), ("terms", {"a": 0.1}),  # noqa: DTZ001
        ("claims", ["a", 1]), ("line", "\ud800"), ("line", "x" * (2**20 + 1)), ("postings", [{"account": "a"}]),
        ("postings", [{"account": "a", "currency": "USD", "minor": 0.5}]), ("key", None),
    ],
)  # fmt: skip
def test_wrong_values_are_said(field, value):
    """Floats, booleans as numbers, naive instants, unknown choices and broken text have no place in a journal."""
    (entry,) = numbered(prepared())
    assert [problem for problem in check_entry({**entry, field: value}) if f"`{field}`" in str(problem)]


def test_absurd_nesting_is_refused():
    deep: dict = {}
    for _ in range(50):
        deep = {"a": deep}
    (entry,) = numbered(prepared())
    assert [*map(str, check_entry({**entry, "terms": deep}))] == ["order.prepared: `terms` is nested too deeply"]


def test_an_unknown_kind_is_refused_and_an_unknown_field_only_when_writing():
    """A newer minor version may add fields; nobody may add meaning."""
    assert [*map(str, check_entry({"seq": 1, "at": START, "kind": "usage.guess"}))] == ["unknown kind 'usage.guess'"]
    (entry,) = numbered(prepared())
    newer = {**entry, "hue": "blue"}
    assert check_entry(newer) == []
    assert [*map(str, check_entry(newer, writing=True))] == ["order.prepared: `hue` is not a field of this kind"]


def test_none_is_left_out_at_any_depth():
    assert without_none({"a": None, "b": {"c": None, "d": [None, {"e": None}]}}) == {"b": {"d": [{}]}}


def test_an_outcome_is_mended_rather_than_lost():
    assert mended({"message": "a\ud800b", "n": 1, "x": ["\udfff"]}) == {"message": "a?b", "n": 1, "x": ["?"]}
