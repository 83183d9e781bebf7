"""Random stories of three lines and a pool, for the invariants: every kind of event, sensible or not."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from esimctl.charging.events import (
    Commit,
    Credit,
    Event,
    Gift,
    Grant,
    Leave,
    Observe,
    Release,
    Renew,
    Reserve,
    Share,
    Topup,
    Use,
)
from esimctl.charging.policies import Bonus, OveragePolicy, RolloverPolicy
from esimctl.charging.setup import LineSetup, PoolSetup, Setup
from esimctl.charging.terms import Terms
from esimctl.values.moments import Duration, zone
from esimctl.values.money import Money
from esimctl.values.volume import UNLIMITED
from esimctl.values.windows import Window

START = datetime(2026, 1, 30, 17, tzinfo=UTC)
ZONE = zone("Asia/Phnom_Penh")
LINES = ("a", "b", "c")

rollovers = st.builds(
    RolloverPolicy,
    mode=st.sampled_from(["carry", "carry", "none"]),
    validity=st.sampled_from([Duration(months=1), Duration(months=3), Duration(days=9)]),
    validity_periods=st.sampled_from([None, None, 2]),
    maximum=st.none() | st.integers(0, 500),
    max_percent=st.none() | st.integers(1, 100),
    cap_scope=st.sampled_from(["rollover-only", "total-incl-grant", "per-step"]),
    consumption=st.sampled_from(["first", "last", "by-expiry"]),
    condition=st.sampled_from(["none", "renewed-on-time", "renewed-within-grace"]),
    grace=st.none() | st.sampled_from([Duration(days=3), Duration(days=40)]),
    on_lapse=st.sampled_from(["forfeit", "suspend", "keep"]),
)
plans = st.builds(
    Terms,
    name=st.sampled_from(["p", "q", "r"]),
    data=st.integers(1, 400) | st.just(UNLIMITED),
    term=st.sampled_from([Duration(months=1), Duration(months=3), Duration(days=7), Duration(days=30)]),
    period=st.sampled_from([None, None, Duration(days=7)]),
    clock=st.sampled_from(["anchor", "hours24", "calendar-day", "calendar-month"]),
    transferable=st.booleans(),
    bonus=st.none() | st.builds(Bonus, data=st.integers(1, 99), term=st.just(Duration(days=5))),
    early_renewal=st.sampled_from(["stack", "queue", "extend", "reset"]),
    overage=st.sampled_from(
        [
            OveragePolicy(),
            OveragePolicy("throttle"),
            OveragePolicy("charge", Money(3, "USD"), Money(50, "USD")),
        ]
    ),
    rollover=st.none() | rollovers,
)
packs = st.builds(
    Terms,
    name=st.just("pack"),
    data=st.integers(1, 200),
    term=st.just(Duration(days=10)),
    category=st.sampled_from(["topup", "addon", "promo", "window"]),
    transferable=st.booleans(),
    window=st.sampled_from([None, Window(frozenset({5, 6})), Window(opens=22 * 60, closes=6 * 60)]),
)
volumes = st.integers(0, 300)


@st.composite
def setups(draw: st.DrawFn) -> Setup:
    """Three lines, perhaps with plans and a pool of two of them."""
    lines = {}
    for name in LINES:
        lines[name] = LineSetup(
            terms=draw(st.none() | plans),
            auto_renew=draw(st.booleans()),
            main_balance=draw(st.none() | st.just(Money(100, "USD"))),
            buckets=(
                Grant(
                    START, "", draw(volumes), transferable=True, end=START + timedelta(days=draw(st.integers(1, 99)))
                ),
            ),
        )
    pools = {}
    if draw(st.booleans()):
        pools["family"] = PoolSetup(
            data=draw(volumes),
            members={"a": UNLIMITED, "b": draw(volumes)},
            strategy=draw(st.sampled_from(["mine-first", "pool-first"])),
            term=draw(st.sampled_from([None, Duration(months=1)])),
            auto_renew=True,
            rollover=None,
        )
    return Setup(ZONE, START, lines, pools)


@st.composite
def events(draw: st.DrawFn, with_late: bool = True) -> list[Event]:  # noqa: C901 - one branch for each kind
    """Up to twenty-five events in the order of time."""
    now, told = START, []
    for _ in range(draw(st.integers(1, 25))):
        now += timedelta(seconds=draw(st.sampled_from([0, 0, 3600, 86_400, 9 * 86_400, 31 * 86_400])))
        line = draw(st.sampled_from(LINES))
        kind = draw(st.integers(0, 13))
        if kind <= 3:
            back = timedelta(days=draw(st.integers(0, 40))) if with_late and kind == 3 else timedelta(0)
            told.append(Use(now, line, draw(volumes), max(START, now - back) if back else None))
        elif kind == 4:
            waits = draw(st.sampled_from([None, None, timedelta(hours=5), timedelta(days=20)]))
            told.append(
                Renew(
                    now,
                    line,
                    draw(plans),
                    None if waits is None else now + waits,
                    draw(st.booleans()) and waits is not None,
                )
            )
        elif kind == 5:
            told.append(Topup(now, line, draw(packs)))
        elif kind == 6:
            owner = draw(st.sampled_from(["originator", "receiver"]))
            told.append(Gift(now, line, draw(st.sampled_from(LINES)), draw(volumes), draw(st.integers(0, 9)), owner))
        elif kind == 7:
            told.append(Reserve(now, line, draw(volumes)))
        elif kind == 8:
            told.append(Release(now, line, draw(volumes)))
        elif kind == 9:
            told.append(Commit(now, line, draw(volumes)))
        elif kind == 10:
            told.append(Observe(now, line, draw(volumes)))
        elif kind == 11:
            told.append(Grant(now, line, draw(volumes), end=now + timedelta(days=7)))
        elif kind == 12:
            told.append(Credit(now, line, Money(25, "USD")))
        else:
            other = draw(st.sampled_from(LINES))
            told.append(Share(now, other, line, draw(volumes)) if draw(st.booleans()) else Leave(now, other, line))
    return told
