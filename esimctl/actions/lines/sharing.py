"""Data between lines: share it from now on, take that back, give some away (R-05, R-43, R-48, R-49).

Between lines of one provider only. Of modelled lines it is a fact that the person states; the embedded operator is
asked to do it, and may refuse.
"""

import json
import os
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from esimctl.actions.balance.modelled import is_modelled, play
from esimctl.actions.books import Books, open_books
from esimctl.actions.purchase.outcome import rejected_entry
from esimctl.actions.result import Result
from esimctl.charging.events import Gift, Leave, Share
from esimctl.charging.money import Money
from esimctl.charging.volume import UNLIMITED
from esimctl.errors import EsimctlError, Refused, UsageError
from esimctl.ledger import postings
from esimctl.providers.abilities import Shares

if TYPE_CHECKING:
    from esimctl.actions.session import Session

SHARED, UNSHARED, GIFTED = "shared", "unshared", "gifted"


def share(session: "Session", line: str, other: str, cap: int | None) -> Result:
    """Let `other` use the data of `line` from now on, `cap` octets a period at most."""
    return _tie(session, SHARED, line, other, cap)


def unshare(session: "Session", line: str, other: str) -> Result:
    """End that; what was taken stays taken."""
    return _tie(session, UNSHARED, line, other, None)


def gift(session: "Session", line: str, other: str, octets: int) -> Result:
    """Give octets of `line` to `other`; nobody can give them on."""
    return _tie(session, GIFTED, line, other, octets)


def _tie(session: "Session", tie: str, line: str, other: str, octets: int | None) -> Result:
    tables = [session.line(name) for name in (line, other)]
    if line == other:
        raise UsageError("{line} gives to another line or shares with it, not with itself", code="same_line", line=line)
    if tables[0]["provider"] != tables[1]["provider"]:
        raise UsageError("{line} and {other} are not of one provider", code="other_provider", line=line, other=other)
    if octets is not None and octets <= 0:
        raise UsageError("a volume is at least one octet", code="bad_volume")
    with open_books(session, f"{tie} {line}") as books:
        if is_modelled(session, tables[0]):
            _state(books, tie, line, other, octets)
        else:
            _ask(books, tie, tables, line, other, octets)
    if not is_modelled(session, tables[0]):
        from esimctl.actions.balance.readings import fresh_documents

        fresh_documents(session, [line, other], refresh=True)
    return Result("sharing", {"sharing": {"what": tie, "line": line, "with": other, "bytes": octets}})


def _state(books: Books, tie: str, line: str, other: str, octets: int | None) -> None:
    """What the person says of two modelled lines; what the engine refuses is not written."""
    at = books.now()
    entry = {"kind": f"line.{tie}", "line": line, "to": other, "octets": octets}
    known = play(books.session, books.ledger, line, at).engine
    if other in known.lines:
        reason: object = known.apply(_event(tie, at, line, other, octets))
    else:  # nothing ties them yet: an engine with both is asked
        reason = _try(books, tie, line, other, octets)
    if reason is not None:
        raise Refused("{reason}", code="not_possible", reason=reason, hint="esimctl balance {line}", line=line)
    books.write(entry)


def _event(tie: str, at: Any, line: str, other: str, octets: int | None) -> Any:
    if tie == SHARED:
        return Share(at, line, other, UNLIMITED if octets is None else octets)
    return Leave(at, line, other) if tie == UNSHARED else Gift(at, line, other, octets or 0)


def _try(books: Books, tie: str, line: str, other: str, octets: int | None) -> str | None:
    """Why the engine would refuse it, from the stories of both."""
    from esimctl.actions.tracking.story import happenings
    from esimctl.charging.engine import Engine, LineSetup, Setup
    from esimctl.charging.moments import zone

    at = books.now()
    story = [each for each in happenings(books.ledger, (line, other)) if each.at <= at and each.event is not None]
    start = story[0].at if story else at
    engine = Engine(Setup(zone(books.session.zone), start, {line: LineSetup(), other: LineSetup()}), journal=False)
    for each in story:
        assert each.event is not None
        engine.apply(each.event)
    reason = engine.apply(_event(tie, at, line, other, octets))
    return None if reason is None else str(reason)


def _ask(books: Books, tie: str, tables: list[dict[str, Any]], line: str, other: str, octets: int | None) -> None:
    """Let the provider do it; a gift is an order like any other, without a price."""
    session = books.session
    provider, now = session.provider(str(tables[0]["provider"])), session.clock.now()
    if not isinstance(provider, Shares):
        raise UsageError("{provider} cannot share data here", code="cannot_share", provider=provider.name)
    giver, taker = str(tables[0].get("iccid")), str(tables[1].get("iccid"))
    if tie == SHARED:
        provider.share(giver, taker, octets, now)
    elif tie == UNSHARED:
        provider.unshare(giver, taker, now)
    else:
        _give(books, provider, (line, giver), (other, taker), octets or 0)


def _give(books: Books, provider: Any, giver: tuple[str, str], taker: tuple[str, str], octets: int) -> None:
    free = Money.zero("USD")
    order, key = f"{books.now():%y%m%d}-{os.urandom(4).hex()}", os.urandom(16).hex()
    body = json.dumps({"to": taker[1], "octets": octets}, sort_keys=True)
    books.write(
        {
            "kind": "order.prepared", "order": order, "order_kind": "gift", "line": giver[0], "provider": provider.name,
            "price_minor": 0, "currency": "USD", "method": "data", "method_kind": "main-balance", "request_id": key,
            "key": key, "tier": provider.tier.value, "endpoint": "gift", "request": body,
            "request_sha256": sha256(body.encode()).hexdigest(), "source": "person",
            "play": provider.play_money or None,
            "postings": postings.prepared(order, provider.name, "data", free),
        },
        {"kind": "order.attempted", "order": order, "n": 1},
    )  # fmt: skip
    try:
        number = provider.gift(giver[1], taker[1], octets, books.session.clock.now(), key=key)
    except Refused as why:
        books.write(rejected_entry(books.order(order), why.code, why.message))
        raise
    except EsimctlError as why:
        books.write({"kind": "order.unknown", "order": order, "reason": why.code})
        raise
    books.write(
        {
            "kind": "order.settled", "order": order, "confirmed_by": "provider", "provider_order": number,
            "paid_minor": 0, "paid_currency": "USD",
            "postings": postings.settled(order, giver[0], provider.name, "data", free, free),
        }
    )  # fmt: skip


__all__ = ["gift", "share", "unshare"]
