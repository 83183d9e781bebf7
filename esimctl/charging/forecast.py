"""When data runs out, and what will be wasted: simple, defensible methods in whole numbers (the forecasting table).

Under three days of history nothing is foretold; up to thirteen the flat mean; from fourteen on each weekday's own mean
of the last four weeks, as far as the weekdays differ by more than chance: what looks like a rhythm and is none would
make the forecast worse than a flat mean. The range is the 10th to 90th percentile of days drawn again, the same on
every machine.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from fractions import Fraction

from esimctl.charging.rhythm import FOREVER
from esimctl.values.moments import to_utc
from esimctl.values.record import field, record

LEAST_DAYS, PROFILE_DAYS, RECENT = 3, 14, timedelta(days=28)
#: How far back the level goes to which weekdays without a rhythm are drawn.
LEVEL = 2 * RECENT
#: How many times the variance within weekdays that between them must be before it is taken for a rhythm.
CLEAR = Fraction(2)
#: How far a forecast looks, and how many lives are drawn for its range.
HORIZON_DAYS, DRAWS = 400, 200

#: (how many times the even pace, over how long, and over how short a time): both windows of a row must exceed it.
BURN_ALERTS = (
    (Fraction(72, 5), timedelta(hours=1), timedelta(minutes=5)),
    (Fraction(6), timedelta(hours=6), timedelta(minutes=30)),
    (Fraction(1), timedelta(days=3), timedelta(hours=2)),
)


@record
class DatedStock:
    """A bucket as the forecast sees it, in burn order with others: octets left and when they end (None: never)."""

    id: str
    remaining: int
    end: datetime | None = None
    start: datetime | None = None


@record
class Forecast:
    """When the data runs out (None: `reason` says why), its range, and what each bucket will waste in octets."""

    method: str
    days_of_history: int
    runs_out_at: datetime | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    waste: Mapping[str, int] = field(default_factory=dict)
    reason: str | None = None
    leftover: int | None = None  #: octets still there when the term ends, before any lapse or carry over (R-50)
    means: Mapping[int, int] = field(default_factory=dict)  #: weekday (0 is Monday) → octets expected of a day


def pace(used: int, granted: int, elapsed: timedelta, period: timedelta) -> Fraction | None:
    """How many times the even pace data is being used: above 1 it runs out early; None where nothing can be said."""
    if granted <= 0 or elapsed < _TICK or period < _TICK:
        return None
    return Fraction(used, granted) / Fraction(elapsed // _TICK, period // _TICK)


def paced_exhaustion(start: datetime, period: timedelta, burn: Fraction | None) -> datetime | None:
    """When data runs out at that pace; None where nothing is used."""
    if burn is None or burn <= 0:
        return None
    ticks = Fraction(period // _TICK) / burn
    return start + _TICK * int(ticks) if ticks < 10**15 else None


def burning_fast(
    uses: Sequence[tuple[datetime, int]], now: datetime, granted: int, period: timedelta
) -> timedelta | None:
    """The window in which data is being used abnormally fast, the shortest first; None while all is well."""
    for factor, long, short in BURN_ALERTS:
        if all(_exceeds(uses, now, window, factor, granted, period) for window in (long, short)):
            return long
    return None


def _exceeds(
    uses: Sequence[tuple[datetime, int]],
    now: datetime,
    window: timedelta,
    factor: Fraction,
    granted: int,
    period: timedelta,
) -> bool:
    used = sum(octets for at, octets in uses if now - window < at <= now)
    return used * (period // _TICK) > factor * granted * (window // _TICK)


def forecast(
    history: Mapping[date, int],
    buckets: Sequence[DatedStock],
    now: datetime,
    zone: tzinfo,
    term_end: datetime | None = None,
    draws: int = DRAWS,
) -> Forecast:
    """Foretell from the octets of whole past days (local dates, 0 without use) and buckets in burn order.

    `term_end` asks for what is left then; without `draws` there is no range.
    """
    days = len(history)
    if days < LEAST_DAYS:
        return Forecast("none", days, reason="fewer than three days of history")
    method = "weekday-profile" if days >= PROFILE_DAYS else "flat-mean"
    groups = _groups(history, method)
    if not any(any(group) for group in groups.values()):
        walk = _walk(buckets, now, zone, lambda _: Fraction(0), term_end)
        return Forecast(method, days, waste=walk.waste, reason="no use seen", leftover=walk.leftover)
    sure = _rhythm(groups) if method == "weekday-profile" else Fraction(0)
    level = _level(history)
    means = {
        weekday: level + sure * (Fraction(sum(group), len(group)) - level) if sure else level
        for weekday, group in groups.items()
    }
    expected = _walk(buckets, now, zone, lambda day: means[day.weekday()], term_end)
    if sure < 1:
        groups = _mixed(groups, sure)
    earliest, latest = _range(groups, buckets, now, zone, draws) if draws else (None, None)
    reason = None if expected.empty_at is not None else "lasts until it ends"
    whole = {weekday: int(mean) for weekday, mean in means.items()}
    return Forecast(method, days, expected.empty_at, earliest, latest, expected.waste, reason, expected.leftover, whole)


_TICK = timedelta(seconds=1)


def _groups(history: Mapping[date, int], method: str) -> dict[int, list[int]]:
    """The days that speak for each weekday: all of them, or the same weekday of the last four weeks."""
    everything = [history[day] for day in sorted(history)]
    if method == "flat-mean":
        return dict.fromkeys(range(7), everything)
    newest = max(history)
    groups: dict[int, list[int]] = {weekday: [] for weekday in range(7)}
    for day in sorted(history):
        if newest - day < RECENT:
            groups[day.weekday()].append(history[day])
    return {weekday: group or everything for weekday, group in groups.items()}


def _level(history: Mapping[date, int]) -> Fraction:
    """Octets of a day, by the last eight weeks."""
    newest = max(history)
    recent = [octets for day, octets in history.items() if newest - day < LEVEL]
    return Fraction(sum(recent), len(recent))


def _rhythm(groups: Mapping[int, list[int]]) -> Fraction:
    """How sure it is that weekdays differ, 0 to 1: what of their variance is more than days of one weekday have.

    Analysis of variance: the mean square between weekdays against that within them; nothing below CLEAR.
    """
    every = [octets for group in groups.values() for octets in group]
    centre = Fraction(sum(every), len(every))
    apart = len(every) - len(groups)
    means = {weekday: Fraction(sum(group), len(group)) for weekday, group in groups.items()}
    between = within = Fraction(0)
    for weekday, group in groups.items():
        between += len(group) * (means[weekday] - centre) * (means[weekday] - centre)
        within += sum(((octets - means[weekday]) * (octets - means[weekday]) for octets in group), Fraction(0))
    between /= len(groups) - 1
    if not within:
        return Fraction(1 if between else 0)
    ratio = between * apart / within
    return 1 - 1 / ratio if ratio > CLEAR else Fraction(0)


def _mixed(groups: Mapping[int, list[int]], sure: Fraction) -> dict[int, list[int]]:
    """Days to draw from: a weekday's own, and all others as far as the rhythm is not sure."""
    every = [octets for group in groups.values() for octets in group]
    if not sure:
        return dict.fromkeys(groups, every)
    mixed = {}
    for weekday, group in groups.items():
        weight = round(sure / (1 - sure) * len(every) / len(group))
        mixed[weekday] = every + group * max(weight, 1)
    return mixed


