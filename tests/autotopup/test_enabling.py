"""Rules of a tag enabled together: listed, their sum repeated in each currency, each still on its own."""

from pathlib import Path

from esimctl.autotopup import enabling
from esimctl.purchase.opening import open_profile
from esimctl.values.money import Money
from tests.cli.test_guided import talk
from tests.conftest import NOW, Runner

LIMITS = ("--max-price", "2USD", "--max-per-month", "6USD")
RIEL = ("--max-price", "8000KHR", "--max-per-month", "24,000KHR")


def family(run: Runner) -> None:
    """Two lines of a tag, a rule each."""
    for name in ("ana", "bo"):
        assert run("buy", "demo-monthly-20gb", "--name", name, "--yes").code == 0
    assert run("lines", "tag", "ana", "bo", "--add", "family").code == 0
    words = ("--below", "500MB", "--plan", "demo-topup-2gb")
    assert run("autotopup", "set", "--tag", "family", *words, *LIMITS).code == 0


def states(run: Runner) -> dict[str, str]:
    return {rule["rule"]: rule["status"] for rule in run("autotopup", "show", "--json").json["rules"]}


def test_the_sum_enables_all_of_them(run: Runner) -> None:
    family(run)
    missing = run("autotopup", "enable", "--tag", "family")
    assert missing.code == 2
    assert "--confirm 12.00USD" in missing.err
    assert run("autotopup", "enable", "--tag", "family", "--confirm", "6USD").code == 2
    assert run("autotopup", "enable", "--tag", "family", "--confirm", "12USD", "--confirm", "1KHR").code == 2
    looked = run("autotopup", "enable", "--tag", "family", "--confirm", "12USD", "--dry-run", "--json")
    assert looked.json["dry_run"] is True
    assert states(run) == {"ana": "disabled", "bo": "disabled"}
    done = run("autotopup", "enable", "--tag", "family", "--confirm", "12usd", "--json")
    assert [rule["rule"] for rule in done.json["rules"]] == ["ana", "bo"]
    assert states(run) == {"ana": "active", "bo": "active"}
    again = run("autotopup", "enable", "--tag", "family", "--confirm", "12USD")
    assert again.code == 2
    assert "is waiting to be enabled" in again.err


def test_one_sum_for_each_currency(run: Runner) -> None:
    family(run)
    words = ("--below", "500MB", "--plan", "demo-topup-riel-500mb")
    assert run("autotopup", "set", "bo", *words, *RIEL).code == 0
    missing = run("autotopup", "enable", "--tag", "family")
    assert "--confirm 6.00USD --confirm 24000KHR" in missing.err
    assert run("autotopup", "enable", "--tag", "family", "--confirm", "24000KHR", "--confirm", "6USD").code == 0
    assert set(states(run).values()) == {"active"}


def test_a_person_sees_each_and_types_the_sum(run: Runner, tmp_path: Path) -> None:
    """A wrong sum is asked for once more, and nothing is enabled by a second one."""
    family(run)
    code, seen = talk(["autotopup", "enable", "--tag", "family"], ["6", "7"], tmp_path)
    assert code == 5, seen
    assert "ana: buys demo-topup-2gb for ana, " in seen
    assert set(states(run).values()) == {"disabled"}
    code, seen = talk(["autotopup", "enable", "--tag", "family"], ["6", "１２ usd"], tmp_path)
    assert code == 0, seen
    assert set(states(run).values()) == {"active"}


def test_one_rule_is_still_enabled_by_its_own_limit(run: Runner, tmp_path: Path) -> None:
    family(run)
    assert run("autotopup", "enable", "ana", "--confirm", "6USD", "--confirm", "6USD").code == 2
    assert run("autotopup", "enable", "ana", "--tag", "family", "--confirm", "6USD").code == 2
    assert run("autotopup", "enable", "--confirm", "6USD").code == 2
    code, seen = talk(["autotopup", "enable", "ana"], ["2usd", "6"], tmp_path)
    assert code == 0, seen
    code, seen = talk(["autotopup", "enable", "bo", "--confirm", "6"], [], tmp_path)
    assert code == 0, seen
    assert states(run) == {"ana": "active", "bo": "active"}


def test_a_rule_that_changed_meanwhile_stays_off(run: Runner, tmp_path: Path) -> None:
    """What is enabled is what was shown."""
    family(run)
    session = open_profile(None, {"ESIMCTL_HOME": str(tmp_path / "home"), "ESIMCTL_NOW": NOW})
    shown = enabling.waiting(session, ["ana", "bo"])
    words = ("--below", "700MB", "--plan", "demo-topup-2gb")
    assert run("autotopup", "set", "bo", *words, *LIMITS).code == 0
    result = enabling.enable_rules(session, shown, [Money(1200, "USD")])
    assert int(result.exit_code) == 5
    assert [rule.rule for rule in result.data.rules] == ["ana"]
    assert states(run) == {"ana": "active", "bo": "disabled"}
