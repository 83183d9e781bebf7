"""The adapter: which path answers which question, and how an order is sent under its key and found by its reference."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from esimctl.errors import ProtocolViolation, UsageError
from esimctl.malformed import Malformed
from esimctl.providers.accounts import Account
from esimctl.providers.asking import Asker, Limit, countdown, retry_after, unreadable
from esimctl.providers.celitech import answers
from esimctl.providers.celitech.catalogue import (
    DESTINATION,
    HERE,
    UNLIMITED,
    as_topup,
    destination_of,
    offer_of,
)
from esimctl.providers.lpa import same_iccid
from esimctl.providers.price_list import PriceRow, readable
from esimctl.providers.protocol import (
    Answer,
    Goods,
    LineRef,
    Outcome,
    OutgoingOrder,
    ProviderOrder,
    Reading,
    Request,
    Tier,
    Verdict,
)
from esimctl.providers.reseller import HOME, Reseller
from esimctl.providers.strict_json import card, flag, identifier, listing, maybe_text, table
from esimctl.providers.tokens import Tokens
from esimctl.providers.verdicts import ambiguous, by_transport, exists
from esimctl.values.money import Money
from esimctl.values.record import replace
from esimctl.values.sentence import Raw

BASE = "v1/"
TOKEN_LIMIT = Limit("token", 10, 60.0)  #: the vendor names none
DURATIONS = frozenset({1, 2, 7, 14, 30, 90})  #: days that can be ordered as a duration; others go by dates
PACKAGES, PURCHASES, PAGES = 160, 100, 60  #: rows a page, pages
LIST_CAP = 4 << 20
ACCOUNT_AGE = timedelta(days=1100)
_SIZE = "@size"


class Celitech(Reseller):
    """One account at Celitech."""

    tier = Tier.KEYED
    window = timedelta(seconds=60)
    reading_max_age = timedelta(minutes=30)
    tells_charge = True  #: a purchase in the list has its price, the answer to an order has none

    def make_asker(self) -> Asker:
        """A bearer token, renewed once when it is not accepted."""
        asker = Asker(self.account, lambda _body, now, deadline: self.tokens.headers(now, deadline), self._renew)
        self.tokens = Tokens(
            self.account,
            asker.client,
            "oauth2/token",
            limit=TOKEN_LIMIT,
            margin=timedelta(minutes=1),
            more={"scope": ""},
        )
        return asker

    def _renew(self, now: datetime, deadline: float) -> bool:
        return self.tokens.renew(now, deadline)

    def get(self, path: str, query: Mapping[str, Any], now: datetime, deadline: float) -> dict[str, Any]:
        """The document that a question brings."""
        words = f"{BASE}{path}" + (f"?{urlencode(query)}" if query else "")
        document = self.asker.ask("GET", words, now=now, deadline=deadline, cap=LIST_CAP)
        try:
            return table(document)
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def listed(
        self, path: str, query: Mapping[str, Any], limit: int, now: datetime, deadline: float
    ) -> Iterator[dict[str, Any]]:
        """The rows of all pages of a list: the cursor is null at the end."""
        left, cursor = countdown(deadline), None
        for _ in range(PAGES):
            more: dict[str, str] = {} if cursor is None else {"afterCursor": cursor}
            document = self.get(path, {**query, "limit": limit, **more}, now, left())
            yield from listing(document, path)
            following = maybe_text(document, "afterCursor", 500)
            if following is None or following == cursor:
                return
            cursor = following
        raise ProtocolViolation("{provider}: its list does not end", code="endless_list", provider=Raw(self.name))

    # -- what can be bought

    def fetch_offers(self, now: datetime, deadline: float) -> Sequence[PriceRow]:
        """All packages for Cambodia."""
        return self._packages(DESTINATION, now, deadline)

    def _packages(self, destination: str, now: datetime, deadline: float) -> list[PriceRow]:
        """What is sold for one destination; a row for another one is passed over."""
        query = {"destination": destination, "includeUnlimited": "true"}
        wanted = HERE if destination in HERE else {destination}
        try:
            listed = self.listed("packages", query, PACKAGES, now, deadline)
            found = readable(offer_of(row, self.name, now) for row in listed)
        except Malformed as why:
            raise unreadable(self.name, why) from why
        return [offer for offer in found if {offer.wire["destination"], *offer.plan.countries} & wanted]

    def fetch_extras(self, line: LineRef, now: datetime, deadline: float) -> Sequence[PriceRow]:
        """A package for the destination that the line was bought for extends it, if the line allows it."""
        left = countdown(deadline)
        try:
            esim = table(self.get("esim", {"iccid": _iccid(line)}, now, left()).get("esim"), "esim")
            if flag(esim, "isTopUpAllowed") is False or answers.profile_of(esim) == answers.DELETED:
                return []
            places = {
                destination_of(table(row.get("package") or {}, "package")) for row in self._bought(line, now, left())
            }
        except Malformed as why:
            raise unreadable(self.name, why) from why
        known = sorted(place for place in places if place is not None)
        if not known and line.plan is not None and (own := self.offer(line.plan)) is not None:
            known = [str(own.wire["destination"])]  # its purchase is not listed yet
        return [as_topup(offer) for place in known for offer in self._packages(place, now, left())]

    def _bought(self, line: LineRef, now: datetime, deadline: float) -> list[dict[str, Any]]:
        """The purchases of a line."""
        found = self.listed("purchases", {"iccid": _iccid(line)}, PURCHASES, now, deadline)
        return [row for row in found if same_iccid(card(table(row.get("esim") or {}, "esim"), "iccid"), line.iccid)]

    # -- orders

    def request(self, order: OutgoingOrder) -> Request:
        """The package by its size and days, as the list has it; under our key as reference."""
        wish = order.wish
        found = self.offer(wish.plan or "")
        if found is None:
            raise UsageError(
                "{provider} does not sell {plan}", code="plan_unknown", provider=Raw(self.name), plan=Raw(wish.plan)
            )
        days = int(found.wire["days"])
        body: dict[str, Any] = {"dataLimitInGB": _SIZE, "referenceId": order.key}
        if days in DURATIONS and str(found.wire["gigabytes"]) != str(UNLIMITED):  # those go by dates alone
            body["duration"] = days
        else:
            start = self._today(order.created_at)
            body |= {"startDate": start.isoformat(), "endDate": (start + timedelta(days=days - 1)).isoformat()}
        if wish.kind == "new":
            body |= {"destination": found.wire["destination"], "quantity": 1}
        else:
            body["iccid"] = _iccid(wish.line)
        text = json.dumps(body, separators=(",", ":")).replace(f'"{_SIZE}"', str(found.wire["gigabytes"]))
        return Request(f"POST {BASE}purchases/{'v2' if wish.kind == 'new' else 'topup'}", text)

    def _today(self, at: datetime) -> date:
        """The day on which a plan begins that is bought now. No text says in which zone the vendor's days begin.

        Of UTC, Cambodia and the person's own zone the one that is furthest on: elsewhere it would be yesterday, which
        is refused or costs a day; a day that is still to come costs some hours at most.
        """
        return max(at.astimezone(zone).date() for zone in (UTC, HOME, self.account.zone))

    def order_headers(self, order: OutgoingOrder) -> Mapping[str, str]:
        """The key under which a second sending is the same order, for three days."""
        return {"Idempotency-Key": order.key}

    def understand(self, order: OutgoingOrder, answer: Answer) -> Outcome:
        """By status, then by what was bought. After a 401 the vendor's books are looked into, whatever it says."""
        if answer.status == 401:
            return ambiguous("unauthorized")
        decided = by_transport(answer, retry_after(answer.headers, order.created_at))
        if decided is not None:
            return decided
        assert answer.status is not None
        outcome = answers.outcome_of(order, answer.status, answer.body)
        replayed = answer.headers.get("idempotent-replayed", "").lower() == "true"
        if replayed and answer.status < 300 and outcome.verdict is Verdict.AMBIGUOUS:
            return exists()  # only what was carried out is replayed
        return outcome

    def find(self, order: OutgoingOrder, now: datetime, deadline: float) -> Outcome:
        """By our reference; the code comes from the eSIM."""
        left = countdown(deadline)
        try:
            found = list(self.listed("purchases", {"referenceId": order.key}, PURCHASES, now, left()))
            outcome = answers.listed(order, found)
            if outcome is None and order.provider_order is not None:
                query = {"purchaseId": order.provider_order}
                outcome = answers.listed(order, list(self.listed("purchases", query, PURCHASES, now, left())))
            if outcome is None and order.provider_order is not None:
                return Outcome(Verdict.ACCEPTED, "allocating", provider_order=order.provider_order, charged=True)
            if outcome is None:
                return Outcome(Verdict.ABSENT, "not_found", charged=False)
            if order.wish.kind != "new":
                return replace(outcome, goods=None)
            iccid = None if outcome.goods is None else outcome.goods.iccid
            if iccid is None:
                return replace(outcome, verdict=Verdict.ACCEPTED, reason="allocating")
            esim = table(self.get("esim", {"iccid": iccid}, now, left()).get("esim"), "esim")
            goods = answers.goods_of({**esim, "iccid": iccid}, outcome.provider_order or "")
            if goods is None:
                return replace(outcome, verdict=Verdict.ACCEPTED, reason="allocating", goods=None)
            return replace(outcome, goods=goods)
        except Malformed as why:
            raise unreadable(self.name, why) from why

    # -- looking

    def goods(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Goods | None:
        """The eSIM of a line with its code, from `esim`."""
        document = self.get("esim", {"iccid": _iccid(line)}, now, deadline)
        try:
            esim = table(document.get("esim"), "esim")
            return answers.goods_of({**esim, "iccid": _iccid(line)}, line.reference or "")
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def reading(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Reading | None:
        """The consumption of every purchase of the line that has not ended, and what became of its profile."""
        left = countdown(deadline)
        try:
            mine = self._bought(line, now, left())
            counted = [
                (row, self.get(f"purchases/{quote(identifier(row, 'id') or '', safe='')}/consumption", {}, now, left()))
                for row in answers.lasting(mine, now)
            ]
            if not counted:
                return None
            esim = table(self.get("esim", {"iccid": _iccid(line)}, now, left()).get("esim"), "esim")
            return answers.reading_of(counted, now, esim)
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def account_balance(self, now: datetime, *, deadline: float = 30.0) -> Money | None:
        """The vendor tells no balance."""
        return None

    def orders(self, since: datetime, now: datetime, *, deadline: float = 30.0) -> Sequence[ProviderOrder] | None:
        """Every purchase since then."""
        query = {"afterDate": f"{since:%Y-%m-%d}"}
        try:
            found = [
                answers.listed_order(row, self.name)
                for row in self.listed("purchases", query, PURCHASES, now, deadline)
            ]
        except Malformed as why:
            raise unreadable(self.name, why) from why
        return tuple(
            order for order in found if order is not None and (order.created_at is None or order.created_at >= since)
        )

    def lines(self, now: datetime, *, deadline: float = 30.0) -> Sequence[LineRef]:
        """The eSIMs of all purchases, each once."""
        query = {"afterDate": f"{now - ACCOUNT_AGE:%Y-%m-%d}"}
        try:
            found = [
                answers.line_of(row, self.name) for row in self.listed("purchases", query, PURCHASES, now, deadline)
            ]
        except Malformed as why:
            raise unreadable(self.name, why) from why
        return tuple({line.iccid: line for line in reversed(found) if line is not None}.values())


def _iccid(line: LineRef) -> str:
    if line.iccid is None:
        raise UsageError("the ICCID of {line} is not known", code="iccid_unknown", line=Raw(line.name))
    return line.iccid


def open_celitech(account: Account) -> Celitech:
    """The adapter for an account."""
    return Celitech(account)
