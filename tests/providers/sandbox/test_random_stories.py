"""Any story of orders and use leaves the same numbers at the operator's counter as in the engine alone."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.catalogue.plans import plan, plans
from esimctl.charging.engine import run
from esimctl.charging.events import Event, Purchase, Renew, Topup, Use
from esimctl.charging.setup import LineSetup, Setup
from esimctl.charging.terms import Terms, terms_from_table
from esimctl.values.volume import Unlimited

from .conftest import Counter, opened

ZONE = ZoneInfo("Asia/Phnom_Penh")
BASES = [row.id for row in plans() if row.example and row.kind == "base" and "starts_on" not in row.terms]

STEP = st.tuples(
    st.integers(0, 20 * 24 * 3600),
    st.one_of(
        st.tuples(st.just("use"), st.integers(1, 6 * 10**9)),
        st.tuples(st.just("late"), st.integers(1, 6 * 10**9)),
        st.tuples(st.just("renew"), st.integers(0, len(BASES) - 1)),
        st.tuples(st.just("same"), st.just(0)),
        st.tuples(st.just("topup"), st.integers(0, 5)),
    ),
)


def terms_of(name: str) -> Terms:
    return terms_from_table(name, plan(name).terms)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(BASES), st.lists(STEP, max_size=10), st.integers(0, 100))
def test_counter_and_engine_agree(
    tmp_path_factory: pytest.TempPathFactory, first: str, steps: list[Any], rest: int
) -> None:
    shop = Counter(opened(tmp_path_factory.mktemp("home")))
    line, start = shop.buy(first), shop.now
    events: list[Event] = [Purchase(start, "x", terms_of(first))]
    carrier = plan(first).carrier
    bases = [name for name in BASES if name.startswith(carrier)]
    topups = [row.id for row in plans() if row.carrier == carrier and row.kind == "topup"]
    for seconds, (verb, value) in steps:
        before, shop.now = shop.now, shop.now + timedelta(seconds=seconds)
        if verb == "use":
            shop.use(line, value)
            events.append(Use(shop.now, "x", value))
        elif verb == "late" and seconds:
            dated = before + timedelta(seconds=seconds // 2)
            shop.use(line, value, dated)
            events.append(Use(shop.now, "x", value, dated))
        elif verb in ("renew", "same"):
            name = first if verb == "same" else bases[value % len(bases)]
            shop.place("renew", line, plan=name)
            events.append(Renew(shop.now, "x", terms_of(name)))
        elif verb == "topup":
            name = topups[value % len(topups)]
            shop.place("topup", line, plan=name)
            events.append(Topup(shop.now, "x", terms_of(name)))
    shop.later(days=rest)
    said = shop.look(line)
    expected = run(Setup(ZONE, start, {"x": LineSetup()}), events, shop.now).line("x")
    assert (said.remaining_bytes, said.available_bytes) == (number(expected.remaining), number(expected.available))
    assert (said.forfeited_bytes, said.out_of_bucket_bytes) == (expected.forfeited, expected.out_of_bucket)
    assert said.throttled is expected.throttled
    if said.status == "expired":
        assert expected.term_end is None
        assert said.expires_at is not None
        assert said.expires_at <= shop.now
    else:
        assert said.expires_at == expected.term_end
    assert [(row.id, row.remaining, row.end) for row in said.buckets] == [
        (view.id, number(view.remaining), view.end) for view in expected.buckets
    ]


def number(volume: int | Unlimited) -> int | None:
    return None if isinstance(volume, Unlimited) else volume
