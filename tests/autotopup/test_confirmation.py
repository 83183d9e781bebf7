"""Nothing that can spend more begins without a person: typed amount, second factor, and a digest over the rule."""

from pathlib import Path

import pytest

from esimctl.autotopup.rule import canonical, digest, only_lowers, read_rule
from esimctl.values.moments import zone
from tests.autotopup.conftest import World

PLAN = ("--below", "500MB", "--plan", "demo-topup-2gb")


def profile(world: World) -> Path:
    return Path(world.ok("profile", "path").out.strip()) / "profile.toml"


def status(world: World) -> str:
    return str(world.ok("autotopup", "show", "--json").json["rules"][0]["status"])


def test_enabling_repeats_the_monthly_limit(world: World) -> None:
    world.rule(*PLAN, enable=False)
    for wrong in ("5USD", "6.01USD", "6EUR"):
        found = world.esimctl("autotopup", "enable", "phone", "--confirm", wrong)
        assert found.code == 2
        assert status(world) == "disabled"
    world.ok("autotopup", "enable", "phone", "--confirm", "6.00USD")
    assert status(world) == "active"


def test_without_a_terminal_and_without_the_amount_nothing_is_enabled(world: World) -> None:
    world.rule(*PLAN, enable=False)
    found = world.esimctl("autotopup", "enable", "phone", "--yes")
    assert found.code == 2
    assert "--confirm 6.00USD" in found.err
    assert status(world) == "disabled"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('max_per_month = "6.00 USD"', 'max_per_month = "600.00 USD"'),
        ('max_per_month = "6.00 USD"', 'max_per_month = "5.00 USD"'),
        ('plan = "demo-topup-2gb"', 'plan = "demo-topup-5gb"'),
        ('below = "500MB"', 'below = "50GB"'),
        ('pay = ["sandbox-card"]', 'pay = ["sandbox-declined"]'),
    ],
)
def test_a_rule_edited_by_hand_is_inert_until_it_is_enabled_again(low: World, old: str, new: str) -> None:
    path = profile(low)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    found = low.decision()
    assert (found["reason"], found["decision"]) == ("unconfirmed", "skip")
    assert status(low) == "unconfirmed"
    assert low.orders() == []
    low.sweep()
    assert low.alerts().count("unconfirmed") == 1


def test_a_rule_that_something_else_wrote_is_inert(world: World) -> None:
    world.rule(*PLAN)
    path = profile(world)
    text = path.read_text()
    table = text[text.index("[rule.phone]") : text.index("#! profile")]
    path.write_text(text.replace(table, table + "\n" + table.replace("rule.phone", "rule.injected")))
    world.use("89600MB")
    decisions = {row["rule"]: row["reason"] for row in world.sweep()["decisions"]}
    assert decisions == {"phone": "topped_up", "injected": "disabled"}


def test_disabling_by_hand_is_immediate(low: World) -> None:
    path = profile(low)
    path.write_text(path.read_text().replace("enabled = true", "enabled = false"))
    assert low.decision()["reason"] == "disabled"


def test_lowering_counts_at_once_and_raising_waits_for_a_person(low: World) -> None:
    low.rule(*PLAN, month="4USD", price="1.50USD", enable=False)
    assert status(low) == "active"
    low.rule(*PLAN, month="5USD", price="1.50USD", enable=False)
    assert status(low) == "unconfirmed"
    assert low.decision()["reason"] == "unconfirmed"
    low.ok("autotopup", "enable", "phone", "--confirm", "5USD")
    assert low.decision()["decision"] == "topup"


def test_lowering_does_not_wake_a_suspended_rule(low: World) -> None:
    low.fault("decline", 3)
    for _ in range(3):
        low.sweep()
        low.at(hours=2)
    low.rule(*PLAN, month="4USD", enable=False)
    assert low.decision()["reason"] == "suspended"


def test_another_payment_method_waits_for_a_person_and_ends_a_suspension(low: World) -> None:
    low.fault("decline", 3)
    for _ in range(3):
        low.sweep()
        low.at(hours=2)
    low.ok("payments", "add", "other", "--kind", "credit-card", "--provider", "sandbox")
    low.rule(*PLAN, "--pay", "other", enable=False)
    assert low.decision()["reason"] == "unconfirmed"
    low.ok("autotopup", "enable", "phone", "--confirm", "6USD")
    assert low.decision()["decision"] == "topup"


def test_a_removed_rule_that_is_set_again_has_to_be_enabled_again(low: World) -> None:
    low.ok("autotopup", "remove", "phone", "--yes")
    low.rule(*PLAN, enable=False)
    assert low.decision()["reason"] == "disabled"


def test_the_digest_does_not_depend_on_the_order_of_keys_and_covers_every_key_that_spends() -> None:
    table = {"line": "a", "below": "1GB", "plan": "p", "max_price": "1 USD", "max_per_month": "2 USD"}
    turned = dict(reversed(list(table.items())))
    assert canonical(table) == canonical(turned)
    assert digest("a", table, b"x" * 32) != digest("b", table, b"x" * 32)
    assert digest("a", table, b"x" * 32) != digest("a", table, b"y" * 32)
    for key in table:
        assert digest("a", {**table, key: "else"}, b"x" * 32) != digest("a", table, b"x" * 32)
    assert digest("a", {**table, "enabled": True, "remind": ["1GB"]}, b"x" * 32) == digest("a", table, b"x" * 32)


