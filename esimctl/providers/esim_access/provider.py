"""The adapter: which path answers which question, and how an order is sent and found again.

A transactionId is unique there (tier B): by the vendor's older text a repeated one is the same request, by that of
April 2026 a duplicate of an order that exists (310402). Either way it is looked for, and sent again only by the rules
of its tier, which lose nothing where neither is true.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from esimctl.errors import CredentialsError, EsimctlError, Refused
from esimctl.malformed import Malformed
from esimctl.providers.accounts import Account
from esimctl.providers.asking import countdown
from esimctl.providers.esim_access import answers
from esimctl.providers.esim_access.answers import listed
from esimctl.providers.esim_access.catalogue import DAILY, DAY_TOPUPS, NO_TOPUPS, code_of, credit, offers_of, usd
from esimctl.providers.esim_access.questions import BASE, LIMITS, Questions, named
from esimctl.providers.price_list import PriceRow
from esimctl.providers.protocol import (
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
from esimctl.providers.reseller import COUNTRY, Progress, iccid_of, made_since, package_of
from esimctl.providers.strict_json import Json, JsonObject, written
from esimctl.providers.verdicts import absent, allocating, refused
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
    outcome_of = staticmethod(answers.outcome_of)

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
        iccid, left = iccid_of(line), countdown(deadline)
        entry = self.entry(line, now, left())
        takes = None if entry is None else entry.integer("supportTopUpType")
        if takes == NO_TOPUPS:
            raise Refused(
                "{provider}: {line} cannot be topped up",
                hint="esimctl plans list --provider {provider}",
                code="no_topups",
                provider=Raw(self.name),
                line=Raw(line.name),
            )
        found = self._packages({"type": "TOPUP", "iccid": iccid}, now, left())
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
        if entry is not None and (answers.is_deleted(entry) or answers.reading_of(entry, now).status == "closed"):
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
        packs = len(entry.rows("packageList"))
        return replace(quote, granted_before=entry.integer("totalVolume"), packs_before=packs)

    def _packages(self, wish: Mapping[str, Json], now: datetime, deadline: float) -> list[PriceRow]:
        found = listed(self.obj("package/list", wish, now, deadline), "packageList")
        if found and not any(row.identifier("packageCode") for row in found):
            raise Malformed("packageList holds no packages")
        topup = wish["type"] == "TOPUP"
        return [offer for row in found for offer in offers_of(row, self.name, now, topup=topup)]

    # -- orders

    def request(self, order: OutgoingOrder) -> Request:
        """The order with its total, which the vendor checks; the wire price is the listed one where it fits."""
        wish, code = order.wish, code_of(package_of(order))
        offer = self.offer(wish.plan or "")
        days = None if offer is None else offer.wire.get("period")
        exact = None if offer is None else offer.wire.get("price")
        amount = exact if isinstance(exact, int) and usd(exact) == order.price else order.price.minor * 100
        body: dict[str, Json] = {"transactionId": order.key, "amount": amount}
        period: dict[str, Json] = {} if days is None else {"periodNum": int(days)}
        if wish.kind == "new":
            price = {"price": amount} if days is None else {}  # of one day there, of all days in the amount
            body["packageInfoList"] = [{"packageCode": code, "count": 1, **price, **period}]
            return Request(f"POST {BASE}esim/order", written(body))
        return Request(f"POST {BASE}esim/topup", written({**body, "packageCode": code, **named(wish.line), **period}))

    def finer(self, plan: str) -> bool:
        """Whether a price of the vendor's, in 1/10000 of a dollar, is no whole number of cents."""
        offer = self.offer(plan)
        wire = None if offer is None else offer.wire.get("price")
        return isinstance(wire, int) and usd(wire) != credit(wire)

    def find(self, order: OutgoingOrder, now: datetime, deadline: float) -> Outcome:
        """By the vendor's order number, by our transactionId among all orders of those days, or on the line."""
        if order.wish.kind != "new":
            return self._find_topup(order, now, deadline)
        if order.provider_order is not None:
            said = self.query({"orderNo": order.provider_order}, now, deadline)
            if said.code in (answers.ALLOCATING, answers.NO_SUCH_ORDER):
                return allocating(order.provider_order)
            if not said.ok:
                raise self.failure(said)
            mine = said.rows
        else:
            at, left = order.their_time or order.attempted_at or order.created_at, countdown(deadline)
            listed_then = self.between(at - MARGIN, max(now, at) + MARGIN, now, left())
            mine = [entry for entry in listed_then if entry.identifier("transactionId") == order.key]
            mine = mine or self._by_reference(order, now, left())
            if not mine:
                return absent()
        if not mine:
            return allocating(order.provider_order)
        offer = self.offer(order.wish.plan or "")
        slug = None if offer is None else str(offer.wire.get("slug") or "")
        return answers.found_order(order, mine, code_of(package_of(order)), slug)

    def _find_topup(self, order: OutgoingOrder, now: datetime, deadline: float) -> Outcome:
        """A top-up shows on its line: as a row of it, or in what the line has been given in all."""
        left, line, code = countdown(deadline), order.wish.line, code_of(package_of(order))
        entries = self.entries(named(line), now, left())
        sent = order.their_time or (order.attempted_at or order.created_at) + (self.asker.skew or timedelta(0))
        for found in (entries, self._by_reference(order, now, left())):
            for entry in found:
                if answers.belongs(entry, line) and answers.topup_in(order, entry, code, sent, self._octets(order)):
                    return Outcome(Verdict.SETTLED, provider_order=order.provider_order or order.key, charged=True)
        return absent()

    def _by_reference(self, order: OutgoingOrder, now: datetime, deadline: float) -> list[JsonObject]:
        """One more question before it is said to be absent: the vendor takes our reference as a filter, undocumented.

        What it does not know it refuses, or leaves out of account: only what carries the reference counts.
        """
        try:
            said = self.query({"transactionId": order.key}, now, deadline)
            return [
                entry
                for entry in (said.rows if said.ok else [])
                if order.key in {row.identifier("transactionId") for row in (entry, *entry.rows("packageList"))}
            ]
        except CredentialsError:
            raise
        except (EsimctlError, Malformed):
            return []

    def _octets(self, order: OutgoingOrder) -> int | None:
        """How much a pack brings in all; None where that is not one volume, or not known any more."""
        offer = self.offer(order.wish.plan or "")
        if offer is None or offer.wire.get("kind") in DAILY:
            return None
        volume = offer.wire.get("volume")
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
        return None if entry is None else answers.reading_of(entry, now)

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
                    line = wanted.get(entry.identifier("esimTranNo")) or wanted.get(entry.iccid("iccid"))
                    if line is not None and answers.belongs(entry, line):
                        found[line.name] = answers.reading_of(entry, now)
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
        amount = self.obj("balance/query", {}, now, deadline).telling("balance").integer("balance")
        return None if amount is None else credit(amount)

    def orders(self, since: datetime, now: datetime, *, deadline: float = 30.0) -> Sequence[ProviderOrder] | None:
        """The orders for new eSIMs. What was charged, and top-ups, are not in any list of the vendor's."""
        found: dict[str, ProviderOrder] = {}
        for entry in self.between(since, now + MARGIN, now, deadline):
            number = entry.identifier("orderNo")
            if number is not None and number not in found:
                found[number] = answers.listed_order(number, entry, self.name)
        return made_since(found.values(), since)

    def lines(self, now: datetime, *, deadline: float = 30.0) -> Sequence[LineRef]:
        """The account's eSIMs."""
        listed = self.between(now - ACCOUNT_AGE, now + MARGIN, now, deadline)
        return tuple(line for entry in listed if (line := answers.line_of(entry, self.name)) is not None)


def open_esim_access(account: Account) -> EsimAccess:
    """The adapter for an account."""
    return EsimAccess(account)
