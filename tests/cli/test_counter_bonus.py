"""Bonus money in a text is a bucket of its own with its end, and never a part of the main balance."""

import pytest

from tests.conftest import Runner

THIRTY = {"amount": "30.00", "currency": "USD"}
#: carrier, reply, the bonus and until when
REPLIES = [
    ("smart", "Main balance: $1.50. Bonus: $30.00. Data: 8GB, expires 20/12/2026.", None),
    (
        "smart",
        "Main balance: $1.50. Bonus: $30.00, expires 25/11/2026. Data: 8GB, expires 20/12/2026.",
        "2026-11-24T17:00:00Z",
    ),
    ("metfone", "Basic account: 1.50 USD. Promotion account: 30.00 USD. Data: 8GB, expiry 20/12/2026.", None),
    ("cellcard", "Main: $1.50, Bonus: $30.00, Data: 8GB, Exp: 20/12/2026.", None),
    (
        "cellcard",
        "Main: $1.50, Bonus: $30.00, Bonus Exp: 25/11/2026, Data: 8GB, Exp: 20/12/2026.",
        "2026-11-24T17:00:00Z",
    ),
]


def read(run: Runner, carrier: str, reply: str, now: str = "2026-11-22T09:00:00+07:00") -> None:
    words = ("--provider", "manual", "--carrier", carrier, "--data", "20GB", "--days", "30")
    assert run("lines", "add", "sim", *words).code == 0
    done = run("usage", "import", "sim", "-", "--kind", "ussd", "--json", given=reply, now=now)
    assert done.code == 0, done.err
    assert done.json["readings"][0]["bonus"] == THIRTY


@pytest.mark.parametrize(("carrier", "reply", "end"), REPLIES)
def test_bonus_money_is_a_bucket_of_its_own(run: Runner, carrier: str, reply: str, end: str | None) -> None:
    read(run, carrier, reply)
    line = run("balance", "sim", "--json", now="2026-11-23T09:00:00+07:00").json["lines"][0]
    (bonus,) = [bucket for bucket in line["buckets"] if bucket["usage_type"] == "monetary"]
    assert (bonus["category"], bonus["remaining"], bonus["money"], bonus["end"]) == ("promo", 3000, THIRTY, end)
    assert line["main_balance"] == {"amount": "1.50", "currency": "USD"}
    assert line["data"]["remaining_bytes"] == 8_000_000_000
    assert all(bucket["money"] is None for bucket in line["buckets"] if bucket is not bonus)


def test_it_is_gone_at_its_end(run: Runner) -> None:
    read(run, *REPLIES[1][:2])
    assert run("balance", now="2026-11-23T09:00:00+07:00").code == 0, "kept for later"
    line = run("balance", "--cached", "--json", now="2026-11-25T09:00:00+07:00").json["lines"][0]
    assert [bucket["usage_type"] for bucket in line["buckets"]] == ["data"]


def test_a_newer_text_replaces_it_and_undo_brings_it_back(run: Runner) -> None:
    read(run, *REPLIES[0][:2])
    reply = "Main balance: $1.50. Bonus: $12.00. Data: 7GB, expires 20/12/2026."
    now = "2026-11-23T09:00:00+07:00"
    assert run("usage", "import", "sim", "-", "--kind", "ussd", given=reply, now=now).code == 0
    for amount in ("12.00", "30.00"):
        buckets = run("balance", "sim", "--json", now=now).json["lines"][0]["buckets"]
        assert [b["money"]["amount"] for b in buckets if b["money"]] == [amount]
        undone = run("usage", "undo", "sim", "--json", now=now).json["reading"]
        assert undone["bonus"] == {"amount": amount, "currency": "USD"}


def test_a_taught_pattern_may_have_it(run: Runner) -> None:
    words = ("--provider", "manual", "--carrier", "cootel", "--data", "20GB", "--days", "30")
    assert run("lines", "add", "sim", *words).code == 0
    text = "Dear friend, money 2.00 USD, extra 5.00 USD till 25/11/2026"
    template = "Dear friend, money {balance}, extra {bonus} till {bonus_expires}"
    taught = run("usage", "learn", "sim", "-", "--template", template, "--json", given=text)
    assert taught.json["pattern"]["figures"]["bonus"] == {"amount": "5.00", "currency": "USD"}


def test_no_rule_and_no_sum_takes_it_for_data(run: Runner) -> None:
    read(run, *REPLIES[0][:2])
    line = run("balance", "sim", "--json", now="2026-11-22T09:00:00+07:00").json["lines"][0]
    data = [bucket["remaining"] for bucket in line["buckets"] if bucket["usage_type"] == "data"]
    assert sum(data) == line["data"]["remaining_bytes"]
    metrics = run("transactions", "export", "--format", "prometheus", now="2026-11-22T09:00:00+07:00").out
    assert "3000" not in metrics.replace("30000000", "")
