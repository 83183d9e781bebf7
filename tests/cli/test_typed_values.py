"""Values as people type them, through the command line; what is missing; what is given in another's place."""

from pathlib import Path

import pytest

from tests.cli.test_guided import SIM, orders, talk
from tests.conftest import Runner

PHONE = ("buy", "demo-monthly-20gb", "--name", "phone", "--yes")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("lines", "share"), "LINE; --with"),
        (("lines", "gift"), "LINE; VOLUME; --to"),
        (("lines", "gift", "phone", "1GB"), "--to"),
        (("policy", "set"), "CARRIER[/PLAN; TOPIC; KEY=VALUE; --source"),
        (("plans", "recommend"), "--days; --data VOLUME or --per-day VOLUME or --for LINE"),
        (("usage", "record"), "LINE; --remaining V or --used V or --balance MONEY or --minutes N or --expires T"),
        (("transactions", "export"), "--format"),
    ],
)
def test_all_that_is_missing_is_told_at_once(run: Runner, words: tuple[str, ...], names: str) -> None:
    plain, document = run(*words), run(*words, "--json")
    assert (plain.code, plain.out, document.code) == (2, "", 2)
    assert names in plain.err
    assert document.json["error"]["code"] == "missing_value"
    assert names in document.json["error"]["message"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("topup", "phone", "--amount", "--yes"), "--amount has no value: the word after it is --yes"),
        (("topup", "phone", "--amount", "--yes"), "write 5USD"),
        (
            ("lines", "add", "x", "--note", "--carrier=smart"),
            "the word after it is --carrier=smart",
        ),
        (("balance", "—json"), "did you mean --json?"),
        (("balance", "–refresh"), "did you mean --refresh?"),
        (("topup", "phone", "--amount", "5"), "--amount: 5 needs a currency, for example 5USD"),
        (("topup", "phone", "--plan", "demo-topup-2gb", "--max-price", "5"), "--max-price: 5 needs a currency"),
        (("plans", "list", "--max-price", "5"), "5 needs a currency"),
        (("topup", "phone", "--amount", "5元"), "5CNY or 5USD"),
        (("plans", "list", "--data", "5"), "5 needs a unit"),
        (("plans", "list", "--country", "narnia"), "or a name: Cambodia"),
        (("transactions", "list", "--since", "5/6/2026"), "write 2026-06-05 or 2026-05-06"),
        (("transactions", "list", "--state", "finished"), "there are: open, done, declined"),
        (("report", "2026", "--month", "last"), "say either YEAR or --month"),
        (("report", "20x6"), "is not a year like 2026"),
        (("plans", "recommend", "--days", "1 month", "--per-day", "1GB"), "is not a number of days"),
    ],
)
def test_what_cannot_be_meant_says_why(run: Runner, words: tuple[str, ...], said: str) -> None:
    run(*PHONE)
    ended = run(*words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert run(*words, "--json").json["error"]["exit_code"] == 2
    assert len(orders(run)) == 1


def test_a_value_that_begins_with_a_dash_is_still_a_value(run: Runner) -> None:
    assert run("lines", "add", "x", "--provider", "manual", "--carrier", "smart", "--note", "-").code == 0
    assert run("plans", "list", "-20").code in (0, 2)


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (("plans", "list", "--country", "柬埔寨"), ("plans", "list", "--country", "KH")),
        (("plans", "list", "--data", "１０ＧＢ"), ("plans", "list", "--data", "10GB")),
        (("plans", "list", "--days", "10 天"), ("plans", "list", "--days", "10")),
        (("plans", "list", "--max-price", "2,50 usd"), ("plans", "list", "--max-price", "2.50USD")),
        (("plans", "recommend", "--days", "10天", "--per-day", "500兆"),
         ("plans", "recommend", "--days", "10", "--per-day", "500MB")),
        (("transactions", "list", "--since", "20/11/2026"), ("transactions", "list", "--since", "2026-11-20")),
        (("transactions", "list", "--since", "yesterday"), ("transactions", "list", "--since", "2026-11-19")),
        (("transactions", "list", "--since", "7d"), ("transactions", "list", "--since", "2026-11-13T09:00")),
        (("transactions", "list", "--state", "done"), ("transactions", "list", "--state", "settled")),
        (("transactions", "list", "--state", "已完成"), ("transactions", "list", "--state", "settled")),
        (("report", "--month", "last"), ("report", "--month", "2026-10")),
        (("report", "--month", "2026年11月"), ("report", "--month", "2026-11")),
        (("report", "2026"), ("report", "--month", "2026-11", "--months", "11")),
        (("report", "2025"), ("report", "--month", "2025-12", "--months", "12")),
        (("check", "--expires-within", "3 天"), ("check", "--expires-within", "3d")),
    ],
)  # fmt: skip
def test_another_spelling_is_the_same_answer(run: Runner, words: tuple[str, ...], same: tuple[str, ...]) -> None:
    run(*PHONE)
    typed, wanted = run(*words, "--json"), run(*same, "--json")
    assert (typed.code, typed.out) == (wanted.code, wanted.out)