@record
class _DepletionWalk:
    empty_at: datetime | None
    waste: dict[str, int]
    leftover: int | None = None


def _walk(
    buckets: Sequence[DatedStock],
    now: datetime,
    zone: tzinfo,
    use_of: Callable[[date], Fraction],
    mark: datetime | None = None,
) -> _DepletionWalk:
    """Go day by day, use what is expected in burn order, and note when all is gone, what ends unused, and what is left
    at the instant `mark`.
    """
    left = {stock.id: Fraction(stock.remaining) for stock in buckets}
    waste: dict[str, int] = {}
    over: int | None = None
    for begin, end, day in _stretches(buckets, now, zone, mark):
        usable = [one for one in buckets if (one.start or begin) <= begin < (one.end or FOREVER)]
        whole = use_of(day) * Fraction((end - begin) // _TICK, 86_400)
        want = whole
        for one in usable:
            part = min(left[one.id], want)
            left[one.id] -= part
            want -= part
        waiting = any(one.start is not None and one.start > begin for one in buckets)
        if want > 0 and not waiting:
            empty_at = begin + _TICK * int((whole - want) / whole * ((end - begin) // _TICK))
            return _DepletionWalk(empty_at, waste, 0 if over is None and mark is not None else over)
        if end == mark:
            over = int(sum(left[one.id] for one in usable))
        for one in usable:
            if one.end is not None and one.end <= end:
                waste[one.id] = int(left[one.id])
                left[one.id] = Fraction(0)
    return _DepletionWalk(None, waste, over)


def _stretches(
    buckets: Sequence[DatedStock], now: datetime, zone: tzinfo, mark: datetime | None = None
) -> Iterator[tuple[datetime, datetime, date]]:
    """From now on: local days, cut where a bucket begins or ends (and at `mark`), until the last one ends."""
    last = max((one.end or FOREVER for one in buckets), default=now)
    turns = {turn for one in buckets for turn in (one.start, one.end, mark) if turn is not None and turn > now}
    begin, day = now, now.astimezone(zone).date()
    for _ in range(HORIZON_DAYS):
        midnight = to_utc(datetime.combine(day + timedelta(days=1), time()), zone)
        for end in sorted({*(turn for turn in turns if begin < turn < midnight), midnight}):
            if begin >= last:
                return
            yield begin, end, day
            begin = end
        day += timedelta(days=1)


def _range(
    groups: Mapping[int, list[int]], buckets: Sequence[DatedStock], now: datetime, zone: tzinfo, draws: int
) -> tuple[datetime | None, datetime | None]:
    """The 10th and the 90th percentile of the end over lives whose days are drawn from the past; None: it may last."""
    numbers = _numbers()
    ends: list[datetime] = []
    for _ in range(draws):
        drawn: dict[date, Fraction] = {}

        def draw(day: date, drawn: dict[date, Fraction] = drawn) -> Fraction:
            if day not in drawn:
                group = groups[day.weekday()]
                drawn[day] = Fraction(group[next(numbers) % len(group)])
            return drawn[day]

        ends.append(_walk(buckets, now, zone, draw).empty_at or FOREVER)
    ends.sort()
    low, high = ends[draws // 10], ends[draws - 1 - draws // 10]
    return None if low is FOREVER else low, None if high is FOREVER else high


def _numbers() -> Iterator[int]:
    """A fixed row of well mixed numbers (a 64-bit linear congruence, its high bits)."""
    state = 0x9E3779B97F4A7C15
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield state >> 33
