"""What renewing does with the data that is left: kept, lost either way, lost only if not, each with its date."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_left_now import on_a_terminal
from tests.conftest import NOW, Runner, balance_of

GB = 10**9
GRACE = """
[plan.smart-grace-10gb]
carrier = "smart"
name = "Ten with a grace"
price = "4.00 USD"
source = "my own test"
as_of = 2026-11-01
[plan.smart-grace-10gb.terms]
data = "10GB"
term = "30 days"
early_renewal = "queue"
[plan.smart-grace-10gb.terms.rollover]
mode = "carry"
validity = "1 month"
max = "6GB"
condition = "renewed-within-grace"
grace = "5 days"
"""
PLAN = "smart-grace-10gb"
END, LAST = "2026-12-20T02:00:00Z", "2026-12-25T02:00:00Z"


def figures(told: dict[str, Any]) -> tuple[int, int, int]:
    return told["carry_if_renewed_bytes"], told["lost_anyway_bytes"], told["lost_if_not_bytes"]


@pytest.fixture
def own(run: Runner, tmp_path: Path) -> Runner:
    """A catalogue with a plan that has a cap and a grace."""
    file = tmp_path / "own.toml"
    file.write_text(GRACE)
    assert run("plans", "import", str(file)).code == 0
    return run


def test_a_plan_that_carries_nothing_loses_it_either_way(run: Runner, tmp_path: Path) -> None:
    """`lost if not renewed: 22 GB` was said of a pack that loses them when renewed too."""
    added = run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--plan", "smart-laor-30d")
    assert added.code == 0
    run("usage", "record", "sim", "--remaining", "22GB")
    told = balance_of(run, "sim")["rollover"]
    assert figures(told) == (0, 22 * GB, 0)
    assert (told["lost_anyway_at"], told["renew_by"]) == (END, None)
    card = on_a_terminal(["balance", "sim"], tmp_path, NOW)
    assert "lost either way, from 20 Dec 09:00: 22 GB" in card
    assert "if you do not renew" not in card


def test_the_three_figures_with_a_cap_and_a_grace_everywhere(own: Runner, tmp_path: Path) -> None:
    assert own("buy", PLAN, "--provider", "sandbox", "--name", "sim", "--yes").code == 0
    own("sandbox", "use", "sim", "1GB")
    told = balance_of(own, "sim")["rollover"]
    assert figures(told) == (6 * GB, 3 * GB, 6 * GB)
    assert (told["renew_by"], told["grace_until"], told["carried_until"]) == (LAST, LAST, "2027-01-20T02:00:00Z")
    shown = own("lines", "show", "sim", "--json").json["line"]
    assert (figures(shown), shown["renew_by"], shown["grace_until"]) == (figures(told), LAST, LAST)
    row = own("check", "--json").json["lines"][0]
    assert (row["renew_by"], row["grace_until"]) == (LAST, LAST)
    offer = own("renew", "sim", "--dry-run", "--json").json["offer"]["renewal"]
    assert (offer["renew_by"], offer["grace_until"], offer["kept_bytes"], offer["lost_bytes"]) == (
        LAST, LAST, 6 * GB, 3 * GB,
    )  # fmt: skip
    calendar = own("transactions", "export", "--format", "ics").out
    assert "SUMMARY:SANDBOX: sim: last moment to renew and keep 6 GB" in calendar
    assert "DTSTART:20261225T020000Z" in calendar
    card = " ".join(on_a_terminal(["balance", "sim"], tmp_path, NOW).split())
    line = " ".join(on_a_terminal(["lines", "show", "sim"], tmp_path, NOW).split())
    for said in (
        "renew by 25 Dec 09:00 to keep 6 GB until 20 Jan 2027, else it is lost",
        "lost either way, from 20 Dec 09:00: 3 GB",
    ):
        assert said in card
        assert said in line
    assert "last moment" not in card, "the day by which to renew is the last moment"


def test_in_the_grace_the_line_is_suspended_and_its_data_at_risk(own: Runner) -> None:
    """It can be saved until the last moment; nothing of it can be used meanwhile."""
    own("buy", PLAN, "--provider", "sandbox", "--name", "sim", "--yes")
    within, after = "2026-12-23T09:00:00+07:00", "2026-12-26T09:00:00+07:00"
    held = balance_of(own, "sim", within)
    assert (held["status"], held["data"]["remaining_bytes"], held["data"]["restricted_bytes"]) == (
        "suspended", 0, 10 * GB,
    )  # fmt: skip
    assert figures(held["rollover"]) == (6 * GB, 4 * GB, 6 * GB)
    assert held["buckets"][0]["usable"] == "suspended"
    assert "renew by" in own("check", now=within).out
    assert balance_of(own, "sim", after)["status"] == "expired"
    assert figures(balance_of(own, "sim", after)["rollover"]) == (0, 0, 0)


@pytest.mark.parametrize("renewed", [True, False])
def test_the_books_do_what_the_figures_said(own: Runner, renewed: bool) -> None:
    """Renewed in time, and not: what is carried and lost is what was foretold."""
    own("buy", PLAN, "--provider", "sandbox", "--name", "sim", "--yes")
    own("sandbox", "use", "sim", "1GB")
    told = balance_of(own, "sim")["rollover"]
    if renewed:
        assert own("renew", "sim", "--yes", now="2026-12-22T09:00:00+07:00").code == 0
    after = balance_of(own, "sim", "2026-12-26T09:00:00+07:00")
    carried = sum(one["remaining"] for one in after["buckets"] if one["category"] == "rollover")
    assert carried == (told["carry_if_renewed_bytes"] if renewed else 0)
    if not renewed:
        assert after["data"]["remaining_bytes"] == 0
        assert told["lost_anyway_bytes"] + told["lost_if_not_bytes"] == 9 * GB


def test_after_a_renewal_by_hand_the_new_end_is_asked_for_until_it_is_read(run: Runner, tmp_path: Path) -> None:
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--plan", "smart-laor-30d")
    assert run("check").code == 0
    later = "2026-12-12T09:00:00+07:00"
    run("usage", "record", "sim", "--remaining", "30GB", now=later)
    assert run("renew", "sim", "--paid", "SLIP-1", "--price", "6USD", now=later).code == 0
    asked = run("check", "--json", now=later)
    assert (asked.code, asked.json["lines"][0]["attention"]) == (20, ["end_unseen"])
    assert "is the new end to be seen?" in run("check", now=later).out
    card = on_a_terminal(["balance", "sim"], tmp_path, later)
    assert "! end not seen: look for it on the phone    esimctl usage record sim\n" in card
    again = run("check", "--json", now="2026-12-12T20:00:00+07:00")
    assert again.json["lines"][0]["attention"] == ["end_unseen"], "said until it is answered"
    run("usage", "record", "sim", "--remaining", "60GB", "--expires", "2027-01-11", now="2026-12-12T21:00:00+07:00")
    assert run("check", now="2026-12-12T21:00:00+07:00").code == 0


def test_reminders_say_what_is_lost_and_how(own: Runner) -> None:
    """Of a line that is about to end: what a renewal saves, or that nothing would."""
    own("buy", PLAN, "--provider", "sandbox", "--name", "keeps", "--yes")
    own("buy", "smart-laor-30d", "--provider", "sandbox", "--name", "loses", "--yes")
    near = "2026-12-19T20:00:00+07:00"
    own("balance", "--refresh", now=near)
    told = own("autotopup", "run", "--json", now=near).out
    assert "6 GB is lost if it is not renewed" in told
    assert "60 GB is lost then, renewed or not" in told
