"""`profile merge` of books of which one machine's clock was wrong and was taken back, whichever of the two merges."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from esimctl.profile.opened import Clock
from tests.conftest import Outcome, Runner

BEGUN = datetime(2026, 12, 1, 3, tzinfo=UTC)
WRONG = datetime(2038, 1, 19, 3, tzinfo=UTC)
DAY = timedelta(days=1)


class Home:
    """A machine with a clock of its own; both buy from one operator."""

    def __init__(self, run: Runner, patch: pytest.MonkeyPatch, place: Path, name: str) -> None:
        self._run, self._patch, self.home = run, patch, place / name
        self.folder, self.state = self.home / "profiles" / "default", place / f"{name}-state"
        self.home.mkdir(mode=0o700)
        (place / "operator").mkdir(mode=0o700, exist_ok=True)
        (self.home / "sandbox").symlink_to(place / "operator")

    def __call__(self, now: datetime, *words: str) -> Outcome:
        self._patch.setattr(Clock, "now", lambda _self: now)
        env = {"ESIMCTL_HOME": str(self.home), "XDG_STATE_HOME": str(self.state), "ESIMCTL_MACHINE": self.home.name}
        ran = self._run(*words, now=None, env=env)
        assert ran.code in {0, 20}, (words, ran)
        return ran

    def topup(self, now: datetime, amount: str) -> str:
        return str(self(now, "topup", "phone", "--amount", amount, "--yes", "--json").json["order"]["id"])

    def orders(self, now: datetime) -> dict[str, Any]:
        orders = self(now, "transactions", "list", "--json").json["transactions"]
        return {row["id"]: (row["created_at"], row["settled_at"], row.get("stated_at")) for row in orders}

    def month(self, now: datetime, month: str) -> str:
        return str(self(now, "report", "--month", month, "--json").json["report"][0]["spend"][0]["amount"])


@pytest.mark.parametrize("who", ["the one that knows", "the other one"])
def test_orders_of_the_right_clock_keep_their_date(
    run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, who: str
) -> None:
    here, there = (Home(run, monkeypatch, tmp_path, name) for name in ("here", "there"))
    here(BEGUN, "buy", "demo-monthly-20gb", "--provider", "sandbox", "--name", "phone", "--yes")
    there.folder.parent.mkdir(mode=0o700)
    shutil.copytree(here.folder, there.folder)
    wrong = here.topup(WRONG, "1USD")
    right = there.topup(BEGUN + DAY, "2USD")
    here(BEGUN + 2 * DAY, "doctor", "--clock", f"{BEGUN + 2 * DAY:%Y-%m-%d}")
    later, last = there.topup(BEGUN + 40 * DAY, "3USD"), here.topup(BEGUN + 41 * DAY, "4USD")
    alone = {**there.orders(BEGUN + 42 * DAY), **here.orders(BEGUN + 42 * DAY)}
    one, other = (here, there) if who == "the one that knows" else (there, here)
    one(BEGUN + 43 * DAY, "profile", "merge", str(other.folder), "--yes")
    found = one.orders(BEGUN + 44 * DAY)
    assert found == alone
    assert {wrong, right, later, last} <= found.keys()
    months = {month: one.month(BEGUN + 44 * DAY, month) for month in ("2026-12", "2027-01", "2038-01")}
    price = one(BEGUN + 44 * DAY, "transactions", "list", "--json").json["transactions"][0]["price"]["amount"]
    assert months == {"2026-12": f"{float(price) + 3:.2f}", "2027-01": "7.00", "2038-01": "1.00"}
