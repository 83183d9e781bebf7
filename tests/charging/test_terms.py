"""Terms as tables: what is written is read the same, beyond the scenario format only where that is allowed."""

import pytest
from hypothesis import given

from esimctl.charging.terms import Terms, terms_from_table
from esimctl.values.tables import TableError
from tests.charging.stories import packs, plans

FULL = {
    "data": "10GB", "price": "5.00 USD", "billing": "shared", "term": "1 year", "period": "1 month",
    "clock": "calendar-day", "category": "window",
    "priority": 7, "transferable": True, "promotional": True, "early_renewal": "queue",
    "window": {"days": ["sat", "sun"], "from": "22:00", "to": "06:00"},
    "bonus": {"data": "unlimited", "term": "15 days"},
    "overage": {"action": "charge", "price_per_mb": "0.01 USD", "max_charge": "5.00 USD"},
    "rollover": {
        "mode": "carry", "validity": "2 periods", "max": "8GB", "max_percent": 50, "cap_scope": "per-step",
        "consumption": "by-expiry", "condition": "renewed-within-grace", "grace": "12h", "on_lapse": "suspend",
    },
}  # fmt: skip
LATER = {
    "volume_base": 1024, "starts_on": "first-use", "use_by": "180 days", "recycle_after": "60 days",
    "refund_within": "30 days", "gift_least": "100MB", "gift_most": "5GB", "gifts_per_day": 3,
}  # fmt: skip


def test_every_key_survives() -> None:
    """The whole table, with the later keys, comes back as it was meant."""
    terms = terms_from_table("p", FULL | LATER)
    assert terms_from_table("p", terms.as_table()) == terms
    assert terms.data == 10 * 1024**3
    assert terms.rollover is not None
    assert terms.rollover.validity_periods == 2


@given(plans | packs)
def test_tables_are_the_inverse_of_terms(terms: Terms) -> None:
    """For any terms that can be written."""
    if terms.rollover is not None and terms.rollover.validity_periods is not None:
        return  # a table has one validity; these random policies have two
    if terms.period is None or terms.period.days <= (terms.term.days if terms.term and not terms.term.months else 31):
        assert terms_from_table(terms.name, terms.as_table()) == terms


@pytest.mark.parametrize("key", LATER)
def test_scenarios_know_no_later_keys(key: str) -> None:
    """What the format page does not name is unknown there."""
    with pytest.raises(TableError) as caught:
        terms_from_table("p", FULL | {key: LATER[key]}, extended=False)
    assert caught.value.problem.path == (key,)


def test_a_plan_without_data_is_all_overage() -> None:
    """Pay as you go needs neither data nor a term; every other plan needs both."""
    terms = terms_from_table("p", {"billing": "payg", "overage": {"action": "throttle"}}, extended=False)
    assert (terms.data, terms.term) == (None, None)
    for table in ({"term": "1 month"}, {"data": "1GB"}, {"billing": "payg", "data": "1GB"}):
        with pytest.raises(TableError):
            terms_from_table("p", table)
