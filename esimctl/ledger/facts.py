"""What the fold remembers beside orders: readings, lines, rules, alerts, purchases of others, money spent."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from esimctl.ledger.said import (
    flag,
    inner,
    instant,
    instant_or_none,
    money_or_none,
    number,
    number_or_none,
    tables,
    text,
    text_or_none,
)
from esimctl.values.money import Money
from esimctl.values.record import record
from esimctl.values.toml import Toml


@record
class ReadingFact:
    """A reading of a line. `data` is the table as it was journalled; `read_at` is when it was true.

    What the table says is read from it when somebody asks: of most readings that are kept nobody does. A figure that
    it does not state is None.
    """

    line: str
    read_at: datetime
    source: str  #: provider, sms, ussd, manual or modelled
    data: Mapping[str, Toml]
    at: datetime
    seq: int

    @property
    def status(self) -> str | None:
        """The state of the plan, as whoever was asked says it."""
        return text_or_none(self.data, "status")

    @property
    def plan(self) -> str | None:
        """The plan that runs."""
        return text_or_none(self.data, "plan")

    @property
    def remaining_bytes(self) -> int | None:
        """Octets that are left."""
        return number_or_none(self.data, "remaining_bytes")

    @property
    def granted_bytes(self) -> int | None:
        """Octets that were given in all."""
        return number_or_none(self.data, "granted_bytes")

    @property
    def out_of_bucket_bytes(self) -> int | None:
        """Octets that were used beyond every bucket."""
        return number_or_none(self.data, "out_of_bucket_bytes")

    @property
    def forfeited_bytes(self) -> int | None:
        """Octets that were lost unused."""
        return number_or_none(self.data, "forfeited_bytes")

    @property
    def used_bytes(self) -> int | None:
        """Octets that were used."""
        return number_or_none(self.data, "used_bytes")

    @property
    def carried_bytes(self) -> int | None:
        """Octets that the operator carried over from the term before."""
        return number_or_none(self.data, "carried_bytes")

    @property
    def voice_seconds(self) -> int | None:
        """Call time that is left."""
        return number_or_none(self.data, "voice_seconds")

    @property
    def unlimited(self) -> bool:
        """The line's data has no end."""
        return flag(self.data, "unlimited")

    @property
    def main_balance(self) -> Money | None:
        """The line's own money."""
        return money_or_none(self.data, "main_balance")

    @property
    def charged(self) -> Money | None:
        """What was charged for use that no bucket covered, since the line began."""
        return money_or_none(self.data, "charged")

    @property
    def bonus(self) -> Money | None:
        """Money beside the main balance that pays for some things alone."""
        return money_or_none(self.data, "bonus")

    @property
    def bonus_expires_at(self) -> datetime | None:
        """When the bonus is gone."""
        return instant_or_none(self.data, "bonus_expires_at")

    @property
    def expires_at(self) -> datetime | None:
        """When the plan ends."""
        return instant_or_none(self.data, "expires_at")

    @property
    def expires_day(self) -> bool:
        """Only the day of that end was stated, not its hour."""
        return flag(self.data, "expires_day")

    @property
    def buckets(self) -> Sequence[Mapping[str, Toml]]:
        """The buckets, each without what is unknown of it."""
        return tables(self.data, "buckets")

    @property
    def digest(self) -> str | None:
        """Of the text that a person pasted: the same one again is no other reading."""
        return text_or_none(self.data, "digest")

    @property
    def text(self) -> str | None:
        """That text."""
        return text_or_none(self.data, "text")

    @property
    def pattern(self) -> str | None:
        """The pattern that read it."""
        return text_or_none(self.data, "pattern")

    @property
    def understood(self) -> bool:
        """Any figure was found in it."""
        return "understood" not in self.data or flag(self.data, "understood")


@record
class AdjustFact:
    """Octets added to (or taken from) a modelled line, with the reason."""

    line: str
    octets: int
    reason: str
    at: datetime
    seq: int


@record
class TieFact:
    """Two lines have to do with each other: `tie` is shared, unshared, gifted; `octets` a cap or the gift.

    `claim` is the person's own word that allowed it against the terms of the plan.
    """

    tie: str
    line: str
    to: str
    at: datetime
    seq: int
    octets: int | None = None
    claim: str | None = None


@record
class RestatedFact:
    """From `since` on the terms of a line are others: `changed` are keys of their table (one that is dropped is empty).

    `holds` says whose word its rollover is now, `claim` is the one that came or went.
    """

    line: str
    since: datetime
    claim: str
    changed: Mapping[str, Toml]
    holds: Mapping[str, Toml]
    at: datetime
    seq: int


@record
class Birth:
    """An entry that told of a line's coming: the only one, or the first of a card that came back."""

    entry: Mapping[str, Toml]

    @property
    def seq(self) -> int:
        """Where it stands in the journal."""
        return number(self.entry, "seq")

    @property
    def at(self) -> datetime:
        """When it was written."""
        return instant(self.entry, "at")

    @property
    def started(self) -> datetime | None:
        """When the term began that the line came with, where somebody said so."""
        return instant_or_none(self.entry, "started")

    @property
    def since(self) -> datetime:
        """When that term began: as it was told, else when that was written."""
        return self.started or self.at

    @property
    def line(self) -> str:
        """The name that the line had then."""
        return text(self.entry, "line")

    @property
    def order(self) -> str | None:
        """The order that brought it."""
        return text_or_none(self.entry, "order")

    @property
    def plan(self) -> str | None:
        """The plan that it came with."""
        return text_or_none(self.entry, "plan")

    @property
    def terms(self) -> Mapping[str, Toml] | None:
        """The terms of that plan, as they were then."""
        return inner(self.entry, "terms")

    @property
    def holds(self) -> Mapping[str, Toml] | None:
        """Whose word the rollover in those terms is."""
        return inner(self.entry, "holds")


