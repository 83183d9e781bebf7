"""The shipped plans: every row with its source, every policy to try, and a person's own rows that win."""

import tomllib
from datetime import date
from typing import Any

import pytest

from esimctl.catalogue import carriers, promotions, shipped
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.plans import STALE_AFTER_DAYS, plan, plans, read_plans, stale, unknown
from esimctl.charging.terms import Terms, terms_from_table
from esimctl.errors import UsageError
from esimctl.profile.own_catalogue import Market
from esimctl.values.tables import Table, TableProblem, TomlText

ROW: dict[str, Any] = {
    "carrier": "smart",
    "name": "Mine",
    "price": "3.00 USD",
    "source": "the shop at the corner",
    "as_of": date(2026, 11, 1),
    "terms": {"data": "7GB", "term": "7 days"},
}


def demo() -> list[Plan]:
    return [row for row in plans() if row.example]


def found() -> list[Plan]:
    return [row for row in plans() if not row.example]


def terms() -> list[Terms]:
    return [terms_from_table(row.id, row.terms) for row in demo()]


def test_every_row_has_a_source_a_grade_and_a_day_on_which_it_was_read() -> None:
    for row in plans():
        assert row.source, row.id
        assert row.grade in ("V", "S", "U", "example"), row.id
        assert row.retrieved is not None, row.id
        assert date.fromisoformat(row.as_of or row.retrieved) <= date.fromisoformat(row.retrieved) <= date(2026, 11, 30)
        assert row.as_of is None or "undated" not in row.source, row.id
        assert row.carrier in {each.id for each in carriers.carriers()}


def test_what_is_made_up_is_demo_in_everything_and_names_no_real_carrier() -> None:
    real = {name.casefold() for each in carriers.carriers() if each.id != "demo" for name in each.every_name}
    words = real - {"yes", "hello", "orange", "true", "met", "travel esim"}  # words of every day
    for row in demo():
        assert (row.carrier, row.provider, row.grade, row.price is None) == ("demo", "sandbox", "example", False)
        assert row.id.startswith("demo-")
        assert row.name.startswith("Demo: ")
        text = " ".join((row.id, row.name, row.source, *row.notes)).casefold()
        assert not [word for word in words if word in text], row.id
        assert row.networks == ()
    for row in found():
        assert "demo" not in row.id
        assert (row.provider, row.promotions) == ("manual", ())
        assert "invented" not in row.source, row.id


def test_what_a_source_does_not_say_is_unknown_and_never_guessed() -> None:
    missing = {row.id: unknown(row) for row in found() if unknown(row)}
    assert missing["metfone-payg"] == ("price", "term")
    assert missing["cellcard-serey-plus-600"] == ("data", "term")
    assert missing["smart-home-12"] == ("data",)
    assert all(unknown(row) == () for row in demo())
    tourist = plan("cellcard-tourist-7d")
    assert (tourist.grade, tourist.notes, tourist.terms.get("starts_on")) == ("U", (), None)


def test_something_of_every_kind_can_be_tried() -> None:
    """R-18 to R-27: every way to be billed, every clock, window, early renewal, overage and rollover."""
    found = terms()
    policies = [each.rollover for each in found if each.rollover is not None]
    assert 20 <= len(found) <= 30
    assert {each.early_renewal for each in found} == {"stack", "queue", "extend", "reset"}
    assert {each.overage.action for each in found} == {"block", "throttle", "charge"}
    assert {each.clock for each in found} == {"anchor", "hours24", "calendar-day", "calendar-month"}
    assert {each.category for each in found} >= {"base", "topup", "addon", "window"}
    assert {each.billing for each in found} == {"pack", "payg", "shared"}
    assert {each.starts_on for each in found} == {"purchase", "installation", "first-use"}
    assert {each.consumption for each in policies} == {"first", "last", "by-expiry"}
    assert {each.cap_scope for each in policies} == {"rollover-only", "total-incl-grant", "per-step"}
    assert {each.condition for each in policies} >= {"renewed-on-time", "renewed-within-grace"}
    assert any(each.bonus for each in found)
    assert any(each.transferable for each in found)
    assert any(each.period for each in found)


