"""A rehearsal by ESIMCTL_NOW: what it may write, how it is marked, and that books kept by the real clock stay."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import Outcome, Runner, tree
from tests.purchase.shop import SHOP, furnish

LATER = "2099-01-05T09:00:00+07:00"
PLAN = "smart-laor-7d"

#: what a person may look at; none of it may change a file
READS = (
    ("balance",), ("balance", "a"), ("balance", "--refresh"), ("balance", "--explain"), ("check",), ("check", "a"),
    ("lines", "list"), ("lines", "show", "a"), ("lines", "show", "a", "--show-code"), ("lines", "qr", "a"),
    ("plans", "list", "--limit", "3"), ("plans", "list", "--line", "a"), ("plans", "show", PLAN),
    ("plans", "recommend", "--days", "7", "--data", "3GB"), ("policy", "show", "smart"), ("promotions", "list"),
    ("transactions", "list"), ("transactions", "audit"), ("transactions", "export", "--format", "csv"),
    ("transactions", "export", "--format", "ics"), ("transactions", "export", "--format", "prometheus"),
    ("report",), ("usage", "history", "a"), ("usage", "forecast", "a"), ("payments", "list"), ("providers", "list"),
    ("providers", "check"), ("autotopup", "show"), ("autotopup", "log"), ("autotopup", "run", "--dry-run"),
    ("buy", PLAN, "--provider", "sandbox", "--dry-run"), ("renew", "a", "--dry-run"),
    ("topup", "a", "--amount", "1USD", "--dry-run"),
    ("doctor",), ("profile", "list"), ("profile", "path"), ("profile", "budget"), ("schedule", "show"),
)  # fmt: skip

#: what would write
WRITES = (
    ("buy", PLAN, "--provider", "sandbox", "--yes"), ("renew", "a", "--yes"),
    ("topup", "a", "--amount", "1USD", "--yes"), ("reconcile",),
    ("autotopup", "run"), ("autotopup", "pause"), ("autotopup", "resume"),
    ("payments", "add", "visa", "--kind", "credit-card"),
    ("lines", "rename", "a", "b"), ("lines", "remove", "a", "--yes"), ("sandbox", "use", "a", "1GB"),
    ("sandbox", "fault", "decline"), ("sandbox", "reset", "--yes"), ("profile", "backup", "x.tar"),
    ("profile", "budget", "set", "20USD/month"), ("policy", "set", "smart", "rollover", "mode=none", "--source", "me"),
    ("autotopup", "set", "a", "--below", "1GB", "--amount", "1USD", "--max-price", "1USD", "--max-per-month", "5USD"),
    ("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "1GB", "--days", "7"),
    ("doctor", "--mend", "--yes"),
)  # fmt: skip


@pytest.fixture
def kept(run: Runner, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose profile is kept by the real clock: a line, and a look at it."""
    monkeypatch.chdir(tmp_path)
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "a", "--yes", now=None).code == 0
    assert run("balance", now=None).code == 0
    return home


def test_a_look_by_another_clock_leaves_every_file_as_it_was(run: Runner, kept: Path) -> None:
    before = tree(kept)
    for words in READS:
        looked = run(*words, now=LATER)
        assert looked.code in {0, 5, 20}, (words, looked.err)
        if looked.code == 5:
            assert "kept by the real clock" not in looked.err, (words, "it was refused for what it would have bought")
        assert tree(kept) == before, words


def test_what_would_write_is_refused_with_the_way_out(run: Runner, kept: Path) -> None:
    before = tree(kept)
    for words in WRITES:
        refused = run(*words, now=LATER)
        assert refused.code == 5, (words, refused)
        assert "kept by the real clock" in refused.err, words
        assert "esimctl profile create NAME --rehearsal" in refused.err, words
        assert tree(kept) == before, words
        told = run(*words, "--json", now=LATER).json["error"]
        assert (told["code"], told["exit_code"]) == ("real_profile", 5), words


