"""The record holds: every story says in every form what it said, byte for byte, and the home of 20b50ae still opens.

A wanted difference is written by `python -m tests.record STORY` and stands in the commit with its reason.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Runner
from tests.record.kept import FOLDER, digest, in_full, place
from tests.record.play import FORMER_HOME, FORMS, play, unpack_former
from tests.record.stories import STORIES

#: What a program reads says in another language what it says in English, but for stderr, which tables show as well:
#: these forms are `slow`.
FEW_WORDS = {form for form in FORMS if not in_full(*form)}


@pytest.mark.parametrize(
    ("output", "language"),
    [pytest.param(*form, id="-".join(form), marks=pytest.mark.slow if form in FEW_WORDS else ()) for form in FORMS],
)
@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_told_as_it_was(name: str, output: str, language: str) -> None:
    answers, journal = play(name, output, language)
    if in_full(output, language):
        assert answers == place(name, output, language).read_text("utf-8")
    if (output, language) == ("json", "en"):
        assert journal == (FOLDER / f"{name}.journal.txt").read_text("utf-8")
    kept = (FOLDER / f"{name}.digests.txt").read_text("utf-8").splitlines()
    assert f"{output} {language} {digest(answers)} {digest(journal)}" in kept


def test_nothing_is_kept_that_no_story_tells() -> None:
    """A file of a story that is gone would look like a record and hold nothing."""
    assert {path.name.partition(".")[0] for path in FOLDER.iterdir()} == set(STORIES)


def money(amount: Any) -> str:
    """An amount as the figures have it."""
    return "None" if amount is None else f"{amount['amount']} {amount['currency']}"


def test_the_home_of_20b50ae_has_the_figures_that_its_own_program_gave(run: Runner, tmp_path: Path) -> None:
    """Orders of every state, lines, confirmed rules and months."""
    unpack_former(tmp_path)
    told = json.loads((FORMER_HOME.parent / "figures.json").read_text("utf-8"))

    def ask(*words: str) -> Any:
        return run(*words, "--json", now="2026-07-17T10:00:00+07:00").json

    orders = ask("transactions", "list", "--since", "2026-06-01")["transactions"]
    assert told["orders"] == {
        order["id"]: f"{order['kind']} {order['line']} {order['state']} {money(order['paid'])}" for order in orders
    }
    lines = {line["line"]: line for line in ask("balance", "--cached")["lines"]}
    for name, line in told["lines"].items():
        assert lines[name]["status"] == line["status"]
        assert lines[name]["data"]["remaining_bytes"] == line["remaining_bytes"]
        assert lines[name]["expires_at"] == line["expires_at"]
        assert money(lines[name]["main_balance"]) == str(line["main_balance"])
    rules = ask("autotopup", "show")["rules"]
    assert told["rules"] == {
        rule["rule"]: f"{rule['status']}, {money(rule['max_price'])} each, {money(rule['max_per_month'])} a month, "
        f"{money(rule['spent_this_month'])} spent in {rule['orders_this_month']}"
        for rule in rules
    }
    for month, figures in told["months"].items():
        totals = ask("report", "--month", month)["totals"]
        assert sorted(money(spend) for row in totals for spend in row["spend"]) == figures["spend"]
        assert sum(row["purchases"] for row in totals) == figures["purchases"]
