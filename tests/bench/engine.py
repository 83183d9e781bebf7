"""How fast the charging engine is: `python -m tests.bench.engine`, not part of the suite because it measures time.

A million usage events over a thousand lines and a year on one core; the same doubled, which must not take more than
2.2 times as long; and one line with 100 000 grants and 1 000 events. Exit code 1 when a limit is missed.
"""

import gc
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import process_time

from esimctl.charging.engine import Engine
from esimctl.charging.events import Event, Topup, Use
from esimctl.charging.setup import LineSetup, Setup
from esimctl.charging.terms import terms_from_table
from esimctl.values.moments import zone

START = datetime(2026, 1, 31, tzinfo=UTC)
ZONE = zone("Asia/Phnom_Penh")
MONTHLY = terms_from_table(
    "m10",
    {
        "data": "10GB",
        "term": "1 month",
        "rollover": {"mode": "carry", "validity": "3 months", "max": "15GB"},
        "bonus": {"data": "1GB", "term": "15 days"},
    },
)
PACK = terms_from_table("pack", {"data": "100MB", "term": "90 days", "category": "topup"})


def fleet(events: int, lines: int = 1000) -> tuple[Setup, list[Event]]:
    """Lines that renew themselves, and usage spread evenly over them and over a year."""
    names = [f"line{number}" for number in range(lines)]
    setup = Setup(ZONE, START, {name: LineSetup(MONTHLY, auto_renew=True) for name in names})
    step = timedelta(days=365) / events
    size = 120_000_000_000 * lines // events
    return setup, [Use(START + step * number, names[number % lines], size + number % 7) for number in range(events)]


def hoard(grants: int = 100_000, uses: int = 1_000) -> tuple[Setup, list[Event]]:
    """One line that buys a hundred packs for every time it uses data."""
    events: list[Event] = []
    each = grants // uses
    for number in range(uses):
        at = START + timedelta(hours=number)
        events += [Topup(at, "a", PACK) for _ in range(each)]
        events.append(Use(at, "a", 350_000_000))
    return Setup(ZONE, START, {"a": LineSetup()}), events


def measure(make: Callable[[], tuple[Setup, list[Event]]], journal: bool) -> float:
    """Seconds of the processor from the first event to the last balance."""
    setup, events = make()
    gc.collect()
    begun = process_time()
    engine = Engine(setup, journal=journal)
    for event in events:
        engine.apply(event)
    engine.advance(START + timedelta(days=366))
    for balance in engine.state().lines():
        if not balance.totals.balanced:
            raise SystemExit(f"{balance.name} is not balanced: {balance.totals}")
    return process_time() - begun


def main() -> int:
    """Print every figure with its limit; 1 when one is missed."""
    million = measure(lambda: fleet(1_000_000), journal=False)
    double = measure(lambda: fleet(2_000_000), journal=False)
    told = measure(lambda: fleet(1_000_000), journal=True)
    one = measure(hoard, journal=False)
    figures = [
        ("1 000 000 events, 1000 lines, a year", million, 20.0),
        ("the same with a journal", told, 20.0),
        ("twice the events, times", double / million, 2.2),
        ("100 000 grants and 1 000 events on a line", one, 2.0),
    ]
    for name, seconds, limit in figures:
        print(f"{name:45} {seconds:8.2f}   limit {limit:6.2f}   {'ok' if seconds <= limit else 'MISSED'}")
    return 0 if all(seconds <= limit for _, seconds, limit in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
