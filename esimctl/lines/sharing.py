"""Data between lines: who may use whose, up to which cap; share it, take that back, give some away."""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from esimctl.catalogue.claims import all_claims, decide
from esimctl.charging.engine import Engine
from esimctl.charging.events import Event, Gift, Leave, Share
from esimctl.charging.setup import LineSetup, Setup
from esimctl.documents.lines import TieRow
from esimctl.documents.result import Result
from esimctl.documents.tracking import SharingDocument, SharingPart
from esimctl.errors import EsimctlError, Refused, UsageError
from esimctl.ledger import postings
from esimctl.market.counter import giving, in_words
from esimctl.profile.books import Books, open_books
from esimctl.profile.own_catalogue import market
from esimctl.providers.abilities import Shares
from esimctl.purchase.gates import check_compared
from esimctl.purchase.outcome import rejected_entry
from esimctl.usage.explanation import called
from esimctl.usage.last_reading import last_reading
from esimctl.usage.modelled import is_modelled, modelled
from esimctl.usage.playing import play
from esimctl.usage.story import happenings
from esimctl.values.moments import zone
from esimctl.values.money import Money
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml
from esimctl.values.volume import UNLIMITED

if TYPE_CHECKING:
    from esimctl.documents.orders import CounterStepRow
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session

WORD = "person"  #: the kind of a claim that is the person's own


def allowed_by(session: "Session", tie: str, line: str, other: str) -> str | None:
    """The id of the person's own claim that allows it against the plan's terms, None where nothing stands against it.

    Raises UsageError across carriers, Refused where the person's word or the plan says that it is not allowed (R-37:
    a plan beats its carrier). What a provider sells is given away by its own rules: it is asked.
    """
    table = session.line(line)
    rows = market(session)
    plan = rows.plans.get(str(table.get("plan")))
    carrier = table.get("carrier") or (None if plan is None else plan.carrier)
    theirs = session.line(other).get("carrier")
    if carrier is not None and theirs is not None and carrier != theirs:
        raise UsageError(
            "{line} is of {carrier} and {other} of {theirs}: data stays within one carrier",
            code="other_carrier", line=Raw(line), other=Raw(other), carrier=Raw(carrier), theirs=Raw(str(theirs)),
        )  # fmt: skip
    if carrier is None:
        return None
    verdict = decide(all_claims(tuple(rows.own.values()), plan), "sharing", str(carrier), plan)
    allowed = None if verdict.value is None else verdict.value["allowed"]
    own = verdict.effective is not None and verdict.effective.kind == WORD
    if own and allowed == "no":
        raise Refused(
            "by your own word {carrier} does not let data be shared or given away",
            hint="esimctl policy show {carrier} sharing", code="not_shareable", carrier=Raw(carrier),
        )  # fmt: skip
    if own and allowed == "yes" and verdict.effective is not None:
        return verdict.effective.id
    if tie == "shared" and plan is not None and not (plan.shareable or plan.billing == "shared-pack"):
        raise Refused(
            "{plan} does not let its data be shared",
            hint="if the carrier says otherwise: esimctl policy set {carrier}/{plan} sharing allowed=yes --source WHO",
            code="not_shareable", plan=Raw(plan.id), carrier=Raw(carrier),
        )  # fmt: skip
    if allowed == "no" and is_modelled(session, table):
        raise Refused(
            "{carrier} does not let data be shared or given away",
            hint="esimctl policy show {carrier} sharing", code="not_shareable", carrier=Raw(carrier),
        )  # fmt: skip
    return None


SHARED, UNSHARED, GIFTED = "shared", "unshared", "gifted"


class Tie(NamedTuple):
    """What a person says of two lines; `claim` is the own word that allows it against the plan's terms."""

    tie: str
    line: str
    other: str
    octets: int | None
    claim: str | None

    def event(self, at: datetime) -> Event:
        """The event for the charging engine."""
        if self.tie == SHARED:
            return Share(at, self.line, self.other, UNLIMITED if self.octets is None else self.octets)
        if self.tie == UNSHARED:
            return Leave(at, self.line, self.other)
        return Gift(at, self.line, self.other, self.octets or 0, whatever_terms=self.claim is not None)


def share(session: "Session", line: str, other: str, cap: int | None) -> "Result[SharingDocument]":
    """Let `other` use the data of `line` from now on, `cap` octets a period at most."""
    result = _tie(session, SHARED, line, other, cap)
    if is_modelled(session, session.line(line)):
        result.note(
            "this is only written down: the carrier lets {other} use the data of {line} ({way})",
            other=Raw(other), line=Raw(line), way=in_words(giving(session, line, "share")),
        )  # fmt: skip
    return result


def unshare(session: "Session", line: str, other: str) -> "Result[SharingDocument]":
    """End that; what was taken stays taken."""
    return _tie(session, UNSHARED, line, other, None)


def gift(session: "Session", line: str, other: str, octets: int) -> "Result[SharingDocument]":
    """Give octets of `line` to `other`; nobody can give them on."""
    return _tie(session, GIFTED, line, other, octets)


