"""How long `autotopup run` takes over many lines with nothing due: `python -m tests.bench.autotopup [LINES]`.

The lines are real ones of the embedded operator, each with a rule that a person confirmed. The first run reads every
balance; the limit of one second is for the runs after it, of which there are 288 a day.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

LIMIT = 1.0  #: seconds
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def prepare(lines: int) -> None:
    """A profile with so many lines, rules and readings, written the way the commands write them, only at once."""
    from esimctl.autotopup.rule import digest
    from esimctl.profile.books import open_books
    from esimctl.providers.protocol import Reading, ReadingBucket
    from esimctl.purchase.opening import open_profile
    from esimctl.usage.last_reading import reading_table

    session = open_profile(None, os.environ)
    names = [f"line-{number:04d}" for number in range(lines)]
    table = {
        "below": "500MB", "plan": "demo-topup-2gb", "pay": ["sandbox-card"], "max_price": "2.00 USD",
        "max_per_month": "6.00 USD", "enabled": True,
    }  # fmt: skip
    bucket = ReadingBucket("base-1", "base", "data", 90 * 10**9, 60 * 10**9, NOW, datetime(2026, 12, 20, 2, tzinfo=UTC))
    reading = Reading(
        NOW, "active", granted_bytes=90 * 10**9, used_bytes=30 * 10**9, remaining_bytes=60 * 10**9,
        expires_at=datetime(2026, 12, 20, 2, tzinfo=UTC), buckets=(bucket,), plan="smart-5g-30d",
    )  # fmt: skip
    with open_books(session, "bench") as books:

        def change(doc: "object") -> None:
            doc["line"] = {name: {"provider": "sandbox", "carrier": "smart", "plan": "smart-5g-30d"} for name in names}  # type: ignore[index]
            doc["rule"] = {name: {"line": name, **table} for name in names}  # type: ignore[index]

        session.store.profile.edit(change)
        session.forget()
        entries = []
        for name in names:
            whole = session.section("rule")[name]
            entries.append(
                {
                    "kind": "rule.confirmed", "rule": name, "line": name, "limit_minor": 600, "limit_currency": "USD",
                    "digest": digest(name, whole, session.store.seed()),
                }
            )  # fmt: skip
            entries.append(
                {"kind": "reading", "line": name, "read_at": NOW, "source": "provider", "data": reading_table(reading)}
            )
        books.write(*entries)


def measure(lines: int, rounds: int = 7) -> list[tuple[float, float]]:
    """Seconds on the wall and of the processor of each run in a process of its own, start included."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(ESIMCTL_HOME=str(Path(folder) / "home"), ESIMCTL_NOW=NOW.isoformat())
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once, not in every run
        prepare(lines)
        taken = []
        for _ in range(rounds + 1):
            begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(
                [sys.executable, "-m", "esimctl", "autotopup", "run"], capture_output=True, check=False
            )
            wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
            taken.append((wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
            assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), done
        return taken


def main() -> int:
    """Print the figures; 1 when the median of the runs with nothing to write is above the limit."""
    lines = int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else 1000
    first, *others = measure(lines)
    walls, busy = [wall for wall, _ in others], [processor for _, processor in others]
    print(
        f"{lines} lines: first run {first[0]:.2f} s, then median {median(walls):.2f} s, slowest {max(walls):.2f} s; "
        f"of the processor median {median(busy):.2f} s, least {min(busy):.2f} s"
    )
    return 0 if median(walls) <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
