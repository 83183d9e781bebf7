"""Money, volumes, durations, instants and boundaries: exact, strict, and the same wherever the machine stands."""

import copy
import pickle
from datetime import UTC, date, datetime, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esimctl.values.moments import (
    Duration,
    MomentError,
    boundary,
    midnight_before,
    month_start,
    parse_duration,
    parse_instant,
    plus_months,
    rfc3339,
    zone,
)
from esimctl.values.money import EXPONENTS, Money, MoneyError
from esimctl.values.volume import UNLIMITED, VolumeError, exact_volume, format_volume, parse_octets, parse_volume

PHNOM_PENH, BERLIN = zone("Asia/Phnom_Penh"), zone("Europe/Berlin")
monies = st.builds(Money, st.integers(-(10**12), 10**12), st.sampled_from(sorted(EXPONENTS)))


@pytest.mark.parametrize(
    ("text", "minor", "amount"),
    [("5USD", 500, "5.00"), ("5.00 USD", 500, "5.00"), ("0.5USD", 50, "0.50"), ("20000KHR", 20000, "20000")],
)
def test_money_is_read(text: str, minor: int, amount: str) -> None:
    """A number, a currency, and as many decimals as it has."""
    money = Money.parse(text)
    assert (money.minor, money.amount) == (minor, amount)
    assert money.as_json() == {"amount": amount, "currency": money.currency}


@pytest.mark.parametrize(
    "text",
    ["", "5", "USD", "5 usd", "$5", "5,00 USD", "-5 USD", "1e3 USD", "NaN USD", "5.001 USD", "1.0 KHR", "5 XYZ",
     "٥ USD", "9" * 99 + "USD"],
)  # fmt: skip
def test_what_is_not_money_is_refused(text: str) -> None:
    """With a reason of one line."""
    with pytest.raises(MoneyError) as caught:
        Money.parse(text)
    assert "\n" not in str(caught.value)


@given(monies)
def test_money_is_written_as_it_is_read(money: Money) -> None:
    """The text is exact; copies are equal; it never changes."""
    assert copy.deepcopy(money) == pickle.loads(pickle.dumps(money)) == money
    assert hash(copy.copy(money)) == hash(money)
    if money.minor >= 0:
        assert Money.parse(str(money)) == money
    with pytest.raises(AttributeError):
        money.minor = 1  # type: ignore[misc]


@given(monies, monies)
def test_one_sum_has_one_currency(one: Money, other: Money) -> None:
    """Within a currency it adds up; two never mix."""
    if one.currency == other.currency:
        assert one + other - other == one
        assert (one < other) == (one.minor < other.minor)
        assert one * 3 == one + one + one
    else:
        with pytest.raises(MoneyError):
            _ = one + other
        with pytest.raises(MoneyError):
            _ = one < other
    with pytest.raises(MoneyError):
        Money(1.5, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "base", "octets"),
    [
        ("500MB", 1000, 500_000_000),
        ("1.5GB", 1000, 1_500_000_000),
        ("10GB", 1024, 10_737_418_240),
        ("8.5GiB", 1024, 9_126_805_504),
        ("2GiB", 1000, 2_147_483_648),
        ("201B", 1000, 201),
        ("0.5KiB", 1000, 512),
        ("0MB", 1000, 0),
    ],
)
def test_volumes_come_to_octets(text: str, base: int, octets: int) -> None:
    """By 1000 or 1024 as the operator counts; the binary units always by 1024."""
    assert parse_octets(text, base, strict=True) == parse_octets(text.lower(), base) == octets


@pytest.mark.parametrize(
    "text",
    ["", "MB", "-1MB", "1e9MB", "NaNMB", "infGB", "1,5GB", "10 PB", "0.5B", "0.0001KB", "9999999TB", "unlimited"],
)
def test_what_is_no_volume_is_refused(text: str) -> None:
    """Negative, absurd, in pieces of an octet, or no number at all."""
    with pytest.raises(VolumeError):
        parse_octets(text, strict=True)


def test_unlimited_is_a_word() -> None:
    """And not a number."""
    assert parse_volume("unlimited", strict=True) is UNLIMITED
    assert (format_volume(UNLIMITED), exact_volume(UNLIMITED)) == ("unlimited", "unlimited")
    with pytest.raises(VolumeError):
        parse_volume("Unlimited", strict=True)


