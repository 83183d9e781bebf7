"""`policy`: one command to override, one to take it back, and the journal remembers what counted."""

from typing import Any

import pytest

from esimctl.catalogue import claims
from tests.conftest import Runner
from tests.own_plans import bring

PLAN = "smart-laor-30d"
SET = ("policy", "set", "smart", "rollover", "mode=carry", "validity=3 months", "--source", "hotline 888")


def rollover(run: Runner) -> tuple[str, bool, str]:
    part = run("balance", "--json").json["lines"][0]["rollover"]
    return part["effective"], part["disputed"], part["claim"]


def test_the_keys_of_the_document(run: Runner) -> None:
    document = run("policy", "show", "smart", "rollover", "--json").json
    assert list(document) == ["schema", "carrier", "plan", "policy", "rehearsal"]
    assert document["schema"] == "esimctl.policy/1"
    [policy] = document["policy"]
    assert list(policy) == ["topic", "effective", "claim", "disputed", "against", "confidence", "why", "word", "claims"]
    assert list(policy["claims"][0]) == [
        "id", "counts", "value", "carrier", "plans", "kind", "source", "as_of", "stale", "confidence", "rank", "note",
        "from",
    ]  # fmt: skip
    assert (policy["disputed"], policy["why"], policy["effective"]) == (True, "promises-less", {"mode": "none"})


def test_one_command_overrides_and_one_takes_it_back(run: Runner) -> None:
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "phone", "--yes").code == 0
    assert rollover(run) == ("none", True, "article-s0-clear")
    assert run(*SET).code == 0
    assert rollover(run) == ("carry", False, "own-smart-rollover")
    assert run("policy", "show", f"smart/{PLAN}", "rollover", "--json").json["policy"][0]["why"] == "own"
    assert run("policy", "reset", "smart", "rollover").code == 0
    assert rollover(run) == ("none", True, "article-s0-clear")
    assert "no claim of yours" in run("policy", "reset", "smart").err


def test_a_claim_on_a_plan_leaves_its_carrier_alone(run: Runner) -> None:
    run("policy", "set", f"smart/{PLAN}", "overage", "action=throttle", "--source", "receipt", "--as-of", "2026-11-01")
    assert run("policy", "show", f"smart/{PLAN}", "overage", "--json").json["policy"][0]["effective"] == {
        "action": "throttle"
    }
    assert run("policy", "show", "smart", "overage", "--json").json["policy"][0]["claim"] != f"own-{PLAN}-overage"


def journal(run: Runner) -> Any:
    from os import environ
    from pathlib import Path

    return (Path(environ["ESIMCTL_HOME"]) / "profiles/default/journal/000001.toml").read_text()


def test_the_journal_says_which_claim_counted_after_the_catalogue_has_changed(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order keeps the ids of its claims and its terms, whatever the program ships later."""
    bring(run)
    assert run("buy", "smart-own-20gb", "--provider", "sandbox", "--name", "phone", "--yes").code == 0
    assert rollover(run) == ("carry", False, "terms:smart-own-20gb")
    before = journal(run)
    assert "terms:smart-own-20gb" in before
    monkeypatch.setattr(claims, "shipped_claims", lambda: ())
    assert rollover(run) == ("carry", False, "terms:smart-own-20gb")
    assert journal(run) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("policy", "show", "smrat"), "Smart"),
        (("policy", "show", "smart", "rolover"), "rollover"),
        (("policy", "show", "smart/metfone-met5g-7d"), "metfone"),
        (("policy", "set", "smart", "rollover", "mode=maybe", "--source", "x"), "mode"),
        (("policy", "set", "smart", "rollover", "mode", "--source", "x"), "KEY=VALUE"),
        (("policy", "set", "smart", "rollover", "mode=carry", "validity=soon", "--source", "x"), "validity"),
        (("policy", "set", "smart", "rollover", "mode=none"), "--source"),
        (("policy", "set", "smart", "rollover", "mode=none", "--source", "x", "--as-of", "2026-02-30"), "2026-02-30"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(run: Runner, words: tuple[str, ...], said: str) -> None:
    found = run(*words)
    assert found.code == 2
    assert said in found.err
    assert found.out == ""
