"""Claims and contradictions: disputed where sources of equal weight differ, cautious in effect, never smoothed over."""

from datetime import date
from random import Random
from typing import Any

import pytest

from esimctl.catalogue.carriers import carrier
from esimctl.catalogue.claims import Claim, ClaimInForce, all_claims, decide, kinds_of, read_claim, shipped_claims
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.plans import plan, plans
from esimctl.catalogue.topics import TOPICS, rollover_terms
from esimctl.values.record import replace
from tests.catalogue.rows import rows_of

TODAY = date(2026, 11, 21)

#: Packs as the articles have them; no price list of the carrier names one.
MONTH = replace(plan("smart-laor-30d"), id="smart-month", terms={"data": "5GB", "term": "1 month"})
METERED = replace(MONTH, id="smart-metered", billing="pay-as-you-go", terms={"billing": "payg"})


def verdict(topic: str, name: str, row: Plan | None = None, own: tuple[Claim, ...] = ()) -> ClaimInForce:
    return decide(all_claims(own, row), topic, name, row)


def mode(name: str, row: Plan | None = None) -> tuple[str, bool]:
    found = verdict("rollover", name, row)
    assert found.value is not None
    return str(found.value["mode"]), found.disputed


def test_the_shipped_claims_are_whole_and_each_has_its_source() -> None:
    assert len(shipped_claims()) >= 50
    assert all(claim.source and claim.retrieved for claim in shipped_claims())
    assert {claim.topic for claim in shipped_claims()} <= set(TOPICS)


@pytest.mark.parametrize("name", ["smart", "metfone", "cootel"])
def test_c1_rollover_at_all_is_disputed_and_counts_as_none(name: str) -> None:
    assert mode(name) == ("none", True)


def test_c2_a_monthly_plan_is_disputed_between_none_and_carry_and_a_long_one_may_by_promotion() -> None:
    assert mode("smart", MONTH) == ("none", True)
    values = {claim.value["mode"] for claim in verdict("rollover", "smart").claims}
    assert {"none", "carry", "promo-only"} <= values


def test_c3_how_long_carried_data_lives_has_every_variant() -> None:
    claims = [claim for claim in verdict("rollover", "smart").claims if claim.carrier == "smart"]
    lives = {(claim.value.get("validity"), claim.value.get("cycles")) for claim in claims}
    assert {("3 months", None), ("6 months", None), ("3 months", 1)} <= lives
    alone = decide([claim for claim in claims if not claim.plans], "rollover", "smart")
    assert alone.disputed
    assert alone.value == {"mode": "carry", "validity": "3 months", "cycles": 1}


def test_c4_sharing_and_rollover_are_independent() -> None:
    sharing = verdict("sharing", "cootel")
    assert sharing.value == {"allowed": "yes"}
    assert mode("cootel")[0] == "none"


def test_c5_a_ceiling_without_a_unit_cannot_be_counted_with() -> None:
    claim = next(claim for claim in shipped_claims() if claim.id == "article-s1-cootel")
    assert claim.value["cap"] == "unknown"
    assert rollover_terms(claim.value) is None
    assert rollover_terms({"mode": "carry", "validity": "3 months", "max": "16GB"}) is not None


def test_c6_both_ways_of_delivery_hold() -> None:
    found = verdict("delivery", "smart")
    assert (found.value, found.disputed) == ({"by": ["link", "qr"]}, False)


def test_c7_a_first_activation_and_a_renewal_have_windows_of_their_own() -> None:
    assert verdict("activation-new", "smart").value == {"within": "10min"}
    assert verdict("activation-renew", "smart").value == {"within": "6h"}


def test_c8_payment_methods_are_said_of_an_operation() -> None:
    assert verdict("payment-renew", "smart").value == {"methods": ["credit-card", "paypal", "bank-transfer"]}
    assert verdict("payment-autotopup", "smart").value == {"methods": ["credit-card", "debit-card", "e-wallet"]}
    assert verdict("payment-new", "truemove").value == {"methods": ["credit-card", "paypal", "alipay"]}
    assert verdict("payment-new", "smart").value is None, "S2 lists methods of a renewal only"


def test_c9_a_cycle_is_explicit_for_each_plan() -> None:
    assert verdict("validity-clock", "smart", MONTH).value == {"clock": "calendar-month"}
    assert verdict("validity-clock", "smart", plan("smart-laor-7d")).value == {"clock": "anchor"}
    assert plan("demo-monthly-1gb").terms["clock"] == "calendar-month"


def test_c10_a_thai_carrier_roams_and_both_claims_stand() -> None:
    row = carrier("truemove")
    assert (row.home_country, row.roaming) == ("TH", True)
    found = {claim.id for claim in verdict("standing", "truemove").claims}
    assert {"article-s4-truemove", "licence-truemove"} <= found


def test_c11_pay_per_use_has_nothing_to_roll_over_which_is_not_a_no() -> None:
    assert mode("smart", METERED) == ("not-applicable", False)


def test_c12_the_sentence_that_contradicts_itself_is_read_as_the_end_of_the_month() -> None:
    claim = next(claim for claim in shipped_claims() if claim.id == "article-s3-month-end")
    assert claim.note is not None
    assert "once the month ends" in claim.note


def test_c13_a_connection_is_needed_to_activate_and_to_manage() -> None:
    found = verdict("connection", "smart")
    assert (found.value, found.against) == ({"needed": "activation-and-management"}, 2)