def test_the_journal_of_the_issue(run: Runner, kept: Path) -> None:
    """`ESIMCTL_NOW=2099… balance a` is shown as it would be then; the next real top-up has today's date."""
    assert run("balance", "a", "--json", now=LATER).json["as_of"] == "2099-01-05T02:00:00Z"
    assert run("doctor", now=None).code == 0
    order = run("topup", "a", "--amount", "1USD", "--yes", "--json", now=None).json["order"]
    assert abs(datetime.fromisoformat(order["created_at"]) - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_rehearsal_is_marked_and_refuses_the_real_clock(run: Runner, home: Path) -> None:
    bought = run("buy", PLAN, "--provider", "sandbox", "--name", "a", "--yes", "--json")
    assert bought.json["rehearsal"] is True
    before = tree(home)
    for words in (("balance",), ("buy", PLAN, "--provider", "sandbox", "--yes"), ("autotopup", "run"), ("report",)):
        refused = run(*words, now=None)
        assert (refused.code, "is a rehearsal" in refused.err) == (5, True), words
        assert run(*words, "--json", now=None).json["error"]["code"] == "rehearsal_profile"
    assert tree(home) == before
    assert run("balance", "--json").json["rehearsal"] is True
    card = run("balance", "-o", "table").out
    assert card.splitlines()[-1].startswith("REHEARSAL · Fri 20 Nov")
    (row,) = run("profile", "list", "--json", now=None).json["profiles"]
    assert row["rehearsal"] is True
    ill = run("doctor", "--json", now=None)
    assert (ill.code, ill.json["rehearsal"]) == (20, True)
    assert {"rehearsal", "fail"} <= {value for each in ill.json["checks"] for value in (each["name"], each["status"])}
    well = next(each for each in run("doctor", "--json").json["checks"] if each["name"] == "clock")
    assert "a rehearsal" in well["detail"]


def test_the_real_clock_is_marked_nowhere(run: Runner, kept: Path) -> None:
    assert run("balance", "--json", now=None).json["rehearsal"] is False
    assert "REHEARSAL" not in run("balance", "-o", "table", now=None).out
    assert "REHEARSAL" in run("balance", "-o", "table", now=LATER).out, "figures of another day"
    (row,) = run("profile", "list", "--json", now=LATER).json["profiles"]
    assert row["rehearsal"] is False
    warned = next(each for each in run("doctor", "--json", now=LATER).json["checks"] if each["name"] == "clock")
    assert (warned["status"], warned["fix"]) == ("warn", "unset ESIMCTL_NOW")


def test_a_profile_is_made_for_rehearsals_by_the_real_clock(run: Runner, kept: Path) -> None:
    made = run("profile", "create", "try", "--rehearsal", "--json", now=None)
    assert (made.code, made.json["rehearsal"]) == (0, True)
    assert run("buy", PLAN, "--provider", "sandbox", "--profile", "try", "--yes", now=None).code == 5
    assert run("buy", PLAN, "--provider", "sandbox", "--profile", "try", "--yes", now=LATER).code == 0
    assert run("profile", "create", "family", "--json", now=None).json["rehearsal"] is False
    assert run("buy", PLAN, "--provider", "sandbox", "--profile", "family", "--yes", now=LATER).code == 5, (
        "made for real, though still empty"
    )
    assert run("profile", "create", "later", "--json", now=LATER).json["rehearsal"] is True


def forget_clock(home: Path) -> None:
    """As a profile of an earlier version is: nothing but its journal tells its clock."""
    (home / "profiles" / "default" / "clock").unlink()


def test_an_older_profile_is_judged_by_its_journal(run: Runner, home: Path) -> None:
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "a", "--yes").code == 0
    forget_clock(home)
    assert run("balance", now=None).code == 5, "whole seconds alone: a rehearsal"
    assert run("topup", "a", "--amount", "1USD", "--yes", now=LATER).code == 0


def test_an_older_profile_with_one_real_entry_is_real(run: Runner, kept: Path) -> None:
    forget_clock(kept)
    assert run("topup", "a", "--amount", "1USD", "--yes", now=LATER).code == 5
    assert run("topup", "a", "--amount", "1USD", "--yes", now=None).code == 0
    assert (kept / "profiles" / "default" / "clock").read_text() == "real\n"


def test_an_older_profile_without_an_entry_takes_the_first_clock_that_writes(run: Runner, home: Path) -> None:
    assert run("payments", "add", "visa", "--kind", "credit-card", now=None).code == 0
    forget_clock(home)
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "a", "--yes").code == 0
    assert run("balance", now=None).code == 5


def test_a_backup_keeps_its_clock(run: Runner, kept: Path, tmp_path: Path) -> None:
    real, played = str(tmp_path / "real.tar"), str(tmp_path / "played.tar")
    assert run("profile", "backup", real, now=None).code == 0
    assert run("buy", PLAN, "--provider", "sandbox", "--profile", "try", "--yes", now=LATER).code == 2
    assert run("profile", "create", "try", now=LATER).code == 0
    assert run("profile", "backup", played, "--profile", "try", now=LATER).code == 0
    before = tree(kept)
    assert run("profile", "restore", real, "--profile", "other", now=LATER).code == 5
    assert run("profile", "restore", real, "--yes", now=LATER).code == 5
    assert run("profile", "restore", played, "--profile", "other", now=None).code == 5
    assert tree(kept) == before
    assert run("profile", "restore", played, "--profile", "other", now=LATER).code == 0
    assert run("profile", "restore", real, "--profile", "third", now=None).code == 0


def test_what_a_reseller_says_is_kept_for_the_run_alone(
    run: Runner, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real provider on this machine: readings, price lists and the pace of requests leave no trace."""
    furnish(monkeypatch, home)
    assert run("buy", "shop/ten", "--name", "a", "--yes", now=None).code == 0
    before = tree(home)
    assert run("balance", "a", "--refresh", now=LATER).code == 0
    assert run("plans", "list", "--provider", "shop", "--refresh", now=LATER).code == 0
    assert run("buy", "shop/ten", "--yes", now=LATER).code == 5
    assert len(SHOP.sold) == 1
    assert tree(home) == before


@pytest.mark.parametrize("seed", range(6))
def test_any_rehearsal_leaves_every_file_of_a_real_profile(run: Runner, kept: Path, seed: int) -> None:
    """Looks and attempts in any order, at any time, by profiles beside it: byte for byte the same files."""
    chance = random.Random(seed)
    own = kept / "profiles" / "default"
    if chance.random() < 0.5:
        (own / "state.toml").unlink(missing_ok=True)
    if chance.random() < 0.3:
        forget_clock(kept)
    before = tree(own)
    for _ in range(15):
        now = (datetime.now(UTC) + timedelta(days=chance.randrange(-400, 4000))).isoformat(timespec="seconds")
        words = chance.choice(READS + WRITES)
        ended: Outcome = run(*words, now=now)
        assert ended.code in {0, 5, 20}, (words, ended.err)
        assert tree(own) == before, words
