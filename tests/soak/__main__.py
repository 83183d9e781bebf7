"""`python -m tests.soak [--days 60] [--seed 1] [--rate 0.05]`: the whole life of one rule, in a throw-away home.

`python -m tests.soak household [--days 730]`: two years of a household, against books of its own.
`python -m tests.soak seeded`: bugs that the household must notice.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import pytest

from tests.soak.household import Household
from tests.soak.life import Life
from tests.soak.seeded import BUGS, hunted


def main() -> int:
    """Print what it came to; 1 where money, data, alerts or renewals differ from what they must be."""
    given = argparse.ArgumentParser()
    given.add_argument("life", nargs="?", choices=("rule", "household", "seeded"), default="rule")
    given.add_argument("--days", type=int)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--rate", type=float)
    options = given.parse_args()
    shared = Path("/dev/shm")  # a life on a disk is mostly waiting for it
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        os.environ["ESIMCTL_HOME"] = f"{folder}/home"
        if options.life == "seeded":
            return seeded(folder)
        lived = household if options.life == "household" else rule
        return lived(options.days, options.seed, options.rate)


def rule(days: int | None, seed: int, rate: float | None) -> int:
    """One line and one rule, every five minutes."""
    begun, days = time.perf_counter(), days or 60
    found = Life(seed, 0.05 if rate is None else rate).run(days * 288)
    print(f"{days} days, {found.ticks} ticks in {time.perf_counter() - begun:.0f} s, seed {seed}")
    print(f"charged: model {found.model_cents}, ledger {found.ledger_cents}, operator {found.operator_cents} cents")
    print(f"attempts {found.attempts}, faults {found.faults}, exit codes {dict(sorted(found.codes.items()))}")
    print(f"orders of a second machine {found.strangers}, a person had to look {found.looks} times")
    print(f"alerts {found.alerts}, repeated {found.repeated}")
    same = found.model_cents == found.ledger_cents == found.operator_cents
    return 0 if same and not found.repeated else 1


def household(days: int | None, seed: int, rate: float | None) -> int:
    """Five lines and four rules, every morning."""
    begun = time.perf_counter()
    found = Household(seed, 0.08 if rate is None else rate).run(days or 730)
    print(f"{found.days} days, {found.runs} runs in {time.perf_counter() - begun:.0f} s, seed {seed}")
    print(f"{found.orders} orders for {found.cents} cents; what happened: {dict(sorted(found.seen.items()))}")
    print(f"differences {len(found.differences)}, missed renewals {len(found.missed)}")
    print(*found.differences[:20], *found.missed[:20], sep="\n")
    return 1 if found.differences or found.missed else 0


def seeded(folder: str) -> int:
    """Each bug in a home of its own; 1 where one is not noticed."""
    unnoticed = 0
    for name, bug in BUGS.items():
        os.environ["ESIMCTL_HOME"] = f"{folder}/{name}"
        with pytest.MonkeyPatch.context() as patch:
            found = hunted(bug, patch.setattr)
        said = [*found.differences, *found.missed]
        unnoticed += not said
        print(f"{name.replace('_', ' ')}: {said[0] if said else 'NOT NOTICED'}", flush=True)
    return 1 if unnoticed else 0


if __name__ == "__main__":
    raise SystemExit(main())
