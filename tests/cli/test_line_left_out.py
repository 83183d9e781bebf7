"""The line of a command that takes nothing else may be left out at a terminal: the only one, or one by its number."""

from pathlib import Path

import pytest

from tests.cli.test_guided import SIM, orders, talk
from tests.conftest import Runner


@pytest.mark.parametrize("words", [["usage", "history"], ["lines", "show"], ["usage", "forecast"]])
def test_the_only_line_is_meant(run: Runner, tmp_path: Path, words: list[str]) -> None:
    run(*SIM)
    assert run(*words).code == 2
    code, seen = talk(words, [], tmp_path)
    assert code == 0, seen
    assert "Which line?" not in seen


def test_of_several_one_is_chosen(run: Runner, tmp_path: Path) -> None:
    run(*SIM)
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    code, seen = talk(["lines", "show"], ["２"], tmp_path)
    assert code == 0, seen
    assert "line: phone" in seen


@pytest.mark.parametrize("words", [["lines", "remove"], ["lines", "rename"], ["lines", "gift"], ["lines", "share"]])
def test_what_is_not_undone_wants_its_line_named(run: Runner, tmp_path: Path, words: list[str]) -> None:
    run(*SIM)
    code, seen = talk(words, [], tmp_path)
    assert code == 2, seen
    assert "LINE" in seen
    assert [line["line"] for line in run("lines", "list", "--json").json["lines"]] == ["sim"]


@pytest.mark.parametrize("more", [["--json"], ["-o", "tsv"]])
def test_nothing_is_guessed_for_a_program(run: Runner, tmp_path: Path, more: list[str]) -> None:
    run(*SIM)
    assert talk(["usage", "history", *more], [], tmp_path)[0] == 2
    assert talk(["usage", "history"], [], tmp_path, ESIMCTL_NO_INPUT="1")[0] == 2
    assert talk(["usage", "history"], [], tmp_path, ESIMCTL_OUTPUT="tsv")[0] == 2


def test_a_reading_is_asked_for(run: Runner, tmp_path: Path) -> None:
    """Enter is no reading; what cannot be read is asked for again."""
    run(*SIM)
    code, seen = talk(["usage", "record"], ["", "five", "５，５G"], tmp_path)
    assert code == 0, seen
    assert "dial *888# to see it" in seen
    assert "5.5 GB" in seen
    code, seen = talk(["usage", "record"], ["3 美元"], tmp_path)
    assert code == 0, seen
    assert run("usage", "record", "sim").code == 2


def test_a_renewal_needs_no_line_where_there_is_one(run: Runner, tmp_path: Path) -> None:
    run(*SIM)
    code, seen = talk(["renew"], ["y", ""], tmp_path)
    assert code == 0, seen
    assert len(orders(run)) == 2


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (["是的。"], 0),
        (["ｙ"], 0),
        (["យល់ព្រម"], 0),
        (["不"], 5),
        (["maybe", "好"], 0),
        (["maybe", "perhaps"], 5),
        (["yes please", ""], 5),
    ],
)
def test_yes_and_no_in_three_languages(run: Runner, tmp_path: Path, answers: list[str], code: int) -> None:
    """What is neither is asked about once more, and then means no."""
    ended, seen = talk(["buy", "demo-weekly-2gb", "--provider", "sandbox"], answers, tmp_path)
    assert ended == code, seen
    assert len(orders(run)) == (1 if code == 0 else 0)
