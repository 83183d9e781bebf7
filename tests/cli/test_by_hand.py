"""Purchases that a person makes elsewhere: the way there, the person's word, and vouchers that leave no trace."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import NOW, Runner, tree

PLAN = "smart-laor-7d"
VOUCHER = "12345678901234"


@pytest.fixture
def sim(run: Runner) -> Runner:
    """A line of Smart that was bought at a counter."""
    done = run(
        "lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--plan", PLAN, "--price", "1.50USD"
    )
    assert done.code == 0, done.err
    return run


@pytest.mark.parametrize(
    "words",
    [
        ("buy", PLAN, "--provider", "manual", "--yes"),
        ("renew", "sim"),
        ("renew", "sim", "--yes"),
        ("topup", "sim", "--amount", "5USD", "--yes"),
        ("topup", "sim", "--plan", "smart-laor-30d", "-y"),
    ],
)
def test_nothing_is_recorded_before_the_person_says_that_it_is_done(
    sim: Runner, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Not even with --yes: that answers questions, it does not pay."""
    before = tree(tmp_path)
    done = sim(*words)
    assert (done.code, done.out) == (2, "")
    assert "--paid REFERENCE" in done.err
    assert tree(tmp_path) == before


def test_the_word_of_a_person_is_not_a_verification(sim: Runner, tmp_path: Path) -> None:
    order = sim("renew", "sim", "--paid", "KIOSK-7", "--json").json["order"]
    assert (order["state"], order["charged"], order["provider_order"]) == ("settled", True, "KIOSK-7")
    assert order["paid"] == order["price"] == {"amount": "1.50", "currency": "USD"}, "what was shown was paid"
    journal = (tmp_path / "home" / "profiles" / "default" / "journal" / "000001.toml").read_text("utf-8")
    assert journal.count('confirmed_by = "user"') == 2
    assert 'confirmed_by = "provider"' not in journal


def test_what_was_really_paid_is_what_the_person_says(sim: Runner) -> None:
    order = sim("renew", "sim", "--paid", "K8", "--price", "1.75USD", "--json").json["order"]
    assert order["price"] == order["paid"] == {"amount": "1.75", "currency": "USD"}


def test_the_same_receipt_is_the_same_purchase(sim: Runner) -> None:
    assert sim("renew", "sim", "--paid", "K-9").code == 0
    again = sim("topup", "sim", "--amount", "5USD", "--paid", "K-9")
    assert again.code == 2
    assert "K-9 is in the books already" in again.err
    assert sim("topup", "sim", "--amount", "5USD", "--paid", "cash").code == 0
    assert sim("topup", "sim", "--amount", "5USD", "--paid", "cash").code == 0, "a word without a digit names nothing"
    assert sim("doctor", "--json").code in (0, 20)


def test_the_same_request_id_is_the_same_purchase(sim: Runner) -> None:
    words = ("renew", "sim", "--paid", "K-10", "--request-id", "r-1", "--json")
    first, second = sim(*words), sim(*words)
    assert first == second
    assert len(sim("transactions", "list", "--json").json["transactions"]) == 2


def test_a_dry_run_shows_the_way_and_writes_nothing(sim: Runner, tmp_path: Path) -> None:
    before = tree(tmp_path)
    offer = sim("topup", "sim", "--amount", "5USD", "--dry-run", "--json").json["offer"]
    assert tree(tmp_path) == before
    values = [step["value"] for step in offer["way"]]
    assert "*1203*PIN#" in values
    assert {"888", "1204"} <= set(values)
    assert all(step["source"] for step in offer["way"] if step["value"])
    assert any("counter" in step["say"] for step in offer["way"])


def test_a_new_line_is_told_what_to_bring(run: Runner) -> None:
    offer = run("buy", PLAN, "--provider", "manual", "--dry-run", "--json").json["offer"]
    assert any("passport" in step["say"] for step in offer["way"])
    assert any("devices check" in step["say"] for step in offer["way"])


def test_a_limit_is_told_before_anybody_walks_to_the_counter(sim: Runner) -> None:
    done = sim("renew", "sim", "--max-price", "1USD", "--paid", "K-11")
    assert done.code == 5
    assert len(sim("transactions", "list", "--json").json["transactions"]) == 1


