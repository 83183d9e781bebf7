"""Whether a line's data may be shared or given away: within one carrier, as its plan says, or by the person's word."""

from typing import TYPE_CHECKING

from esimctl.errors import Refused, UsageError
from esimctl.usage.modelled import is_modelled

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

WORD = "person"  #: the kind of a claim that is the person's own


def allowed_by(session: "Session", tie: str, line: str, other: str) -> str | None:
    """The id of the person's own claim that allows it against the plan's terms, None where nothing stands against it.

    Raises UsageError across carriers, Refused where the person's word or the plan says that it is not allowed (R-37:
    a plan beats its carrier). What a provider sells is given away by its own rules: it is asked.
    """
    from esimctl.catalogue.claims import all_claims, decide
    from esimctl.profile.own_catalogue import market

    table = session.line(line)
    rows = market(session)
    plan = rows.plans.get(str(table.get("plan")))
    carrier = table.get("carrier") or (None if plan is None else plan.carrier)
    theirs = session.line(other).get("carrier")
    if carrier is not None and theirs is not None and carrier != theirs:
        raise UsageError(
            "{line} is of {carrier} and {other} of {theirs}: data stays within one carrier",
            code="other_carrier", line=line, other=other, carrier=carrier, theirs=theirs,
        )  # fmt: skip
    if carrier is None:
        return None
    verdict = decide(all_claims(tuple(rows.own.values()), plan), "sharing", str(carrier), plan)
    allowed = None if verdict.value is None else verdict.value["allowed"]
    own = verdict.effective is not None and verdict.effective.kind == WORD
    if own and allowed == "no":
        raise Refused(
            "by your own word {carrier} does not let data be shared or given away",
            hint="esimctl policy show {carrier} sharing", code="not_shareable", carrier=carrier,
        )  # fmt: skip
    if own and allowed == "yes" and verdict.effective is not None:
        return verdict.effective.id
    if tie == "shared" and plan is not None and not (plan.shareable or plan.billing == "shared-pack"):
        raise Refused(
            "{plan} does not let its data be shared",
            hint="if the carrier says otherwise: esimctl policy set {carrier}/{plan} sharing allowed=yes --source WHO",
            code="not_shareable", plan=plan.id, carrier=carrier,
        )  # fmt: skip
    if allowed == "no" and is_modelled(session, table):
        raise Refused(
            "{carrier} does not let data be shared or given away",
            hint="esimctl policy show {carrier} sharing", code="not_shareable", carrier=carrier,
        )  # fmt: skip
    return None
