"""A file that a person named is written in silence, but on a terminal: a cron job mails whatever is said."""

from pathlib import Path

import pytest

from tests.cli.test_counter_readings import talk
from tests.conftest import NOW, Runner

EXPORTS = ("csv", "json", "hledger", "beancount", "ics", "prometheus")
WRITERS = (
    *(("transactions", "export", "--format", form, "--to") for form in EXPORTS),
    *(("report", "--format", form, "--to") for form in ("html", "markdown")),
    ("transactions", "receipt", "ORDER", "--format", "html", "--to"),
    ("usage", "history", "phone", "--svg"),
    ("usage", "history", "phone", "--png"),
    ("lines", "qr", "phone", "--svg"),
    ("lines", "qr", "phone", "--png"),
    ("profile", "backup"),
)


@pytest.fixture
def writers(run: Runner) -> list[list[str]]:
    """Every command that writes a file, over books in which an order is open."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    run("balance", "--refresh")
    run("sandbox", "fault", "slow-activation")
    run("topup", "phone", "--amount", "2USD", "--no-wait", "--yes")
    order = run("transactions", "list", "--json").json["transactions"][0]["id"]
    return [[order if word == "ORDER" else word for word in words] for words in WRITERS]


@pytest.mark.parametrize("more", [(), ("-q",)])
def test_nothing_is_said_in_a_script(
    run: Runner, writers: list[list[str]], tmp_path: Path, more: tuple[str, ...]
) -> None:
    """It printed a line, with -q as well."""
    for number, words in enumerate(writers):
        path = tmp_path / f"out-{number}"
        done = run(*words, str(path), *more)
        assert (done.code, done.out, done.err) == (0, "", ""), words
        assert path.stat().st_size > 0, words


def test_errors_speak(run: Runner, writers: list[list[str]], tmp_path: Path) -> None:
    for words in writers:
        done = run(*words, str(tmp_path / "no/such/file"), "-q")
        assert (done.code, done.out) == (74, ""), words
        assert done.err.startswith("esimctl: "), words


def test_with_json_there_is_one_document(run: Runner, writers: list[list[str]], tmp_path: Path) -> None:
    for number, words in enumerate(writers):
        assert run(*words, str(tmp_path / f"out-{number}"), "--json").json["schema"].startswith("esimctl."), words


@pytest.mark.parametrize("number", [0, 6, 11, len(WRITERS) - 1])
def test_on_a_terminal_it_is_told_unless_that_is_unwanted(
    writers: list[list[str]], tmp_path: Path, number: int
) -> None:
    words = writers[number]
    code, seen = talk([*words, str(tmp_path / "told")], [], tmp_path, now=NOW)
    assert code == 0
    assert str(tmp_path / "told") in seen.replace("\r\n", "")
    assert talk([*words, str(tmp_path / "quiet"), "-q"], [], tmp_path, now=NOW) == (0, "")
    assert (tmp_path / "quiet").stat().st_size > 0
