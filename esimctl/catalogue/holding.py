"""What holds for a plan on a day, by whose word, disputed or not: the one answer that all lists, advice and books use.

The rollover is the one claim that counts (claims.py). Where equals disagree, the one that promises less is counted,
and the word for it is `disputed`. A carry whose life nobody names, or whose ceiling has no unit, cannot be counted
with: it is unknown, and nothing is promised (C-1, C-5). On the other rules that the books follow, a row's own terms
stand unless the person has said otherwise.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from esimctl.catalogue.claims import TERMS, Claim, ClaimInForce, all_claims, decide
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.topics import TOPICS, Value, rollover_terms
from esimctl.values.record import record
from esimctl.values.toml import Toml, table_at, text_at

DISPUTED = "disputed"
ROLLOVER = "rollover"
PAY_PER_USE = "pay-as-you-go"  #: how a plan without an allowance is billed
EXAMPLE = "example"  #: by nobody's word: the embedded operator's, for a row that is made up
#: topics whose answer changes what the books work out
STEERING = (ROLLOVER, "overage", "early-renewal", "validity-clock")


@record
class RolloverInForce:
    """The rollover that holds: what is counted upon, by which claim and whose word (a kind of source).

    `table` is the engine's table of it; None carries nothing.
    """

    mode: str
    disputed: bool = False
    claim: str | None = None
    by: str | None = None
    table: Mapping[str, Toml] | None = None

    @property
    def word(self) -> str:
        """The mode, or `disputed`."""
        return DISPUTED if self.disputed else self.mode

    @property
    def carries(self) -> bool:
        """Whether the books carry anything by it."""
        return self.table is not None

    def as_kept(self) -> dict[str, Toml]:
        """What the journal keeps of it beside the terms."""
        told = {"mode": self.mode, "disputed": self.disputed, "claim": self.claim, "by": self.by}
        return {key: value for key, value in told.items() if isinstance(value, str | bool)}


UNKNOWN = RolloverInForce("unknown")
#: what a key of terms says by being left out
UNSAID: Mapping[str, Toml] = {"overage": {"action": "block"}, "early_renewal": "stack", "clock": "anchor"}


def kept(table: Mapping[str, Toml], terms: Mapping[str, Toml] | None = None) -> RolloverInForce:
    """The inverse of `as_kept`, with the engine's table from the terms that it was kept beside."""
    policy = table_at(terms or {}, ROLLOVER)
    carried = policy if policy.get("mode") == "carry" else None
    told = text_at(table, "claim"), text_at(table, "by")
    return RolloverInForce(str(table["mode"]), bool(table.get("disputed")), *told, carried)


def of_terms(name: str | None, terms: Mapping[str, Toml]) -> RolloverInForce:
    """What terms say that were frozen before claims stood beside them: the books have used just that."""
    if terms.get("billing") == "payg" and "data" not in terms:
        return RolloverInForce("not-applicable")
    policy = table_at(terms, ROLLOVER)
    mode = text_at(policy, "mode") or "none"
    return RolloverInForce(
        mode, False, None if name is None else f"{TERMS}{name}", None, policy if mode == "carry" else None
    )


def verdict(topic: str, own: Sequence[Claim], carrier: str, plan: Plan | None, day: date | None = None) -> ClaimInForce:
    """Which claim counts on a topic on that day (None: on any)."""
    return decide(all_claims(own, plan, day), topic, carrier, plan)


def rollover(own: Sequence[Claim], carrier: str, plan: Plan | None, day: date | None = None) -> RolloverInForce:
    """The rollover of a plan (None: of the carrier in general) on that day."""
    return weighed(verdict(ROLLOVER, own, carrier, plan, day), plan)


def weighed(found: ClaimInForce, plan: Plan | None) -> RolloverInForce:
    """What a verdict on rollover comes to for a plan."""
    claim, by = found.effective, None
    if claim is not None:
        by = claim.kind
    elif found.value is not None:
        by = EXAMPLE
    if plan is not None and plan.billing == PAY_PER_USE:  # there is no allowance that could be carried (C-11)
        said = claim is not None and found.value is not None and found.value["mode"] == "not-applicable"
        return RolloverInForce("not-applicable", False, claim.id if said and claim else None, by if said else None)
    if found.value is None:
        return UNKNOWN
    mode, table = str(found.value["mode"]), _table(claim, found.value, plan)
    if mode == "carry" and plan is not None and not can_carry(plan):
        mode, table = "none", None
    elif mode == "carry" and table is None:
        mode = "unknown"
    return RolloverInForce(mode, found.disputed, None if claim is None else claim.id, by, table)


