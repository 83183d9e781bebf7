"""`profile budget`: what may be spent in a month, who may raise it, and where it is shown."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Outcome, Runner, tree, usd

NOW = "2026-11-20T09:00:00+07:00"
KEYS = ["scope", "line", "budget", "spent", "reserved", "left", "from", "until", "play_money", "expected"]


@pytest.fixture
def phone(run: Runner) -> Runner:
    """A line that cost 9 USD on the first of November."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes", now="2026-11-01T00:00:00+07:00")
    return run


def budgets(run: Runner, *words: str, now: str = NOW) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run("profile", "budget", "show", *words, "--json", now=now).json["budgets"]
    return found


def profile(tmp_path: Path) -> Path:
    return tmp_path / "home" / "profiles" / "default" / "profile.toml"


def edited(tmp_path: Path, old: str, new: str) -> None:
    """A person's editor."""
    file = profile(tmp_path)
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_a_first_budget_needs_nobody_s_word(phone: Runner) -> None:
    done = phone("profile", "budget", "set", "20USD/month", "--json", now=NOW)
    (row,) = done.json["budgets"]
    assert list(row) == KEYS
    assert (row["scope"], row["line"]) == ("profile", None)
    assert (row["budget"], row["spent"], row["reserved"], row["left"]) == (
        usd("20.00"), usd("9.00"), usd("0.00"), usd("11.00"),
    )  # fmt: skip
    assert (row["from"], row["until"]) == ("2026-10-31T17:00:00Z", "2026-11-30T17:00:00Z")
    assert row["expected"] is None, "one day of purchases tells no pace"
    phone("topup", "phone", "--plan", "demo-topup-2gb", "--yes", now="2026-11-02T09:00:00+07:00")
    assert budgets(phone)[0]["expected"] == usd("15.49"), "10 USD in 19.375 of 30 days, rounded up"


def test_the_first_three_days_of_a_month_foretell_nothing(phone: Runner) -> None:
    phone("profile", "budget", "set", "20USD", now="2026-11-02T00:00:00+07:00")
    phone("topup", "phone", "--plan", "demo-topup-2gb", "--yes", now="2026-11-02T09:00:00+07:00")
    assert budgets(phone, now="2026-11-03T23:59:59+07:00")[0]["expected"] is None
    assert budgets(phone, now="2026-11-04T00:00:00+07:00")[0]["expected"] == usd("100.00")


def test_lowering_is_immediate_raising_and_removing_are_confirmed(phone: Runner) -> None:
    phone("profile", "budget", "set", "20USD/month")
    assert phone("profile", "budget", "set", "10USD/month").code == 0
    for words, code in ((("set", "11USD"), 2), (("set", "11USD", "--confirm", "12USD"), 5), (("remove",), 2),
                        (("remove", "--confirm", "11USD"), 5)):  # fmt: skip
        done = phone("profile", "budget", *words)
        assert (done.code, done.out) == (code, ""), words
        assert budgets(phone)[0]["budget"] == usd("10.00")
    assert phone("profile", "budget", "set", "11USD", "--confirm", "11USD").code == 0
    assert budgets(phone)[0]["budget"] == usd("11.00")
    assert phone("profile", "budget", "remove", "--confirm", "11.00USD").code == 0
    assert budgets(phone) == []
    assert phone("profile", "budget", "remove").code == 2, "nothing to remove"


def test_without_a_terminal_the_option_is_named(phone: Runner) -> None:
    phone("profile", "budget", "set", "10USD")
    done = phone("profile", "budget", "set", "20USD")
    assert "--confirm 20.00USD" in done.err


def test_another_currency_is_more_than_none(phone: Runner) -> None:
    """Beside a budget in dollars nothing in riel would fit; an amount in riel lets it."""
    phone("profile", "budget", "set", "20USD")
    assert phone("profile", "budget", "set", "40000KHR").code == 2
    assert phone("profile", "budget", "set", "40000KHR", "--confirm", "40000KHR").code == 0
    assert [row["budget"]["currency"] for row in budgets(phone)] == ["USD", "KHR"]
    assert phone("profile", "budget", "remove", "--confirm", "20USD,40000KHR").code == 0


