"""Documents of the automatic top-up: rules, what a run decided, ordered and told, and the log of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeAlias

from esimctl.documents.alerts import AlertRow
from esimctl.documents.document import ABSENT, Absent, Document, Octets, Prose, one_of
from esimctl.documents.orders import CounterStepRow, OrderRow
from esimctl.values.money import Money
from esimctl.values.sentence import Sentence

#: `would_topup` in a rehearsal alone
DecisionWord: TypeAlias = Annotated[str, one_of("skip|ask|remind|would_topup|topup")]
SchedulerWord: TypeAlias = Annotated[str, one_of("cron|systemd|launchd")]


class TriggerPart(Document):
    """What sets a rule off: one of its three kinds, what belongs to the others is null."""

    kind: Annotated[str, one_of("threshold|before_expiry|schedule")]
    below_bytes: Octets | None
    below_amount: Money | None
    before_expiry: str | None
    every: Annotated[str, one_of("weekly|fortnightly|monthly")] | None
    from_: datetime | None


class BuysPart(Document):
    """What a rule buys: one of the four."""

    plan: str | None
    amount: Money | None
    target_bytes: Octets | None
    target_amount: Money | None


class RaisedPart(Document):
    """Limits that still count in place of ones that were raised more than twofold, which count `from` then on."""

    from_: datetime
    max_price: Money | None
    max_per_day: Money | None
    max_per_month: Money | None
    max_count: int | None
    max_unattended: int | None


class LastDecisionPart(Document):
    """The last decision that differed from the one before."""

    at: datetime
    decision: DecisionWord
    reason: str
    order: str | None
    explanation: Prose | None
    said: Sentence | None


class RuleRow(Document):
    """A rule: what it may do, how it stands, what it did last."""

    rule: str
    line: str
    status: Annotated[str, one_of("active|disabled|unconfirmed|paused|suspended|terminated|removed")]
    does: Annotated[str, one_of("buys|asks|reminds")]
    trigger: TriggerPart
    buys: BuysPart
    pay: Sequence[str]
    max_price: Money
    max_per_day: Money | None
    max_per_month: Money
    max_count: int | None
    max_unattended: int
    floor: Money | None
    raised: RaisedPart | None
    cooldown: str | None
    until: datetime | None
    ask: bool
    remind: Sequence[str]
    spent_this_month: Money | None
    orders_this_month: int
    play_money: bool
    failures: int
    suspended_reason: str | None
    confirmed_at: datetime | None
    last_order_at: datetime | None
    next_due: datetime | None
    last_decision: LastDecisionPart | None


class RunByPart(Document):
    """What goes through the rules: the schedulers of this machine, and those that may, but cannot be asked.

    Neither: nothing here does. `machine` is where the rules run, null where nobody chose one; `every_minutes` is how
    often cron runs them.
    """

    kinds: Sequence[SchedulerWord]
    last_run: datetime | None
    command: str
    unknown: Sequence[SchedulerWord] | Absent = ABSENT
    machine: Annotated[str, one_of("this|another")] | Absent | None = ABSENT
    every_minutes: int | Absent = ABSENT


class RulesDocument(Document, schema="autotopup"):
    """`autotopup show` and whatever changes a rule."""

    rules: Sequence[RuleRow]
    dry_run: bool | Absent = ABSENT
    run_by: RunByPart | Absent = ABSENT


class LogRow(Document):
    """What happened to a rule, or was told."""

    at: datetime
    kind: Annotated[str, one_of("confirmed|disabled|paused|resumed|suspended|decision|alert")]
    rule: str | None
    line: str | None
    decision: DecisionWord | None
    reason: str | None
    order: str | None
    explanation: Prose | None
    said: Sentence | None


class LogDocument(Document, schema="autotopup-log"):
    """`autotopup log`, oldest first."""

    log: Sequence[LogRow]


class DecidedRow(Document):
    """What a run decided on a rule, `row` of its table; of `remind` also how its owner buys, and what to say then."""

    rule: str
    line: str
    decision: DecisionWord
    reason: str
    order: str | None
    would_charge: Money | None
    row: str | None
    explanation: Prose | None
    said: Sentence | None
    way: Sequence[CounterStepRow] | Absent = ABSENT
    command: str | Absent = ABSENT


class RunDocument(Document, schema="autotopup-run"):
    """A run. Every decision of a rehearsal, or of `--verbose`, is worth a line to a person."""

    decisions: Sequence[DecidedRow]
    orders: Sequence[OrderRow]
    alerts: Sequence[AlertRow]
    resolved: Sequence[AlertRow]
    dry_run: bool | Absent = ABSENT
    verbose: bool | Absent = ABSENT
