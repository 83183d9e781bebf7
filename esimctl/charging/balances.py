"""The books as a person or a program may see them: frozen views of lines, pools and buckets at one instant."""

from datetime import datetime
from typing import Any

from esimctl.charging.buckets import Movement
from esimctl.values.moments import rfc3339
from esimctl.values.money import Money
from esimctl.values.record import record
from esimctl.values.volume import Unlimited


@record
class BucketView:
    """One live bucket; volumes in octets, `end` None for never."""

    id: str
    category: str
    usage_type: str
    granted: int | Unlimited
    used: int
    remaining: int | Unlimited
    reserved: int
    start: datetime
    end: datetime | None
    status: str
    window: str | None
    shared: bool
    provisional: bool
    promotional: bool
    transferable: bool
    purpose: str | None = None  #: the only thing that its data is good for (social); None: everything

    def as_json(self) -> dict[str, Any]:
        """The bucket of `esimctl.balance/1`; without a number `granted` and `remaining` are null."""
        endless = isinstance(self.remaining, Unlimited)
        return {
            "id": self.id,
            "category": self.category,
            "usage_type": self.usage_type,
            "granted": None if endless else self.granted,
            "remaining": None if endless else self.remaining,
            "reserved": self.reserved,
            "start": rfc3339(self.start),
            "end": None if self.end is None else rfc3339(self.end),
            "status": self.status,
            "window": self.window,
            "shared": self.shared,
            "provisional": self.provisional,
            "unlimited": endless,
        }


@record
class Totals:
    """Octets since the beginning; `held` is what is reserved past its bucket's end.

    granted + received + adjusted + from_unlimited = used + sent + fees + forfeited + remaining + held.
    """

    granted: int
    received: int
    adjusted: int
    used: int
    sent: int
    fees: int
    forfeited: int
    remaining: int
    held: int
    from_unlimited: int

    @property
    def balanced(self) -> bool:
        """Whether every octet is accounted for."""
        came = self.granted + self.received + self.adjusted + self.from_unlimited
        return came == self.used + self.sent + self.fees + self.forfeited + self.remaining + self.held


@record
class LineBalance:
    """One line at one instant: `granted` and `used` of its live buckets; the other counts are cumulative.

    `used` of a plan that grants nothing (pay per use) is what no bucket covered in its running period.
    """

    name: str
    status: str
    plan: str | None
    granted: int | Unlimited
    used: int
    remaining: int | Unlimited
    reserved: int
    available: int | Unlimited
    forfeited: int
    out_of_bucket: int
    charged: Money | None
    main_balance: Money | None
    throttled: bool
    buckets: tuple[BucketView, ...]
    term_end: datetime | None
    next_boundary: datetime | None
    use_by: datetime | None
    recycle_by: datetime | None
    refund_by: datetime | None
    sources: tuple[str, ...]
    totals: Totals
    movements: tuple[Movement, ...]
    ahead: tuple[BucketView, ...] = ()  #: what is there already and begins later, renewals that wait for their turn too

    @property
    def expires_at(self) -> datetime | None:
        """When the term ends with what is queued behind it, or the last bucket where there is no term."""
        return self.term_end

    def as_json(self) -> dict[str, Any]:
        """The line as far as the engine knows it, under the keys of `esimctl.balance/1`."""
        endless = isinstance(self.remaining, Unlimited)
        return {
            "line": self.name,
            "plan": self.plan,
            "status": self.status,
            "data": {
                "granted_bytes": None if isinstance(self.granted, Unlimited) else self.granted,
                "used_bytes": self.used,
                "remaining_bytes": None if endless else self.remaining,
                "reserved_bytes": self.reserved,
                "available_bytes": None if isinstance(self.available, Unlimited) else self.available,
                "unlimited": endless,
            },
            "main_balance": None if self.main_balance is None else self.main_balance.as_json(),
            "charged": None if self.charged is None else self.charged.as_json(),
            "expires_at": None if self.term_end is None else rfc3339(self.term_end),
            "throttled": self.throttled,
            "out_of_bucket_bytes": self.out_of_bucket,
            "forfeited_bytes": self.forfeited,
            "buckets": [bucket.as_json() for bucket in self.buckets],
        }


@record
class PoolBalance:
    """One pool at one instant; `used` is what each member took in this period."""

    name: str
    remaining: int | Unlimited
    available: int | Unlimited
    forfeited: int
    used: dict[str, int]
    buckets: tuple[BucketView, ...]
    term_end: datetime | None
    movements: tuple[Movement, ...]

    def as_json(self) -> dict[str, Any]:
        """The pool for `esimctl.simulation/1`."""
        return {
            "pool": self.name,
            "remaining_bytes": None if isinstance(self.remaining, Unlimited) else self.remaining,
            "unlimited": isinstance(self.remaining, Unlimited),
            "forfeited_bytes": self.forfeited,
            "used_bytes": self.used,
            "expires_at": None if self.term_end is None else rfc3339(self.term_end),
            "buckets": [bucket.as_json() for bucket in self.buckets],
        }