def test_a_second_factor_is_asked_for_raising(phone: Runner) -> None:
    from esimctl.profile.second_factor import totp

    uri = phone("profile", "second-factor", "enroll", "--json", now=NOW).json["second_factor"]["uri"]
    secret = re.search(r"secret=([A-Z2-7]+)", uri)
    assert secret is not None
    import base64
    from datetime import datetime

    def code(now: str) -> str:
        return totp(base64.b32decode(secret[1]), int(datetime.fromisoformat(now).timestamp()) // 30) + "\n"

    assert phone("profile", "second-factor", "confirm", "--code-stdin", given=code(NOW), now=NOW).code == 0
    later = "2026-11-20T10:00:00+07:00"
    phone("profile", "budget", "set", "10USD", now=later)
    raising = ("profile", "budget", "set", "20USD", "--confirm", "20USD")
    assert phone(*raising, now=later).code == 2
    assert phone(*raising, "--code-stdin", given="000000\n", now=later).code == 5
    assert budgets(phone)[0]["budget"] == usd("10.00")
    assert phone(*raising, "--code-stdin", given=code(later), now=later).code == 0


@pytest.mark.parametrize("words", [
    ("set",), ("set", "20"), ("set", "20USD/week"), ("set", "-5USD"), ("set", "1.234USD"), ("set", "5XYZ"),
    ("set", "5USD", "6USD"), ("set", "5USD", "--line", "nobody"), ("show", "5USD"), ("raise", "5USD"), ("remove",),
    ("show", "--line", "nobody"),
])  # fmt: skip
def test_wrong_input_is_one_line_and_writes_nothing(phone: Runner, tmp_path: Path, words: tuple[str, ...]) -> None:
    before = tree(tmp_path / "home")
    done = phone("profile", "budget", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("esimctl: ")
    assert tree(tmp_path / "home") == before


def shown(done: Outcome) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = done.json["budget"]
    return found


def test_the_balance_holds_the_budgets_also_when_it_is_kept(phone: Runner) -> None:
    assert "budget" not in phone("balance", "--json", now=NOW).json
    phone("profile", "budget", "set", "20USD", now=NOW)
    phone("profile", "budget", "set", "10USD", "--line", "phone", now=NOW)
    fresh = shown(phone("balance", "--json", now=NOW))
    assert fresh == shown(phone("balance", "--json", now=NOW)) == budgets(phone)
    assert [row["line"] for row in fresh] == [None, "phone"]
    phone("topup", "phone", "--plan", "demo-topup-2gb", "--yes", now=NOW)
    assert shown(phone("balance", "--json", now=NOW))[0]["spent"] == usd("10.00")


def test_a_new_month_begins_at_nothing_in_the_profile_s_zone(phone: Runner) -> None:
    phone("profile", "budget", "set", "20USD", now=NOW)
    last = "2026-11-30T23:59:59+07:00"
    phone("balance", "--cached", "--json", now=last)
    assert shown(phone("balance", "--cached", "--json", now=last))[0]["spent"] == usd("9.00")
    row = shown(phone("balance", "--cached", "--json", now="2026-12-01T00:00:00+07:00"))[0]
    assert (row["spent"], row["from"]) == (usd("0.00"), "2026-11-30T17:00:00Z")


def test_the_balance_of_a_line_tells_its_own_budget_and_the_profile_s(phone: Runner) -> None:
    phone("buy", "demo-monthly-5gb", "--name", "tablet", "--yes", now=NOW)
    for words in (("50USD",), ("10USD", "--line", "phone"), ("5USD", "--line", "tablet")):
        phone("profile", "budget", "set", *words, now=NOW)
    assert [row["line"] for row in shown(phone("balance", "tablet", "--json", now=NOW))] == [None, "tablet"]


def test_money_that_an_open_order_holds_is_reserved(phone: Runner) -> None:
    phone("profile", "budget", "set", "20USD", now=NOW)
    phone("sandbox", "fault", "slow-activation", now=NOW)
    phone("topup", "phone", "--plan", "demo-topup-2gb", "--yes", "--no-wait", now=NOW)
    row = budgets(phone)[0]
    assert (row["spent"], row["reserved"], row["left"]) == (usd("9.00"), usd("1.00"), usd("10.00"))


def test_buying_by_hand_is_warned_of_and_done(phone: Runner) -> None:
    phone("profile", "budget", "set", "9USD", now=NOW)
    done = phone("topup", "phone", "--plan", "demo-topup-2gb", "--yes", "--json", now=NOW)
    assert (done.code, done.json["order"]["state"]) == (0, "settled")
    assert done.err == (
        "9.00 USD is spent or reserved this month; 1.00 USD more is above the budget of the profile, 9.00 USD\n"
    )
    assert budgets(phone)[0]["left"] == usd("-1.00")


def test_a_budget_edited_by_hand_counts_as_it_stands(phone: Runner, tmp_path: Path) -> None:
    phone("profile", "budget", "set", "20USD", now=NOW)
    edited(tmp_path, '"20.00 USD"', '"30 USD", "8000KHR"')
    assert [row["budget"]["amount"] for row in budgets(phone)] == ["30.00", "8000"]


def test_one_that_cannot_be_read_is_said_and_the_balance_stands(phone: Runner, tmp_path: Path) -> None:
    phone("profile", "budget", "set", "20USD", now=NOW)
    edited(tmp_path, '"20.00 USD"', '"20.00 USD", "5 USD"')
    assert phone("profile", "budget", now=NOW).code == 78
    done = phone("balance", "--json", now=NOW)
    assert (done.code, "budget" in done.json) == (0, False)
    assert "settings.budget: one amount for each currency" in done.err
    assert phone("profile", "budget", "set", "7USD", now=NOW).code == 2, "it let nothing be spent: any amount is more"
    assert phone("profile", "budget", "set", "7USD", "--confirm", "7USD", now=NOW).code == 0
    assert budgets(phone)[0]["budget"] == usd("7.00")


def test_a_line_that_is_renamed_takes_its_budget_along(phone: Runner) -> None:
    phone("profile", "budget", "set", "10USD", "--line", "phone", now=NOW)
    phone("lines", "rename", "phone", "mine", now=NOW)
    (row,) = budgets(phone)
    assert (row["line"], row["spent"]) == ("mine", usd("9.00"))
