"""What flowed through a line whose story is known: every movement of its data, from the engine that plays it."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from esimctl.records.report_flows import ENDED, MOMENT, Flows, Lost, UsedSpan
from esimctl.records.report_packs import Origins
from esimctl.usage.kept import MONEY

if TYPE_CHECKING:
    from esimctl.charging.balances import LineBalance
    from esimctl.charging.buckets import Movement

LOST = frozenset({"forfeited", "expired", "trimmed", "lapsed", "reset", "not-carried"})
USED = frozenset({"used", "committed", "out-of-bucket"})


def story_flows(balances: "Mapping[str, LineBalance]", name: str, looks: list[datetime] | None) -> Flows:
    """The flows of one line; `balances` holds those that are tied to it as well, by the names that movements have.

    `looks` are the instants at which somebody looked, in order, where use is known from nothing else: what an
    observation found gone was used since the one before it, evenly over the time in which its bucket was there, and of
    a bucket that ended without a look nobody knows what was used, carried or lost. None: every use is in the story.
    """
    flows = Flows()
    mine = [move for move in balances[name].movements if move.reason not in MONEY]
    if not mine:
        return flows
    flows.since, flows.until = mine[0].at, looks[-1] if looks else None
    flows.over = mine[-1].at if balances[name].status in ENDED else None
    reader = _Reader(flows, looks)
    for move in mine:
        reader.take(move)
    flows.carried += reader.cut(mine)
    for other, balance in balances.items():
        for move in balance.movements if other != name else ():
            if move.reason == "used" and move.other == name:
                flows.used.append(UsedSpan(move.at, move.at, move.amount or 0))
                flows.taken.append((move.at, move.amount or 0, other))
    return flows


class _Reader:
    """Puts movements into flows, in their order."""

    def __init__(self, flows: Flows, looks: list[datetime] | None) -> None:
        self.flows, self.looks = flows, looks
        self.origins = Origins()
        self.before = self.seen = flows.since
        self.unknown: set[str] = set()  #: buckets whose octets were carried without a look

    def take(self, move: "Movement") -> None:
        """One movement. What the model lost or carried is known only where somebody has looked at it."""
        self.origins.take(move)
        octets, bucket = move.amount or 0, move.bucket
        if move.reason == "observed":
            self.before, self.seen = self.seen, move.at
        elif move.reason in USED and move.other is None:
            self.flows.used.append(UsedSpan(move.at, move.at, octets))
        elif move.reason in ("observed-less", "observed-more") and bucket is not None:
            start = max(filter(None, (self.before, self.origins.used_from.get(bucket))), default=move.at)
            self.flows.used.append(UsedSpan(start, move.at, octets if move.reason == "observed-less" else -octets))
        elif move.reason == "carried-in" and bucket is not None:
            if self._looked(str(move.other), move.at):
                self.flows.carried.append((move.at, octets))
            else:
                self.unknown.add(bucket)
                self.flows.unsure.append(move.at)
        elif move.reason in LOST and octets and bucket is not None:
            self._lose(move, bucket, octets)

    def cut(self, moves: "Iterable[Movement]") -> "Iterator[tuple[datetime, int]]":
        """What is to be taken off what was carried, at its instant: a carry that failed, what a ceiling cut at once."""
        came: dict[str, datetime] = {}
        for move in moves:
            if move.bucket is None or move.bucket in self.unknown:
                continue
            if move.reason == "carried-in":
                came[move.bucket] = move.at
            elif move.reason == "not-carried" or (move.reason == "trimmed" and came.get(move.bucket) == move.at):
                yield came.get(move.bucket, move.at), -(move.amount or 0)

    def _lose(self, move: "Movement", bucket: str, octets: int) -> None:
        last = move.at - MOMENT
        looked = self._looked(bucket, move.at)
        packs = self.origins.lost(bucket, octets)
        self.flows.lost.append(Lost(last, last, octets if looked else None, packs))

    def _looked(self, bucket: str, end: datetime) -> bool:
        """Whether it is known what was left of a bucket when it ended; if not, its use since the last look is not."""
        if self.looks is None:
            return True
        since = self.origins.since.get(bucket, end)
        if since == end:  # cut as it came: what was looked at is the bucket that it came from
            since = self.origins.used_from.get(bucket, end)
        place = bisect_right(self.looks, end)
        last = self.looks[place - 1] if place else None
        if last is not None and since < last:
            return True
        self.flows.gaps.append((since if last is None else max(since, last), end))
        return False
