"""What a person may do at the operator beside ordering: burn data, give it away, share it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.errors import Refused, UsageError
from esimctl.providers.sandbox import meter

from .conftest import Counter, opened, rows

PLAN = "demo-monthly-10gb"
GB = 10**9


def test_use_is_a_fact_also_beyond_what_is_left(shop: Counter) -> None:
    line = shop.buy(PLAN)
    shop.later(days=1)
    shop.use(line, 12 * GB)
    reading = shop.look(line)
    assert (reading.remaining_bytes, reading.used_bytes, reading.out_of_bucket_bytes) == (0, 10 * GB, 2 * GB)


def test_a_late_record_changes_what_was_carried_since(shop: Counter) -> None:
    """Rollover step 12: everything after the record is worked out anew."""
    line = shop.buy(PLAN)
    shop.later(days=28)
    shop.place("renew", line, plan=PLAN)
    assert shop.look(line).remaining_bytes == 20 * GB
    shop.later(days=1)
    shop.use(line, 4 * GB, shop.now - timedelta(days=10))
    reading = shop.look(line)
    assert [(row.category, row.remaining) for row in reading.buckets] == [("base", 10 * GB), ("rollover", 6 * GB)]


def test_use_in_the_future_or_of_nothing_or_before_the_line_is_refused(shop: Counter) -> None:
    line = shop.buy(PLAN)
    for octets, at in (
        (0, None),
        (-1, None),
        (GB, shop.now + timedelta(seconds=1)),
        (GB, shop.now - timedelta(seconds=1)),
    ):
        with pytest.raises(UsageError):
            shop.use(line, octets, at)
    assert shop.look(line).used_bytes == 0


def test_a_plan_that_begins_with_its_first_use(shop: Counter) -> None:
    """R-24 and the two dates of a travel pack: it waits until `use_by`, then runs for its term."""
    line = shop.buy("demo-roam-7d")
    waiting = shop.look(line)
    assert (waiting.status, waiting.use_by, waiting.expires_at) == ("pending", shop.now + timedelta(days=30), None)
    shop.later(days=20)
    shop.use(line, GB)
    running = shop.look(line)
    assert (running.status, running.expires_at) == ("active", shop.now + timedelta(days=7))
    assert running.remaining_bytes == 3 * GB


def test_a_plan_that_begins_with_its_installation_is_installed_by_use_or_by_hand(shop: Counter) -> None:
    used, installed, forgotten = (shop.buy("demo-leb-15d", name) for name in "abc")
    shop.later(days=3)
    shop.use(used, GB)
    assert installed.iccid is not None
    shop.provider.install(installed.iccid, shop.now)
    assert shop.look(used).expires_at == shop.look(installed).expires_at == shop.now + timedelta(days=15)
    shop.later(days=88)
    assert shop.look(forgotten).status == "expired"


def test_voice_of_the_running_periods_is_shown(shop: Counter) -> None:
    """R-29, R-66."""
    with_voice, without = shop.buy(PLAN), shop.buy("demo-daily-1gb", "b")
    assert (shop.look(with_voice).voice_seconds, shop.look(without).voice_seconds) == (6000, None)
    shop.later(days=40)
    assert shop.look(with_voice).voice_seconds == 0


def test_a_night_line_has_data_at_night_only(shop: Counter) -> None:
    """R-23: windows are local time; START is 10:00 in the morning there."""
    line = shop.buy("demo-night-line-30d")
    by_day = shop.look(line)
    assert (by_day.remaining_bytes, by_day.available_bytes) == (20 * GB, 0)
    assert by_day.next_change == shop.now + timedelta(hours=12)
    assert by_day.buckets[0].window == "22:00-06:00"
    shop.later(hours=12)
    assert shop.look(line).available_bytes == 20 * GB
    shop.use(line, GB)
    shop.later(hours=8)
    shop.use(line, GB)
    assert (shop.look(line).remaining_bytes, shop.look(line).out_of_bucket_bytes) == (19 * GB, GB)
    shop.later(days=30)
    assert shop.look(line).status == "expired"


def test_a_gift_moves_data_once_for_each_key(shop: Counter) -> None:
    giver, taker = shop.buy(PLAN, "a"), shop.buy("demo-daily-1gb", "b")
    assert giver.iccid is not None
    assert taker.iccid is not None
    first = shop.provider.gift(giver.iccid, taker.iccid, 3 * GB, shop.now, key="g")
    again = shop.provider.gift(giver.iccid, taker.iccid, 3 * GB, shop.now, key="g")
    assert first == again
    assert (shop.look(giver).remaining_bytes, shop.look(taker).remaining_bytes) == (7 * GB, 4 * GB)
    with pytest.raises(Refused) as caught:
        shop.provider.gift(giver.iccid, taker.iccid, 1 * GB, shop.now, key="g")
    assert caught.value.code == "key_conflict"


def test_a_gift_that_cannot_be_leaves_no_trace(shop: Counter) -> None:
    """Only transferable data, never more than there is, never to oneself, no gift given on."""
    giver, taker = shop.buy(PLAN, "a"), shop.buy("demo-daily-1gb", "b")
    assert giver.iccid is not None
    assert taker.iccid is not None
    before = rows(shop.provider, "SELECT count(*) AS n FROM event")
    for one, other, octets in (
        (giver.iccid, taker.iccid, 11 * GB),
        (giver.iccid, giver.iccid, GB),
        (taker.iccid, giver.iccid, GB),
    ):
        with pytest.raises(Refused) as caught:
            shop.provider.gift(one, other, octets, shop.now, key=f"{one}{other}{octets}")
        assert caught.value.code == "not_possible"
    assert rows(shop.provider, "SELECT count(*) AS n FROM event") == before


def test_sharing_is_for_a_while_and_capped(shop: Counter) -> None:
    """R-05, R-43: the other line draws on this line's data, up to its cap."""
    owner, member = shop.buy("demo-monthly-8gb", "a"), shop.buy("demo-weekly-2gb", "b")
    assert owner.iccid is not None
    assert member.iccid is not None
    shop.provider.share(owner.iccid, member.iccid, GB, shop.now)
    shop.use(member, GB)
    shared = shop.look(member).buckets[-1]
    assert (shared.category, shared.shared, shared.granted, shared.remaining) == ("shared", True, GB, GB)
    shop.use(member, 3 * GB)
    assert shop.look(member).buckets[-1].remaining == 0
    assert [row.category for row in shop.look(owner).buckets] == ["base"]
    assert shop.look(owner).remaining_bytes == 7 * GB
    assert shop.look(member).out_of_bucket_bytes == GB
    shop.provider.unshare(owner.iccid, member.iccid, shop.now)
    shop.use(member, GB)
    assert (shop.look(owner).remaining_bytes, shop.look(member).out_of_bucket_bytes) == (7 * GB, 2 * GB)
    assert all(not row.shared for row in shop.look(member).buckets)
    with pytest.raises(Refused):
        shop.provider.unshare(owner.iccid, member.iccid, shop.now)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3 * GB), st.integers(0, 600)), min_size=1, max_size=12), st.randoms())
