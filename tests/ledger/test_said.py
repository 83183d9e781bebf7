"""What an entry says is read as what it is, and nothing else passes for it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from esimctl.ledger import said

AT = datetime(2026, 1, 2, tzinfo=UTC)
ENTRY = {
    "line": "mum", "minor": 150, "at": AT, "ok": True, "terms": {"data": "1GB"}, "claims": ["a", "b"],
    "postings": [{"account": "fees", "currency": "USD", "minor": 1}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("read", "name", "unknown"),
    [
        (said.text_or_none, "line", None),
        (said.number_or_none, "minor", None),
        (said.instant_or_none, "at", None),
        (said.flag, "ok", False),
        (said.inner, "terms", None),
        (said.tables, "postings", []),
        (said.texts, "claims", ()),
    ],
)
def test_a_field_is_what_it_is_or_unknown(read: Callable[..., object], name: str, unknown: object) -> None:
    found = read(ENTRY, name)
    assert found == (tuple(ENTRY["claims"]) if name == "claims" else ENTRY[name])
    assert read({}, name) == unknown
    with pytest.raises(TypeError, match=f"`{name}`"):
        read({name: 1.5}, name)


@pytest.mark.parametrize("read", [said.text, said.number, said.instant])
def test_a_field_that_must_be_there_is_not_invented(read: Callable[..., object]) -> None:
    with pytest.raises(KeyError):
        read({}, "line")


def test_a_list_holds_tables_or_is_refused() -> None:
    with pytest.raises(TypeError, match="no table"):
        said.tables({"postings": ["fees"]}, "postings")
