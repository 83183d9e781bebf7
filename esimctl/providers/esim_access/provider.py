"""The adapter: which path answers which question, and how an order is sent and found again.

A transactionId is unique there (tier B): by the vendor's older text a repeated one is the same request, by that of
April 2026 a duplicate of an order that exists (310402). Either way it is looked for, and sent again only by the rules
of its tier, which lose nothing where neither is true.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from esimctl.errors import CredentialsError, EsimctlError, Refused, UsageError
from esimctl.malformed import Malformed
from esimctl.providers.accounts import Account
from esimctl.providers.asking import countdown, retry_after, unreadable
from esimctl.providers.esim_access import answers
from esimctl.providers.esim_access.catalogue import DAILY, DAY_TOPUPS, NO_TOPUPS, code_of, credit, offers_of, usd
from esimctl.providers.esim_access.questions import BASE, LIMITS, Questions, listed, named
from esimctl.providers.price_list import PriceRow
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
from esimctl.providers.reseller import COUNTRY, Progress
from esimctl.providers.strict_json import identifier, integer, rows, telling
from esimctl.providers.verdicts import by_transport, refused
from esimctl.values.money import Money
from esimctl.values.record import replace
from esimctl.values.sentence import Raw

VENDOR = "https://api.esimaccess.com"
MARGIN = timedelta(days=3)  #: around an order: clocks of both sides may be wrong by days
REGIONS = ("!RG", "!GL")  #: how the vendor calls its lists of regional and global packages
ACCOUNT_AGE = timedelta(days=1100)  #: how far back the account's eSIMs are looked for
MANY = 8  #: from so many lines on one list is cheaper than single questions


class EsimAccess(Questions):
    """One account at eSIM Access."""

    tier = Tier.REFERENCE
    window = timedelta(seconds=60)
    reading_max_age = timedelta(hours=1)
    usage_lag = timedelta(hours=3)  #: use is counted two to three hours late, says the vendor
    order_limits = LIMITS

    # -- what can be bought

    def fetch_offers(self, now: datetime, deadline: float) -> Sequence[PriceRow]:
        """All packages for Cambodia: its own, then the regional and global ones that have it among their countries."""
        left = countdown(deadline)
        found = self._packages({"locationCode": COUNTRY, "type": "BASE"}, now, left())
        for place in REGIONS:
            try:
                found += self._packages({"locationCode": place, "type": "BASE"}, now, left())
            except Refused:  # a list that this account is not shown leaves the others
                continue
        return found

    def fetch_extras(self, line: LineRef, now: datetime, deadline: float) -> Sequence[PriceRow]:
        """The top-ups of one eSIM: all, or those of a day plan; one that takes none is refused."""
        if line.iccid is None:
            raise UsageError("the ICCID of {line} is not known", code="iccid_unknown", line=Raw(line.name))
        left = countdown(deadline)
        entry = self.entry(line, now, left())
        takes = None if entry is None else self.figure(entry, "supportTopUpType")
        if takes == NO_TOPUPS:
            raise Refused(
                "{provider}: {line} cannot be topped up",
                hint="esimctl plans list --provider {provider}",
                code="no_topups",
                provider=Raw(self.name),
                line=Raw(line.name),
            )
        found = self._packages({"type": "TOPUP", "iccid": line.iccid}, now, left())
        return found if takes != DAY_TOPUPS else [offer for offer in found if offer.wire["kind"] in DAILY]

    def quote(self, wish: Wish, now: datetime, *, deadline: float = 30.0) -> Quote:
        """As everywhere; for a top-up also what the line has been given in all, by which it can be found again.

        A line whose profile was deleted, or that has ended, is refused before anything is sent.
        """
        left = countdown(deadline)
        if wish.kind == "new":
            return super().quote(wish, now, deadline=left())
        self._payable(wish)
        entry = self.entry(wish.line, now, left())
        if entry is not None and (answers.is_deleted(entry) or self.read(entry, now).status == "closed"):
            raise Refused(
                "{provider}: the profile of {line} is gone from its device; a top-up would reach nobody",
                hint="esimctl plans list --provider {provider}",
                code="line_gone",
                provider=Raw(self.name),
                line=Raw(wish.line.name),
            )
        quote = super().quote(wish, now, deadline=left())
        if entry is None:
            return quote
        try:
            packs = len(rows(entry.get("packageList")))
        except Malformed as why:
            raise unreadable(self.name, why) from why
        return replace(quote, granted_before=self.figure(entry, "totalVolume"), packs_before=packs)

    def _packages(self, wish: Mapping[str, str], now: datetime, deadline: float) -> list[PriceRow]:
        obj = self.obj("package/list", wish, now, deadline)
        try:
            found = listed(obj, "packageList")
            if found and not any(identifier(row, "packageCode") for row in found):
                raise Malformed("packageList holds no packages")
        except Malformed as why:
            raise unreadable(self.name, why) from why
        topup = wish["type"] == "TOPUP"
        return [offer for row in found for offer in offers_of(row, self.name, now, topup=topup)]

    # -- orders

    def request(self, order: OutgoingOrder) -> Request:
        """The order with its total, which the vendor checks; the wire price is the listed one where it fits."""
        wish, code = order.wish, self._code(order)
        listed = self.offer(wish.plan or "")
        days = None if listed is None else listed.wire.get("period")
        exact = None if listed is None else listed.wire.get("price")
        amount = exact if isinstance(exact, int) and usd(exact) == order.price else order.price.minor * 100
        body: dict[str, Any] = {"transactionId": order.key, "amount": amount}
        period = {} if days is None else {"periodNum": int(days)}
        if wish.kind == "new":
            price = {"price": amount} if days is None else {}  # of one day there, of all days in the amount
            body["packageInfoList"] = [{"packageCode": code, "count": 1, **price, **period}]
            return Request(f"POST {BASE}esim/order", json.dumps(body, separators=(",", ":")))
        body |= {"packageCode": code, **named(wish.line), **period}
        return Request(f"POST {BASE}esim/topup", json.dumps(body, separators=(",", ":")))

    def finer(self, plan: str) -> bool:
        """Whether a price of the vendor's, in 1/10000 of a dollar, is no whole number of cents."""
        listed = self.offer(plan)
        wire = None if listed is None else listed.wire.get("price")
        return isinstance(wire, int) and usd(wire) != credit(wire)

    def understand(self, order: OutgoingOrder, answer: Answer) -> Outcome:
        """By status, then by the vendor's code."""
        decided = by_transport(answer, retry_after(answer.headers, order.created_at))
        if decided is not None:
            return decided
        assert answer.status is not None
        return answers.outcome_of(order, answer.status, answer.body)

    def find(self, order: OutgoingOrder, now: datetime, deadline: float) -> Outcome:
        """By the vendor's order number, by our transactionId among all orders of those days, or on the line."""
        try:
            if order.wish.kind != "new":
                return self._find_topup(order, now, deadline)
            if order.provider_order is not None:
                said = self.query({"orderNo": order.provider_order}, now, deadline)
                if said.code in (answers.ALLOCATING, answers.NO_SUCH_ORDER):
                    return Outcome(Verdict.ACCEPTED, "allocating", provider_order=order.provider_order, charged=True)
                if not said.ok:
                    raise self.failure(said)
                mine = listed(said.obj, "esimList")
            else:
                at = order.their_time or order.attempted_at or order.created_at
                left = countdown(deadline)
                mine = [
                    entry
                    for entry in self.between(at - MARGIN, max(now, at) + MARGIN, now, left())
                    if identifier(entry, "transactionId") == order.key
                ] or self._by_reference(order, now, left())
                if not mine:
                    return Outcome(Verdict.ABSENT, "not_found", charged=False)
            if not mine:
                return Outcome(Verdict.ACCEPTED, "allocating", provider_order=order.provider_order, charged=True)
            kept = self.offer(order.wish.plan or "")
            slug = None if kept is None else str(kept.wire.get("slug") or "")
            return answers.found_order(order, mine, self._code(order), slug)
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def _find_topup(self, order: OutgoingOrder, now: datetime, deadline: float) -> Outcome:
        """A top-up shows on its line: as a row of it, or in what the line has been given in all."""
        left, line = countdown(deadline), order.wish.line
        entries = self.entries(named(line), now, left())
        sent = order.their_time or (order.attempted_at or order.created_at) + (self.asker.skew or timedelta(0))
        for found in (entries, self._by_reference(order, now, left())):
            for entry in found:
                if answers.belongs(entry, line) and answers.topup_in(
                    order, entry, self._code(order), sent, self._octets(order)
                ):
                    return Outcome(Verdict.SETTLED, provider_order=order.provider_order or order.key, charged=True)
        return Outcome(Verdict.ABSENT, "not_found", charged=False)

    def _by_reference(self, order: OutgoingOrder, now: datetime, deadline: float) -> list[dict[str, Any]]:
        """One more question before it is said to be absent: the vendor takes our reference as a filter, undocumented.

        What it does not know it refuses, or leaves out of account: only what carries the reference counts.
        """
        try:
            said = self.query({"transactionId": order.key}, now, deadline)
            found = listed(said.obj, "esimList") if said.ok else []
            return [
                entry
                for entry in found
                if order.key in {identifier(row, "transactionId") for row in (entry, *rows(entry.get("packageList")))}
            ]
        except CredentialsError:
            raise
        except (EsimctlError, Malformed):
            return []

    def _code(self, order: OutgoingOrder) -> str:
        """The vendor's package code of what was ordered."""
        return code_of(self.code(order.wish.plan or ""))

    def _octets(self, order: OutgoingOrder) -> int | None:
        """How much a pack brings in all; None where that is not one volume, or not known any more."""
        listed = self.offer(order.wish.plan or "")
        if listed is None or listed.wire.get("kind") in DAILY:
            return None
        volume = listed.wire.get("volume")
        return volume if isinstance(volume, int) and volume > 0 else None

    def cancel(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Outcome:
        """Give an eSIM back that nobody has installed; its price returns to the credit at once."""
        said = self.ask("esim/cancel", named(line), now, deadline)
        if said.ok:
            return Outcome(Verdict.SETTLED, "cancelled")
        meaning = answers.meaning_of(said.code)
        return refused(meaning.reason if meaning is not None else "unexpected_refusal", said.message)

    # -- looking

    def goods(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Goods | None:
        """The eSIM of a line with its code."""
        return answers.goods_of(self.entries(named(line), now, deadline), line)

    def reading(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Reading | None:
        """From `esim/query`."""
        entry = self.entry(line, now, deadline)
        return None if entry is None else self.read(entry, now)

    def readings(
        self, lines: Sequence[LineRef], now: datetime, *, deadline: float = 60.0, progress: Progress | None = None
    ) -> Mapping[str, Reading | EsimctlError]:
        """Many lines from one list of the whole account, 500 a page; what is not in it is asked for singly."""
        found: dict[str, Reading | EsimctlError] = {}
        left = countdown(deadline)
        if len(lines) >= MANY:
            wanted = {line.reference or line.iccid: line for line in lines}
            try:
                for entry in self.between(now - ACCOUNT_AGE, now + MARGIN, now, left() / 2):
                    line = wanted.get(identifier(entry, "esimTranNo")) or wanted.get(answers.iccid_of(entry))
                    if line is not None and answers.belongs(entry, line):
                        found[line.name] = self.read(entry, now)
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
                deadline=left(),
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
            amount = integer(telling(obj, "balance"), "balance")
        except Malformed as why:
            raise unreadable(self.name, why) from why
        return None if amount is None else credit(amount)

    def orders(self, since: datetime, now: datetime, *, deadline: float = 30.0) -> Sequence[ProviderOrder] | None:
        """The orders for new eSIMs. What was charged, and top-ups, are not in any list of the vendor's."""
        found: dict[str, ProviderOrder] = {}
        try:
            for entry in self.between(since, now + MARGIN, now, deadline):
                number = identifier(entry, "orderNo")
                if number is not None and number not in found:
                    found[number] = answers.listed_order(number, entry, self.name)
        except Malformed as why:
            raise unreadable(self.name, why) from why
        return tuple(order for order in found.values() if order.created_at is None or order.created_at >= since)

    def lines(self, now: datetime, *, deadline: float = 30.0) -> Sequence[LineRef]:
        """The account's eSIMs."""
        try:
            found = [
                answers.line_of(entry, self.name)
                for entry in self.between(now - ACCOUNT_AGE, now + MARGIN, now, deadline)
            ]
        except Malformed as why:
            raise unreadable(self.name, why) from why
        return tuple(line for line in found if line is not None)

    # -- within


def open_esim_access(account: Account) -> EsimAccess:
    """The adapter for an account."""
    return EsimAccess(account)
