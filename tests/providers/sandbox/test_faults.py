"""Armed faults: each is proven to have struck, and what it left in the books is counted."""

from datetime import timedelta

import pytest

from esimctl.errors import UsageError
from esimctl.providers.protocol import LineRef, Verdict
from esimctl.providers.sandbox.desk import SLOW
from esimctl.providers.sandbox.faults import FAULTS, MOST_TIMES

from .conftest import Counter, rows

PLAN = "demo-monthly-10gb"

#: fault → verdict, reason, charged as the answer has it, verdict of a look-up afterwards, charges in the books
STRUCK = {
    "decline": (Verdict.REFUSED, "declined", False, Verdict.REFUSED, 0),
    "unreachable": (Verdict.NOT_SENT, "unreachable", False, Verdict.ABSENT, 0),
    "timeout-before": (Verdict.AMBIGUOUS, "deadline", None, Verdict.ABSENT, 0),
    "timeout-after": (Verdict.AMBIGUOUS, "deadline", None, Verdict.SETTLED, 1),
    "error-500": (Verdict.AMBIGUOUS, "server_error", None, Verdict.SETTLED, 1),
    "rate-limit": (Verdict.BUSY, "rate_limited", None, Verdict.ABSENT, 0),
    "malformed": (Verdict.AMBIGUOUS, "malformed", None, Verdict.SETTLED, 1),
    "slow-activation": (Verdict.ACCEPTED, None, True, Verdict.ACCEPTED, 1),
    "duplicate-charge": (Verdict.SETTLED, None, True, Verdict.SETTLED, 2),
    "out-of-stock": (Verdict.REFUSED, "out_of_stock", False, Verdict.REFUSED, 0),
}


def test_every_fault_of_an_order_is_in_the_table() -> None:
    assert set(STRUCK) | {"stale-usage"} == set(FAULTS)


@pytest.mark.parametrize("kind", STRUCK)
def test_a_fault_strikes_as_often_as_it_was_armed(shop: Counter, kind: str) -> None:
    verdict, reason, charged, found, charges = STRUCK[kind]
    shop.provider.arm(kind, 2)
    for left in (1, 0):
        order = shop.order("new", LineRef("phone"), plan=PLAN)
        outcome = shop.send(order)
        assert (outcome.verdict, outcome.reason, outcome.charged) == (verdict, reason, charged)
        assert shop.provider.armed() == ({kind: left} if left else {})
        assert shop.provider.look_up(order, shop.now, deadline=5).verdict is found
    assert rows(shop.provider, "SELECT count(*) AS n FROM charge") == [{"n": 2 * charges}]
    assert shop.place("new", LineRef("phone"), plan=PLAN).verdict is Verdict.SETTLED


@pytest.mark.parametrize("kind", ["timeout-before", "timeout-after", "error-500", "malformed", "rate-limit"])
def test_the_same_bytes_again_after_an_ambiguous_answer_charge_once(shop: Counter, kind: str) -> None:
    """Tier A: recovery may send again, and a second fault in a row changes nothing."""
    shop.provider.arm(kind, 2)
    order = shop.order("new", LineRef("phone"), plan=PLAN)
    verdicts = [shop.send(order).verdict for _ in range(3)]
    assert verdicts[2] is Verdict.SETTLED
    assert verdicts[0] == verdicts[1] != Verdict.SETTLED
    assert rows(shop.provider, "SELECT count(*) AS n FROM charge") == [{"n": 1}]


def test_an_unreachable_operator_stays_so_for_all_tries_of_one_order(shop: Counter) -> None:
    """One time is one order: a client that tries again at once must still come to `nothing was sent`."""
    shop.provider.arm("unreachable")
    order = shop.order("new", LineRef("phone"), plan=PLAN)
    for _ in range(3):
        assert shop.send(order).verdict is Verdict.NOT_SENT
        shop.later(seconds=20)
    assert shop.provider.armed() == {}
    assert shop.place("new", LineRef("other"), plan=PLAN).verdict is Verdict.SETTLED
    shop.later(seconds=60)
    assert shop.send(order).verdict is Verdict.SETTLED