def test_c14_what_users_are_said_to_say_is_weakest() -> None:
    found = verdict("rollover", "seatel", plan("seatel-esim-7d")).claims
    assert found[-1].kind == "testimony"
    assert found[0].value == {"mode": "none"}
    ranks = {claim.kind: claim.rank(None) for claim in shipped_claims()}
    assert max(ranks, key=lambda kind: ranks[kind]) == "testimony"


def claim(name: str, kind: str, value: dict[str, Any], as_of: date | None = None, plans: tuple[str, ...] = ()) -> Claim:
    return Claim(name, "smart", plans, "rollover", value, kind, "a source", as_of, TODAY)


NONE: dict[str, Any] = {"mode": "none"}
CARRY: dict[str, Any] = {"mode": "carry", "validity": "3 months"}


def test_the_order_of_sources_is_the_one_that_was_agreed() -> None:
    """The person, dated text for the plan, dated text, undated texts, and so on down to testimony."""
    row = plan("smart-laor-7d")
    order = [
        claim("a", "person", CARRY),
        claim("b", "operator", NONE, TODAY, (row.id,)),
        claim("c", "operator", CARRY, TODAY),
        claim("d", "operator", NONE, None, (row.id,)),
        claim("e", "operator", CARRY),
        claim("f", "regulator", NONE),
        claim("g", "news", CARRY),
        claim("h", "community", NONE),
        claim("i", "article", CARRY),
        claim("j", "testimony", NONE),
    ]
    for begin in range(len(order)):
        shuffled = order[begin:]
        Random(begin).shuffle(shuffled)
        found = decide(shuffled, "rollover", "smart", row)
        assert [one.id for one in found.claims] == [one.id for one in order[begin:]]
        assert not found.disputed


def test_of_equals_the_one_that_promises_less_counts_in_any_order() -> None:
    pair = [
        claim("a", "article", CARRY),
        claim("b", "article", {"mode": "carry", "validity": "6 months"}),
        claim("c", "article", NONE),
    ]
    for _ in range(6):
        Random(_).shuffle(pair)
        found = decide(pair, "rollover", "smart", plan("smart-laor-7d"))
        assert found.effective is not None
        assert (found.effective.id, found.disputed, found.against) == ("c", True, 2)


def test_age_makes_stale() -> None:
    assert claim("a", "news", NONE).stale(TODAY)
    assert claim("a", "news", NONE, date(2026, 5, 1)).stale(TODAY)
    assert not claim("a", "news", NONE, date(2026, 9, 1)).stale(TODAY)


def test_kinds_of_plans() -> None:
    assert kinds_of(plan("smart-laor-7d")) == {"short"}
    assert kinds_of(plan("demo-monthly-5gb")) == {"monthly"}
    assert "family" in kinds_of(plan("demo-family-30gb"))
    assert "payg" in kinds_of(plan("demo-payg"))


def test_of_a_demo_plan_nobody_claims_anything_and_it_does_what_its_terms_say() -> None:
    for row in plans():
        if row.example:
            found = verdict("rollover", row.carrier, row)
            wanted = row.terms.get("rollover", {}).get("mode", "none")
            assert found.value is not None
            assert found.value["mode"] == ("not-applicable" if row.billing == "pay-as-you-go" else wanted), row.id
            assert (found.claims, found.effective, found.disputed) == ((), None, False)
    own = Claim("o", "demo", (), "rollover", NONE, "person", "me", TODAY, TODAY)
    assert verdict("rollover", "demo", plan("demo-monthly-20gb"), (own,)).effective == own


@pytest.mark.parametrize(
    ("grade", "kind"), [("V", "operator"), ("S", "community"), ("U", "testimony"), ("own", "person")]
)
def test_the_terms_of_a_row_are_a_claim_of_its_own_grade_and_date(grade: str, kind: str) -> None:
    row = replace(
        MONTH, grade=grade, terms={**MONTH.terms, "rollover": CARRY}, as_of="2026-03-01", retrieved="2026-11-15"
    )
    stated = next(claim for claim in all_claims((), row) if claim.id == "terms:smart-month")
    assert (stated.kind, stated.as_of, stated.retrieved) == (kind, date(2026, 3, 1), date(2026, 11, 15))
    assert all(claim.id != "terms:smart-month" for claim in all_claims((), MONTH)), (
        "terms that say nothing claim nothing"
    )


ROW: dict[str, Any] = {"carrier": "smart", "topic": "rollover", "value": {"mode": "none"}, "source": "x"}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"topic": "rolover"}, "claim.c.topic"),
        ({"value": {"mode": "maybe"}}, "claim.c.value.mode"),
        ({"value": {"mode": "carry", "validity": "soon"}}, "claim.c.value.validity"),
        ({"value": {"mode": "none", "colour": "red"}}, "claim.c.value.colour"),
        ({"value": "none"}, "claim.c.value"),
        ({"as_of": "2026-02-30"}, "claim.c.as_of"),
        ({"kind": "oracle"}, "claim.c.kind"),
        ({"source": 5}, "claim.c.source"),
        ({"plans": "monthly"}, "claim.c.plans"),
        ({"extra": 1}, "claim.c.extra"),
    ],
)
def test_a_wrong_row_is_named_with_file_and_key_and_the_others_stay(change: dict[str, Any], key: str) -> None:
    found, wrong = rows_of({"claim": {"c": {**ROW, **change}, "good": ROW}}, "claim", read_claim)
    assert list(found) == ["good"]
    assert [(one.file, one.key) for one in wrong] == [("mine.toml", key)]
