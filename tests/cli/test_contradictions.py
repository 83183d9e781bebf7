"""The contradictions of the articles, C-1 to C-14: shown, cautious, overridable in one command, reproducible."""

import os
from pathlib import Path
from typing import Any

import pytest

from esimctl.purchase.opening import open_profile
from tests.conftest import NOW, Runner

THAI = "a Thai licence only: in Cambodia its lines roam"

#: subject, topic → what counts, whether it is disputed, and claims that must be listed
CASES: dict[str, tuple[str, str, dict[str, Any], bool, set[str]]] = {
    "C-1 smart": ("smart", "rollover", {"mode": "none"}, True, {"article-s0-clear", "article-s1-smart-3"}),
    "C-1 metfone": ("metfone", "rollover", {"mode": "none"}, True, {"article-s0-clear", "article-s1-metfone"}),
    "C-1 cootel": ("cootel", "rollover", {"mode": "none"}, True, {"article-s0-clear", "article-s1-cootel"}),
    "C-2": ("smart", "rollover", {"mode": "none"}, True, {"article-s0-promotion", "article-s3-depends"}),
    "C-3": ("smart", "rollover", {"mode": "none"}, True, {"article-s1-smart-6", "article-s1-smart-a-ming"}),
    "C-4": ("cootel", "sharing", {"allowed": "yes"}, False, {"article-s1-cootel-sharing"}),
    "C-6": ("smart", "delivery", {"by": ["link", "qr"]}, False, {"article-s2-delivery", "article-s4-delivery"}),
    "C-7 new": ("smart", "activation-new", {"within": "10min"}, False, {"article-s2-activation-new"}),
    "C-7 renew": ("smart", "activation-renew", {"within": "6h"}, False, {"article-s2-activation-renew"}),
    "C-8 new": ("truemove", "payment-new", {"methods": ["credit-card", "paypal", "alipay"]}, False, set()),
    "C-8 renew": ("truemove", "payment-renew", {"methods": ["credit-card", "paypal", "bank-transfer"]}, False, set()),
    "C-9": ("smart/smart-home-12", "validity-clock", {"clock": "calendar-month"}, False, set()),
    "C-10": ("truemove", "standing", {"text": THAI}, False, {"article-s4-truemove", "licence-truemove"}),
    "C-11": ("metfone/metfone-payg", "rollover", {"mode": "not-applicable"}, False, {"article-s0-payg"}),
    "C-12": ("cellcard/cellcard-tourist-7d", "rollover", {"mode": "none"}, True, {"article-s3-month-end"}),
    "C-13": ("smart", "connection", {"needed": "activation-and-management"}, False, {"standard-rsp"}),
    "C-14": ("seatel", "rollover", {"mode": "none"}, True, {"article-s1-everybody"}),
}
SET = ("policy", "set", "smart", "rollover", "mode=carry", "validity=3 months", "--source", "hotline 888")


def policy(run: Runner, subject: str, topic: str) -> Any:
    [found] = run("policy", "show", subject, topic, "--json").json["policy"]
    return found


@pytest.mark.parametrize("case", CASES)
def test_what_counts_is_the_cautious_value_and_every_claim_is_shown(run: Runner, case: str) -> None:
    subject, topic, value, disputed, claims = CASES[case]
    found = policy(run, subject, topic)
    assert (found["effective"], found["disputed"]) == (value, disputed)
    assert claims <= {claim["id"] for claim in found["claims"]}
    assert all(claim["source"] for claim in found["claims"])
    assert run("policy", "show", subject, topic).code == 0, "disagreement is no error"


def test_c5_a_ceiling_of_unknown_unit_is_counted_with_once_a_person_says_which(run: Runner) -> None:
    [claim] = [one for one in policy(run, "cootel", "rollover")["claims"] if one["id"] == "article-s1-cootel"]
    assert claim["value"]["cap"] == "unknown"
    said = run(
        "policy",
        "set",
        "cootel",
        "rollover",
        "mode=carry",
        "validity=1 month",
        "max=16GB",
        "--source",
        "shop",
        "--json",
    )
    assert said.json["policy"][0]["effective"] == {"mode": "carry", "validity": "1 month", "max": "16GB"}


def test_one_command_overrides_and_one_takes_it_back(run: Runner) -> None:
    before = policy(run, "smart", "rollover")
    assert run(*SET).code == 0
    own = policy(run, "smart", "rollover")
    assert (own["effective"]["mode"], own["disputed"], own["claim"]) == ("carry", False, "own-smart-rollover")
    assert {one["id"] for one in before["claims"]} < {one["id"] for one in own["claims"]}, "no claim is lost"
    assert run("policy", "reset", "smart", "rollover").code == 0
    assert policy(run, "smart", "rollover") == before


def order_of(line: str) -> Any:
    """The line's only order as the journal has it."""
    session = open_profile(None, {**os.environ, "ESIMCTL_NOW": NOW})
    [order] = [one for one in session.store.ledger_for_reading().all_orders() if one.line == line]
    return order


def test_history_is_reproducible_after_the_catalogue_has_changed(run: Runner, tmp_path: Path) -> None:
    """The ids of the claims that counted and the terms that were bought stand in the journal."""
    run("buy", "smart-laor-30d", "--provider", "sandbox", "--name", "phone", "--yes")
    before, balance = order_of("phone"), run("balance", "phone", "--json").json["lines"][0]
    assert "article-s0-clear" in before.claims
    file = tmp_path / "update.toml"
    file.write_text(
        '[plan.smart-laor-30d]\ncarrier = "smart"\nname = "Laor"\nprice = "9.00 USD"\nsource = "poster"\n'
        'as_of = 2026-11-19\n[plan.smart-laor-30d.terms]\ndata = "1GB"\nterm = "1 day"\n'
        '[claim.mine]\ncarrier = "smart"\ntopic = "rollover"\nvalue = { mode = "none" }\nsource = "poster"\n'
    )
    assert run("plans", "import", str(file)).code == 0
    assert run("plans", "show", "smart-laor-30d", "--json").json["plan"]["price"]["amount"] == "9.00"
    after = order_of("phone")
    assert (after.claims, after.terms) == (before.claims, before.terms)
    now = run("balance", "phone", "--json").json["lines"][0]
    assert (now["data"], now["expires_at"]) == (balance["data"], balance["expires_at"])
    assert now["rollover"]["claim"] == "mine", "what holds from now on is the person's own word"
    run("plans", "import", "--remove", "update")
    assert run("balance", "phone", "--json").json["lines"][0]["rollover"] == balance["rollover"]
