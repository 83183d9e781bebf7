"""What the fold remembers beside orders: readings, lines, rules, alerts, purchases of others, money spent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from esimctl.values.record import record


@record
class ReadingFact:
    """A reading of a line. `data` is the table as it was journalled; `read_at` is when it was true."""

    line: str
    read_at: datetime
    source: str  #: provider, sms, ussd, manual or modelled
    data: Mapping[str, Any]
    at: datetime
    seq: int


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
    changed: Mapping[str, Any]
    holds: Mapping[str, Any]
    at: datetime
    seq: int


@record
class LineFact:
    """A line that was born here, under its name or, once another line has that, under its identity.

    `data` is the whole `line.added` entry, the last one of a card that was removed and came back.
    """

    name: str
    provider: str
    added_at: datetime
    data: Mapping[str, Any]
    order: str | None = None
    removed_at: datetime | None = None
    id: str = ""  #: its identity, from its birth on
    once: str | None = None  #: the name that it had when it was removed, where another line has it now
    iccid: str | None = None
    earlier: tuple[Mapping[str, Any], ...] = ()  #: the entries before `data`, the first one first

    @property
    def births(self) -> tuple[Mapping[str, Any], ...]:
        """Every entry that told of its coming, the first one first."""
        return (*self.earlier, self.data)


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
    confirmed: Mapping[str, Any] | None = None  #: the last `rule.confirmed` entry
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
    last_decision: Mapping[str, Any] | None = None
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
    said: Mapping[str, Any] | None = None  #: the text as a template and its parameters


@record
class ForeignFact:
    """An order in the provider's books that was not made here."""

    provider: str
    provider_order: str
    at: datetime
    data: Mapping[str, Any]
    amount_minor: int | None = None
    currency: str | None = None
    acknowledged: bool = False
    play: bool = False  #: drawn on an account of play money


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