def _table(claim: Claim | None, value: Value, plan: Plan | None) -> Mapping[str, Toml] | None:
    """The engine's table: a row's own terms in full, else what the claim says."""
    if (claim is None or claim.of_terms) and plan is not None and value["mode"] == "carry":
        return table_at(plan.terms, ROLLOVER)
    return rollover_terms(value)


def can_carry(plan: Plan) -> bool:
    """Whether its data is of the sort that is carried at all: windows, add-ons and top-ups never are (R-41)."""
    return plan.kind == "base" and plan.category == "base"


def shareable(own: Sequence[Claim], plan: Plan, day: date | None = None) -> bool:
    """Whether a plan's data may be shared and given away: by the person's word, else as its row says."""
    said = _persons("sharing", own, plan, day)
    return plan.shareable if said is None or said.value["allowed"] == "unknown" else said.value["allowed"] == "yes"


def generous(found: ClaimInForce, plan: Plan) -> Mapping[str, Toml] | None:
    """The best rollover that any claim of a verdict names, as the engine's table; None where none names one."""
    if not can_carry(plan) or plan.billing == PAY_PER_USE:
        return None
    if found.effective is None:
        return weighed(found, plan).table
    tables = [(TOPICS[ROLLOVER].promise(c.value), _table(c, c.value, plan)) for c in found.claims]
    countable = [(promise, table) for promise, table in tables if table is not None]
    return max(countable, key=lambda pair: pair[0])[1] if countable else None


def changes(
    own: Sequence[Claim], plan: Plan, day: date | None = None, held: RolloverInForce | None = None
) -> dict[str, Toml]:
    """The keys of the plan's terms that what holds changes, with their values; None takes a key away.

    `held` is the plan's rollover where it has been asked for already.
    """
    held = rollover(own, plan.carrier, plan, day) if held is None else held
    changed: dict[str, Toml] = {ROLLOVER: None if held.table is None else dict(held.table)}
    for topic in STEERING[1:] if own else ():
        found = steered(topic, own, plan, day)
        changed |= {} if found is None else found[0]
    return {key: value for key, value in changed.items() if value != plan.terms.get(key, UNSAID.get(key))}


def with_changes(terms: Mapping[str, Toml], changed: Mapping[str, Toml]) -> dict[str, Toml]:
    """Terms with some keys changed, those that are None taken away."""
    return {key: value for key, value in {**terms, **changed}.items() if value is not None}


def _persons(topic: str, own: Sequence[Claim], plan: Plan, day: date | None) -> Claim | None:
    """The person's own word on a topic, where it counts for the plan."""
    counting = [c for c in own if c.kind == "person" and (c.since is None or day is None or c.since <= day)]
    return decide(counting, topic, plan.carrier, plan).effective


def steered(
    topic: str, own: Sequence[Claim], plan: Plan, day: date | None = None
) -> tuple[dict[str, Toml], str | None] | None:
    """(keys of terms, the claim) by the person's word on a topic, else by the row; None: not a topic of the books."""
    if topic not in STEERING[1:]:
        return None
    claim = _persons(topic, own, plan, day)
    said = None if claim is None else claim.value
    terms = plan.terms
    keys: dict[str, Toml]
    if topic == "early-renewal":
        keys = {"early_renewal": terms.get("early_renewal", "stack") if said is None else said["effect"]}
    elif topic == "validity-clock":
        keys = {"clock": terms.get("clock", "anchor") if said is None else said["clock"]}
    else:
        known = plan.overage or {"action": "block"}
        # a charge needs a price: the row's stays
        priced = said is None or said["action"] in (known.get("action", "block"), "charge")
        keys = {"overage": dict(known) if priced or said is None else {"action": said["action"]}}
    return keys, None if claim is None else claim.id