@given(st.integers(0, 10**18), st.sampled_from([1000, 1024]))
def test_volumes_are_written(octets: int, base: int) -> None:
    """Exactly for machines and pencils; for people never more than there is."""
    assert parse_octets(exact_volume(octets, base), base, strict=True) == octets
    shown = format_volume(octets, base)
    number, unit = shown.split(" ")
    whole, _, part = number.partition(".")
    size = parse_octets(f"1{unit}", base)
    assert (int(whole) * 100 + int((part + "00")[:2])) * size <= octets * 100


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("12h", Duration(seconds=43_200)),
        ("7d", Duration(days=7)),
        ("3 months", Duration(months=3)),
        ("1 year", Duration(months=12)),
        ("90s", Duration(seconds=90)),
        ("15min", Duration(seconds=900)),
        ("2 weeks", Duration(days=14)),
    ],
)
def test_durations(text: str, duration: Duration) -> None:
    """Read, and written so that they are read the same."""
    assert parse_duration(text) == duration
    assert parse_duration(str(duration)) == duration


@pytest.mark.parametrize("text", ["", "7", "days", "-7d", "1.5h", "7 parsecs", "99999 months", "99999999999999d"])
def test_what_is_no_duration(text: str) -> None:
    """Refused, the absurd as well."""
    with pytest.raises(MomentError):
        parse_duration(text)


def test_instants() -> None:
    """Offsets are obeyed, local times are the zone's, a date is its midnight; gaps and folds have one meaning."""
    assert rfc3339(parse_instant("2026-01-31", PHNOM_PENH)) == "2026-01-30T17:00:00Z"
    assert rfc3339(parse_instant("2026-01-31T08:00", PHNOM_PENH)) == "2026-01-31T01:00:00Z"
    assert rfc3339(parse_instant("2026-01-31T08:00:00.5-05:00", PHNOM_PENH)) == "2026-01-31T13:00:00.500000Z"
    assert rfc3339(parse_instant("2026-03-29T02:30", BERLIN)) == "2026-03-29T01:30:00Z"
    assert rfc3339(parse_instant("2026-10-25T02:30", BERLIN)) == "2026-10-25T00:30:00Z"
    for wrong in ("", "2026-02-30", "31.1.2026", "2026-01-31T25:00", "0001-01-01", "tomorrow", "2026-1-1"):
        with pytest.raises(MomentError):
            parse_instant(wrong, PHNOM_PENH)


@pytest.mark.parametrize("name", ["", "Nope", "../etc/passwd", "/etc/passwd", "a" * 500, "Asia\x00"])
def test_unknown_zones(name: str) -> None:
    """No zone is read from anywhere else."""
    with pytest.raises(MomentError):
        zone(name)


@given(st.integers(1_577_836_800, 1_893_456_000), st.integers(1, 60), st.sampled_from([PHNOM_PENH, BERLIN]))
def test_boundaries_never_drift(second: int, n: int, where: tzinfo) -> None:
    """The n-th boundary has the anchor's day or the last of its month, and the anchor's time where the clock has it."""
    anchor = datetime.fromtimestamp(second, UTC)
    at = boundary(anchor, Duration(months=1), n, where).astimezone(where)
    start = anchor.astimezone(where)
    last = (plus_months(at.date().replace(day=1), 1) - timedelta(days=1)).day
    assert at.day == min(start.day, last)
    assert (at.year * 12 + at.month) - (start.year * 12 + start.month) == n
    assert abs(at.replace(tzinfo=None) - datetime.combine(at.date(), start.time())) <= timedelta(hours=1)


def test_midnights_and_months() -> None:
    """The midnight before an instant is at or before it; months begin on the first."""
    at = parse_instant("2026-02-28T15:30", PHNOM_PENH)
    assert rfc3339(midnight_before(at, PHNOM_PENH)) == "2026-02-27T17:00:00Z"
    assert rfc3339(month_start(at, 1, PHNOM_PENH)) == "2026-02-28T17:00:00Z"
    assert plus_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert plus_months(date(2024, 1, 31), 13) == date(2025, 2, 28)
