"""Documents about lines: what they are, what is known of their carriers, how they are installed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from esimctl.documents.balance import LineStatus, RolloverHeldPart
from esimctl.documents.document import ABSENT, Absent, Document, Octets, Prose, one_of


class ActivationPart(Document):
    """How an eSIM is installed; masked unless it was asked for."""

    lpa: str | None
    iccid: str | None
    confirmation_code_required: bool
    apple_url: str | None
    android_url: str | None
    use_by: datetime | None


class TieRow(Document):
    """Another line whose data this one may use (`owner`), or that may use this one's (`member`)."""

    line: str
    role: Annotated[str, one_of("owner|member")]
    cap_bytes: Octets | None
    taken_bytes: Octets | None


class LineRow(Document):
    """A line as the profile has it, with what is left on it; of one that was removed, what the journal keeps."""

    id: str | Absent | None = ABSENT
    line: str
    provider: str
    carrier: str | None
    plan: str | None
    play_money: bool
    iccid: str | None
    msisdn: str | None
    order: str | None
    tags: Sequence[str]
    owner: str | None
    note: Prose | None
    open_orders: int
    ties: Sequence[TieRow]
    status: LineStatus | Absent = ABSENT
    expires_at: datetime | Absent | None = ABSENT
    used_bytes: Octets | Absent | None = ABSENT
    remaining_bytes: Octets | Absent | None = ABSENT
    restricted_bytes: Octets | Absent | None = ABSENT
    restricted_unlimited: bool | Absent = ABSENT
    unlimited: bool | Absent = ABSENT
    carry_if_renewed_bytes: Octets | Absent | None = ABSENT
    lost_anyway_bytes: Octets | Absent | None = ABSENT
    lost_if_not_bytes: Octets | Absent | None = ABSENT
    kept_anyway_bytes: Octets | Absent | None = ABSENT
    carried_until: datetime | Absent | None = ABSENT
    lost_anyway_at: datetime | Absent | None = ABSENT
    renew_by: datetime | Absent | None = ABSENT
    grace_until: datetime | Absent | None = ABSENT
    removed_at: datetime | Absent | None = ABSENT


class CarrierFactRow(Document):
    """What a source says of a carrier."""

    topic: str
    values: Sequence[str]
    note: Prose | None
    source: str
    as_of: date | None
    grade: str


class ContactRow(Document):
    """A code, number or page of a carrier; `tel` is what a phone's camera can dial."""

    purpose: Annotated[str, one_of("balance|topup|unsubscribe|number|registration|roaming|gift|share|call|website")]
    value: str
    tel: str | None
    note: Prose | None
    source: str
    as_of: date | None
    grade: str


class LinePart(LineRow):
    """One line in full."""

    activation: ActivationPart | Absent | None = ABSENT
    confirmation_code: str | Absent | None = ABSENT
    rollover: RolloverHeldPart | Absent = ABSENT
    carrier_facts: Sequence[CarrierFactRow] | Absent = ABSENT
    contacts: Sequence[ContactRow] | Absent = ABSENT
    prefix_guess: Sequence[str] | Absent | None = ABSENT
    receipt: str | Absent | None = ABSENT
    renamed_from: str | Absent = ABSENT
    removed: bool | Absent = ABSENT


class LinesDocument(Document, schema="lines"):
    """`lines list`."""

    lines: Sequence[LineRow]


class LineDocument(Document, schema="line"):
    """One of them, or what became of it."""

    line: LinePart


class LineScreen(LineDocument):
    """A line as a person is shown it: with every source where `sources` were asked for."""

    sources: bool


class QrDocument(Document, schema="qr"):
    """What a QR code says."""

    line: str
    activation: ActivationPart


class InstallDocument(Document, schema="install"):
    """An eSIM that was put onto a card."""

    line: str
    installed: bool
    iccid: str | None
    eid: str | None
    notified: bool


class InstallGuideDocument(Document, schema="install-guide"):
    """The steps on a phone, by name."""

    line: str
    on: Annotated[str, one_of("ios|android")]
    steps: Sequence[str]
    address: str
    matching_id: str
    activation: ActivationPart
