"""What a vendor's newest texts let its interface do, and what can happen on an account meanwhile: armed by name.

A face asks `"own-ids" in armed` where it answers; what needs no vendor's words (late rows, deposits, other people's
orders) is done by the counter and the server for all faces alike. Nothing is armed unless `make_face` is told to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

BEHAVIOURS: Mapping[str, str] = {
    "own-ids": "an answer carries a number of the vendor's own where ours is expected",
    "late-rows": "what was ordered stands in no list for some minutes",
    "no-deduplication": "an order that is sent again is another order",
    "newest-codes": "refusals come with the codes of the vendor's newest text; a repeated order is said to exist",
    "other-times": "a time is taken in another form only",
    "day-plans": "packs for a day each are on the shelf, ordered for a number of days",
    "deleted-profiles": "the profile of every eSIM in use was deleted from its device",
    "texts": "numbers are sent as texts, flags as 1 and 0",
    "discounts": "the price is a discount on the retail price, and no net price is told",
    "deposits": "credit is paid in right after an order",
    "plain-descriptions": "a top-up keeps the description that was sent with it",
    "object-lists": "a list comes as an object keyed by index",
    "others": "somebody else orders on the same account right after an order",
}
DEPOSIT = 2_000  #: cents


@dataclass(frozen=True, slots=True)
class Armed:
    """The behaviours of one face. `late` is for how long rows stay away; `deposit` is in cents."""

    names: frozenset[str] = frozenset()
    late: timedelta = timedelta(minutes=5)
    deposit: int = DEPOSIT

    def __post_init__(self) -> None:
        unknown = self.names - BEHAVIOURS.keys()
        if unknown:
            raise ValueError(f"no such behaviour: {', '.join(sorted(unknown))}")

    def __contains__(self, name: str) -> bool:
        return name in self.names

    @property
    def hidden(self) -> timedelta:
        """How old a row must be before a list shows it."""
        return self.late if "late-rows" in self.names else timedelta(0)


NOTHING = Armed()

__all__ = ["BEHAVIOURS", "NOTHING", "Armed"]
