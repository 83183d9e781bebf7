"""One line of `esimctl.balance/1`: what was read, what follows from it by now, and what needs attention."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from esimctl.errors import EsimctlError
from esimctl.usage.left import left_in, usable
from esimctl.usage.run_out import forecast_document
from esimctl.usage.use import UseHistory
from esimctl.values.moments import instant, zone
from esimctl.values.money import Money

if TYPE_CHECKING:
    from esimctl.catalogue.holding import RolloverInForce
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import Reading, ReadingBucket
    from esimctl.usage.modelled import Modelled

EXPIRING = timedelta(days=7)  #: R-70: renew at least one week before expiry
#: reasons of movements whose sentence names another line
TELLS_LINES = frozenset({"shares", "left", "used-by", "gift-sent", "gift-received"})
LOW_PER_CENT = 90  #: used; the regulator has operators announce 90 and 100 %


def line_document(
    session: "Session",
    ledger: "Ledger",
    name: str,
    table: Mapping[str, Any],
    reading: "Reading | None",
    *,
    fresh: bool = False,
    explain: bool = False,
    model: "Modelled | None" = None,
    use: "UseHistory | None" = None,
) -> tuple[dict[str, Any], datetime | None, datetime]:
    """The document, until when it holds without a new reading, and from when on the reading is stale.

    `model` is what stands behind the reading of a line that has no interface, `use` what its forecast rests on.
    """
    from esimctl.market.on_offer import PLAY, kind_of
    from esimctl.usage.last_reading import stale_at

    now = session.clock.now()
    if model is not None:
        stale_from = model.stale_from
    else:
        stale_from = now if reading is None else stale_at(session, ledger, name, table, reading, fresh=fresh)
    stale = now >= stale_from
    expires = None if reading is None else reading.expires_at
    lead = lead_time(reading)
    status = status_of(reading, now)
    where = zone(session.zone)
    document: dict[str, Any] = {
        "line": name,
        "provider": table.get("provider"),
        "carrier": table.get("carrier"),
        "plan": (reading.plan if reading is not None else None) or table.get("plan"),
        "play_money": kind_of(session, str(table.get("provider"))) == PLAY,
        "status": status,
        "data": data_part(reading, status, now, where),
        "voice": {"remaining_seconds": None if reading is None else reading.voice_seconds},
        "main_balance": None if reading is None or reading.main_balance is None else reading.main_balance.as_json(),
        "use_by": instant(None if reading is None else reading.use_by),
        "expires_at": instant(expires),
        "throttled": None if reading is None else reading.throttled,
        "out_of_bucket_bytes": None if reading is None else reading.out_of_bucket_bytes,
        "buckets": []
        if reading is None
        else [bucket_document(one, session, now, where) for one in (*reading.buckets, *reading.ahead)],
        "rollover": rollover_part(session, ledger, name, reading, None if model is None else model.held),
        "forecast": forecast_document(session, use or UseHistory(), reading),
        "reading": {
            "at": instant(None if reading is None else reading.at),
            "source": source_of(ledger, name, reading) if model is None else model.source,
            "stale": stale,
        },
        "attention": [],
    }
    document["attention"] = attention(ledger, document, now, expires, lead)
    if model is not None and model.by_hand and status in {"active", "suspended"} and end_unseen(ledger, name):
        document["attention"].append("end_unseen")
    if model is not None:
        document["figures"] = dict(model.figures)
    if explain:
        document["explanation"] = explanation(session, name, table) if model is None else list(model.steps)
    turns = [moment for moment in turning_points(reading, expires, lead) if moment > now]
    return document, min(turns) if turns else None, stale_from


def status_of(reading: "Reading | None", now: datetime) -> str:
    """The common word for a line's state; time alone can make an active line expired."""
    if reading is None:
        return "pending"
    if reading.status == "suspended" and reading.grace_until is not None and now < reading.grace_until:
        return "suspended"
    if reading.status in {"active", "suspended"} and reading.expires_at is not None and reading.expires_at <= now:
        return "expired"
    return reading.status


def data_part(reading: "Reading | None", status: str, now: datetime, where: tzinfo) -> dict[str, Any]:
    """Octets; unknown is null, unlimited is null beside `unlimited: true`.

    `remaining_bytes` can be used now, `restricted_bytes` in windows, single apps or later; `judged_bytes` of
    `judged_granted_bytes` is what thresholds look at.
    """
    return {
        "granted_bytes": None if reading is None or reading.unlimited else reading.granted_bytes,
        "used_bytes": None if reading is None else reading.used_bytes,
        "reserved_bytes": None if reading is None else reading.reserved_bytes,
        **left_in(reading, now, where, status).as_json(),
    }


def bucket_document(bucket: "ReadingBucket", session: "Session", now: datetime, where: tzinfo) -> dict[str, Any]:
    """A bucket in the words of TM Forum, and whether it can be used now; of a shared one whose data it is."""
    document: dict[str, Any] = {
        "id": bucket.id,
        "category": bucket.category,
        "usage_type": bucket.usage_type,
        "granted": bucket.granted,
        "remaining": bucket.remaining,
        "reserved": bucket.reserved,
        "start": instant(bucket.start),
        "end": instant(bucket.end),
        "status": bucket.status,
        "window": None if bucket.window is None else {"opens": bucket.window},
        "shared": bucket.shared,
        "provisional": bucket.provisional,
        "unlimited": bucket.unlimited,
        "money": money_of(bucket),
        "purpose": bucket.purpose,
        "usable": usable(bucket, now, where),
    }
    if bucket.shared:
        document |= {"owner": called(session, bucket.owner), "taken": bucket.taken}
    return document


