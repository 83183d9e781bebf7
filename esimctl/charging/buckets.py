"""One bucket of data, and the record of what was done to it (TM Forum's Bucket and BalanceAction)."""

from datetime import datetime

from esimctl.charging.rhythm import FOREVER
from esimctl.values.moments import rfc3339
from esimctl.values.record import record
from esimctl.values.toml import Toml
from esimctl.values.volume import Unlimited
from esimctl.values.windows import Window

BurnKey = tuple[int, datetime, bool, bool, datetime, str]


class Bucket:
    """Octets with a life of their own; `remaining` includes `reserved`; both are 0 where it is `unlimited`.

    granted + adjusted = used + sent + carried + forfeited + remaining, at every instant.
    """

    __slots__ = (
        "adjusted", "carried", "category", "closed_at", "contract", "end", "forfeited", "granted", "id", "key",
        "ordered", "priority", "promotional", "provisional", "purpose", "remaining", "reserved", "sent", "start",
        "status", "tie", "transferable", "unlimited", "used", "window",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        category: str,
        data: int | Unlimited,
        start: datetime,
        end: datetime,
        priority: int,
        *,
        promotional: bool = False,
        transferable: bool = False,
        window: Window | None = None,
        contract: bool = False,
        carried_first: bool = False,
        tie: str | None = None,
        purpose: str | None = None,
    ) -> None:
        self.id = name
        self.tie = tie or name
        self.category = category
        self.unlimited = isinstance(data, Unlimited)
        self.granted = self.remaining = 0 if isinstance(data, Unlimited) else data
        self.reserved = self.used = self.sent = self.carried = self.forfeited = self.adjusted = 0
        self.start, self.end, self.priority = start, end, priority
        self.promotional, self.transferable, self.window = promotional, transferable, window
        self.contract, self.purpose = contract, purpose
        self.status = "active"
        self.provisional = self.ordered = False
        self.closed_at = FOREVER
        self.key: BurnKey
        self.place(priority, carried_first)

    def place(self, priority: int, carried_first: bool = False) -> None:
        """Take a place in the burn order: priority, end, promotional, start, id; carried data wins a tie by expiry."""
        self.priority = priority
        self.key = (priority, self.end, not self.promotional, not carried_first, self.start, self.tie)

    @property
    def free(self) -> int:
        """What is left and not reserved; 0 where there is no number."""
        return 0 if self.unlimited else self.remaining - self.reserved

    def matters(self, now: datetime) -> bool:
        """Whether it counts as live: started and not ended, or waiting past its end with something left."""
        return self.end > now or self.unlimited or self.remaining > 0


def burn_key(bucket: Bucket) -> BurnKey:
    """The sort key of the burn order."""
    return bucket.key


@record
class Movement:
    """One change of a bucket or a line, part of the explanation; `amount` in octets, or minor units of money."""

    at: datetime
    reason: str
    bucket: str | None = None
    category: str | None = None
    amount: int | None = None
    before: int | None = None
    after: int | None = None
    other: str | None = None

    def as_json(self) -> dict[str, Toml]:
        """All fields under their names, the instant in RFC 3339."""
        fields = ("reason", "bucket", "category", "amount", "before", "after", "other")
        return {"at": rfc3339(self.at)} | {key: getattr(self, key) for key in fields}
