"""Carriers by any of their names, and facts that say where they come from."""

import re
from datetime import date

import pytest

from esimctl.catalogue.carriers import by_name, carrier, carriers, country_facts, read_carrier
from esimctl.errors import UsageError
from tests.catalogue.rows import rows_of


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("smart", "smart"),
        ("SMART axiata", "smart"),
        ("Hello", "smart"),
        ("斯玛特", "smart"),
        ("ស្មាត", "smart"),
        ("beeline", "metfone"),
        ("មិត្តហ្វូន", "metfone"),
        ("信威", "cootel"),
        ("Mobitel", "cellcard"),
        ("True Move H", "truemove"),
        ("truemove-h", "truemove"),
        ("yes", "seatel"),
    ],
)
def test_a_carrier_by_any_of_its_names(name: str, found: str) -> None:
    assert carrier(name).id == found


def test_no_name_leads_to_two_carriers() -> None:
    for row in carriers():
        for name in row.every_name:
            assert by_name(name) is row, name


def test_a_slip_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        carrier("metfon")
    assert "metfone" in str(caught.value.hint).casefold()
    with pytest.raises(UsageError) as caught:
        carrier("zzzzzz")
    assert "smart" in str(caught.value.hint)


def test_network_codes_are_text_and_may_be_unknown() -> None:
    """A code with a leading zero must survive; CooTel has none that is public."""
    assert carrier("smart").networks == ("456-06", "456-02", "456-05")
    assert carrier("cootel").networks == ()
    codes = [code for row in carriers() for code in row.networks]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"\d{3}-\d{2}", code) for code in codes)


def test_prefixes_belong_to_one_carrier_each() -> None:
    owned = [prefix for row in carriers() for prefix in row.prefixes]
    assert len(owned) == len(set(owned))
    assert carrier("metfone").prefixes[:3] == ("31", "60", "66")
    assert carrier("smart").prefixes[-1] == "87", "the weaker source comes last"


def test_every_fact_has_source_date_and_grade() -> None:
    facts = [fact for row in carriers() for fact in row.facts] + list(country_facts("kh"))
    assert len(facts) > 50
    for fact in facts:
        assert fact.source
        dated = fact.as_of or fact.retrieved
        assert dated is not None
        assert date.fromisoformat(dated) <= date(2026, 11, 30)
        assert fact.as_of is None or "undated" not in fact.source
        assert fact.grade in ("V", "S", "U", "example")
        assert all(fact.values)


def test_short_codes_of_the_country_hold_for_every_carrier() -> None:
    codes = {fact.topic: fact.values for fact in country_facts("KH")}
    assert codes["ussd-balance"] == ("*1201#",)
    assert country_facts("TH") == ()


def test_a_thai_carrier_roams() -> None:
    """C-10: it holds no Cambodian licence."""
    assert (carrier("truemove").home_country, carrier("truemove").roaming) == ("TH", True)
    assert (carrier("smart").home_country, carrier("smart").roaming) == ("KH", False)


def test_what_claims_answer_is_no_fact_as_well() -> None:
    """R-16: whether a carrier has eSIMs, how long it keeps a number, how big it is: asked of the claims alone."""
    topics = {fact.topic for row in carriers() for fact in row.facts}
    assert not topics & {"esim", "number-retention", "standing", "promotions"}
    assert "dtac" not in carrier("truemove").every_name
    assert carrier("truemove").former == ()


def test_a_wrong_fact_is_named_and_the_rest_keeps_working() -> None:
    good = {"name": "A", "fact": []}
    bad = {"name": "B", "fact": [{"topic": "apn", "values": ["x"], "source": "s", "as_of": "2026-13-01", "grade": "V"}]}
    found, wrong = rows_of({"carrier": {"a": good, "b": bad}}, "carrier", read_carrier)
    assert list(found) == ["a"]
    assert [str(each) for each in wrong] == [
        "mine.toml: carrier.b.fact[1].as_of: '2026-13-01' is not a date of the calendar"
    ]
