"""The vendors' rate limits, kept by all processes of a profile together.

Each request takes the next free slot in every limit that it falls under; slots are noted in a shared file by the
monotonic clock, which all processes of a machine read alike. A note from before a restart of the machine is ignored.
"""

import json
import time
from collections.abc import Sequence
from typing import NamedTuple

from esimctl.malformed import Malformed, parsed
from esimctl.providers.keep import Drawer

MICRO = 1_000_000
MARGIN = 1.1  #: a window is kept this much longer: requests that leave apart can arrive close together
AHEAD = 3600 * MICRO  #: a slot further in the future than this is from before a restart
MOST_BUCKETS = 400


class Limit(NamedTuple):
    """At most `most` requests within `seconds`, for all that is named by `bucket`."""

    bucket: str
    most: int
    seconds: float


class Pacer:
    """Hands out slots. `name` is the file's name in the drawer."""

    def __init__(self, drawer: Drawer, name: str) -> None:
        self._drawer = drawer
        self._name = name

    def wait(self, limits: Sequence[Limit], seconds: float) -> bool:
        """Wait for the next slot; False, at once and with nothing taken, when it is more than `seconds` away."""
        if not limits:
            return True
        now = time.monotonic_ns() // 1000
        slot = now

        def take(before: bytes) -> bytes:
            nonlocal slot
            notes = _notes(before, now)
            slot = max(_free(notes.get(limit.bucket, []), limit, now) for limit in limits)
            if slot - now <= seconds * MICRO:
                for limit in limits:
                    notes[limit.bucket] = [*notes.get(limit.bucket, []), slot][-limit.most :]
            return json.dumps(notes, separators=(",", ":")).encode()

        self._drawer.change(self._name, take)
        if slot - now > seconds * MICRO:
            return False
        if slot > now:
            time.sleep((slot - now) / MICRO)
        return True


def _notes(data: bytes, now: int) -> dict[str, list[int]]:
    """The slots taken, by bucket; what makes no sense is forgotten, and so are buckets beyond a bound."""
    try:
        found = parsed(_taken, data, now)
    except Malformed:
        return {}
    recent = sorted(found, key=lambda bucket: max(found[bucket], default=0))[-MOST_BUCKETS:]
    return {bucket: found[bucket] for bucket in recent}


def _taken(data: bytes, now: int) -> dict[str, list[int]]:
    table = json.loads(data or b"{}")
    return {
        str(bucket): [int(slot) for slot in slots if 0 <= int(slot) < now + AHEAD] for bucket, slots in table.items()
    }


def _free(slots: Sequence[int], limit: Limit, now: int) -> int:
    """The next slot of one limit, in microseconds."""
    if len(slots) < limit.most:
        return now
    return max(now, sorted(slots)[-limit.most] + int(limit.seconds * MARGIN * MICRO))
