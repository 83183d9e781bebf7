"""A bigger or a smaller plan for a line, by `plans recommend` itself; beside a balance only when the pace warns."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.catalogue.plan import Plan

ENOUGH_DAYS = 3  #: of history; under it nothing is said
MOST_DAYS = 31  #: that a hint looks ahead
MOST_LINES = 3  #: that the plans are worked out for; of more only the way to find them is said

SENTENCES = {
    "fast": "at this pace {line} runs out before its end; "
    "what would do: esimctl plans recommend --days 30 --for {line}",
    "much": "more than half of {line} would be unused; a smaller plan: esimctl plans recommend --days 30 --for {line}",
    "bigger": "at this pace {line} runs out before its end; for {days} days {plans} would do, {total} in all: "
    "esimctl plans recommend --days {days} --for {line}",
    "smaller": "more than half of {line} would be unused; for {days} days {plans} would do, {total} in all: "
    "esimctl plans recommend --days {days} --for {line}",
}

Note = tuple[str, dict[str, object]]


def hints_for(session: "Session", line: str, *, days: int | None = None, per_day: int | None = None) -> dict[str, Any]:
    """What would cover a line's measured use for so many days (those of its plan's term), and what its own plan would.

    `verdict` is upgrade, downgrade, switch or keep; unknown where the use is not known or nothing on offer covers it.
    `now` and `instead` are ways as in `esimctl.recommendation/1`: purchases, total, covers_bytes, wasted_bytes.
    """
    from esimctl.actions.advice.estimate import of_line
    from esimctl.actions.advice.recommend import Question, Wish
    from esimctl.actions.market.on_offer import seller_for
    from esimctl.catalogue.renamed import present
    from esimctl.catalogue.search import validity_days
    from esimctl.errors import UsageError

    table = session.line(line)
    document: dict[str, Any] = {
        "line": line, "plan": table.get("plan"), "verdict": "unknown", "days": days, "bytes_per_day": per_day,
        "days_of_history": None, "now": None, "instead": None, "saves": None, "optimal": None,
    }  # fmt: skip
    try:
        if per_day is None:
            per_day, document["days_of_history"] = of_line(session, line)
    except UsageError:
        return document
    wish = Wish(1, per_day=per_day, carrier=table.get("carrier"), provider=seller_for(session, line))
    question = Question(session, wish)
    name = present("plan", str(table.get("plan")))
    own = next((plan for plan in question.plans if plan.id == name), None)
    length = days or min((validity_days(own) if own is not None else None) or MOST_DAYS, MOST_DAYS)
    question = Question(session, replace(wish, days=length), question.plans)
    best, choices = question.answer(generous=False)
    document |= {"days": length, "bytes_per_day": per_day, "optimal": best.proven}
    if not best.complete:
        return document
    document["instead"] = question.plan_of(best, choices)
    kept, mine = question.answer(generous=False, only=name)
    if not kept.complete:
        return document | {"verdict": "switch" if own is None else "upgrade"}
    document["now"] = question.plan_of(kept, mine)
    if kept.price <= best.price:
        return document | {"verdict": "keep"}
    document["saves"] = question.money(kept.price - best.price)
    return document | {"verdict": _verdict(own, document)}


def _verdict(own: "Plan | None", document: Mapping[str, Any]) -> str:
    """upgrade where one pack of the own plan does not last for its term; downgrade where less data costs less."""
    from esimctl.catalogue.search import total_bytes, validity_days

    total = None if own is None else total_bytes(own)
    if own is not None and isinstance(total, int) and total < document["bytes_per_day"] * (validity_days(own) or 0):
        return "upgrade"
    now, instead = document["now"]["wasted_bytes"], document["instead"]["wasted_bytes"]
    return "downgrade" if now is None or (instead is not None and instead < now) else "switch"


def hints(session: "Session", lines: Sequence[Mapping[str, Any]]) -> list[Note]:
    """Sentences for the lines of a balance document; none where nothing warns."""
    notes: list[Note] = []
    hinted = 0
    for line in lines:
        if line["forecast"]["days_of_history"] < ENOUGH_DAYS or line["status"] != "active":
            continue
        if _too_fast(line):
            said, pointer, tips = SENTENCES["bigger"], SENTENCES["fast"], _tips()
        elif _too_much(line):
            said, pointer, tips = SENTENCES["smaller"], SENTENCES["much"], []
        else:
            continue
        name = str(line["line"])
        notes.append(_sentence(session, name, said, pointer) if hinted < MOST_LINES else (pointer, {"line": name}))
        notes += [(tip, {}) for tip in tips if (tip, {}) not in notes]
        hinted += 1
    return notes


def _sentence(session: "Session", line: str, known: str, unknown: str) -> Note:
    """The hint with the plans that would do; the way to find them where they cannot be told."""
    found = hints_for(session, line)
    if found["instead"] is None or found["verdict"] == "keep":
        return unknown, {"line": line}
    way = found["instead"]
    plans = list(dict.fromkeys(row["plan"] for row in way["purchases"]))
    total = f"{way['total']['amount']} {way['total']['currency']}"
    return known, {"line": line, "days": found["days"], "plans": ", ".join(plans[:4]), "total": total}


def _too_fast(line: Mapping[str, Any]) -> bool:
    """Whether the data is foretold to run out before the end of the line's term."""
    out, end = line["forecast"]["runs_out_at"], line["expires_at"]
    return out is not None and end is not None and out < end


def _too_much(line: Mapping[str, Any]) -> bool:
    """Whether the end is near, and more than half of what was granted is still there and would be lost."""
    data, rollover = line["data"], line["rollover"]
    lost = (rollover["lost_if_not_bytes"] or 0) + (rollover["lost_anyway_bytes"] or 0)
    granted = data["granted_bytes"]
    return "expiring" in line["attention"] and bool(granted) and bool(lost) and lost * 2 > granted


def _tips() -> list[str]:
    from esimctl.catalogue.uses import tips

    return [tip.text for tip in tips()]


__all__ = ["hints", "hints_for"]
