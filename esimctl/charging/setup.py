"""How the books of some lines begin."""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from esimctl.charging.events import Grant
from esimctl.charging.policies import RolloverPolicy
from esimctl.charging.terms import Terms
from esimctl.values.moments import Duration
from esimctl.values.money import Money
from esimctl.values.record import field, record
from esimctl.values.volume import Unlimited


@record
class LineSetup:
    """How a line begins: perhaps with a plan, money and explicit buckets (grants whose line name is not looked at)."""

    terms: Terms | None = None
    auto_renew: bool = False
    main_balance: Money | None = None
    buckets: tuple[Grant, ...] = ()


@record
class PoolSetup:
    """A shared bucket: octets, members with their caps per period, and how long it lives or how it renews itself."""

    data: int | Unlimited
    members: Mapping[str, int | Unlimited]
    strategy: str = "mine-first"
    start: datetime | None = None
    end: datetime | None = None
    term: Duration | None = None
    auto_renew: bool = False
    rollover: RolloverPolicy | None = None


@record
class Setup:
    """Where everything begins: zone of the calendar, first instant, lines and pools by name."""

    zone: tzinfo
    start: datetime
    lines: Mapping[str, LineSetup]
    pools: Mapping[str, PoolSetup] = field(default_factory=dict)
    volume_base: int = 1000