@pytest.mark.parametrize(
    ("change", "lower"),
    [
        ({"max_price": "0.50 USD"}, True),
        ({"max_price": "1.50 USD"}, False),
        ({"max_per_month": "1 USD"}, True),
        ({"max_count": 3}, True),
        ({"max_count": 9}, False),
        ({"until": "2026-12-01"}, True),
        ({"until": None}, False),
        ({"cooldown": "2h"}, True),
        ({"cooldown": "1min"}, False),
        ({"below": "1GB"}, False),
        ({"below": "100MB"}, False),
        ({"pay": ["other"]}, False),
        ({"remind": ["1GB"]}, True),
        ({"ask": True}, True),
    ],
)
def test_what_counts_as_lowering(change: dict[str, object], lower: bool) -> None:
    where = zone("Asia/Phnom_Penh")
    old = {
        "below": "500MB", "plan": "p", "max_price": "1 USD", "max_per_month": "5 USD", "max_count": 5, "pay": ["card"],
        "until": "2027-01-01", "cooldown": "1h",
    }  # fmt: skip
    new = {key: value for key, value in {**old, **change}.items() if value is not None}
    assert only_lowers(read_rule("a", old, where), read_rule("a", new, where)) is lower


@pytest.mark.parametrize(
    "words",
    [
        ("--plan", "demo-topup-2gb"),
        ("--below", "500MB"),
        ("--below", "500MB", "--before-expiry", "7d", "--plan", "demo-topup-2gb"),
        ("--below", "500MB", "--plan", "demo-topup-2gb", "--amount", "1USD"),
        ("--every", "monthly", "--plan", "demo-topup-2gb"),
        ("--every", "hourly", "--from", "2026-12-01", "--plan", "demo-topup-2gb"),
        ("--below", "nonsense", "--plan", "demo-topup-2gb"),
        ("--below", "500MB", "--target", "400MB"),
        ("--below", "500MB", "--target", "4USD"),
        ("--before-expiry", "7d", "--target", "4GB"),
        ("--below", "500MB", "--plan", "no-such-plan"),
        ("--below", "500MB", "--plan", "demo-topup-2gb", "--pay", "nobody"),
        ("--below", "500MB", "--plan", "demo-topup-2gb", "--rule", "Bad Name"),
        ("--below", "500MB", "--plan", "demo-topup-2gb", "--until", "5/6/2027"),
    ],
)
def test_rules_that_do_not_fit_together_are_refused_in_one_line(world: World, words: tuple[str, ...]) -> None:
    found = world.esimctl("autotopup", "set", "phone", *words, "--max-price", "2USD", "--max-per-month", "6USD")
    assert found.code == 2, found
    assert found.err.startswith("esimctl: ")
    assert found.err.count("\n") <= 2
    assert world.ok("autotopup", "show", "--json").json["rules"] == []


def test_limits_are_not_optional(world: World) -> None:
    assert world.esimctl("autotopup", "set", "phone", *PLAN).code == 2
    assert world.esimctl("autotopup", "set", "phone", *PLAN, "--max-price", "2USD").code == 2
    mixed = world.esimctl("autotopup", "set", "phone", *PLAN, "--max-price", "2USD", "--max-per-month", "20000KHR")
    assert mixed.code == 2


def test_unknown_names_get_the_nearest(world: World) -> None:
    world.rule()
    for words in (("enable", "phon"), ("disable", "phon"), ("show", "phon"), ("remove", "phon", "--yes")):
        found = world.esimctl("autotopup", *words)
        assert found.code == 2
        assert "phone" in found.err
    assert world.esimctl("autotopup", "run", "--line", "phon").code == 2
    assert world.esimctl("autotopup", "run", "--request-id", "x").code == 2


def test_set_and_enable_can_be_rehearsed(world: World) -> None:
    path = profile(world)
    before = path.read_text()
    world.ok("autotopup", "set", "phone", *PLAN, "--max-price", "2USD", "--max-per-month", "6USD", "--dry-run")
    assert path.read_text() == before
    world.rule(*PLAN, enable=False)
    world.ok("autotopup", "enable", "phone", "--confirm", "6USD", "--dry-run")
    assert status(world) == "disabled"


def test_enabling_says_what_the_next_run_does_and_buys_nothing(world: World) -> None:
    world.rule(*PLAN, enable=False)
    world.use("89600MB")
    found = world.ok("autotopup", "enable", "phone", "--confirm", "6USD")
    assert "due now" in found.err
    assert world.orders() == []


def test_a_rule_stays_with_its_line_when_that_is_renamed(low: World) -> None:
    low.ok("lines", "rename", "phone", "mobile")
    (row,) = low.sweep()["decisions"]
    assert (row["rule"], row["line"], row["decision"]) == ("phone", "mobile", "topup")


def test_a_changed_rule_does_not_become_confirmed_by_a_rename(low: World) -> None:
    path = profile(low)
    path.write_text(path.read_text().replace('max_per_month = "6.00 USD"', 'max_per_month = "60.00 USD"'))
    low.ok("lines", "rename", "phone", "mobile")
    assert low.decision()["reason"] == "unconfirmed"