def test_a_vouchers_code_is_printed_and_kept_nowhere(sim: Runner, tmp_path: Path) -> None:
    given = "1234 5678-9012 34\n"
    done = sim("topup", "sim", "--amount", "5USD", "--voucher-stdin", "--paid", "scratch", "-v", given=given)
    assert done.code == 0
    assert "*1203*PIN#" in done.err
    assert VOUCHER not in done.out + done.err
    for path, content in tree(tmp_path).items():
        assert VOUCHER.encode() not in content, path
        assert b"5678-9012" not in content, path
    assert sim("balance", "sim", "--json").json["lines"][0]["main_balance"] == {"amount": "5.00", "currency": "USD"}


def test_a_voucher_in_khmer_digits_is_one_and_its_code_is_in_no_document(sim: Runner) -> None:
    given = "១២៣៤៥៦៧៨៩០១២៣៤\n"
    done = sim("topup", "sim", "--amount", "5USD", "--voucher-stdin", "--dry-run", "--json", given=given)
    assert done.json["offer"]["dial"] == "*1203*PIN#"
    assert VOUCHER not in done.out + done.err
    assert given.strip() not in done.out + done.err


@pytest.mark.parametrize("given", ["", "12AB5678901234\n", "123\n", "1" * 21])
def test_what_is_no_voucher_is_refused_without_being_repeated(sim: Runner, given: str) -> None:
    done = sim("topup", "sim", "--amount", "5USD", "--voucher-stdin", "--paid", "x", given=given)
    assert (done.code, done.out) == (2, "")
    assert given.strip() == "" or given.strip() not in done.err


def test_the_embedded_operator_takes_no_vouchers(run: Runner) -> None:
    run("buy", "demo-monthly-5gb", "--name", "phone", "--yes")
    assert run("topup", "phone", "--amount", "5USD", "--voucher-stdin", "--yes", given=VOUCHER).code == 2


