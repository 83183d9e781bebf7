"""How far forecasts are off: `python -m tests.bench forecast`, days left foretold against days that data really lasted.

Histories are generated, the future with them: with a weekly rhythm and without, quiet and noisy. The forecast must be
better than a flat mean where there is a rhythm, and not worse (by more than one part in a hundred) where there is none.
"""

import random
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from esimctl.charging.forecast import DatedStock, forecast
from esimctl.values.moments import zone

ZONE = zone("Asia/Phnom_Penh")
BEGIN = date(2026, 1, 5)
MB = 1_000_000
#: factors of Monday to Sunday
RHYTHMS = {
    "weekends": (0.6, 0.6, 0.6, 0.7, 1.0, 1.9, 1.6),
    "office": (1.4, 1.3, 1.4, 1.3, 1.2, 0.2, 0.2),
    "none": (1.0,) * 7,
}
LEEWAY = 1.01


class Score(NamedTuple):
    """Mean absolute error of the days left: of the forecast, and of a flat mean."""

    profile: float
    flat: float


def life(chance: random.Random, rhythm: tuple[float, ...], noise: float, days: int) -> list[int]:
    """Octets of so many days: a person's level, the weekday's factor, and a day's own mood."""
    level = chance.uniform(100, 900)
    moods = (chance.lognormvariate(-noise * noise / 2, noise) for _ in range(days))
    weekday = BEGIN.weekday()
    return [int(level * rhythm[(weekday + day) % 7] * mood * MB) for day, mood in enumerate(moods)]


def lasted(uses: list[int], left: int) -> float:
    """Days until so much is gone, use being even within a day."""
    for day, used in enumerate(uses):
        if used and left <= used:
            return day + left / used
        left -= used
    return float(len(uses))


def score(rhythm: tuple[float, ...], noise: float, lives: int, seed: int = 1) -> Score:
    """The errors over so many lives: 14 to 56 days of history, data for 3 to 12 days."""
    chance = random.Random(seed)
    errors: list[tuple[float, float]] = []
    for _ in range(lives):
        known = chance.randint(14, 56)
        uses = life(chance, rhythm, noise, known + 200)
        past, future = uses[:known], uses[known:]
        left = int(sum(past) / known * chance.uniform(3, 12))
        today = BEGIN + timedelta(days=known)
        now = datetime.combine(today, time(), ZONE).astimezone(UTC)
        history = {BEGIN + timedelta(days=day): used for day, used in enumerate(past)}
        told = forecast(history, [DatedStock("all", left)], now, ZONE, draws=0)
        assert told.runs_out_at is not None
        truth = lasted(future, left)
        flat = left * known / sum(past)
        errors.append((abs((told.runs_out_at - now) / timedelta(days=1) - truth), abs(flat - truth)))
    return Score(*(sum(column) / lives for column in zip(*errors, strict=True)))


def held(name: str, found: Score) -> bool:
    """What is asked for: better with a rhythm, not worse without one."""
    return found.profile < found.flat if name != "none" else found.profile <= found.flat * LEEWAY


def table(lives: int, say: Callable[[str], None] = print) -> bool:
    """Every rhythm at three levels of noise; whether all hold."""
    good = True
    for name, rhythm in RHYTHMS.items():
        for noise in (0.2, 0.4, 0.7):
            found = score(rhythm, noise, lives)
            ok = held(name, found)
            good = good and ok
            say(
                f"{name:9} noise {noise}: forecast {found.profile:.3f} days off, flat mean {found.flat:.3f}, "
                f"{found.profile / found.flat:.3f} of it: {'ok' if ok else 'MISSED'}"
            )
    return good


def main() -> int:
    """Print every figure; 1 when one is missed."""
    return 0 if table(1000) else 1


if __name__ == "__main__":
    sys.exit(main())
