"""An amount that cannot be read is told by `doctor` and by every look, not only by a purchase."""

from pathlib import Path

import pytest

from tests.conftest import Runner

PLAN = "smart-laor-7d"
UNREADABLE = [
    ('[settings.limits]\nper_order = "$20"\n', 'per_order = "$20"', "settings.limits.per_order"),
    ('[settings.limits]\nper_month = ["1.00 USD", "2 Dollars"]\n', "per_month", "settings.limits.per_month"),
    ('[line.b]\nprovider = "sandbox"\nbudget = "5"\n', "budget", "line.b.budget"),
    ('[line.b]\nprovider = "sandbox"\n[line.b.limits]\nper_day = "1 XXXX"\n', "per_day", "line.b.limits.per_day"),
    ('[provider.other]\nkind = "sandbox"\nbalance_floor = "10 $"\n', "balance_floor", "provider.other.balance_floor"),
]


@pytest.mark.parametrize(("text", "where", "key"), UNREADABLE)
def test_it_is_told_everywhere(run: Runner, tmp_path: Path, text: str, where: str, key: str) -> None:
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "a", "--yes").code == 0
    profile = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    profile.write_text(profile.read_text() + "\n" + text)
    number = next(n for n, line in enumerate(profile.read_text().splitlines(), 1) if line.startswith(where))
    told = f"profile.toml, line {number}: {key}: "
    for words in (("balance",), ("lines", "list"), ("check",), ("balance", "--cached")):
        assert told in run(*words).err, words
    checked = run("doctor", "--json")
    assert checked.code == 20
    assert [row["detail"].startswith(told) for row in checked.json["checks"] if row["name"] == "profile_key"] == [True]
    refused = run("buy", PLAN, "--provider", "sandbox", "--yes")
    assert (refused.code, told in refused.err) == (78, True), refused


def test_amounts_that_can_be_read_are_no_mistake(run: Runner, tmp_path: Path) -> None:
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "a", "--yes").code == 0
    profile = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    profile.write_text(profile.read_text() + '\n[settings.limits]\nper_order = ["20 USD", "80000 KHR"]\n')
    assert "profile.toml" not in run("balance").err
