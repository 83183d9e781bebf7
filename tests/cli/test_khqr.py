"""KHQR through the command line: look before you pay."""

import os
from pathlib import Path

import pytest

from esimctl.profile.books import open_books
from esimctl.purchase.opening import open_profile
from tests.conftest import NOW, Runner, tree
from tests.providers.test_khqr import INDIVIDUAL
from tests.tools import program

THEN = "2024-09-20T15:46:00+07:00"  #: while the bank's own code was valid


def test_who_is_paid_comes_before_everything_else(run: Runner) -> None:
    khqr = run("payments", "khqr", "show", INDIVIDUAL, "--json", now=THEN).json["khqr"]
    assert list(khqr)[:3] == ["state", "payee", "amount"]
    assert khqr["payee"]["name"] == "John Smith"
    assert (khqr["amount"], khqr["bill"]) == ({"amount": "100.00", "currency": "USD"}, "#12345")
    assert khqr["md5"] == "b472c69759d229f650f331ecd2853504"
    told = run("payments", "khqr", "show", INDIVIDUAL, "-o", "table", now=THEN)
    assert told.out.startswith(
        "pays John Smith, PHNOM PENH\njohn_smith@devb\namount: 100.00 USD\nbill: #12345\nexpires:"
    )
    assert "nobody else" in told.err


@pytest.mark.parametrize(
    ("text", "words", "now", "code", "name"),
    [
        (INDIVIDUAL[:-1] + "F", (), THEN, 2, "bad_khqr"),
        ("hello", (), THEN, 2, "bad_khqr"),
        (INDIVIDUAL, (), "2024-09-20T15:50:00+07:00", 3, "khqr_expired"),
        (INDIVIDUAL, ("--amount", "5USD"), THEN, 5, "khqr_amount_differs"),
        (INDIVIDUAL, ("--amount", "100KHR"), THEN, 5, "khqr_amount_differs"),
    ],
)
def test_a_code_that_is_not_right_is_refused(
    run: Runner, tmp_path: Path, text: str, words: tuple[str, ...], now: str, code: int, name: str
) -> None:
    before = tree(tmp_path)
    done = run("payments", "khqr", "show", text, *words, "--json", now=now)
    assert (done.code, done.json["error"]["code"]) == (code, name)
    assert "do not pay it" in done.json["error"]["message"]
    assert tree(tmp_path) == before


def test_the_right_amount_and_payee_pass(run: Runner) -> None:
    words = ("payments", "khqr", "show", INDIVIDUAL)
    assert run(*words, "--amount", "100USD", "--payee", "john_smith@devb", now=THEN).code == 0
    other = run(*words, "--payee", "dara@abaa", "--json", now=THEN)
    assert (other.code, other.json["error"]["code"]) == (5, "khqr_payee_differs")
    assert "that is not dara@abaa; do not pay it" in other.json["error"]["message"]


def test_a_home_with_payees_and_codes_of_before_goes_on(run: Runner, tmp_path: Path) -> None:
    """Codes were once made here, for payees of one's own: their names still count, and the books still fold."""
    assert run("buy", "demo-weekly-2gb", "--name", "phone", "--yes").code == 0
    profile = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    payee = '\n[payee.john]\naccount = "john_smith@devb"\nname = "John"\ncity = "Phnom Penh"\n'
    profile.write_text(profile.read_text() + payee)
    told = {"md5": "b472", "bill": "E1", "amount": "2.50 USD", "account": "john_smith@devb"}
    with open_books(open_profile(None, {**os.environ, "ESIMCTL_NOW": NOW}), "payments khqr make") as books:
        books.write({"kind": "note", "text": "khqr made", **told, "payee": "john"})
        books.write({"kind": "note", "text": "khqr paid", **told, "confirmed_by": "user", "reference": "slip 42"})
    checks = run("doctor", "--json").json["checks"]
    assert all(row["ok"] for row in checks if row["name"] in ("profile", "journal")), checks
    assert run("balance", "phone").code == 0
    assert run("payments", "khqr", "show", INDIVIDUAL, "--payee", "john", now=THEN).code == 0


def test_a_payee_that_nobody_knows(run: Runner) -> None:
    done = run("payments", "khqr", "show", INDIVIDUAL, "--payee", "nobody", now=THEN)
    assert (done.code, done.out) == (2, "")
    assert "--payee ID@BANK" in done.err


@pytest.mark.parametrize("gone", ["make", "payee", "check"])
def test_what_only_looked_like_paying_is_no_command(run: Runner, gone: str) -> None:
    assert run("payments", "khqr", gone).code == 2


def test_a_picture_is_drawn_and_read_again(run: Runner, tmp_path: Path) -> None:
    program("zbarimg", "zbar-tools")
    picture = tmp_path / "pay.png"
    drawn = run("payments", "khqr", "show", INDIVIDUAL, "--png", str(picture), "--json", now=THEN).json["khqr"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert run("payments", "khqr", "show", str(picture), "--json", now=THEN).json["khqr"] == drawn


def test_a_picture_that_is_none(run: Runner, tmp_path: Path) -> None:
    file = tmp_path / "nothing.png"
    file.write_bytes(b"nothing")
    assert run("payments", "khqr", "show", str(file)).code in (2, 78)
