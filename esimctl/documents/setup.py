"""Documents about payment methods, providers, profiles and the program itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeAlias

from esimctl.documents.document import ABSENT, Absent, Document, Prose, one_of
from esimctl.values.money import Money

#: where credentials come from
CredentialSource: TypeAlias = Annotated[str, one_of("environment|key_command|systemd|keyring|file")]


class PaymentRow(Document):
    """A payment method: a name and a reference, never a number."""

    name: str
    kind: str
    provider: str | None
    reference: str | None
    default: bool
    removed: bool | Absent = ABSENT


class PaymentsDocument(Document, schema="payments"):
    """`payments list`."""

    payments: Sequence[PaymentRow]


class PaymentDocument(Document, schema="payment"):
    """What became of one."""

    payment: PaymentRow


class UntrustedValue(Document):
    """A value of a provider that came from elsewhere: it is not used before a person says that it may."""

    key: str
    value: str


class ProviderRow(Document):
    """A provider of the profile. `tier` is what it lets one find out after a lost answer."""

    name: str
    kind: str
    tier: Annotated[str, one_of("A|B|C|D")] | None
    about: Prose | None
    play_money: bool
    experimental: Prose | None
    credentials: CredentialSource | None
    needs_credentials: bool
    base_url: str | None
    not_trusted: Sequence[UntrustedValue]
    payment_methods: Sequence[str]
    lines: Sequence[str]
    removed: bool | Absent = ABSENT


class ProvidersDocument(Document, schema="providers"):
    """`providers list`."""

    providers: Sequence[ProviderRow]


class ProviderDocument(Document, schema="provider"):
    """What became of one."""

    provider: ProviderRow


class ProviderCheckRow(Document):
    """One answer of a provider."""

    provider: str
    name: str
    ok: bool
    detail: Prose
    fix: Prose | None
    balance: Money | None


class StrayLineRow(Document):
    """A line that a provider has and the profile has not, with the command that adopts it."""

    provider: str
    iccid: str
    plan: str | None
    adopt: str


class ProvidersCheckDocument(Document, schema="providers-check"):
    """Whether providers can be asked; `lines` where it was asked for them."""

    ok: bool
    checks: Sequence[ProviderCheckRow]
    lines: Sequence[StrayLineRow] | Absent = ABSENT


class ProfileRow(Document):
    """A profile of this home."""

    name: str
    active: bool
    exists: bool
    path: str
    rehearsal: bool


class ProfilesDocument(Document, schema="profiles"):
    """`profile list`."""

    profiles: Sequence[ProfileRow]


class ProfileDocument(Document, schema="profile"):
    """Where one is kept."""

    name: str
    path: str
    rehearsal: bool
    active: bool


class MessageDocument(Document, schema="message"):
    """A word that something was done; of a fault that was armed, which, and how many times it comes."""

    text: Prose
    fault: str | Absent = ABSENT
    times: int | Absent = ABSENT


class CheckRow(Document):
    """A check of `doctor`: a warning is still ok, `fix` is an exact command or an act."""

    name: str
    ok: bool
    status: Annotated[str, one_of("ok|warn|fail")]
    detail: Prose
    fix: Prose | None


class DoctorDocument(Document, schema="doctor"):
    """Every check."""

    as_of: datetime
    profile: str
    ok: bool
    checks: Sequence[CheckRow]


class SchemaRow(Document):
    """A document that `--json` gives."""

    name: str
    schema_id: str


class SchemasDocument(Document, schema="schemas"):
    """All of them."""

    schemas: Sequence[SchemaRow]


class SecondFactorPart(Document):
    """`uri` is the secret itself, shown once, when it is made; until `locked_until` no code is taken."""

    enrolled: bool
    pending: bool
    locked_until: datetime | None
    uri: str | None


class SecondFactorDocument(Document, schema="second-factor"):
    """`profile second-factor`."""

    second_factor: SecondFactorPart