def test_the_order_in_which_records_arrive_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[int, int]], shuffle: object
) -> None:
    """Records of different instants that arrive in any order leave the same numbers."""
    shops = [Counter(opened(tmp_path_factory.mktemp("home"))) for _ in range(2)]
    lines = [shop.buy(PLAN) for shop in shops]
    for shop in shops:
        shop.later(days=60)
    distinct = {hours: octets for octets, hours in records}
    mixed = list(distinct.items())
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]
    for shop, line, order in zip(shops, lines, (sorted(distinct.items()), mixed), strict=True):
        for hours, octets in order:
            shop.use(line, octets, shop.now - timedelta(days=60) + timedelta(hours=hours, seconds=1))
    one, other = (shop.look(line) for shop, line in zip(shops, lines, strict=True))
    assert (one.forfeited_bytes, one.out_of_bucket_bytes) == (other.forfeited_bytes, other.out_of_bucket_bytes)


def test_thousands_of_records_are_worked_out_within_the_call(shop: Counter) -> None:
    """A line with 3000 records: every record is read once and the engine gets every one of them."""
    line = shop.buy(PLAN)
    with shop.provider.books.writing() as database:
        for number in range(3000):
            at = int((shop.now + timedelta(minutes=number)).timestamp() * 1_000_000)
            row = (line.iccid, at, at, '{"verb": "use", "octets": 1000000}')
            database.execute("INSERT INTO event (iccid, at, recorded_at, content) VALUES (?, ?, ?, ?)", row)
    shop.later(minutes=3000)
    assert shop.look(line).remaining_bytes == 7 * GB
    with shop.provider.books.reading() as database:
        facts = meter.facts(database, line)
    assert facts.plan == PLAN