def called(session: "Session", line: str | None) -> str | None:
    """The name of a line that a provider names by its ICCID; the ICCID masked where no line here has it."""
    if line is None or line in session.lines:
        return line
    from esimctl.providers.lpa import mask

    return next((name for name, table in session.lines.items() if table.get("iccid") == line), mask(line))


def money_of(bucket: "ReadingBucket") -> dict[str, str] | None:
    """What is left of a bucket of money, as an amount; None of everything else."""
    if bucket.currency is None or bucket.remaining is None:
        return None
    return Money(bucket.remaining, bucket.currency).as_json()


def rollover_part(
    session: "Session", ledger: "Ledger", name: str, reading: "Reading | None", held: "RolloverInForce | None" = None
) -> dict[str, Any]:
    """What carries over if the line is renewed, and what is lost if it is not; `held` is that of a played term."""
    from esimctl.market.holding import of_line

    return {
        **(held or of_line(session, ledger, name)).as_json(),
        "carry_if_renewed_bytes": None if reading is None else reading.carry_if_renewed_bytes,
        "lost_anyway_bytes": None if reading is None else reading.lost_anyway_bytes,
        "lost_if_not_bytes": None if reading is None else reading.lost_if_not_bytes,
        "kept_anyway_bytes": None if reading is None else reading.kept_anyway_bytes,
        "carried_until": instant(None if reading is None else reading.carried_until),
        "lost_anyway_at": instant(None if reading is None else reading.lost_anyway_at),
        "renew_by": instant(None if reading is None else reading.renew_by),
        "grace_until": instant(None if reading is None else reading.grace_until),
    }


def source_of(ledger: "Ledger", name: str, reading: "Reading | None") -> str | None:
    """Where the figures come from."""
    if reading is None:
        return None
    fact = ledger.last_reading(name)
    return fact.source if fact is not None and fact.read_at == reading.at else "provider"


def attention(
    ledger: "Ledger", document: Mapping[str, Any], now: datetime, expires: datetime | None, lead: timedelta
) -> list[str]:
    """What a person should look at, in a fixed order; `lead` is how long before its end a line is expiring."""
    data, rollover = document["data"], document["rollover"]
    granted, left = data["judged_granted_bytes"], data["judged_bytes"]
    low = granted and left is not None and (granted - left) * 100 >= granted * LOW_PER_CENT
    live = document["status"] in {"active", "suspended"}
    soon = expires is not None and now < expires <= now + lead
    last = rollover["renew_by"]
    at_risk = rollover["effective"] == "carry" and bool(rollover["lost_if_not_bytes"]) and last is not None
    tests = {
        "low_data": bool(low) and live,
        "expiring": live and soon,
        "expired": document["status"] == "expired",
        "stale_reading": document["reading"]["stale"],
        "order_open": bool(ledger.open_orders(line=document["line"])),
        "rollover_at_risk": at_risk and live and now < datetime.fromisoformat(last) <= now + lead,
    }
    return [word for word, holds in tests.items() if holds]


def end_unseen(ledger: "Ledger", name: str) -> bool:
    """Whether a line that nobody answers for was renewed, and nobody has looked since whether its new end is there.

    Any reading after the renewal is the answer: whoever took it has seen the phone (R-69).
    """
    renewed = [
        (order.settled_at, order.seq)
        for order in ledger.orders.values()
        if order.line == name and order.kind == "renew" and order.settled_at is not None and order.state == "settled"
        and not order.imported
    ]  # fmt: skip
    if not renewed:
        return False
    at, seq = max(renewed)
    return not any(fact.read_at >= at and fact.seq > seq for fact in ledger.readings.get(name, ()))


def lead_time(reading: "Reading | None") -> timedelta:
    """Seven days (R-70), or a quarter of the term of a pack that does not live longer than four weeks."""
    ends = [] if reading is None else [b for b in reading.buckets if b.category == "base" and b.start and b.end]
    if not ends:
        return EXPIRING
    return min(EXPIRING, max((b.end - b.start) / 4 for b in ends if b.start and b.end))


def turning_points(reading: "Reading | None", expires: datetime | None, lead: timedelta) -> list[datetime]:
    """Instants at which the document changes although nobody does anything."""
    found = []
    if expires is not None:
        found += [expires - lead, expires]
    if reading is not None and reading.renew_by is not None:
        found += [reading.renew_by - lead, reading.renew_by]
    if reading is not None and reading.next_change is not None:
        found.append(reading.next_change)
    return found


def explanation(session: "Session", name: str, table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The story of the line's data in order, where its provider can tell it."""
    from esimctl.profile.naming import line_ref

    try:
        provider = session.provider(str(table["provider"]))
        tell = getattr(provider, "explain", None)
        steps = [] if tell is None else list(tell(line_ref(name, dict(table)), session.clock.now()))
    except EsimctlError:  # what is left was told; only the story is missing
        return []
    return [_with_names(session, step) for step in steps]


def _with_names(session: "Session", step: Mapping[str, Any]) -> dict[str, Any]:
    """A step that speaks of another line says its name and never its ICCID."""
    if step["reason"] not in TELLS_LINES:
        return dict(step)
    params = {**step["params"], "other": called(session, step["params"]["other"])}
    return {**step, "params": params, "text": step["template"].format(**params)}