def test_currencies_countries_and_audiences_are_mixed() -> None:
    rows = demo()
    assert {row.price.currency for row in rows if row.price} == {"USD", "KHR", "THB"}
    assert any(len(row.countries) > 4 for row in rows)
    assert {"tourist", "resident", "business", "student", "family", None} == {row.audience for row in rows}
    assert all("KH" in row.countries for row in rows)
    assert {row.carrier for row in found()} == {"smart", "metfone", "cellcard", "seatel", "connect"}


def test_night_and_weekend_packs_never_roll() -> None:
    """R-41."""
    windows = [row for row in plans() if "window" in row.terms]
    assert len(windows) >= 3
    assert all("rollover" not in row.terms for row in windows)
    assert {row.kind for row in windows} == {"base", "topup"}


def test_terms_have_the_rows_price_and_read_back() -> None:
    for row in plans():
        if unknown(row):
            continue
        read = terms_from_table(row.id, row.terms)
        assert read.price == row.price
        assert terms_from_table(row.id, read.as_table()) == read


def test_a_plan_by_its_id_and_a_slip_with_the_nearest() -> None:
    assert plan("smart-laor-7d").name == "Laor! weekly"
    with pytest.raises(UsageError) as caught:
        plan("smart-laor-7")
    assert caught.value.code == "unknown_plan"
    assert "smart-laor-7d" in str(caught.value.hint)
    with pytest.raises(UsageError) as caught:
        plan("{curly}")
    assert "{curly}" in str(caught.value)


def test_the_ids_for_completion_are_all_ids_in_order() -> None:
    ids = shipped.headings("plans.toml", "plan")
    assert ids == tuple(row.id for row in plans())
    assert len(set(ids)) == len(ids)


def test_stale_after_half_a_year() -> None:
    (row,) = read_plans(Table({"plan": {"smart-x": ROW}}), []).values()
    assert not stale(row, date(2026, 11, 1))
    assert not stale(row, date.fromordinal(date(2026, 11, 1).toordinal() + STALE_AFTER_DAYS))
    assert stale(row, date.fromordinal(date(2026, 11, 1).toordinal() + STALE_AFTER_DAYS + 1))


def with_own(table: dict[str, Any]) -> dict[str, Plan]:
    return {row.id: row for row in plans()} | read_plans(Table(table), [])


def wrong_of(table: dict[str, Any]) -> list[TableProblem]:
    found = Market()
    found.take(TomlText("mine.toml", "").of(table))
    return found.wrong


def test_a_persons_own_row_wins_and_the_rest_stays() -> None:
    own = with_own({"plan": {"smart-laor-7d": ROW}})
    assert len(own) == len(plans())
    assert own["smart-laor-7d"].name == "Mine"
    assert plan("smart-laor-7d").name == "Laor! weekly"