def test_a_search_without_a_result_is_no_error(run: Runner) -> None:
    ended = run("plans", "list", "zzzz")
    assert (ended.code, ended.out) == (0, "")
    assert "zzzz" in ended.err


def test_a_rule_in_other_spellings_is_the_same_rule(run: Runner) -> None:
    run(*PHONE)
    words = ("--below", "５００兆", "--amount", "1usd", "--max-price", "US$1", "--max-per-month", "6 美元")
    assert run("autotopup", "set", "phone", *words, "--until", "28/12/2026").code == 0
    (rule,) = run("autotopup", "show", "--json").json["rules"]
    assert rule["trigger"]["below_bytes"] == 500_000_000
    assert rule["max_per_month"] == {"amount": "6.00", "currency": "USD"}
    assert rule["until"] == "2026-12-27T17:00:00Z"


def test_a_number_is_money_where_a_person_sits(run: Runner, tmp_path: Path) -> None:
    """In the currency of the line's plan, said back; never with --yes, never for a program."""
    run(*SIM)
    code, seen = talk(["topup", "sim", "--amount", "5"], ["n"], tmp_path)
    assert code == 5, seen
    assert "--amount 5 is 5.00 USD" in seen
    code, seen = talk(["topup", "sim", "--amount", "５", "--max-price", "4"], [], tmp_path)
    assert code == 5, seen
    assert "--max-price 4 is 4.00 USD" in seen
    for more in (["--yes"], ["--json"], ["-o", "tsv"]):
        code, seen = talk(["topup", "sim", "--amount", "5", *more], [], tmp_path)
        assert code == 2, seen
        assert "needs a currency" in seen
    assert talk(["topup", "sim", "--amount", "5"], [], tmp_path, ESIMCTL_NO_INPUT="1")[0] == 2
    assert len(orders(run)) == 1


def test_a_date_with_the_day_first_is_said_back(run: Runner, tmp_path: Path) -> None:
    run(*SIM)
    _, seen = talk(["transactions", "list", "--since", "19/11/2026"], [], tmp_path)
    assert "19/11/2026 is 19 Nov" in seen


def test_several_lines_are_tagged_at_once(run: Runner) -> None:
    run(*PHONE)
    run(*SIM)
    assert run("lines", "tag", "phone", "nobody", "--add", "family").code == 2
    assert [line["tags"] for line in run("lines", "list", "--json").json["lines"]] == [[], []]
    tagged = run("lines", "tag", "phone", "sim", "--add", "family", "--json").json
    assert [(line["line"], line["tags"]) for line in tagged["lines"]] == [("phone", ["family"]), ("sim", ["family"])]
    assert run("lines", "tag", "sim", "--remove", "family", "--json").json["line"]["tags"] == []
