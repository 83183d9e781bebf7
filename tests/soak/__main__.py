"""`python -m tests.soak [--days 60] [--seed 1] [--rate 0.05]`: the whole life, in a throw-away home."""

import argparse
import os
import tempfile
import time
from pathlib import Path

from tests.soak.life import Life


def main() -> int:
    """Print what it came to; 1 where money or alerts differ from what they must be."""
    given = argparse.ArgumentParser()
    given.add_argument("--days", type=int, default=60)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--rate", type=float, default=0.05)
    options = given.parse_args()
    shared = Path("/dev/shm")  # a life on a disk is mostly waiting for it
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        os.environ["ESIMCTL_HOME"] = f"{folder}/home"
        begun = time.perf_counter()
        found = Life(options.seed, options.rate).run(options.days * 288)
    print(f"{options.days} days, {found.ticks} ticks in {time.perf_counter() - begun:.0f} s, seed {options.seed}")
    print(f"charged: model {found.model_cents}, ledger {found.ledger_cents}, operator {found.operator_cents} cents")
    print(f"attempts {found.attempts}, faults {found.faults}, exit codes {dict(sorted(found.codes.items()))}")
    print(f"orders of a second machine {found.strangers}, a person had to look {found.looks} times")
    print(f"alerts {found.alerts}, repeated {found.repeated}")
    same = found.model_cents == found.ledger_cents == found.operator_cents
    return 0 if same and not found.repeated else 1


if __name__ == "__main__":
    raise SystemExit(main())
