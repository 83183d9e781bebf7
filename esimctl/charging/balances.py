"""The books as a person or a program may see them: frozen views of lines, pools and buckets at one instant."""

from datetime import datetime

from esimctl.charging.buckets import Movement
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
