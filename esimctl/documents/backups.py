"""Documents about backups of a profile, and about uniting the copies of two machines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from esimctl.documents.document import Document, one_of
from esimctl.documents.orders import OrderKind, OrderWord
from esimctl.values.money import Money


class BackupDocument(Document, schema="backup"):
    """A profile in one file."""

    name: str
    path: str
    made_at: datetime
    entries: int
    files: int
    with_vault: bool


class MissingOrderRow(Document):
    """An order of replaced books that a restored profile does not know."""

    id: str
    kind: OrderKind
    line: str
    provider: str
    plan: str | None
    state: OrderWord
    charged: bool | Literal["unknown"]
    price: Money
    paid: Money | None
    created_at: datetime
    play_money: bool


class MissingSumRow(Document):
    """What such orders cost, by currency and kind of money."""

    money: Money
    orders: int
    play_money: bool


class WaitingValueRow(Document):
    """A value that came along and is not used before a person says that it may."""

    provider: str
    key: str
    value: str


class RestoreDocument(Document, schema="restore"):
    """A profile made from a backup. `kept` is the one that stood there, `taken` are its orders that came along."""

    name: str
    path: str
    made_at: datetime
    entries: int
    with_vault: bool
    must_reconcile: bool
    kept: str | None
    missing: Sequence[MissingOrderRow]
    taken: Sequence[str]
    missing_sums: Sequence[MissingSumRow]
    not_trusted: Sequence[WaitingValueRow]


class MergeDocument(Document, schema="merge"):
    """What came of a copy: entries taken, orders, tables of the profile, codes, and where rules run from now on."""

    name: str
    path: str
    source: str
    dry_run: bool
    nothing: bool
    common: int
    taken: int
    orders: Sequence[str]
    heads: int
    added: Sequence[str]
    disabled: Sequence[str]
    kept: Sequence[str]
    removed: Sequence[str]
    codes: Sequence[str]
    files: int
    moved_to: Sequence[str]
    machine: Annotated[str, one_of("this|another")] | None
    must_reconcile: bool
