"""An option that takes one value and is given twice is refused, where the first value would silently be lost."""

from pathlib import Path

import pytest

from tests.conftest import Runner, tree

LOST = (
    "plans list --country KH --country TH",
    "plans list --carrier smart --carrier metfone",
    "buy demo-monthly-20gb --max-price 1USD --max-price 9USD --yes",
    "buy demo-monthly-20gb --name a --name=b --yes",
    "usage record phone --at 2026-11-19 --at 2026-11-18 --remaining 1GB",
    "autotopup run --line phone --line tablet",
    "transactions list --since 2026-01-01 --since 2026-02-01",
    "balance --profile default --profile other",
)


@pytest.mark.parametrize("words", LOST)
def test_a_value_that_would_be_lost_is_refused(run: Runner, tmp_path: Path, words: str) -> None:
    before = tree(tmp_path)
    done = run(*words.split(), "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "given_twice")
    assert "is given twice" in done.json["error"]["message"]
    assert tree(tmp_path) == before


def test_contradicting_flags_are_refused(run: Runner) -> None:
    done = run("balance", "--refresh", "--cached")
    assert done.code == 2
    assert "--refresh and --cached contradict each other" in done.err


@pytest.mark.parametrize(
    "words",
    [
        "plans list -o csv -o tsv --limit 5 --limit 1 -q -q -v -v",
        "plans list --columns id --columns id,price -o tsv --limit 1 --color never --color auto",
        "plans list --json --json",
        "balance --refresh --refresh",
    ],
)
def test_of_a_form_of_the_answer_the_last_counts(run: Runner, words: str) -> None:
    done = run(*words.split())
    assert done.code == 0
    if "tsv" in words:
        assert len(done.out.splitlines()) == 1


def test_lists_may_be_repeated(run: Runner) -> None:
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    rule = ("autotopup", "set", "phone", "--below", "1GB", "--plan", "demo-topup-2gb", "--max-price", "5USD")
    done = run(*rule, "--max-per-month", "9USD", "--pay", "sandbox-card", "--pay", "sandbox-declined")
    assert done.code == 0