def test_another_carriers_plan_is_not_sold_for_a_line(sim: Runner) -> None:
    done = sim("renew", "sim", "--plan", "cellcard-data-7d", "--paid", "x")
    assert (done.code, "is a plan of cellcard" in done.err) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        ("--carrier", "nobody"),
        (),
        ("--msisdn", "12"),
        ("--carrier", "smart", "--msisdn", "call me"),
        ("--carrier", "smart", "--data", "5GB"),
        ("--carrier", "smart", "--days", "5"),
        ("--carrier", "smart", "--iccid", "42"),
        ("--carrier", "smart", "--plan", "cellcard-data-7d"),
        ("--carrier", "smart", "--started", "2027-01-01"),
        ("--carrier", "smart", "--plan", PLAN, "--data", "5GB", "--days", "7"),
        ("--carrier", "smart", "--channel", "radio"),
        ("--carrier", "smart", "--order", "42"),
    ],
)
def test_a_line_that_cannot_be_is_refused_in_one_line(run: Runner, tmp_path: Path, words: tuple[str, ...]) -> None:
    before = tree(tmp_path)
    done = run("lines", "add", "sim", "--provider", "manual", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("esimctl: ")
    assert tree(tmp_path) == before


def test_the_prefix_is_a_guess_and_never_a_fact(run: Runner) -> None:
    refused = run("lines", "add", "sim", "--provider", "manual", "--msisdn", "097 123 4567")
    assert "metfone (a guess by the number's prefix)" in refused.err
    added = run(
        "lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--msisdn", "097 123 4567", "--json"
    )
    assert added.json["line"]["carrier"] == "smart"
    assert "a guess and no proof" in added.err
    shown = run("lines", "show", "sim", "--json").json["line"]
    assert shown["prefix_guess"] == ["metfone"]


def test_a_line_says_what_to_dial_with_source_and_grade(sim: Runner) -> None:
    contacts = sim("lines", "show", "sim", "--json").json["line"]["contacts"]
    balance = [row for row in contacts if row["purpose"] == "balance"]
    assert {"*888#", "*1201#"} == {row["value"] for row in balance}
    assert balance[0]["tel"] == "tel:*888%23"
    assert {"balance", "topup", "unsubscribe", "call"} <= {row["purpose"] for row in contacts}
    assert all(row["source"] and row["grade"] in "VSU" for row in contacts)
    assert all(row["tel"] is None for row in contacts if "PIN" in row["value"])


def test_an_activation_code_from_stdin_goes_to_the_vault_alone(run: Runner, tmp_path: Path) -> None:
    code = "LPA:1$smdp.example.com$SECRET-MATCHING-ID"
    done = run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--lpa-stdin", given=code + "\n")
    assert done.code == 0
    holding = [path for path, content in tree(tmp_path).items() if b"SECRET-MATCHING-ID" in content]
    own = run("lines", "show", "sim", "--json").json["line"]["id"]
    assert holding == [f"home/profiles/default/vault/{own}.toml"]
    assert "SECRET-MATCHING-ID" in run("lines", "show", "sim", "--show-code", "--json").out


def talk(words: list[str], answers: list[tuple[bytes, bytes]], home: Path) -> tuple[int, bytes]:
    """Run the program on a terminal; each answer is given when its question has appeared."""
    parent, child = pty.openpty()
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "ESIMCTL_HOME": str(home / "home"),
        "ESIMCTL_NOW": NOW,
        "TERM": "xterm",
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "100",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "esimctl", *words], stdin=child, stdout=child, stderr=child, env=environ, close_fds=True
    )
    os.close(child)
    seen, place, end = b"", 0, time.monotonic() + 60
    while time.monotonic() < end:
        ready, _, _ = select.select([parent], [], [], 1.0)
        if ready:
            try:
                piece = os.read(parent, 65_536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        if answers and answers[0][0] in seen[place:]:
            place = len(seen)
            os.write(parent, answers.pop(0)[1])
    os.close(parent)
    return process.wait(timeout=10), seen


def test_on_a_terminal_the_way_is_shown_and_the_person_is_asked(sim: Runner, tmp_path: Path) -> None:
    code, seen = talk(["renew", "sim"], [(b"for this? [y/N]", b"y\n"), (b"(Enter: none)", b"SLIP-12\n")], tmp_path)
    assert code == 0
    assert b"*1710*150*1#" in seen
    orders = sim("transactions", "list", "--json").json["transactions"]
    assert [order["provider_order"] for order in orders] == [None, "SLIP-12"]


def test_on_a_terminal_a_no_records_nothing(sim: Runner, tmp_path: Path) -> None:
    code, _ = talk(["renew", "sim"], [(b"for this? [y/N]", b"n\n")], tmp_path)
    assert code == 5
    assert len(sim("transactions", "list", "--json").json["transactions"]) == 1


def test_on_a_terminal_a_voucher_is_typed_without_echo(sim: Runner, tmp_path: Path) -> None:
    code, seen = talk(
        ["topup", "sim", "--amount", "5USD", "--voucher"],
        [(b"voucher's code: ", VOUCHER.encode() + b"\n"), (b"[y/N]", b"y\n"), (b"(Enter: none)", b"\n")],
        tmp_path,
    )
    assert code == 0
    assert VOUCHER.encode() not in seen
    assert b"*1203*PIN#" in seen
    assert all(VOUCHER.encode() not in content for content in tree(tmp_path).values())


def test_on_a_terminal_a_line_shows_a_code_that_dials(sim: Runner, tmp_path: Path) -> None:
    code, seen = talk(["lines", "show", "sim"], [], tmp_path)
    text = seen.decode()
    assert code == 0
    assert "scan it with the phone to dial *888#" in text
    assert sum(text.count(block) for block in "▀▄█") > 200


def test_a_rule_never_says_that_something_was_paid(sim: Runner) -> None:
    """Only a person buys at a counter: a rule says so, and records nothing."""
    sim("payments", "add", "cash", "--kind", "cash")
    limits = ("--max-price", "3USD", "--max-per-month", "5USD")
    assert sim("autotopup", "set", "sim", "--below", "1GB", "--plan", PLAN, "--pay", "cash", *limits).code == 0
    assert sim("autotopup", "enable", "sim", "--confirm", "5USD").code == 0
    sim("usage", "record", "sim", "--remaining", "400MB")
    (decision,) = sim("autotopup", "run", "--json", now="2026-11-20T09:01:00+07:00").json["decisions"]
    assert (decision["reason"], decision["order"]) == ("by_hand", None)
    assert len(sim("transactions", "list", "--json").json["transactions"]) == 1


@pytest.mark.parametrize(
    ("iccid", "fits"),
    [("8985502000000000015", True), ("89855020000000000157", True), ("8985502000000000016", False)],
)
def test_a_check_digit_that_does_not_fit_is_said_and_not_insisted_on(run: Runner, iccid: str, fits: bool) -> None:
    """Vendors print numbers whose check digit is wrong; a person may have mistyped one."""
    done = run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--iccid", iccid)
    assert done.code == 0
    assert ("check digit" not in done.err) is fits
