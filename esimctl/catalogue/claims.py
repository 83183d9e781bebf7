"""Claims on what carriers do, who makes them, and which one counts (requirements, section 11: policy as data).

The person's own word counts first, then a carrier's dated text for the plan, its dated text, its undated texts, the
regulator, news, community lists, articles, and last what users are said to say. Of equals that differ the one that
promises less counts, and the topic is disputed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

from esimctl.catalogue import renamed, shipped
from esimctl.catalogue.plan import Plan, validity_days
from esimctl.catalogue.plans import DEMO
from esimctl.catalogue.topics import TOPICS, Value, listed, read_value
from esimctl.values.record import record, replace
from esimctl.values.tables import Table
from esimctl.values.toml import table_at, text_at

SOURCES = ("person", "operator", "standard", "regulator", "news", "community", "article", "testimony")
KINDS = ("monthly", "short", "long", "payg", "family", "window", "tourist", "promotional", "roaming", "topup")
ORDINARY = frozenset({"monthly", "short"})
CONFIDENCE = {"person": "high", "operator": "high", "standard": "high", "regulator": "high", "news": "medium"}
STALE_AFTER_DAYS = 180
TERMS = "terms:"  #: begins the id of what a plan's own terms say

#: The kind of source that a row's terms are a claim of, by the row's grade; a demo row claims nothing.
BY_GRADE = {"own": "person", "V": "operator", "S": "community", "U": "testimony"}


@record
class PlanNames:
    """The words by which claims may name a plan: its ids, today's and those that were given up, and its kinds."""

    ids: frozenset[str]
    kinds: frozenset[str]

    @classmethod
    def of(cls, plan: Plan) -> "PlanNames":
        """Those of a plan."""
        return cls(renamed.every("plan", plan.id), kinds_of(plan))


@record
class Claim:
    """What a source says of a carrier's plans (`plans` are ids or kinds, none is all) on one topic."""

    id: str
    carrier: str
    plans: tuple[str, ...]
    topic: str
    value: Value
    kind: str
    source: str
    as_of: date | None
    retrieved: date | None
    note: str | None = None
    since: date | None = None  #: the first day on which it counts; None: always

    @property
    def confidence(self) -> str:
        """high, medium or low, by the kind of source and whether it is dated."""
        found = CONFIDENCE.get(self.kind, "low")
        return "medium" if found == "high" and self.as_of is None and self.kind != "person" else found

    def speaks_of(self, carrier: str, plan: "PlanNames | None") -> bool:
        """Whether it is about that plan of the carrier (without a plan: about the carrier in any way)."""
        if carrier == DEMO and self.kind != "person":  # what is said of carriers is said of real ones
            return False
        if plan is not None and not plan.ids.isdisjoint(self.plans):
            return True  # also of a plan that once bore another carrier's name
        return self.carrier in ("*", carrier) and (
            plan is None or not self.plans or not plan.kinds.isdisjoint(self.plans)
        )

    def rank(self, plan: Plan | None) -> int:
        """Where it stands; smaller counts more."""
        if self.kind == "person":
            return 0
        if self.kind in ("operator", "standard"):
            own = plan is not None and plan.id in self.plans
            return (1 if own else 2) if self.as_of is not None else (3 if own else 4)
        return 5 + SOURCES.index(self.kind)

    def weight(self, plan: Plan | None) -> tuple[int, int]:
        """`rank`, with the person's words apart: on the plan itself, in a row of their own, and in general."""
        if self.kind != "person" or (plan is not None and plan.id in self.plans and not self.of_terms):
            return self.rank(plan), 0
        return 0, 1 if self.of_terms else 2

    @property
    def of_terms(self) -> bool:
        """Whether it is what a plan's row says, and nobody's separate word."""
        return self.id.startswith(TERMS)

    def stale(self, today: date) -> bool:
        """Whether it is undated or older than 180 days."""
        return self.as_of is None or (today - self.as_of).days > STALE_AFTER_DAYS


@record
class ClaimInForce:
    """Which claim counts on a topic and with which value; `disputed` by equals, `against` are all that differ.

    A value without a claim is what the embedded operator does by the terms of a demo row.
    """

    topic: str
    claims: tuple[Claim, ...]
    effective: Claim | None
    value: Value | None
    disputed: bool
    against: int


def kinds_of(plan: Plan) -> frozenset[str]:
    """The words for a plan that claims may use."""
    days, terms = validity_days(plan), plan.terms
    found = {
        "payg": plan.billing == "pay-as-you-go",
        "family": plan.billing == "shared-pack",
        "window": "window" in terms,
        "tourist": plan.audience == "tourist",
        "promotional": bool(terms.get("promotional")),
        "roaming": len(plan.countries) > 1,
        "topup": plan.kind == "topup",
    }
    if days is not None and not found["payg"]:
        monthly = "month" in str(terms.get("term", "")) or terms.get("period") == "1 month"
        found |= {"long": days >= 90, "monthly": monthly and days < 90, "short": days < 90 and not monthly}
    return frozenset(word for word, holds in found.items() if holds)


