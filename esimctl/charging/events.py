"""What can happen to a line, as values. Instants are aware and in UTC, volumes are octets."""

from collections.abc import Mapping
from datetime import datetime

from esimctl.charging.terms import Terms
from esimctl.values.moments import Duration
from esimctl.values.money import Money
from esimctl.values.record import record
from esimctl.values.toml import Toml
from esimctl.values.volume import Unlimited


@record
class Purchase:
    """A plan is bought; it begins at once, at its installation or at first use, as its terms say."""

    at: datetime
    line: str
    terms: Terms


@record
class Install:
    """The eSIM is installed: a plan that waited for it begins."""

    at: datetime
    line: str


@record
class Renew:
    """A renewal is ordered now and effective at `completes` (default: now); `fails` means it comes to nothing then."""

    at: datetime
    line: str
    terms: Terms
    completes: datetime | None = None
    fails: bool = False


@record
class Topup:
    """A plan granted at once, and only once, beside what is there."""

    at: datetime
    line: str
    terms: Terms


@record
class Grant:
    """An explicit bucket that belongs to no plan; `start` defaults to the event's instant."""

    at: datetime
    line: str
    data: int | Unlimited
    category: str = "topup"
    id: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    priority: int | None = None
    promotional: bool = False
    transferable: bool = False


@record
class Credit:
    """Money on the main balance."""

    at: datetime
    line: str
    money: Money


@record
class Debit:
    """Something was paid for with the main balance."""

    at: datetime
    line: str
    money: Money


@record
class ObserveMoney:
    """The operator says what the main balance is."""

    at: datetime
    line: str
    money: Money


@record
class Use:
    """Data was used; `dated` is when, for a record that arrives only now."""

    at: datetime
    line: str
    octets: int
    dated: datetime | None = None


@record
class Gift:
    """Data goes to another line; the fee is paid in data by the originator or the receiver and is gone."""

    at: datetime
    line: str
    to: str
    octets: int
    fee: int = 0
    cost_owner: str = "originator"
    validity: Duration | None = None
    whatever_terms: bool = False  #: somebody says that it was done, although the terms give nothing away


@record
class Reserve:
    """Data is set aside: it stays in its buckets, and nothing else may use it."""

    at: datetime
    line: str
    octets: int


@record
class Release:
    """Reserved data is free again."""

    at: datetime
    line: str
    octets: int


@record
class Commit:
    """Reserved data was used."""

    at: datetime
    line: str
    octets: int


@record
class Observe:
    """The operator says how much is left in all; the difference becomes an adjustment."""

    at: datetime
    line: str
    octets: int


@record
class CarriedOver:
    """The operator says how much carried data there is in all: what the books hold beyond it was not carried."""

    at: datetime
    line: str
    octets: int


@record
class Share:
    """A line may use a pool, or another line's own data, from now on; `cap` in octets per period of the source."""

    at: datetime
    source: str
    line: str
    cap: int | Unlimited
    pool_first: bool = False


@record
class Leave:
    """A line uses a pool, or another line's data, no longer; what it took stays taken."""

    at: datetime
    source: str
    line: str


@record
class Restate:
    """From this instant the line's terms are known to be others: `changed` holds keys of their table.

    None, or a rollover of the mode none, drops a key.

    The running term follows them, and what waits or is queued behind it; earlier terms stand, also one that still
    runs beside it. `word` is whose word it is, `said` its name in the story.
    """

    at: datetime
    line: str
    changed: Mapping[str, Toml]
    said: str
    word: Mapping[str, Toml] | None = None


Event = (
    Purchase
    | Install
    | Renew
    | Topup
    | Grant
    | Credit
    | Debit
    | Use
    | Gift
    | Reserve
    | Release
    | Commit
    | Observe
    | ObserveMoney
    | CarriedOver
    | Share
    | Leave
    | Restate
)