def test_a_slow_activation_settles_by_the_operators_clock(shop: Counter) -> None:
    """R-69: paid at once, the goods follow; before that a line is pending and has no activation code."""
    shop.provider.arm("slow-activation")
    order = shop.order("new", LineRef("phone"), plan=PLAN)
    taken = shop.send(order)
    assert taken.goods is not None
    assert taken.goods.iccid is not None
    assert taken.goods.lpa is None
    line = LineRef("phone", iccid=taken.goods.iccid)
    assert shop.look(line).status == "pending"
    shop.now += SLOW - timedelta(microseconds=1)
    assert shop.provider.look_up(order, shop.now, deadline=5).verdict is Verdict.ACCEPTED
    shop.now += timedelta(microseconds=1)
    settled = shop.provider.look_up(order, shop.now, deadline=5)
    assert settled.verdict is Verdict.SETTLED
    assert settled.goods is not None
    assert settled.goods.lpa is not None
    assert (shop.look(line).status, shop.look(line).remaining_bytes) == ("active", 10**10)


def test_a_slow_renewal_takes_effect_when_it_is_ready(shop: Counter) -> None:
    line = shop.buy("demo-daily-1gb")
    shop.later(hours=1)
    shop.provider.arm("slow-activation")
    shop.place("renew", line, plan=line.plan)
    assert shop.look(line).remaining_bytes == 10**9
    shop.now += SLOW
    assert shop.look(line).remaining_bytes == 2 * 10**9


def test_a_duplicate_charge_stands_in_the_operators_list(shop: Counter) -> None:
    """R-94: two charges, one delivery."""
    shop.provider.arm("duplicate-charge")
    shop.buy(PLAN)
    (row,) = shop.provider.orders(shop.now, shop.now) or ()
    assert (len(row.charges), row.delivered) == (2, True)
    assert rows(shop.provider, "SELECT count(*) AS n FROM line") == [{"n": 1}]


def test_stale_usage_keeps_figures_and_time(shop: Counter) -> None:
    line = shop.buy(PLAN)
    shop.later(days=1)
    shop.use(line, 9 * 10**9)
    low = shop.look(line)
    shop.provider.arm("stale-usage", 2)
    shop.later(hours=1)
    shop.place("topup", line, plan="demo-topup-5gb")
    for _ in range(2):
        stale = shop.look(line)
        assert (stale.remaining_bytes, stale.at) == (low.remaining_bytes, low.at)
    assert (shop.look(line).remaining_bytes, shop.look(line).at) == (6 * 10**9, shop.now)


def test_stale_usage_of_a_younger_line_is_its_beginning(shop: Counter) -> None:
    shop.provider.arm("stale-usage")
    line = shop.buy(PLAN)
    bought = shop.now
    shop.later(days=2)
    shop.use(line, 10**9)
    stale = shop.look(line)
    assert (stale.remaining_bytes, stale.at) == (10**10, bought)


@pytest.mark.parametrize(("kind", "times"), [("declne", 1), ("decline", -1), ("decline", MOST_TIMES + 1)])
def test_a_fault_that_does_not_exist_or_never_ends_is_refused(shop: Counter, kind: str, times: int) -> None:
    with pytest.raises(UsageError) as caught:
        shop.provider.arm(kind, times)
    if kind == "declne":
        assert "decline" in str(caught.value.hint)
    assert shop.provider.armed() == {}


def test_disarming_and_resetting(shop: Counter) -> None:
    line = shop.buy(PLAN)
    shop.provider.arm("decline", 3)
    shop.provider.arm("decline", 0)
    assert shop.provider.armed() == {}
    shop.provider.arm("decline", 3)
    shop.provider.reset()
    assert shop.provider.armed() == {}
    assert shop.provider.lines(shop.now) == ()
    with pytest.raises(UsageError):
        shop.look(line)
