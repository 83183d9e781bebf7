"""What is missing: asked one by one on a terminal with a default (R-06), said all at once everywhere else."""

import os
import pty
import select
import subprocess
import sys
import time
from codecs import getincrementaldecoder
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW, Runner

SIM = (
    "lines",
    "add",
    "sim",
    "--provider",
    "manual",
    "--carrier",
    "smart",
    "--plan",
    "smart-laor-30d",
    "--price",
    "6USD",
)


def talk(words: list[str], answers: list[str], home: Path, **more: str) -> tuple[int, str]:
    """Run the program on a terminal and give one answer after the other, each when it waits for one."""
    parent, child = pty.openpty()
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(home), "ESIMCTL_HOME": str(home / "home"), "ESIMCTL_NOW": NOW,
        "TERM": "xterm", "LC_ALL": "C.UTF-8", "COLUMNS": "100", "TZ": "Asia/Phnom_Penh", "NO_COLOR": "1", **more,
    }  # fmt: skip
    command = [sys.executable, "-m", "esimctl", *words]
    process = subprocess.Popen(command, stdin=child, stdout=child, stderr=child, env=environ, close_fds=True)
    os.close(child)
    seen, decoder, end = "", getincrementaldecoder("utf-8")(), time.monotonic() + 60
    left = list(answers)
    while time.monotonic() < end:
        ready, _, _ = select.select([parent], [], [], 0.3)
        if ready:
            try:
                piece = os.read(parent, 65_536)
            except OSError:
                break
            if not piece:
                break
            seen += decoder.decode(piece)  # a piece may end within a character
            waits = seen.endswith((": ", "] ", ") ", "? ")) and not seen.endswith("\n")
            if left and waits:
                os.write(parent, f"{left.pop(0)}\n".encode())
    os.close(parent)
    code = process.wait(timeout=30)
    assert left == [], f"not asked for: {left}\n{seen}"
    return code, seen.replace("\r\n", "\n")


def orders(run: Runner) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run("transactions", "list", "--json").json["transactions"]
    return found


