"""The adapter: which path answers which question, and how an order is found again by its mark.

Nothing at Airalo protects against a second order, so an order is never sent twice: it is looked up, or left open (C).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

from esimctl.errors import CredentialsError, EsimctlError, ProtocolViolation, Refused, UsageError
from esimctl.malformed import Malformed
from esimctl.providers.accounts import Account
from esimctl.providers.airalo import answers
from esimctl.providers.airalo.catalogue import cents, offers_of, topups_of
from esimctl.providers.asking import Asker, Limit, countdown, retry_after, unreadable
from esimctl.providers.price_list import PriceRow, readable
from esimctl.providers.protocol import (
    Answer,
    Goods,
    LineRef,
    Outcome,
    OutgoingOrder,
    ProviderOrder,
    Quote,
    Reading,
    Request,
    Tier,
    Verdict,
    Wish,
)
from esimctl.providers.reseller import COUNTRY, Reseller
from esimctl.providers.strict_json import integer, listing, maybe_text, number, table, telling
from esimctl.providers.tokens import Tokens
from esimctl.providers.verdicts import ambiguous, by_transport, refused
from esimctl.values.money import EXPONENTS, Money
from esimctl.values.record import replace
from esimctl.values.sentence import Raw

BASE = "v2/"
TOKEN_LIMIT = Limit("token", 3, 60.0)
LIST_LIMITS = (Limit("packages", 80, 60.0),)
OTHER_LIMITS = (Limit("other", 5, 1.0),)
PAGE, PAGES = 100, 60
LIST_CAP = 4 << 20
SLACK = timedelta(seconds=2)  #: clocks tell whole seconds
#: the vendor's own list (its specification of September 2026)
REFUND_REASONS = (
    "INSTALLATION_FAILURE", "NO_COVERAGE", "APN_FAILURE", "TRIP_CANCELLATION", "INTERMITTENT_CONNECTION",
    "BLOCKED_NETWORK", "CHANGE_OF_PLAN", "DELETED_ESIM", "EARLY_EXPIRY", "HOTSPOT_NOT_WORKING", "IMSI_CHANGE",
    "INCOMPATIBLE_DEVICE", "LOCKED_DEVICE", "NO_VOICE_TEXT_SERVICES", "OVERCHARGED", "SLOW_SPEED",
    "TOP_UP_PACKAGE_FAILURE", "UNKNOWN_CHARGES", "WRONG_PURCHASE", "UNABLE_TO_ACCESS_APPS", "SERVICE_DEGRADATION",
    "QR_ISSUE_PARTNERS", "OTHERS",
)  # fmt: skip


class Airalo(Reseller):
    """One account at Airalo."""

    tier = Tier.LABEL
    window = timedelta(seconds=120)
    reading_max_age = timedelta(minutes=20)  #: the vendor's own cache: asking more often gains nothing
    order_limits = OTHER_LIMITS
    refund_reasons = REFUND_REASONS
    reasons_with_note = frozenset({"OTHERS"})

    def make_asker(self) -> Asker:
        """A bearer token, renewed once when it is not accepted."""
        asker = Asker(self.account, lambda _body, now, deadline: self.tokens.headers(now, deadline), self._renew)
        self.tokens = Tokens(
            self.account,
            asker.client,
            BASE + "token",
            limit=TOKEN_LIMIT,
            margin=timedelta(minutes=10),
            wrapped="data",
        )
        return asker

    def _renew(self, now: datetime, deadline: float) -> bool:
        return self.tokens.renew(now, deadline)

    def get(
        self,
        path: str,
        query: Mapping[str, Any],
        now: datetime,
        deadline: float,
        limits: Sequence[Limit] = OTHER_LIMITS,
    ) -> dict[str, Any]:
        """The document that a question brings."""
        words = f"{BASE}{path}" + (f"?{urlencode(query)}" if query else "")
        document = self.asker.ask("GET", words, now=now, deadline=deadline, limits=limits, cap=LIST_CAP)
        try:
            return table(document)
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def pages(
        self,
        path: str,
        query: Mapping[str, Any],
        now: datetime,
        deadline: float,
        limits: Sequence[Limit] = OTHER_LIMITS,
    ) -> Iterator[dict[str, Any]]:
        """Every page of a list."""
        left = countdown(deadline)
        for page in range(1, PAGES + 1):
            document = self.get(path, {**query, "limit": PAGE, "page": page}, now, left(), limits)
            yield document
            last = integer(table(document.get("meta") or {}, "meta"), "last_page")
            if page >= last if last is not None else not table(document.get("links") or {}, "links").get("next"):
                return
        raise ProtocolViolation("{provider}: its list does not end", code="endless_list", provider=Raw(self.name))

    def listed(self, path: str, query: Mapping[str, Any], now: datetime, deadline: float) -> list[dict[str, Any]]:
        """The rows of all pages of a list."""
        return [row for page in self.pages(path, query, now, deadline) for row in listing(page, "data")]

    # -- what can be bought

    def fetch_offers(self, now: datetime, deadline: float) -> Sequence[PriceRow]:
        """All packages for Cambodia: its own, and those for several countries or the world that include it."""
        left = countdown(deadline)
        try:
            return readable(
                offer
                for query in ({"filter[country]": COUNTRY}, {"filter[type]": "global"})
                for page in self.pages("packages", query, now, left(), LIST_LIMITS)
                for offer in offers_of(page, self.name, now)
            )
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def fetch_extras(self, line: LineRef, now: datetime, deadline: float) -> Sequence[PriceRow]:
        """The top-ups of one eSIM."""
        document = self.get(f"sims/{_iccid(line)}/topups", {}, now, deadline)
        try:
            return readable(topups_of(document, self.name, now))
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def quote(self, wish: Wish, now: datetime, *, deadline: float = 30.0) -> Quote:
        """As everywhere; before a top-up also what its line has been given so far, by which it can be told later."""
        left = countdown(deadline)
        quote = super().quote(wish, now, deadline=left())
        if wish.kind == "new":
            return quote
        try:
            return replace(quote, granted_before=self._granted(wish.line, now, left()))
        except EsimctlError:
            return quote

    def _granted(self, line: LineRef, now: datetime, deadline: float) -> int | None:
        """What a line has been given in all, in octets, by `sims/{iccid}/usage`; None where that is not limited."""
        reading = self.reading(line, now, deadline=deadline)
        return None if reading is None else reading.granted_bytes

    # -- orders

    def request(self, order: OutgoingOrder) -> Request:
        """The order with its mark in the description."""
        body: dict[str, Any] = {"package_id": self.code(order.wish.plan or ""), "description": answers.label(order)}
        if order.wish.kind == "new":
            body |= {"quantity": 1, "type": "sim"}
            return Request(f"POST {BASE}orders", json.dumps(body, separators=(",", ":")))
        body["iccid"] = _iccid(order.wish.line)
        return Request(f"POST {BASE}orders/topups", json.dumps(body, separators=(",", ":")))

    def understand(self, order: OutgoingOrder, answer: Answer) -> Outcome:
        """By status, then by the vendor's code. A 401 is looked into, whatever it says: it has come after a charge."""
        if answer.status == 401:
            return ambiguous("unauthorized")
        decided = by_transport(answer, retry_after(answer.headers, order.created_at))
        if decided is not None:
            return decided
        assert answer.status is not None
        return answers.outcome_of(order, answer.status, answer.body)

    def find(self, order: OutgoingOrder, now: datetime, deadline: float) -> Outcome:
        """By the mark in the description; a top-up whose description was replaced, by line, package and time."""
        left = countdown(deadline)
        try:
            query = {"filter[description]": answers.label(order), "include": "sims,status"}
            mine = answers.marked(order, self.listed("orders", query, now, left()))
            if mine:
                nothing = answers.came_to_nothing(mine[0])
                return refused(nothing) if nothing else answers.delivered(order, mine[0], len(mine) - 1)
            if order.provider_order is not None:
                found = self._by_number(order, order.provider_order, now, left())
                if found is not None:
                    return found
            if order.wish.kind != "new":
                return self._find_topup(order, now, left())
            if order.provider_order is not None:
                return Outcome(Verdict.ACCEPTED, "allocating", provider_order=order.provider_order, charged=True)
            return Outcome(Verdict.ABSENT, "not_found", charged=False)
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def _by_number(self, order: OutgoingOrder, number_of: str, now: datetime, deadline: float) -> Outcome | None:
        """By Airalo's own number; None where it knows none of that number that is ours."""
        try:
            document = self.get(f"orders/{quote(number_of, safe='')}", {"include": "sims,status"}, now, deadline)
        except (CredentialsError, Refused):  # somebody else's order is answered by 401
            return None
        data = table(document.get("data"), "data")
        nothing = answers.came_to_nothing(data)
        return refused(nothing) if nothing else answers.delivered(order, data)

    def _find_topup(self, order: OutgoingOrder, now: datetime, deadline: float) -> Outcome:
        left, iccid = countdown(deadline), _iccid(order.wish.line)
        found = self.listed("orders", {"filter[iccid]": iccid, "include": "status"}, now, left())
        since = self._sent_at(order, now)
        listed = [(row, answers.unmarked_topup(order, row, since)) for row in found]
        for row, mine in listed:
            if mine:
                nothing = answers.came_to_nothing(row)
                return refused(nothing) if nothing else answers.delivered(order, row)
        limits = (*OTHER_LIMITS, _own_limit("history", iccid))
        history = self.get(f"sims/{iccid}/packages", {}, now, left(), limits)
        fits = [(row, answers.in_history(order, row, since)) for row in listing(history, "data")]
        for row, mine in fits:
            if mine:
                return Outcome(Verdict.SETTLED, provider_order=maybe_text(row, "id"), charged=True)
        if self._grown(order, now, left()):
            return Outcome(Verdict.SETTLED, charged=True)
        undated = sum(mine is None for _, mine in fits)
        if any(mine is None for _, mine in listed) or undated > sum(answers.same_package(order, row) for row in found):
            return Outcome(Verdict.AMBIGUOUS, "undated_topup")  # more than the orders before this one explain
        return Outcome(Verdict.ABSENT, "not_found", charged=False)

    def _grown(self, order: OutgoingOrder, now: datetime, deadline: float) -> bool:
        """Whether the line has grown by the pack since before the order: the proof where no list shows it."""
        bought, before = self.offer(order.wish.plan or ""), order.granted_before
        octets = 0 if bought is None else int(bought.wire.get("octets") or 0)
        if before is None or not octets:
            return False
        granted = self._granted(order.wish.line, now, deadline)
        return granted is not None and granted - before >= octets

    def _sent_at(self, order: OutgoingOrder, now: datetime) -> datetime | None:
        """When an order was sent, by their clock; None where ours has been set back since and so said nothing then."""
        if order.their_time is not None:
            return order.their_time - SLACK
        sent = order.attempted_at or order.created_at
        return None if sent > now + SLACK else sent - SLACK + (self.asker.skew or timedelta(0))

    def cancel(
        self, line: LineRef, now: datetime, *, deadline: float = 30.0, reason: str, note: str | None = None
    ) -> Outcome:
        """Ask for a refund; people there decide, and the money comes back as credit. Both words are the person's."""
        wish = {"iccids": [_iccid(line)], "reason": reason, **({} if note is None else {"notes": note})}
        body = json.dumps(wish)
        answer = self.asker.once(
            "POST",
            BASE + "refund",
            now=now,
            deadline=deadline,
            body=body,
            limits=(Limit("refund", 5, 60.0),),
            fresh=True,
        )
        if answer.status in (200, 202) and answer.failure is None:
            return answers.refund_asked(answer.body)
        decided = by_transport(answer, retry_after(answer.headers, now))
        return decided if decided is not None else answers.refusal(answer.status or 0, answer.body)

    # -- looking

    def goods(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Goods | None:
        """The eSIM of a line with its code, from `sims/{iccid}`."""
        document = self.get(f"sims/{_iccid(line)}", {}, now, deadline)
        try:
            return answers.goods_of(table(document.get("data"), "data"))
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def reading(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Reading | None:
        """From `sims/{iccid}/usage`."""
        iccid = _iccid(line)
        limits = (Limit("usage", 5, 1.0), _own_limit("usage", iccid))
        document = self.get(f"sims/{iccid}/usage", {}, now, deadline, limits)
        bought = None if line.plan is None else self.offer(line.plan)
        try:
            return answers.reading_of(
                table(document.get("data"), "data"),
                now,
                unlimited_plan=bought is not None and bool(bought.wire.get("unlimited")),
            )
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def account_balance(self, now: datetime, *, deadline: float = 30.0) -> Money | None:
        """The partner's credit; None where the vendor knows no account."""
        document = self.get("balance", {}, now, deadline)
        try:
            data = document.get("data")
            held = telling(data, "balances")["balances"] if isinstance(data, dict) else None
            if not isinstance(held, dict):
                return None
            available = table(held.get("availableBalance"), "availableBalance")
            amount, currency = number(available, "amount"), maybe_text(available, "currency") or "USD"
            if amount is None or currency not in EXPONENTS:
                return None
            return cents(amount, "ROUND_FLOOR") if currency == "USD" else None
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def orders(self, since: datetime, now: datetime, *, deadline: float = 30.0) -> Sequence[ProviderOrder] | None:
        """Every order since then. Where the form of the span is refused, all there are."""
        left, wanted = countdown(deadline), {"include": "sims,status"}
        span = f"{since:%Y-%m-%d} - {now + timedelta(days=3):%Y-%m-%d}"
        try:
            try:
                listed = self.listed("orders", {"filter[created_at]": span, **wanted}, now, left())
            except Refused:
                listed = self.listed("orders", wanted, now, left())
            found = [answers.listed_order(row, self.name) for row in listed]
        except Malformed as why:
            raise unreadable(self.name, why) from why
        return tuple(
            order for order in found if order is not None and (order.created_at is None or order.created_at >= since)
        )

    def lines(self, now: datetime, *, deadline: float = 30.0) -> Sequence[LineRef]:
        """The account's eSIMs."""
        try:
            found = [
                answers.line_of(row, self.name) for row in self.listed("sims", {"include": "order"}, now, deadline)
            ]
        except Malformed as why:
            raise unreadable(self.name, why) from why
        return tuple(line for line in found if line is not None)


def _iccid(line: LineRef) -> str:
    if line.iccid is None:
        raise UsageError("the ICCID of {line} is not known", code="iccid_unknown", line=Raw(line.name))
    return quote(line.iccid, safe="")


def _own_limit(what: str, iccid: str) -> Limit:
    """The limit of one eSIM; its number does not stand in the file."""
    return Limit(f"{what}-{sha256(iccid.encode()).hexdigest()[:12]}", 10, 60.0)


def open_airalo(account: Account) -> Airalo:
    """The adapter for an account."""
    return Airalo(account)
