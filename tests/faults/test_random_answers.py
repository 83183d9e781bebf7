"""Random sequences of answers and of what happens meanwhile: the books and the vendor agree to the cent, one charge."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esimctl.values.money import Money
from tests.faults.scratch import scratch
from tests.faults.vendor_matrix import ARMS
from tests.faults.vendors import CODES, WAYS, VendorDesk, Way, opened, stage
from tests.vendors.armed import Armed

pytestmark = pytest.mark.slow

MODEST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
UNTOLD = {"late-rows", "no-deduplication"}
BEHAVIOURS = ("own-ids", "late-rows", "no-deduplication", "newest-codes", "other-times")
LOST = tuple(way for way in WAYS if not way.refuses)
#: what happens between two runs of the program
EVENTS = ("seconds", "minutes", "hours", "deposit", "small deposit", "others", "reconcile")


@pytest.fixture(scope="module", params=sorted(ARMS))
def ready(request: pytest.FixtureRequest) -> Iterator[tuple[str, Path, Path]]:
    """A vendor, its stage and a place to copy it to."""
    with scratch() as place:
        yield request.param, stage(request.param, place), place


def answers(api: str) -> st.SearchStrategy[tuple[Way, bool] | None]:
    """None is an honest answer; a refusal is of something that was not done."""
    refusals = [way for way in (*WAYS, *CODES.get(api, ())) if way.refuses]
    unsure = [*LOST, *(way for way in CODES.get(api, ()) if not way.refuses and way.name != "310402")]
    return st.one_of(
        st.none(),
        st.tuples(st.sampled_from(unsure), st.booleans()),
        st.tuples(st.sampled_from(refusals), st.just(False)),
    )


def happen(desk: VendorDesk, event: str) -> bool:
    """Let it happen; whether it moved the account.

    No deposit is of the very price: without a list of movements nothing could tell it from no charge.
    """
    if event == "reconcile":
        desk.reconcile()
    elif event.endswith("deposit"):
        desk.pay_in(2000 if event == "deposit" else 100)
    elif event == "others":
        desk.somebody_orders()
    else:
        desk.later(**{event: 40 if event == "seconds" else 6})
    return event.endswith("deposit") or event == "others"


@MODEST
@given(data=st.data())
def test_the_books_and_the_vendor_agree_to_the_cent(ready: tuple[str, Path, Path], data: st.DataObject) -> None:
    """After the horizon: never more than one charge; settled is charged, rejected is not; a person decides the rest."""
    api, template, place = ready
    names = data.draw(st.sets(st.sampled_from(BEHAVIOURS))) & set().union(*ARMS[api])
    if names >= UNTOLD and tuple(sorted(UNTOLD)) not in ARMS[api]:
        names = names - {"late-rows"}  # as in the matrix: neither a list nor a key tells of the order then
    armed = Armed(frozenset(names))
    desk = opened(api, template, place, armed)
    desk.ways = data.draw(st.lists(answers(api), max_size=4))
    kind = data.draw(st.sampled_from(("new", "topup")))
    desk.order(kind)
    moved = False
    for event in data.draw(st.lists(st.sampled_from(EVENTS), max_size=5)):
        moved |= happen(desk, event)
        desk.settle()
    desk.heal()
    (order,) = desk.orders()
    charges = desk.charges()
    assert len(charges) <= 1, f"DOUBLED: {charges}"
    if order.state == "manual":
        assert moved, f"nothing moved the account, and the order waits for a person ({order.reason})"
        number = order.provider_order or order.key
        desk.resolve(order.id, number if charges else None)
        (order,) = desk.orders()
    assert order.state == ("settled" if charges else "rejected"), (order.state, order.reason, charges)
    if charges and not order.discrepancy:
        assert order.counted == Money(sum(charges.values()), "USD")
    assert desk.session().store.ledger_for_reading().reserved("USD") == 0