def test_a_renewal_shows_its_five_steps_before_the_question(run: Runner, tmp_path: Path) -> None:
    """Line and account, what is left and until when, the plans, price and method, the new end and what it costs."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    run("sandbox", "use", "phone", "12GB")
    code, seen = talk(["renew", "phone"], ["n"], tmp_path)
    assert code == 5
    steps = [
        "line phone, demo, account: sandbox",
        "left now: 8 GB, calls: 200 min left; it ends 2026-12-20 09:00 +0700",
        "1. demo-monthly-20gb  20 GB, 1 month, 9.00 USD  (the present one)",
        "price: 9.00 USD  SANDBOX, paid with sandbox-card",
        "new end: 2027-01-20 09:00 +0700 (no day is lost)",
        "kept: 8 GB, until 2027-06-20 09:00 +0700",
        "Pay 9.00 USD SANDBOX with sandbox-card? [y/N]",
    ]
    places = [seen.find(step) for step in steps]
    assert places == sorted(places), seen
    assert -1 not in places, (steps[places.index(-1)] if -1 in places else "", seen)
    assert len(orders(run)) == 1


def test_the_steps_of_a_renewal_as_a_document(run: Runner) -> None:
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    run("sandbox", "use", "phone", "12GB")
    told = run("renew", "phone", "--dry-run", "--json").json["offer"]["renewal"]
    assert (told["line"], told["provider"], told["remaining_bytes"]) == ("phone", "sandbox", 8 * 10**9)
    assert (told["expires_at"], told["renew_by"]) == ("2026-12-20T02:00:00Z", "2026-12-20T02:00:00Z")
    assert (told["new_end"], told["days_lost"]) == ("2027-01-20T02:00:00Z", 0)
    assert (told["kept_bytes"], told["kept_until"], told["lost_bytes"]) == (8 * 10**9, "2027-06-20T02:00:00Z", 0)
    assert [row["id"] for row in told["plans"] if row["present"]] == ["demo-monthly-20gb"]
    other = run("renew", "phone", "--plan", "demo-monthly-1gb", "--dry-run", "--json").json["offer"]["renewal"]
    assert [row["id"] for row in other["plans"] if row["chosen"]] == ["demo-monthly-1gb"]
    assert (other["kept_bytes"], other["lost_bytes"]) == (0, 8 * 10**9), "that plan carries nothing"


@pytest.mark.parametrize(
    ("answers", "plan"),
    [
        (["y", ""], "smart-laor-30d"),
        (["", "y", ""], "smart-laor-30d"),
        (["1", "y", ""], "smart-laor-30d"),
        (["2", "y", ""], "smart-laor-7d"),
    ],
)
def test_a_plan_is_chosen_by_number(run: Runner, tmp_path: Path, answers: list[str], plan: str) -> None:
    assert run(*SIM).code == 0
    code, seen = talk(["renew", "sim"], answers, tmp_path)
    assert code == 0, seen
    assert "2. smart-laor-7d  15 GB, 7 days, 1.50 USD" in seen
    assert [order["plan"] for order in orders(run)] == ["smart-laor-30d", plan]


def test_what_renewing_early_costs_where_the_terms_overlap(run: Runner, tmp_path: Path) -> None:
    assert run(*SIM).code == 0
    _, seen = talk(["renew", "sim"], ["n"], tmp_path, ESIMCTL_NOW="2026-12-10T09:00:00+07:00")
    assert "new end: 2027-01-09 09:00 +0700 (10 days are lost)" in seen
    assert "lost at the present end, though renewed: 60 GB" in seen


def test_a_number_that_is_not_listed_is_no_purchase(run: Runner, tmp_path: Path) -> None:
    run(*SIM)
    code, seen = talk(["renew", "sim"], ["77"], tmp_path)
    assert code == 2
    assert "there is no number 77" in seen
    assert len(orders(run)) == 1


def test_bare_commands_on_a_terminal_ask_for_what_is_missing(run: Runner, tmp_path: Path) -> None:
    """One question each, and Enter takes the default."""
    code, seen = talk(["lines", "add"], ["", "", ""], tmp_path)
    assert code == 0, seen
    assert "Where was it bought? manual is a counter [manual]: " in seen
    assert run("lines", "list", "--json").json["lines"][0]["line"] == "smart"
    code, seen = talk(["buy"], ["demo-monthly-20gb", "y"], tmp_path)
    assert code == 0, seen
    assert "Which plan? [1]: " in seen
    code, seen = talk(["topup"], ["2", "", "y"], tmp_path)
    assert code == 0, seen
    assert "Which line? [1]: " in seen
    code, seen = talk(["topup", "demo"], ["5USD", "y"], tmp_path)
    assert code == 0, seen
    assert orders(run)[-1]["kind"] == "topup"
    code, seen = talk(["renew"], ["2", "y"], tmp_path)
    assert code == 0, seen
    code, seen = talk(["autotopup", "set"], ["2", "", "", "", ""], tmp_path)
    assert code == 0, seen
    (rule,) = run("autotopup", "show", "--json").json["rules"]
    assert rule["line"] == "demo"
    assert (rule["trigger"]["below_bytes"], rule["max_per_month"]["amount"]) == (500_000_000, "1500"), (
        "three riel packs a month"
    )


def test_an_answer_that_cannot_be_read_is_asked_for_again(run: Runner, tmp_path: Path) -> None:
    code, seen = talk(["lines", "add", "sim", "--provider", "manual"], ["no such carrier", "metfone"], tmp_path)
    assert code == 0, seen
    assert run("lines", "list", "--json").json["lines"][0]["carrier"] == "metfone"


def test_a_line_of_a_provider_is_found_by_its_card(run: Runner, tmp_path: Path) -> None:
    """It was bought, and is followed no more: its card's number is asked for."""
    run("buy", "smart-5g-30d", "--provider", "sandbox", "--name", "phone", "--yes")
    iccid = run("lines", "show", "phone", "--show-code", "--json").json["line"]["iccid"]
    assert run("lines", "remove", "phone", "--yes").code == 0
    code, seen = talk(["lines", "add"], ["sandbox", "123", iccid, "again"], tmp_path)
    assert code == 0, seen
    assert "that is not an ICCID" in seen
    assert run("lines", "show", "again", "--show-code", "--json").json["line"]["iccid"] == iccid


MISSING = (
    (("buy",), ["PLAN"]),
    (("topup",), ["LINE", "--plan PLAN or --amount MONEY"]),
    (("topup", "sim"), ["--plan PLAN or --amount MONEY"]),
    (("renew",), ["LINE"]),
    (("lines", "add"), ["NAME", "--provider P", "--carrier CARRIER"]),
    (("lines", "add", "x"), ["--provider P", "--carrier CARRIER"]),
    (("lines", "add", "--provider", "sandbox"), ["NAME", "--iccid N or --order ID"]),
    (("autotopup", "set"), ["LINE", "--below V", "--plan PLAN", "--max-price MONEY", "--max-per-month MONEY"]),
    (("autotopup", "set", "sim", "--below", "1GB"), ["--plan PLAN", "--max-price MONEY", "--max-per-month MONEY"]),
)


@pytest.mark.parametrize(("words", "names"), MISSING)
def test_without_a_terminal_all_that_is_missing_is_said_at_once(
    run: Runner, words: tuple[str, ...], names: list[str]
) -> None:
    run(*SIM)
    plain, document = run(*words), run(*words, "--json")
    assert (plain.code, plain.out) == (2, "")
    assert (document.code, document.json["error"]["exit_code"]) == (2, 2)
    for name in names:
        assert name in plain.err
        assert name in document.json["error"]["message"]


@pytest.mark.parametrize("more", [["--json"], ["-o", "tsv"], ["--yes"]])
def test_a_terminal_is_not_asked_where_a_program_reads(run: Runner, tmp_path: Path, more: list[str]) -> None:
    run(*SIM)
    code, seen = talk(["topup", *more], [], tmp_path)
    assert code == 2
    assert "LINE; --plan PLAN or --amount MONEY" in seen
    code, seen = talk(["topup"], [], tmp_path, ESIMCTL_NO_INPUT="1")
    assert code == 2
