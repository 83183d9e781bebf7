"""What exports hold beside orders: moves of money, dates and metrics, each said in the words of other tools."""

from datetime import date, datetime

from esimctl.values.money import Money
from esimctl.values.record import record


@record
class MoneyMove:
    """A payment, a refund or a charge of somebody else, as account books have it.

    `told` is false where the provider never told the payment and the price stands for it; `before` says that it came
    before the period.
    """

    move: str  #: payment, refund or foreign
    at: datetime
    date: date
    id: str | None
    kind: str
    provider_order: str | None
    provider: str
    method: str | None
    method_kind: str | None
    line: str | None
    plan: str | None
    reason: str | None
    imported: bool
    play: bool
    money: Money
    fee: Money | None = None
    told: bool = True
    before: bool = False


@record
class CalendarEvent:
    """What has a date. `keeps`: a renewal by then saves what would carry over; `day` where only a date is known.

    `sequence` and `stamp` change with the rest and with nothing else (`records.versions`).
    """

    kind: str
    line: str
    uid: str
    at: datetime
    day: date | None
    plan: str | None
    play: bool
    alarms: tuple[int, ...]  #: minutes before it
    octets: int | None = None
    keeps: bool = False
    order: str | None = None
    worked_out: bool = False
    sequence: int = 0
    stamp: datetime | None = None


@record
class MetricFamily:
    """A family of metrics: each sample is a pair of labels and a value as text."""

    name: str
    kind: str  #: gauge or counter
    help: str
    samples: list[tuple[dict[str, str], str]]
