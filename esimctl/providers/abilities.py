"""What only some providers can do, as protocols of their own: asked for with isinstance, never by name."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from esimctl.charging.balances import LineBalance
from esimctl.errors import EsimctlError
from esimctl.providers.protocol import Answer, Goods, LineRef, Outcome, Reading, Request
from esimctl.values.money import Money

if TYPE_CHECKING:
    from esimctl.values.toml import Toml


@runtime_checkable
class Restocks(Protocol):
    """Keeps a copy of its price list, which can be fetched anew."""

    def restock(self, now: datetime, *, deadline: float = 30.0) -> object:
        """Fetch the list and keep the copy."""


@runtime_checkable
class ReadsMany(Protocol):
    """Can be asked about many lines at a time."""

    def readings(
        self,
        lines: Sequence[LineRef],
        now: datetime,
        *,
        deadline: float = 60.0,
        progress: Callable[[int, int], None] | None = None,
    ) -> Mapping[str, Reading | EsimctlError]:
        """Readings by the line's name; a line that could not be read has its failure there, an unknown one nothing."""


@runtime_checkable
class OnWord(Protocol):
    """Books a person's word: nobody is asked, and the answer follows from the request alone."""

    def word(self, request: Request) -> Answer:
        """What `send` answers to this request, at any time again."""


@runtime_checkable
class TellsCodes(Protocol):
    """Tells the activation code of a line again, also of one that was bought elsewhere."""

    def goods(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Goods | None:
        """The eSIM with its code; None where it is not there (yet, or any more)."""


@runtime_checkable
class Cancels(Protocol):
    """Takes an unused line back."""

    def cancel(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Outcome:
        """SETTLED when the money is back, ACCEPTED when it was asked for, REFUSED when it is not possible."""


@runtime_checkable
class AsksWhy(Protocol):
    """Takes a line back only for a reason out of its own list, which the person states and nobody assumes."""

    refund_reasons: tuple[str, ...]
    reasons_with_note: frozenset[str]  #: those that need words of the person's own beside them

    def cancel(
        self, line: LineRef, now: datetime, *, deadline: float = 30.0, reason: str, note: str | None = None
    ) -> Outcome:
        """As of those that do not ask."""


@runtime_checkable
class TellsMovements(Protocol):
    """Lists what moved the account's credit."""

    def movements(self, since: datetime, now: datetime, *, deadline: float = 30.0) -> tuple[Money, ...] | None:
        """Every movement since then, charges negative; None where the list cannot be had for this account."""


@runtime_checkable
class Restates(Protocol):
    """Lets a person say what a line's terms really are, and works out anew what follows from it."""

    def restate(self, line: LineRef, changed: "Mapping[str, Toml]", said: str, since: datetime, now: datetime) -> None:
        """From an instant on the terms are others: `changed` holds keys of their table."""

    def term_begin(self, line: LineRef, now: datetime) -> datetime | None:
        """When the line's present term began; None without one."""


@runtime_checkable
class Shares(Protocol):
    """Lets lines share and give data. ICCIDs name lines; what is not possible is Refused."""

    def share(self, iccid: str, member: str, cap: int | None, now: datetime) -> None:
        """Another line may use this line's data from now on; `cap` in octets a period."""

    def unshare(self, iccid: str, member: str, now: datetime) -> None:
        """End that."""

    def gift(self, iccid: str, to: str, octets: int, now: datetime, *, key: str) -> str:
        """Give octets away, once for each key; returns the provider's number of it."""


@runtime_checkable
class TellsCharge(Protocol):
    """Says in its list of orders, not in its answer to one, what an order cost."""

    tells_charge: bool


@runtime_checkable
class CountsFiner(Protocol):
    """Has prices of parts of a cent: a difference of two balances in whole cents is the price within one cent."""

    def finer(self, plan: str) -> bool:
        """Whether the price of a plan is no whole number of minor units."""


@runtime_checkable
class CountsLate(Protocol):
    """Counts use with a delay, so that what is left is less than its figures say."""

    usage_lag: timedelta  #: at most


@runtime_checkable
class Checks(Protocol):
    """Can say whether its account works without spending anything."""

    def clock_skew(self) -> float | None:
        """Seconds by which the provider's clock stood before ours in its last answer; None before the first."""


@runtime_checkable
class KeepsStories(Protocol):
    """Has everything that ever happened to its lines in a file of this machine: reading it asks nobody."""

    def stories(
        self, lines: Sequence[LineRef], now: datetime, *, deadline: float = 5.0
    ) -> tuple[datetime, Mapping[str, tuple[str, Mapping[str, LineBalance]]]]:
        """(up to when it has heard, line's name → (its ICCID, ICCID → books of it and of all tied to it)).

        A line that it does not know is not there.
        """


@runtime_checkable
class TellsUses(Protocol):
    """Has a record of each use of a line, not only sums of them."""

    def uses(
        self, line: LineRef, now: datetime, *, deadline: float = 30.0
    ) -> tuple[datetime, Sequence[tuple[datetime, int]]] | None:
        """(since when there are records, each use up to now as its instant and octets); None without records."""
