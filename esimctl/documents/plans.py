"""Documents about plans: what can be bought."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, TypeAlias

from esimctl.documents.document import Anything, Document, Octets, Prose, Seconds, one_of
from esimctl.values.money import Money

Grade: TypeAlias = Annotated[str, one_of("V|S|U|own|example")]
CountedRollover: TypeAlias = Annotated[str, one_of("carry|none|promo-only|not-applicable|unknown")]
RolloverWord: TypeAlias = Annotated[str, one_of("carry|none|disputed|promo-only|not-applicable|unknown")]


class PlanRow(Document):
    """What can be bought, by the terms that a purchase today would be kept with."""

    id: str
    carrier: str | None
    name: Prose
    countries: Sequence[str]
    price: Money | None
    data_bytes: Octets | None
    unlimited: bool
    validity: str | None
    clock: Annotated[str, one_of("anchor|hours24|calendar-day|calendar-month")] | None
    billing: Annotated[str, one_of("prepaid-pack|pay-as-you-go|shared-pack")]
    rollover: RolloverWord
    rollover_counted: CountedRollover
    rollover_claim: str | None
    rollover_by: (
        Annotated[str, one_of("person|operator|standard|regulator|news|community|article|testimony|example")] | None
    )
    overage: Annotated[str, one_of("block|throttle|charge")] | None
    shareable: bool | None
    promotions: Sequence[str]
    provider: str
    source: Prose | None
    grade: Grade
    seen: date | None
    retrieved: date | None
    as_of: date | None
    stale: bool
    allowance: Annotated[str, one_of("none|limited|fair-use|unlimited|unknown")]
    kind: Annotated[str, one_of("base|topup")]
    category: Annotated[str, one_of("base|topup|addon|promo|window|emergency")]
    period: str | None
    period_bytes: Octets | None
    voice_seconds: Seconds | None
    audience: Annotated[str, one_of("tourist|resident|business|student|family")] | None
    price_per_gb: Money | None
    price_per_day: Money | None
    example: bool
    dial: str | None
    notes: Sequence[Prose]


class PlanInFull(PlanRow):
    """A plan with the table of its terms."""

    terms: Mapping[str, Anything]


class PlansDocument(Document, schema="plans"):
    """The plans on offer."""

    plans: Sequence[PlanRow]


class PlansScreen(PlansDocument):
    """The plans as a person is shown them: how many `played` ones are left out, which nobody sells."""

    played: int


class PlanDocument(Document, schema="plan"):
    """One plan."""

    plan: PlanInFull


class PlanScreen(PlanDocument):
    """A plan as a person is shown it: with `sources` where they were asked for."""

    sources: bool
