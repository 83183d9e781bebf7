# ruff: noqa: F811 (fixtures of a neighbour)
"""`payments khqr check`: what the bank says counts, also where it says it with another status."""

from typing import Any

import pytest

from tests.cli.test_khqr import Bank, bank, made, payment  # noqa: F401
from tests.conftest import Runner


@pytest.mark.parametrize(
    ("answer", "code", "word"),
    [
        ((404, {"responseCode": 1, "errorCode": 1, "responseMessage": "x"}), 20, "no payment yet"),
        ((400, {"responseCode": 1, "errorCode": 3, "responseMessage": "x"}), 3, "payment failed"),
        ((404, {"message": "x"}), 69, "404"),
        ((404, {"responseCode": True}), 69, "404"),
        ((429, {}), 75, "limits the rate"),
        ((200, {"responseCode": 1, "errorCode": 401, "responseMessage": "x"}), 77, "token"),
    ],
)
def test_an_answer_counts_whatever_its_status(
    run: Runner,
    made: dict[str, Any],
    bank: dict[str, str],
    answer: tuple[int, Any],
    code: int,
    word: str,
) -> None:
    Bank.answer = answer
    done = run("payments", "khqr", "check", made["payload"], env=bank)
    assert (done.code, word in done.out + done.err) == (code, True), done


def test_a_payment_is_one_with_another_status_too(
    run: Runner,
    made: dict[str, Any],
    bank: dict[str, str],
) -> None:
    Bank.answer = (400, payment())
    assert run("payments", "khqr", "check", made["payload"], env=bank).code == 0


def test_a_token_that_ended_says_where_to_get_a_new_one(
    run: Runner,
    made: dict[str, Any],
    bank: dict[str, str],
) -> None:
    Bank.answer = (401, {})
    done = run("payments", "khqr", "check", made["payload"], env=bank)
    assert (done.code, "api-bakong.nbc.gov.kh" in done.err) == (77, True)
