"""Data given away between counter lines: the carrier's own code is shown, the owner says when it is done."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_counter_readings import talk
from tests.conftest import NOW, Runner, tree
from tests.own_plans import bring

GB = 10**9


def left(run: Runner, name: str) -> Any:
    return run("balance", name, "--json").json["lines"][0]["data"]["remaining_bytes"]


@pytest.fixture
def smart(run: Runner) -> Runner:
    """Two SIMs of Smart; the first has five gigabytes that may be given away."""
    bring(run)
    for name in ("x", "y"):
        words = ("--provider", "manual", "--carrier", "smart", "--plan", "smart-own-20gb")
        assert run("lines", "add", name, *words).code == 0
    assert run("topup", "x", "--plan", "smart-own-topup", "--paid", "cash").code == 0
    return run


def test_nothing_is_given_before_the_person_says_so(smart: Runner, tmp_path: Path) -> None:
    before = tree(tmp_path / "home" / "profiles" / "default" / "journal")
    done = smart("lines", "gift", "x", "2GB", "--to", "y", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "gift_needed")
    assert "only you can give 2 GB to y" in done.json["error"]["message"]
    assert "888" in done.json["error"]["message"]
    assert "--yes" in done.json["error"]["hint"]
    assert tree(tmp_path / "home" / "profiles" / "default" / "journal") == before
    assert (left(smart, "x"), left(smart, "y")) == (25 * GB, 20 * GB)
    said = smart("lines", "gift", "x", "2GB", "--to", "y", "--yes", "--json")
    assert said.json["sharing"] == {"what": "gifted", "line": "x", "with": "y", "bytes": 2 * GB}
    assert (left(smart, "x"), left(smart, "y")) == (23 * GB, 22 * GB)


def test_a_terminal_shows_the_way_and_asks(smart: Runner, tmp_path: Path) -> None:
    words = ["lines", "gift", "x", "2GB", "--to", "y"]
    code, seen = talk(words, [(b"Have you given 2 GB to y there? [y/N]", b"n\n")], tmp_path, now=NOW)
    assert (code, left(smart, "y")) == (5, 20 * GB), seen
    code, seen = talk(words, [(b"Have you given 2 GB to y there? [y/N]", b"y\n")], tmp_path, now=NOW)
    assert (code, left(smart, "y")) == (0, 22 * GB), seen


def test_what_cannot_be_given_is_refused_before_anybody_dials(smart: Runner) -> None:
    assert smart("lines", "gift", "x", "9GB", "--to", "y").code == 3
    assert smart("lines", "gift", "y", "1GB", "--to", "x").code == 3


@pytest.mark.parametrize(
    ("carrier", "shown"), [("cellcard", "#6767#PLAN#NUMBER#"), ("metfone", "IShare"), ("smart", "888")]
)
def test_a_line_says_how_its_carrier_gives_data_away(run: Runner, carrier: str, shown: str) -> None:
    words = ("--provider", "manual", "--carrier", carrier, "--data", "20GB", "--days", "30")
    assert run("lines", "add", "a", *words).code == 0
    contacts = run("lines", "show", "a", "--json").json["line"]["contacts"]
    row = next(row for row in contacts if row["value"] == shown)
    assert row["purpose"] == ("call" if carrier == "smart" else "gift")
    if carrier == "cellcard":
        assert row["tel"] is None, "a code with places cannot be dialled as it stands"
        assert row["grade"] == "V"


def test_the_question_shows_the_code_of_the_carrier(run: Runner, tmp_path: Path) -> None:
    """Cellcard's iNET packs may be given away, by a code of theirs."""
    for name in ("a", "b"):
        words = ("--provider", "manual", "--carrier", "cellcard", "--plan", "cellcard-inet500-30d")
        assert run("lines", "add", name, *words).code == 0
    done = run("lines", "gift", "a", "1GB", "--to", "b")
    assert (done.code, "dial #6767#PLAN#NUMBER#" in done.err) == (2, True)
    code, seen = talk(["lines", "gift", "a", "1GB", "--to", "b"], [(b"[y/N]", b"y\n")], tmp_path, now=NOW)
    assert (code, "#6767#PLAN#NUMBER#" in seen) == (0, True)
    assert left(run, "b") == 9 * GB


def test_a_share_says_that_it_is_only_written_down(smart: Runner) -> None:
    smart("policy", "set", "smart/smart-own-20gb", "sharing", "allowed=yes", "--source", "hotline 888")
    done = smart("lines", "share", "x", "--with", "y", "--cap", "3GB")
    assert done.code == 0
    assert "this is only written down: the carrier lets y use the data of x (ask the carrier: 888" in done.err


def test_the_embedded_operator_gives_by_itself(run: Runner) -> None:
    for name in ("a", "b"):
        assert run("buy", "demo-monthly-20gb", "--provider", "sandbox", "--name", name, "--yes").code == 0
    assert run("topup", "a", "--plan", "demo-topup-5gb", "--yes").code == 0
    assert run("lines", "gift", "a", "1GB", "--to", "b").code == 0
