"""The adapter: which path answers which question, and how an order is sent and found again.

A repeated transactionId is the same request by the vendor's word, so the stored bytes may be sent again (tier B).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from esimctl.charging.money import Money
from esimctl.errors import CredentialsError, EsimctlError, ProtocolViolation, Refused, Unreachable, UsageError
from esimctl.providers.asking import Asker, countdown, unauthorized, unreadable
from esimctl.providers.esim_access import answers
from esimctl.providers.esim_access.answers import Envelope
from esimctl.providers.esim_access.catalogue import TOPUP, credit, offer_of, usd
from esimctl.providers.esim_access.signing import headers
from esimctl.providers.keep import Account
from esimctl.providers.pace import Limit
from esimctl.providers.protocol import (
    Answer,
    Goods,
    LineRef,
    Order,
    Outcome,
    ProviderOrder,
    Reading,
    Request,
    Tier,
    Verdict,
)
from esimctl.providers.reseller import COUNTRY, Progress, Reseller
from esimctl.providers.shelf import Offer
from esimctl.providers.skew import retry_after
from esimctl.providers.strict_json import Malformed, identifier, integer, rows, table
from esimctl.providers.verdicts import by_transport, refused

VENDOR = "https://api.esimaccess.com"
BASE = "api/v1/open/"
LIMITS = (Limit("all", 8, 1.0),)
PAGE, PAGES = 500, 40
LIST_CAP = 4 << 20  #: octets of a list
MARGIN = timedelta(days=3)  #: around an order: clocks of both sides may be wrong by days
ACCOUNT_AGE = timedelta(days=1100)  #: how far back the account's eSIMs are looked for
MANY = 8  #: from so many lines on one list is cheaper than single questions


class EsimAccess(Reseller):
    """One account at eSIM Access."""

    tier = Tier.REFERENCE
    window = timedelta(seconds=60)
    reading_max_age = timedelta(hours=1)
    order_limits = LIMITS
    repeats_safely = True  #: the vendor's documentation of transactionId

    def make_asker(self) -> Asker:
        """One header, or four where there is a secret key."""
        return Asker(self.account, self._sign)

    def _sign(self, body: str, now: datetime, deadline: float) -> Mapping[str, str]:
        credentials = self.account.credentials()
        self.asker.client.guard(credentials.values())
        return headers(credentials, body, now)

    def ask(self, path: str, body: Mapping[str, Any], now: datetime, deadline: float) -> Envelope:
        """One question; a refusal of the credentials is raised, other codes are left to the caller."""
        document = self.asker.ask(
            "POST",
            BASE + path,
            now=now,
            deadline=deadline,
            body=json.dumps(body, separators=(",", ":")),
            limits=LIMITS,
            cap=LIST_CAP,
            own_errors=True,
        )
        try:
            said = answers.envelope(document)
        except Malformed as why:
            raise unreadable(self.name, why) from why
        meaning = answers.meaning_of(said.code)
        if meaning is not None and meaning.reason == "unauthorized":
            raise unauthorized(self.name)
        return said

    def obj(self, path: str, body: Mapping[str, Any], now: datetime, deadline: float) -> dict[str, Any]:
        """The object that a question brings; a code is raised as the failure that it stands for."""
        said = self.ask(path, body, now, deadline)
        if not said.ok:
            raise self._failure(said)
        try:
            return table(said.obj if said.obj is not None else {}, "obj")
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def _failure(self, said: Envelope) -> EsimctlError:
        meaning = answers.meaning_of(said.code)
        kind = Refused if meaning is not None and meaning.definite else Unreachable
        return kind(
            "{provider} answers {number}: {said}",
            code=meaning.reason if meaning is not None else "unexpected_refusal",
            provider=self.name,
            number=said.code or "no code",
            said=said.message or "nothing more",
        )

    # -- what can be bought

    def fetch_offers(self, now: datetime, deadline: float) -> Sequence[Offer]:
        """All packages for Cambodia."""
        return self._packages({"locationCode": COUNTRY, "type": "BASE"}, now, deadline)

    def fetch_extras(self, line: LineRef, now: datetime, deadline: float) -> Sequence[Offer]:
        """The top-ups of one eSIM."""
        if line.iccid is None:
            raise UsageError("the ICCID of {line} is not known", code="iccid_unknown", line=line.name)
        return self._packages({"type": "TOPUP", "iccid": line.iccid}, now, deadline)

    def _packages(self, wish: Mapping[str, str], now: datetime, deadline: float) -> list[Offer]:
        obj = self.obj("package/list", wish, now, deadline)
        try:
            listed = rows(obj.get("packageList"), "packageList")
        except Malformed as why:
            raise unreadable(self.name, why) from why
        found = [offer_of(row, self.name, now) for row in listed]
        topup = wish["type"] == "TOPUP"
        return [offer for offer in found if offer is not None and (offer.plan.kind == "topup") is topup]

    # -- orders

    def request(self, order: Order) -> Request:
        """The order with its total, which the vendor checks; the wire price is the listed one where it fits."""
        wish, code = order.wish, self.code(order.wish.plan or "")
        listed = self.offer(wish.plan or "")
        exact = None if listed is None else listed.wire.get("price")
        amount = exact if isinstance(exact, int) and usd(exact) == order.price else order.price.minor * 100
        body: dict[str, Any] = {"transactionId": order.key, "amount": amount}
        if wish.kind == "new":
            body["packageInfoList"] = [{"packageCode": code, "count": 1, "price": amount}]
            return Request(f"POST {BASE}esim/order", json.dumps(body, separators=(",", ":")))
        body |= {"packageCode": code, **_named(wish.line)}
        return Request(f"POST {BASE}esim/topup", json.dumps(body, separators=(",", ":")))

    def finer(self, plan: str) -> bool:
        """Whether a price of the vendor's, in 1/10000 of a dollar, is no whole number of cents."""
        listed = self.offer(plan)
        wire = None if listed is None else listed.wire.get("price")
        return isinstance(wire, int) and usd(wire) != credit(wire)

    def understand(self, order: Order, answer: Answer) -> Outcome:
        """By status, then by the vendor's code."""
        decided = by_transport(answer, retry_after(answer.headers, order.created_at))
        if decided is not None:
            return decided
        assert answer.status is not None
        return answers.outcome_of(order, answer.status, answer.body)

    def find(self, order: Order, now: datetime, deadline: float) -> Outcome:
        """By the vendor's order number, by our transactionId among all orders of those days, or on the line."""
        try:
            if order.wish.kind != "new":
                return self._find_topup(order, now, deadline)
            if order.provider_order is not None:
                said = self._query({"orderNo": order.provider_order}, now, deadline)
                if said.code in (answers.ALLOCATING, answers.NO_SUCH_ORDER):
                    return Outcome(Verdict.ACCEPTED, "allocating", provider_order=order.provider_order, charged=True)
                if not said.ok:
                    raise self._failure(said)
                mine = rows(table(said.obj, "obj").get("esimList"), "esimList")
            else:
                at = order.attempted_at or order.created_at
                mine = [
                    entry
                    for entry in self._between(at - MARGIN, max(now, at) + MARGIN, now, deadline)
                    if identifier(entry, "transactionId") == order.key
                ]
                if not mine:
                    return Outcome(Verdict.ABSENT, "not_found", charged=False)
            if not mine:
                return Outcome(Verdict.ACCEPTED, "allocating", provider_order=order.provider_order, charged=True)
            listed = self.offer(order.wish.plan or "")
            slug = None if listed is None else str(listed.wire.get("slug") or "")
            return answers.found_order(order, mine, self.code(order.wish.plan or ""), slug)
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def _find_topup(self, order: Order, now: datetime, deadline: float) -> Outcome:
        """A top-up has no number of its own: it shows in the packages of its line, made after it was sent."""
        since = (order.attempted_at or order.created_at) - timedelta(seconds=2)
        obj = self._entries(_named(order.wish.line), now, deadline)
        since += self.asker.skew or timedelta(0)
        for entry in obj:
            if answers.belongs(entry, order.wish.line) and answers.topup_after(
                entry, self.code(order.wish.plan or ""), since
            ):
                return Outcome(Verdict.SETTLED, provider_order=order.key, charged=True)
        return Outcome(Verdict.ABSENT, "not_found", charged=False)

    def cancel(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Outcome:
        """Give an eSIM back that nobody has installed; its price returns to the credit at once."""
        said = self.ask("esim/cancel", _named(line), now, deadline)
        if said.ok:
            return Outcome(Verdict.SETTLED, "cancelled")
        meaning = answers.meaning_of(said.code)
        return refused(meaning.reason if meaning is not None else "unexpected_refusal", said.message)

    # -- looking

    def goods(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Goods | None:
        """The eSIM of a line with its code."""
        return answers.goods_of(self._entries(_named(line), now, deadline), line)

    def reading(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Reading | None:
        """From `esim/query`."""
        for entry in reversed(self._entries(_named(line), now, deadline)):
            if answers.belongs(entry, line):
                return self._read(entry, now)
        return None

    def readings(
        self, lines: Sequence[LineRef], now: datetime, *, deadline: float = 60.0, progress: Progress | None = None
    ) -> Mapping[str, Reading | EsimctlError]:
        """Many lines from one list of the whole account, 500 a page; what is not in it is asked for singly."""
        found: dict[str, Reading | EsimctlError] = {}
        if len(lines) >= MANY:
            wanted = {line.reference or line.iccid: line for line in lines}
            try:
                for entry in self._between(now - ACCOUNT_AGE, now + MARGIN, now, deadline):
                    line = wanted.get(identifier(entry, "esimTranNo")) or wanted.get(identifier(entry, "iccid"))
                    if line is not None and answers.belongs(entry, line):
                        found[line.name] = self._read(entry, now)
                        if progress is not None:
                            progress(len(found), len(lines))
            except CredentialsError:
                raise
            except (EsimctlError, Malformed):
                found = dict(found)  # the rest is asked for one by one
        rest = [line for line in lines if line.name not in found]
        done = len(found)
        found.update(
            super().readings(
                rest,
                now,
                deadline=deadline,
                progress=None if progress is None else lambda count, _: progress(done + count, len(lines)),
            )
            if rest
            else {}
        )
        return found

    def account_balance(self, now: datetime, *, deadline: float = 30.0) -> Money | None:
        """The credit of the account."""
        obj = self.obj("balance/query", {}, now, deadline)
        try:
            amount = integer(obj, "balance")
        except Malformed as why:
            raise unreadable(self.name, why) from why
        return None if amount is None else credit(amount)

    def orders(self, since: datetime, now: datetime, *, deadline: float = 30.0) -> Sequence[ProviderOrder] | None:
        """The orders for new eSIMs. What was charged, and top-ups, are not in any list of the vendor's."""
        found: dict[str, ProviderOrder] = {}
        try:
            for entry in self._between(since, now + MARGIN, now, deadline):
                number = identifier(entry, "orderNo")
                if number is not None and number not in found:
                    found[number] = answers.listed_order(number, entry, self.name)
        except Malformed as why:
            raise unreadable(self.name, why) from why
        return tuple(found.values())

    def lines(self, now: datetime, *, deadline: float = 30.0) -> Sequence[LineRef]:
        """The account's eSIMs."""
        try:
            found = [
                answers.line_of(entry, self.name)
                for entry in self._between(now - ACCOUNT_AGE, now + MARGIN, now, deadline)
            ]
        except Malformed as why:
            raise unreadable(self.name, why) from why
        return tuple(line for line in found if line is not None)

    # -- within

    def _read(self, entry: Mapping[str, Any], now: datetime) -> Reading:
        try:
            return answers.reading_of(entry, now)
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def _query(self, wish: Mapping[str, Any], now: datetime, deadline: float, page: int = 1) -> Envelope:
        return self.ask("esim/query", {**wish, "pager": {"pageNum": page, "pageSize": PAGE}}, now, deadline)

    def _entries(self, wish: Mapping[str, Any], now: datetime, deadline: float) -> list[dict[str, Any]]:
        said = self._query(wish, now, deadline)
        if not said.ok:
            raise self._failure(said)
        try:
            return rows(table(said.obj, "obj").get("esimList"), "esimList")
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def _between(self, start: datetime, end: datetime, now: datetime, deadline: float) -> Iterator[dict[str, Any]]:
        """Every eSIM that was ordered between two instants, page by page."""
        seen, left = 0, countdown(deadline)
        for page in range(1, PAGES + 1):
            wish = {"startTime": _stamp(start), "endTime": _stamp(end)}
            said = self._query(wish, now, left(), page)
            if not said.ok:
                raise self._failure(said)
            obj = table(said.obj, "obj")
            listed = rows(obj.get("esimList"), "esimList")
            yield from listed
            seen += len(listed)
            total = integer(table(obj.get("pager") or {}, "pager"), "total")
            if not listed or (total is not None and seen >= total) or (total is None and len(listed) < PAGE):
                return
        raise ProtocolViolation("{provider}: its list does not end", code="endless_list", provider=self.name)


def _named(line: LineRef) -> dict[str, str]:
    """How the vendor finds a line: by its own number, for it uses ICCIDs again."""
    if line.reference is not None:
        return {"esimTranNo": line.reference}
    if line.iccid is not None:
        return {"iccid": line.iccid}
    raise UsageError("neither ICCID nor number of {line} is known", code="iccid_unknown", line=line.name)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def open_esim_access(account: Account) -> EsimAccess:
    """The adapter for an account."""
    return EsimAccess(account)


__all__ = ["TOPUP", "VENDOR", "EsimAccess", "open_esim_access"]
