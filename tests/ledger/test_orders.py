"""The order machine: legal ways are walked, illegal ones are refused and change nothing."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from esimctl.documents.kinds import kinds
from esimctl.documents.orders import OrderRow
from esimctl.ledger.fold import Ledger, fold
from esimctl.ledger.invariants import audited_fold
from esimctl.ledger.orders import BOUGHT, CLOSED, OPEN, STATES, TERMINAL, TRANSITIONS, objection
from esimctl.values.money import Money
from tests.ledger.samples import life, numbered, prepared, step

FIELDS = {
    "accepted": {}, "unknown": {"reason": "timeout"}, "settled": {"confirmed_by": "provider"},
    "rejected": {"reason": "declined"},
    "cancelled": {"reason": "expired"}, "manual": {"reason": "horizon"}, "refunding": {"reason": "asked"},
    "refunded": {"amount_minor": 500, "currency": "USD"},
}  # fmt: skip


def test_every_state_is_either_open_or_ended():
    assert set(filter(None, TRANSITIONS)) == OPEN | TERMINAL
    assert not OPEN & TERMINAL


def test_documents_have_every_state():
    """And `planned`, of an order that was only looked at."""
    assert kinds(OrderRow)["state"].words == ("planned", *STATES)


def test_an_ended_order_was_bought_or_came_to_nothing():
    assert {"settled", "refunding", "refunded"} == BOUGHT
    assert {"rejected", "cancelled"} == CLOSED
    assert BOUGHT | CLOSED == TERMINAL


@pytest.mark.parametrize("state", sorted(TERMINAL - {"settled", "refunding"}))
def test_what_has_ended_stays_ended(state):
    assert TRANSITIONS[state] == frozenset()


def test_a_purchase_is_folded_into_its_order():
    """Everything that was said of an order stands in its value."""
    entries = life(max_price_minor=600, terms={"days": 7}, plan="p", claims=["c"], wallet_before_minor=900)
    order = fold(numbered(*entries)).orders["o1"]
    assert (order.state, order.charged, order.paid, order.price) == (
        "settled",
        True,
        Money(500, "USD"),
        Money(500, "USD"),
    )
    assert (order.attempts, order.provider_order, order.max_price) == (1, "p-o1", Money(600, "USD"))
    assert (order.terms, order.claims, order.wallet_before) == ({"days": 7}, ("c",), Money(900, "USD"))


@pytest.mark.parametrize(
    ("entry", "charged"),
    [
        (step("accepted", charged=True), True), (step("accepted"), None),
        (step("unknown", reason="x", charged=True), True),
        (step("unknown", reason="x"), None), (step("manual", reason="x"), None), (step("rejected", reason="x"), False),
        (step("settled", confirmed_by="user"), True),
    ],
)  # fmt: skip
def test_what_is_known_of_the_charge(entry, charged):
    """`charged` is never guessed: after an attempt it is unknown until somebody says."""
    ledger = Ledger()
    numbered(prepared(), ledger=ledger)
    assert ledger.orders["o1"].charged is False
    numbered(step("attempted", n=1), ledger=ledger)
    assert ledger.orders["o1"].charged is None
    numbered(entry, ledger=ledger)
    assert ledger.orders["o1"].charged is charged


def test_a_known_charge_is_not_forgotten_by_an_answer_that_does_not_say():
    ledger = fold(numbered(prepared(), step("attempted", n=1), step("accepted", charged=True), step("accepted")))
    assert ledger.orders["o1"].charged is True


def test_paid_is_never_a_copy_of_the_price():
    """An unknown payment is None, and weighs as the price."""
    ledger = fold(numbered(prepared(), step("attempted", n=1), step("settled", confirmed_by="user")))
    assert ledger.orders["o1"].paid is None
    assert ledger.spent("USD") == 500


def test_a_later_look_at_the_balance_corrects_what_was_paid():
    ledger = Ledger()
    numbered(prepared(), step("attempted", n=1), step("settled", confirmed_by="user"), ledger=ledger)
    numbered(step("paid", paid_minor=450, paid_currency="USD"), ledger=ledger)
    assert (ledger.orders["o1"].paid, ledger.spent("USD"), ledger.balance("spend:phone", "USD")) == (
        Money(450, "USD"),
        450,
        450,
    )


class OrderMachine(RuleBasedStateMachine):
    """Any entry at any time against a table of its own: the ledger follows the legal ones and ignores the others."""

    def __init__(self):
        super().__init__()
        self.ledger = Ledger()
        self.state = None
        self.attempts = 0
        self.written = []

    @rule(state=st.sampled_from(sorted(filter(None, TRANSITIONS))), slip=st.booleans())
    def tell(self, state, slip):
        """Tell the ledger that the order became `state`; with `slip` the attempt has a wrong number."""
        if state == "prepared":
            entry = prepared()
        elif state == "attempted":
            entry = step("attempted", n=self.attempts + (2 if slip else 1))
        else:
            entry = step(state, **FIELDS[state])
        legal = state in TRANSITIONS[self.state] and not (state == "attempted" and slip)
        legal = legal and not (state == "settled" and self.state == "refunding")
        (entry,) = numbered({"postings": [], **entry} if not legal else entry, ledger=self.ledger)
        if legal:
            self.written.append({**entry, "seq": len(self.written) + 1})
            self.state = state
            self.attempts += state == "attempted"

    @invariant()
    def follows(self):
        """The state is the model's; open orders alone hold a reservation; the legal part has no finding."""
        order = self.ledger.orders.get("o1")
        assert (order.state if order else None) == self.state
        assert self.ledger.balance("reserved:o1", "USD") == (500 if self.state in OPEN else 0)
        assert sum(minor for (_, _), minor in self.ledger.balances.items()) == 0
        assert self.ledger.spent("USD") == (500 if self.state in OPEN | {"settled", "refunding"} else 0)
        assert [f for f in audited_fold(self.written)[1] if f.blocking] == []


TestOrderMachine = OrderMachine.TestCase
TestOrderMachine.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_an_objection_names_both_states():
    ledger = fold(numbered(*life()))
    said = objection(ledger.orders["o1"], step("unknown", reason="x"))
    assert str(said) == "an order that is settled cannot become unknown"
