"""Which purchase brought the octets of a bucket: the movements of a line's story are followed from grant to loss."""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from esimctl.charging.buckets import Movement


class PackShare(NamedTuple):
    """Octets [first, first + octets) of all that purchases of one plan have brought to a line, in order of time."""

    plan: str
    category: str
    first: int
    octets: int


class Origins:
    """What every bucket of a line holds, by the purchases that brought it; `take` wants the movements in their order.

    A bucket that no plan granted (found by a look) has no answer; a gift or bonus data has one: nothing was paid.
    """

    def __init__(self) -> None:
        self.since: dict[str, datetime] = {}  #: bucket → when it came
        self.used_from: dict[str, datetime] = {}  #: bucket → since when its octets could be used, carried ones as well
        self._given: dict[tuple[str, str], int] = {}
        self._held: dict[str, list[PackShare]] = {}
        self._extends = ""

    def take(self, move: "Movement") -> None:
        """One movement more."""
        if move.reason == "renewed-early-extend":
            self._extends = move.other or ""
        if move.bucket is None or (move.bucket in self.since and move.reason != "extended"):
            return
        self.since.setdefault(move.bucket, move.at)
        self.used_from.setdefault(move.bucket, move.at)
        octets, plan = move.amount or 0, self._extends if move.reason == "extended" else move.other
        if move.reason in ("granted", "extended") and plan:
            place = plan, move.category or "base"
            first = self._given.get(place, 0)
            self._given[place] = first + octets
            self._held.setdefault(move.bucket, []).append(PackShare(*place, first, octets))
        elif move.reason == "carried-in" and move.other is not None:
            self.used_from[move.bucket] = self.used_from.get(move.other, move.at)
            if move.other in self._held:
                self._held[move.bucket] = self._held.pop(move.other)
        elif move.reason == "gift-received":
            self._held[move.bucket] = []

    def lost(self, bucket: str, octets: int) -> tuple[PackShare, ...] | None:
        """The packs of octets that a bucket loses, the newest first; each is lost once."""
        held = self._held.get(bucket)
        if held is None:
            return None
        packs = cut(tuple(reversed(held)), octets) or ()
        for pack in packs:
            last = held.pop()
            if pack.octets < last.octets:
                held.append(last._replace(octets=last.octets - pack.octets))
        return packs


def cut(packs: tuple[PackShare, ...] | None, octets: int) -> tuple[PackShare, ...] | None:
    """The last so many octets of packs, the newest of which stands first."""
    found: list[PackShare] = []
    for pack in packs or ():
        part = min(octets, pack.octets)
        if part:
            found.append(pack._replace(first=pack.first + pack.octets - part, octets=part))
        octets -= part
    return None if packs is None else tuple(found)