@record
class LineFact:
    """A line that was born here, under its name or, once another line has that, under its identity.

    `data` is the whole `line.added` entry, the last one of a card that was removed and came back.
    """

    name: str
    provider: str
    added_at: datetime
    data: Mapping[str, Toml]
    order: str | None = None
    removed_at: datetime | None = None
    id: str = ""  #: its identity, from its birth on
    once: str | None = None  #: the name that it had when it was removed, where another line has it now
    iccid: str | None = None
    earlier: tuple[Mapping[str, Toml], ...] = ()  #: the entries before `data`, the first one first

    @property
    def births(self) -> tuple[Birth, ...]:
        """Every entry that told of its coming, the first one first."""
        return (*map(Birth, self.earlier), Birth(self.data))

    @property
    def born(self) -> datetime:
        """When its first term began; when it came, where nobody said so."""
        return self.births[0].started or self.added_at

    @property
    def carrier(self) -> str | None:
        """Whose network it is of, as it was told last."""
        return text_or_none(self.data, "carrier")

    @property
    def plan(self) -> str | None:
        """The plan that it came with last."""
        return text_or_none(self.data, "plan")

    @property
    def begun(self) -> datetime:
        """When the term began that it came with last; when it came, where nobody said so."""
        return instant_or_none(self.data, "started") or self.added_at


@record
class Spend:
    """Money that counts against limits: a settled order, net of its refund, or an order of somebody else."""

    at: datetime
    minor: int
    currency: str
    source: str  #: person, rule:<name> or foreign
    provider: str
    line: str | None = None
    order: str | None = None
    play: bool = False  #: play money, which counts against play money alone
    true_at: datetime | None = None  #: when it counts at the latest, where `at` is what a wrong clock stated


@record
class RuleFact:
    """What happened to a rule. `failures` counts definite refusals since the last success or resumption."""

    name: str
    confirmed: Mapping[str, Toml] | None = None  #: the last `rule.confirmed` entry
    confirmed_at: datetime | None = None
    disabled_at: datetime | None = None
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    suspended_at: datetime | None = None
    suspended_reason: str | None = None
    last_attempt_at: datetime | None = None
    last_settled_at: datetime | None = None
    last_failed_at: datetime | None = None
    failures: int = 0
    generation: int = 0  #: orders of this rule that came to an end
    last_decision: Mapping[str, Toml] | None = None
    resumed_at: datetime | None = None  #: a person looked at it and let it go on
    line: str | None = None  #: the line for which it was confirmed, as the ledger keeps that now

    @property
    def enabled(self) -> bool:
        """Confirmed by a person and not disabled since."""
        return self.confirmed is not None and self.disabled_at is None


@record
class AlertFact:
    """An alert that was fired, by its key."""

    key: str
    alert: str
    alert_class: str
    first_at: datetime
    last_at: datetime
    count: int
    text: str
    line: str | None = None
    rule: str | None = None
    resolved: bool = False
    said: Mapping[str, Toml] | None = None  #: the text as a template and its parameters


@record
class ForeignFact:
    """An order in the provider's books that was not made here."""

    provider: str
    provider_order: str
    at: datetime
    data: Mapping[str, Toml]
    amount_minor: int | None = None
    currency: str | None = None
    acknowledged: bool = False
    play: bool = False  #: drawn on an account of play money

    @property
    def reason(self) -> str | None:
        """What kind of stranger it is."""
        return text_or_none(self.data, "reason")

    @property
    def order(self) -> str | None:
        """The order of ours that it has to do with."""
        return text_or_none(self.data, "order")

    @property
    def kind(self) -> str | None:
        """What was bought, as the provider's list tells."""
        return text_or_none(self.data, "their_kind")

    @property
    def plan(self) -> str | None:
        """The plan that was bought."""
        return text_or_none(self.data, "plan")

    @property
    def iccid(self) -> str | None:
        """The profile that it was bought for."""
        return text_or_none(self.data, "iccid")

    @property
    def ordered_at(self) -> datetime | None:
        """When it was ordered, by the provider's list."""
        return instant_or_none(self.data, "ordered_at")

    @property
    def postings(self) -> Sequence[Mapping[str, Toml]]:
        """What it moved in the books."""
        return tables(self.data, "postings")

    @property
    def told(self) -> dict[str, Toml]:
        """What its entry says beside its place and its postings, for a later entry on the same order."""
        return {key: value for key, value in self.data.items() if key not in {"seq", "at", "postings"}}


@record
class AttachedFact:
    """A file that a person keeps with an order: its name, its SHA-256 and how many octets it has."""

    order: str
    file: str
    sha256: str
    size: int
    at: datetime
    note: str | None = None


@record
class AssertionFact:
    """The last comparison of a provider's balance with the books."""

    provider: str
    balance_minor: int
    currency: str
    ok: bool
    at: datetime
    expected_minor: int | None = None
