"""Reading the operator's answers as a stranger's: what is not definite is ambiguous, and nothing raises."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esimctl.providers.protocol import Answer, LineRef, OutgoingOrder, Verdict, Wish
from esimctl.providers.sandbox.answers import REFUSALS, interpret
from esimctl.values.money import Money
from esimctl.values.record import replace

from .conftest import START

WISH = Wish("topup", LineRef("phone", iccid="8985599000000000019"), "sandbox-card", "credit-card", plan="p")
ORDER = OutgoingOrder("o", "k", WISH, Money(100, "USD"), START)
GOOD: dict[str, Any] = {
    "order": "SB-000001",
    "key": "k",
    "plan": "p",
    "charge": {"amount": "1.00", "currency": "USD"},
    "iccid": "8985599000000000019",
}


def answer(document: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(document).encode())


def test_a_good_answer_settles() -> None:
    outcome = interpret(ORDER, answer(GOOD))
    assert (outcome.verdict, outcome.paid, outcome.mismatch) == (Verdict.SETTLED, Money(100, "USD"), None)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"charge": {"amount": "2.00", "currency": "USD"}}, "2.00 USD"),
        ({"charge": {"amount": "100", "currency": "KHR"}}, "100 KHR"),
        ({"plan": "q"}, "plan"),
        ({"iccid": "8985599000000000027"}, "line"),
        ({"key": "other"}, "key"),
    ],
)
def test_another_price_plan_line_or_key_is_settled_with_a_discrepancy(change: dict[str, Any], named: str) -> None:
    outcome = interpret(ORDER, answer(GOOD | change))
    assert outcome.verdict is Verdict.SETTLED
    assert named in str(outcome.mismatch)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"order": "a", "order": "b"}',
        b'{"order": "SB-1", "charge": {"amount": 1.0, "currency": "USD"}}',
        b'{"order": "SB-1", "charge": {"amount": NaN, "currency": "USD"}}',
        b'{"order": "SB-1", "charge": {"amount": "1.00", "currency": "XXX"}}',
        b'{"order": "\\u001b[2J", "charge": {"amount": "1.00", "currency": "USD"}}',
        b'{"order": "SB-1", "charge": {"amount": "1.00", "currency": "USD"}, "lpa": "LPA:1$http://x$y"}',
        b'{"order": "SB-1", "charge": {"amount": "1.00", "currency": "USD"}, "expires_at": "soon"}',
        b'{"order": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"order": "' + b"x" * (1 << 20) + b'"}',
    ],
    ids=range(13),
)
def test_an_answer_that_cannot_be_read_may_follow_a_charge(body: bytes) -> None:
    outcome = interpret(ORDER, Answer(200, body))
    assert (outcome.verdict, outcome.reason, outcome.charged) == (Verdict.AMBIGUOUS, "malformed", None)


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refusal_is_definite_only_with_its_own_status(reason: str) -> None:
    document = {"error": reason, "message": "no"}
    assert interpret(ORDER, answer(document, REFUSALS[reason])).verdict is Verdict.REFUSED
    assert interpret(ORDER, answer(document, 418)).verdict is Verdict.AMBIGUOUS


def test_what_the_operator_says_is_cleaned() -> None:
    said = interpret(ORDER, answer({"error": "declined", "message": "no\x1b[31m\u202e money"}, 402)).message
    assert said is not None
    assert said.isprintable()


def test_no_answer_is_ambiguous_only_if_something_was_sent() -> None:
    assert interpret(ORDER, Answer(None, failure="unreachable", sent=False)).charged is False
    assert interpret(ORDER, Answer(None, failure="timeout")).verdict is Verdict.AMBIGUOUS


@given(st.one_of(st.none(), st.integers(100, 599)), st.binary(max_size=300), st.booleans())
def test_no_bytes_raise_or_pass_for_definite(status: int | None, body: bytes, sent: bool) -> None:
    outcome = interpret(ORDER, Answer(status, body, sent=sent))
    if outcome.verdict is Verdict.REFUSED:
        assert json.loads(body)["error"]
    if outcome.verdict in (Verdict.SETTLED, Verdict.ACCEPTED):
        assert json.loads(body)["charge"]
    if outcome.verdict is Verdict.NOT_SENT:
        assert status is None
        assert not sent


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "lpa", "use_by", "expires_at", "msisdn"]),
        st.one_of(
            st.none(),
            st.text("aZ9é$:-.LPA1\x1b\u202e\ud800", max_size=20),
            st.integers(),
            st.lists(st.integers(), max_size=2),
        ),
    )
)
def test_no_document_raises(change: dict[str, Any]) -> None:
    outcome = interpret(replace(ORDER, key="k"), answer(GOOD | change))
    assert outcome.verdict in (Verdict.SETTLED, Verdict.AMBIGUOUS)
