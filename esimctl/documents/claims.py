"""Documents about what is said of carriers, plans, promotions and devices: by whom, since when, and what counts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, TypeAlias

from esimctl.documents.document import ABSENT, Absent, Anything, Document, Prose, one_of
from esimctl.documents.plans import Grade, RolloverWord

Confidence: TypeAlias = Annotated[str, one_of("high|medium|low")]


class FactRow(Document):
    """What a source says of a carrier on a topic."""

    topic: str
    values: Sequence[str]
    note: Prose | None
    source: Prose
    as_of: date | None
    retrieved: date | None
    grade: Annotated[str, one_of("own|V|S|U|article|example")]
    stale: bool


class CarrierRow(Document):
    """A carrier or travel brand; `names` by language, `roaming` where its lines roam in Cambodia."""

    id: str
    name: str
    names: Mapping[str, str]
    former: Sequence[str]
    aliases: Sequence[str]
    home_country: str | None
    roaming: bool
    facts: Sequence[FactRow]


class CarriersDocument(Document, schema="carriers"):
    """Carriers with what is known of them."""

    carriers: Sequence[CarrierRow]


class CarriersScreen(CarriersDocument):
    """Carriers as a person is shown them: with `sources` where they were asked for."""

    sources: bool


class ClaimRow(Document):
    """What a source says of a carrier's plans on a topic; `counts` where it is the one that counts."""

    id: str
    counts: bool
    value: Mapping[str, Anything]
    carrier: str
    plans: Sequence[str]
    kind: Annotated[str, one_of("person|operator|standard|regulator|news|community|article|testimony")]
    source: Prose
    as_of: date | None
    stale: bool
    confidence: Confidence
    rank: int
    note: Prose | None
    from_: date | None


class PolicyRow(Document):
    """What counts on a topic and why, and everybody's word."""

    topic: str
    effective: Mapping[str, Anything] | None
    claim: str | None
    disputed: bool
    against: int
    confidence: Confidence | None
    why: Annotated[str, one_of("nobody-says|embedded-operator|promises-less|own|plan-text|carrier-text|best-source")]
    word: RolloverWord | None
    claims: Sequence[ClaimRow]


class RestatedLine(Document):
    """What a person's word does to the rollover of a line, and since when."""

    line: str
    since: datetime
    before: RolloverWord
    after: RolloverWord


class PolicyDocument(Document, schema="policy"):
    """The claims on a carrier or a plan of it."""

    carrier: str
    plan: str | None
    policy: Sequence[PolicyRow]
    lines: Sequence[RestatedLine] | Absent = ABSENT


class PolicyScreen(PolicyDocument):
    """The claims as a person is shown them: with whom to `ask`, and every source where `sources` were asked for."""

    ask: Sequence[str]
    sources: bool


class PromotionEffect(Document):
    """The one thing that a promotion does; the keys beside `kind` are those of its kind."""

    kind: Annotated[str, one_of("multiply|add|free|percent|fixed|rollover")]
    times: int | Absent = ABSENT
    data: str | Absent = ABSENT
    term: str | Absent = ABSENT
    percent: int | Absent = ABSENT
    amount: str | Absent = ABSENT
    rollover: Mapping[str, Anything] | Absent = ABSENT


class PromotionRow(Document):
    """A promotion; `until` is the first day on which it is over, in its zone."""

    id: str
    name: Prose
    plans: Sequence[str]
    carriers: Sequence[str]
    from_: date
    until: date
    zone: str
    holds: bool
    eligible: Annotated[str, one_of("all|new|long")]
    orders: Sequence[Annotated[str, one_of("new|renew|topup")]]
    effect: PromotionEffect
    example: bool
    source: Prose
    grade: Grade
    seen: date | None
    retrieved: date | None
    as_of: date
    stale: bool


class PromotionsDocument(Document, schema="promotions"):
    """Promotions."""

    promotions: Sequence[PromotionRow]


class DevicePart(Document):
    """Whether a device takes an eSIM, why, and how to make sure."""

    model: str
    answer: Annotated[str, one_of("yes|no|check-on-device")]
    reason: Prose
    kind: Annotated[str, one_of("phone|tablet|watch")] | None
    source: Prose | None
    as_of: date | None
    grade: Annotated[str, one_of("V|S|U|own")] | None
    eid: str | None
    check: Prose


class DeviceDocument(Document, schema="device"):
    """The answer on a device."""

    device: DevicePart