@pytest.mark.parametrize(
    ("change", "key", "word"),
    [
        ({"price": "3.00 XXX"}, "price", "unknown currency"),
        ({"price": "-3.00 USD"}, "price", "not an amount"),
        ({"price": "3.005 USD"}, "price", "decimals"),
        ({"price": "3.5 KHR"}, "price", "decimals"),
        ({"price": 3}, "price", "a text like"),
        ({"as_of": "2026-02-30"}, "as_of", "calendar"),
        ({"as_of": 20260230}, "as_of", "date"),
        ({"source": ""}, "source", "text"),
        ({"name": "\x1b[2J"}, "name", "cannot be shown"),
        ({"carrier": "metfone"}, "carrier", "begins with its carrier"),
        ({"billing": "monthly"}, "billing", "none of"),
        (
            {"billing": "pay-as-you-go", "terms": {"data": "1GB", "term": "1 day", "billing": "pack"}},
            "terms.billing",
            "fit",
        ),
        ({"countries": ["Cambodia"]}, "countries", "country codes"),
        ({"voice_minutes": 0}, "voice_minutes", "at least 1"),
        ({"voice_minutes": True}, "voice_minutes", "whole number"),
        ({"shareable": "yes"}, "shareable", "true or false"),
        ({"prise": "3.00 USD"}, "prise", "unknown key, did you mean price?"),
        ({"terms": {"data": "7GB"}}, "terms.term", "missing"),
        ({"terms": {"data": "-7GB", "term": "7 days"}}, "terms.data", "volume"),
        ({"terms": {"data": "7GB", "term": "7 days", "rolover": {}}}, "terms.rolover", ""),
        ({"terms": {"data": "7GB", "term": "7 days", "price": "1.00 USD"}}, "terms.price", "another"),
        ({"terms": []}, "terms", "table"),
        ({"notes": "one"}, "notes", "list"),
    ],
)
def test_a_wrong_value_is_named_and_the_rest_keeps_working(change: dict[str, Any], key: str, word: str) -> None:
    wrong = {"plan": {"smart-bad": ROW | change, "smart-good": ROW}}
    (finding,) = wrong_of(wrong)
    assert (finding.file, finding.key) == ("mine.toml", f"plan.smart-bad.{key}")
    assert word in str(finding.reason)
    assert set(read_plans(Table(wrong), [])) == {"smart-good"}


@pytest.mark.parametrize("missing", ["carrier", "name", "price", "source", "as_of", "terms"])
def test_a_missing_key_is_named(missing: str) -> None:
    row = {key: value for key, value in ROW.items() if key != missing}
    (finding,) = wrong_of({"plan": {"smart-bad": row}})
    said = "is missing, and so is retrieved" if missing == "as_of" else "is missing"
    assert (finding.key, str(finding.reason)) == (f"plan.smart-bad.{missing}", said)


def test_invented_and_found_are_kept_apart_in_a_persons_own_rows_too() -> None:
    (mine,) = read_plans(Table({"plan": {"demo-mine": ROW | {"carrier": "demo"}}}), []).values()
    assert (mine.example, mine.provider) == (True, "sandbox")
    for change in ({"grade": "example"}, {"example": True}):
        (finding,) = wrong_of({"plan": {"smart-bad": ROW | change}})
        assert finding.key == "plan.smart-bad.grade"
    (finding,) = wrong_of({"plan": {"demo-bad": ROW | {"carrier": "demo", "grade": "V"}}})
    assert finding.key == "plan.demo-bad.grade"


def test_an_id_that_was_given_up_leads_to_the_one_in_its_place_and_an_own_row_keeps_it() -> None:
    assert plan("smart-monthly-20gb").id == "demo-monthly-20gb"
    own = with_own({"plan": {"smart-monthly-20gb": ROW}})
    assert plan("smart-monthly-20gb", tuple(own.values())).name == "Mine"
    table = shipped.table("renamed.toml")
    ids = {row.id for row in plans()}
    assert set(table["plan"].values()) <= ids
    assert not set(table["plan"]) & ids
    assert set(table["promotion"].values()) == {row.id for row in promotions.shipped_promotions()}


@pytest.mark.parametrize("table", [{"plan": []}, {"plan": {"smart-x": 3}}, {"plans": {}}, {"plan": {"Smart X": ROW}}])
def test_a_file_of_another_shape_is_a_finding_not_a_crash(table: dict[str, Any]) -> None:
    assert len(wrong_of(table)) == 1
    assert len(with_own(table)) == len(plans())


def test_a_row_as_a_person_writes_it_in_toml() -> None:
    text = """
    [plan.smart-corner-7d]
    carrier = "smart"
    name = "From the corner shop"
    price = "12000 KHR"
    source = "receipt"
    as_of = 2026-11-03
    terms = { data = "5GiB", term = "7 days", rollover = { mode = "carry", validity = "7 days" } }
    """
    table = tomllib.loads(text)
    assert wrong_of(table) == []
    row = with_own(table)["smart-corner-7d"]
    assert (str(row.price), row.source, row.as_of, row.example) == ("12000 KHR", "receipt", "2026-11-03", False)