def to_give(session: "Session", line: str, other: str, octets: int) -> "list[CounterStepRow] | None":
    """The way to give it away where only the lines' owner can: the carrier's own code. None where a provider does it.

    What cannot be is refused before anybody dials; nothing is written.
    """
    if not is_modelled(session, session.line(line)):
        return None
    _tie(session, GIFTED, line, other, octets, only_look=True)
    return giving(session, line, "gift")


def _tie(
    session: "Session", tie: str, line: str, other: str, octets: int | None, *, only_look: bool = False
) -> "Result[SharingDocument]":
    tables = [session.line(name) for name in (line, other)]
    if line == other:
        raise UsageError(
            "{line} gives to another line or shares with it, not with itself", code="same_line", line=Raw(line)
        )
    if tables[0]["provider"] != tables[1]["provider"]:
        raise UsageError(
            "{line} and {other} are not of one provider", code="other_provider", line=Raw(line), other=Raw(other)
        )
    if octets is not None and octets <= 0:
        raise UsageError("a volume is at least one octet", code="bad_volume")
    claim = None if tie == UNSHARED else allowed_by(session, tie, line, other)
    with open_books(session, f"{tie} {line}") as books:
        if tie != UNSHARED:
            check_compared(session, books.ledger)
        if is_modelled(session, tables[0]):
            _state(books, Tie(tie, line, other, octets, claim), only_look=only_look)
        else:
            _ask(books, tie, tables, line, other, octets)
    if not is_modelled(session, tables[0]):
        from esimctl.usage.readings import fresh_documents

        fresh_documents(session, [line, other], refresh=True)
    return Result("sharing", SharingDocument(sharing=SharingPart(what=tie, line=line, with_=other, bytes=octets)))


def _state(books: Books, tie: Tie, *, only_look: bool) -> None:
    """What the person says of two modelled lines; what the engine refuses is not written."""
    at = books.now()
    entry = {"kind": f"line.{tie.tie}", "line": tie.line, "to": tie.other, "octets": tie.octets, "claim": tie.claim}
    known = play(books.session, books.ledger, tie.line, at).engine
    if tie.other in known.lines:
        reason: object = known.apply(tie.event(at))
    else:  # nothing ties them yet: an engine with both is asked
        reason = _try(books, tie)
    if reason is not None:
        raise Refused(
            "{reason}", code="not_possible", reason=Raw(reason), hint="esimctl balance {line}", line=Raw(tie.line)
        )
    if not only_look:
        books.write({key: value for key, value in entry.items() if value is not None})


def _try(books: Books, tie: Tie) -> str | None:
    """Why the engine would refuse it, from the stories of both."""
    at, names = books.now(), (tie.line, tie.other)
    story = [each for each in happenings(books.ledger, names) if each.at <= at and each.event is not None]
    start = story[0].at if story else at
    engine = Engine(Setup(zone(books.session.zone), start, dict.fromkeys(names, LineSetup())), journal=False)
    for each in story:
        assert each.event is not None
        engine.apply(each.event)
    reason = engine.apply(tie.event(at))
    return None if reason is None else str(reason)


def _ask(books: Books, tie: str, tables: list[Mapping[str, Toml]], line: str, other: str, octets: int | None) -> None:
    """Let the provider do it; a gift is an order like any other, without a price."""
    session = books.session
    provider, now = session.provider(str(tables[0]["provider"])), session.clock.now()
    if not isinstance(provider, Shares):
        raise UsageError("{provider} cannot share data here", code="cannot_share", provider=Raw(provider.name))
    giver, taker = str(tables[0].get("iccid")), str(tables[1].get("iccid"))
    if tie == SHARED:
        provider.share(giver, taker, octets, now)
        cap = {} if octets is None else {"octets": octets}
        books.write({"kind": "line.shared", "line": line, "to": other, **cap})
    elif tie == UNSHARED:
        provider.unshare(giver, taker, now)
        books.write({"kind": "line.unshared", "line": line, "to": other})
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


def ties_in_force(ledger: "Ledger") -> dict[tuple[str, str], int | None]:
    """(owner, member) → the member's cap in octets a period, None without one; in the order in which they began."""
    found: dict[tuple[str, str], int | None] = {}
    for tie in ledger.ties:
        pair = (tie.line, tie.to)
        if tie.tie == "shared":
            found.pop(pair, None)
            found[pair] = tie.octets
        elif tie.tie == "unshared":
            found.pop(pair, None)
    return found


def tie_rows(session: "Session", ledger: "Ledger", name: str) -> list[TieRow]:
    """The ties of a line with lines that are followed; `taken_bytes` is what the member took in the running period."""
    found = []
    for (owner, member), cap in ties_in_force(ledger).items():
        other = member if owner == name else owner if member == name else None
        if other is None or other not in session.lines:
            continue
        role = "member" if owner == name else "owner"
        taken = _taken(session, ledger, owner, member)
        found.append(TieRow(line=other, role=role, cap_bytes=cap, taken_bytes=taken))
    return found


def _taken(session: "Session", ledger: "Ledger", owner: str, member: str) -> int | None:
    """By the model of a line without an interface, else by the member's newest reading; None where neither says."""
    by_hand = is_modelled(session, session.line(member))
    reading = modelled(session, ledger, member).reading if by_hand else last_reading(ledger, member)
    buckets = () if reading is None else reading.buckets
    return next((each.taken for each in buckets if each.shared and called(session, each.owner) == owner), None)
