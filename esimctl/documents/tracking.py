"""Documents about KHQR codes and shared data."""

from datetime import datetime
from typing import Annotated

from esimctl.documents.document import Document, Octets, one_of
from esimctl.values.money import Money


class PayeePart(Document):
    """Whom a code pays."""

    name: str
    city: str
    account: str
    merchant_id: str | None
    bank: str | None
    name_km: str | None
    city_km: str | None


class KhqrPart(Document):
    """A seller's code; `md5` is the bank's name for its payment."""

    state: Annotated[str, one_of("shown")]
    payee: PayeePart
    amount: Money | None
    currency: Annotated[str, one_of("KHR|USD")]
    bill: str | None
    purpose: str | None
    dynamic: bool
    created_at: datetime | None
    expires_at: datetime | None
    md5: str
    payload: str
    confirmed_by: str | None
    reference: str | None


class KhqrDocument(Document, schema="khqr"):
    """A code that was looked at."""

    khqr: KhqrPart


class SharingPart(Document):
    """What became of data between two lines."""

    what: Annotated[str, one_of("shared|unshared|gifted")]
    line: str
    with_: str
    bytes: Octets | None


class SharingDocument(Document, schema="sharing"):
    """Data that was shared, is shared no more, or was given away."""

    sharing: SharingPart
