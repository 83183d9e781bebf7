"""Faults that can be armed: each strikes a given number of times, then never again.

Faults strike orders, in the places named below; `stale-usage` strikes readings.
"""

from typing import TYPE_CHECKING

from esimctl.errors import UsageError
from esimctl.values.sentence import Raw, commas, either
from esimctl.values.text import nearest

if TYPE_CHECKING:
    import sqlite3

#: kind → what happens to the next order or reading.
FAULTS = {
    "decline": "the payment is declined",
    "unreachable": "the operator cannot be reached, nothing is sent",
    "timeout-before": "no answer comes, the order was not executed",
    "timeout-after": "the order is executed, no answer comes",
    "error-500": "the order is executed, the answer is an internal error",
    "rate-limit": "too many requests, nothing is done",
    "malformed": "the order is executed, the answer cannot be read",
    "slow-activation": "the order is taken, the goods are ready 20 seconds later",
    "duplicate-charge": "the order is executed and charged twice",
    "out-of-stock": "the plan is out of stock",
    "stale-usage": "readings keep the figures and the time of now",
}

#: How long one purchase takes at most, with all its tries, in microseconds.
ONE_RUN = 90_000_000

#: The most that can be armed: a slip of the pen must not last for ever.
MOST_TIMES = 1000


def arm(database: "sqlite3.Connection", kind: str, times: int) -> None:
    """Arm a fault for the next `times` occasions; 0 disarms it. An unknown kind is a UsageError with the nearest."""
    if kind not in FAULTS:
        raise UsageError(
            "there is no fault {kind!r}",
            hint="did you mean {near}?" if nearest(kind, tuple(FAULTS)) else "faults: {known}",
            code="unknown_fault",
            kind=Raw(kind),
            near=either(nearest(kind, tuple(FAULTS))),
            known=commas(FAULTS),
        )
    if not 0 <= times <= MOST_TIMES:
        raise UsageError("a fault is armed for 0 to {most} times", code="bad_times", most=MOST_TIMES)
    (mark,) = database.execute("SELECT coalesce(max(number), 0) FROM event").fetchone()
    database.execute("INSERT OR REPLACE INTO fault (kind, times, mark) VALUES (?, ?, ?)", (kind, times, mark))


def strikes(database: "sqlite3.Connection", kind: str) -> bool:
    """Whether a fault is armed; if so, one of its times is used up."""
    return database.execute("UPDATE fault SET times = times - 1 WHERE kind = ? AND times > 0", (kind,)).rowcount == 1


def keeps_away(database: "sqlite3.Connection", key: str, now: int) -> bool:
    """Whether `unreachable` strikes this order: one of its times lasts for all tries of one order in one run."""
    row = database.execute("SELECT struck, struck_at FROM fault WHERE kind = 'unreachable'").fetchone()
    if row is not None and row[0] == key and 0 <= now - row[1] < ONE_RUN:
        return True
    struck = strikes(database, "unreachable")
    if struck:
        database.execute("UPDATE fault SET struck = ?, struck_at = ? WHERE kind = 'unreachable'", (key, now))
    return struck


def armed(database: "sqlite3.Connection") -> dict[str, int]:
    """The faults that will still strike, and how often."""
    rows = database.execute("SELECT kind, times FROM fault WHERE times > 0 ORDER BY kind").fetchall()
    return dict(rows)


def mark(database: "sqlite3.Connection", kind: str) -> int | None:
    """The number of the newest event when a fault was armed that still strikes, or None."""
    row = database.execute("SELECT mark FROM fault WHERE kind = ? AND times > 0", (kind,)).fetchone()
    return None if row is None else int(row[0])