def decide(claims: Iterable[Claim], topic: str, carrier: str, plan: Plan | None = None) -> ClaimInForce:
    """Which of all claims counts for a topic. The same claims give the same answer in any order."""
    names = None if plan is None else PlanNames.of(plan)
    about = [claim for claim in claims if claim.topic == topic and claim.speaks_of(carrier, names)]
    if topic == "rollover" and names is not None and "payg" in names.kinds:
        about = [claim for claim in about if claim.kind == "person" or claim.value["mode"] == "not-applicable"]
    if not about and topic == "rollover" and plan is not None and plan.example:
        return ClaimInForce(topic, (), None, _stated(plan), False, 0)
    weigh = TOPICS[topic]
    about.sort(key=lambda claim: (claim.weight(plan), weigh.promise(claim.value), claim.id))
    if plan is None:  # what is said of a few kinds only says nothing of the carrier as long as something else does
        apart = [claim for claim in about if claim.plans and not set(claim.plans) & ORDINARY]
        about = [claim for claim in about if claim not in apart] + apart
        if len(apart) < len(about):
            return replace(_verdict(topic, about[: len(about) - len(apart)], plan), claims=tuple(about))
    return _verdict(topic, about, plan)


def _verdict(topic: str, about: Sequence[Claim], plan: Plan | None) -> ClaimInForce:
    """What follows from claims in their order."""
    weigh = TOPICS[topic]
    if not about:
        return ClaimInForce(topic, (), None, None, False, 0)
    first = about[0]
    equals = [claim for claim in about if claim.weight(plan) == first.weight(plan)]
    if weigh.joins:
        joined = {key: sorted({item for one in equals for item in listed(one.value, key)}) for key in first.value}
        return ClaimInForce(topic, tuple(about), first, joined, False, 0)
    differing = [claim for claim in about if dict(claim.value) != dict(first.value)]
    disputed = any(dict(claim.value) != dict(first.value) for claim in equals)
    return ClaimInForce(topic, tuple(about), first, first.value, disputed, len(differing))


def terms_claim(plan: Plan) -> Claim | None:
    """What a row's terms say about rollover, with its own grade and date; None where they do not mention it.

    The terms of a demo row are what the embedded operator does, and a claim of nobody.
    """
    kind = BY_GRADE.get(plan.grade)
    if "rollover" not in plan.terms or kind is None:
        return None
    value = _stated(plan)
    as_of = None if plan.as_of is None else date.fromisoformat(plan.as_of)
    read = as_of if plan.retrieved is None else date.fromisoformat(plan.retrieved)
    return Claim(f"{TERMS}{plan.id}", plan.carrier, (plan.id,), "rollover", value, kind, plan.source, as_of, read)


def _stated(plan: Plan) -> Value:
    """What a plan's terms say of rollover, as the value of a claim."""
    if plan.billing == "pay-as-you-go":
        return {"mode": "not-applicable"}
    table = table_at(plan.terms, "rollover")
    keys = ("validity", "max", "max_percent", "condition", "on_lapse")
    shown = {key: value for key in keys if isinstance(value := table.get(key), str | int)}
    return {"mode": text_at(table, "mode") or "none", **shown}


def shipped_claims() -> tuple[Claim, ...]:
    """The claims that come with the package."""
    return _shipped()


def read_claim(name: str, row: Table, *, own: bool = False) -> Claim:
    """One row, read strictly; `own` makes it the person's. TableError names the key."""
    topic = row.choice("topic", tuple(TOPICS))
    made = Claim(
        id=name,
        carrier=row.text("carrier"),
        plans=row.texts("plans"),
        topic=topic,
        value=read_value(topic, row.inner("value")),
        kind=row.choice("kind", SOURCES, "person" if own else "article"),
        source=row.text("source"),
        as_of=row.day("as_of", None),
        retrieved=row.day("retrieved", None),
        note=row.text("note", None),
        since=row.day("from", None),
    )
    row.finish()
    return made


def all_claims(own: Sequence[Claim], plan: Plan | None, day: date | None = None) -> tuple[Claim, ...]:
    """The person's (those that count on that day), the shipped ones, and what the plan's own terms say."""
    stated = None if plan is None else terms_claim(plan)
    counting = [claim for claim in own if day is None or claim.since is None or claim.since <= day]
    return (*counting, *shipped_claims(), *(() if stated is None else (stated,)))


@lru_cache(maxsize=1)
def _shipped() -> tuple[Claim, ...]:
    return tuple(Claim(**shipped.fields(row) | _days(row)) for row in shipped.compiled("claims"))


def _days(row: Mapping[str, str | None]) -> dict[str, date]:
    return {
        key: date.fromisoformat(day) for key in ("as_of", "retrieved", "since") if (day := row.get(key)) is not None
    }
