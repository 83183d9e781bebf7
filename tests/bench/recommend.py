"""How fast the search for the cheapest purchases is: `python -m tests.bench recommend`, by processor time.

500 plans over 365 days in at most a second, proven; and how that grows with days and with plans. Exit code 1 when the
limit is missed.
"""

import random
import sys
from time import process_time

from esimctl.charging.cover import Found, Pack, cheapest

LENGTHS = (1, 3, 5, 7, 10, 14, 15, 20, 28, 30, 60, 90, 180)
VOLUMES = (500, 1000, 2000, 3000, 5000, 8000, 10_000, 15_000, 20_000, 30_000, 50_000, 100_000)
NEED = 700  #: MB a day


def market(plans: int, seed: int) -> list[Pack]:
    """Plans as a market has them: more data costs less for a GB, and a longer life costs a little."""
    chance = random.Random(seed)
    found = []
    for _ in range(plans):
        length, units = chance.choice(LENGTHS), chance.choice(VOLUMES)
        price = int((30 + units**0.7 * 0.9 + length * 6) * chance.uniform(0.8, 1.6))

        def grants(day: int, length: int = length, units: int = units) -> tuple[tuple[int, int, int], ...]:
            return ((day, day + length, units),)

        found.append(Pack(price, grants, length=length))
    return found


def measure(plans: int, days: int, seed: int) -> tuple[float, Found]:
    """Seconds and the answer."""
    packs = market(plans, seed)
    begun = process_time()
    found = cheapest(packs, days, NEED)
    return process_time() - begun, found


def main() -> int:
    """Print every figure; 1 when the limit is missed."""
    for days in (45, 90, 180, 365):
        print(f"500 plans, {days:3} days: {max(measure(500, days, seed)[0] for seed in range(5)):6.3f} s")
    for plans in (60, 125, 250, 500, 1000):
        print(f"{plans:4} plans, 365 days: {max(measure(plans, 365, seed)[0] for seed in range(5)):6.3f} s")
    runs = [measure(500, 365, seed) for seed in range(10)]
    worst, proven = max(seconds for seconds, _ in runs), sum(found.proven for _, found in runs)
    held = worst <= 1.0 and proven == len(runs)
    verdict = "ok" if held else "MISSED"
    print(f"500 plans, 365 days: worst of ten {worst:.3f} s, limit 1.0; {proven} of 10 proven: {verdict}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
