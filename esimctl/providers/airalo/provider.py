"""The adapter: which path answers which question, and how an order is found again by its mark.

Nothing at Airalo protects against a second order, so an order is never sent twice: it is looked up, or left open (C).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote

from esimctl.errors import CredentialsError, EsimctlError, Refused
from esimctl.providers.accounts import Account
from esimctl.providers.airalo import answers
from esimctl.providers.airalo.catalogue import cents, offers_of, topups_of
from esimctl.providers.asking import Limit, countdown, retry_after
from esimctl.providers.client import Client
from esimctl.providers.price_list import PriceRow, readable
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
from esimctl.providers.reseller import COUNTRY, iccid_of, made_since, package_of
from esimctl.providers.strict_json import Json, JsonObject, read_object, written
from esimctl.providers.token_reseller import Query, TokenReseller
from esimctl.providers.tokens import Tokens
from esimctl.providers.verdicts import absent, allocating, by_body, by_transport
from esimctl.values.money import Money
from esimctl.values.record import replace

BASE = "v2/"
TOKEN_LIMIT = Limit("token", 3, 60.0)
LIST_LIMITS = (Limit("packages", 80, 60.0),)
OTHER_LIMITS = (Limit("other", 5, 1.0),)
PAGE = 100  #: rows
SLACK = timedelta(seconds=2)  #: clocks tell whole seconds
#: the vendor's own list (its specification of September 2026)
REFUND_REASONS = (
    "INSTALLATION_FAILURE", "NO_COVERAGE", "APN_FAILURE", "TRIP_CANCELLATION", "INTERMITTENT_CONNECTION",
    "BLOCKED_NETWORK", "CHANGE_OF_PLAN", "DELETED_ESIM", "EARLY_EXPIRY", "HOTSPOT_NOT_WORKING", "IMSI_CHANGE",
    "INCOMPATIBLE_DEVICE", "LOCKED_DEVICE", "NO_VOICE_TEXT_SERVICES", "OVERCHARGED", "SLOW_SPEED",
    "TOP_UP_PACKAGE_FAILURE", "UNKNOWN_CHARGES", "WRONG_PURCHASE", "UNABLE_TO_ACCESS_APPS", "SERVICE_DEGRADATION",
    "QR_ISSUE_PARTNERS", "OTHERS",
)  # fmt: skip


class Airalo(TokenReseller):
    """One account at Airalo."""

    base = BASE
    tier = Tier.LABEL
    window = timedelta(seconds=120)
    reading_max_age = timedelta(minutes=20)  #: the vendor's own cache: asking more often gains nothing
    order_limits = OTHER_LIMITS
    charges_unauthorized = True
    refund_reasons = REFUND_REASONS
    reasons_with_note = frozenset({"OTHERS"})

    outcome_of = staticmethod(answers.outcome_of)

    def make_tokens(self, client: Client) -> Tokens:
        """A token lives for a year; it lies in `data`."""
        margin = timedelta(minutes=10)
        return Tokens(self.account, client, BASE + "token", limit=TOKEN_LIMIT, margin=margin, wrapped="data")

    def pages(
        self, path: str, query: Query, now: datetime, deadline: float, limits: Sequence[Limit] = ()
    ) -> Iterator[JsonObject]:
        """Every page of a list."""
        left = countdown(deadline)

        def ask(page: int) -> tuple[JsonObject, int | None]:
            document = self.get(path, {**query, "limit": PAGE, "page": page}, now, left(), limits)
            last = document.part("meta").integer("last_page")
            more = document.part("links").exact("next") is not None if last is None else page < last
            return document, page + 1 if more else None

        return self.paged(ask, 1)

    def listed(self, path: str, query: Query, now: datetime, deadline: float) -> list[JsonObject]:
        """The rows of all pages of a list."""
        return [row for page in self.pages(path, query, now, deadline) for row in page.listing("data")]

    # -- what can be bought

    def fetch_offers(self, now: datetime, deadline: float) -> Sequence[PriceRow]:
        """All packages for Cambodia: its own, and those for several countries or the world that include it."""
        left = countdown(deadline)
        return readable(
            offer
            for query in ({"filter[country]": COUNTRY}, {"filter[type]": "global"})
            for page in self.pages("packages", query, now, left(), LIST_LIMITS)
            for offer in offers_of(page, self.name, now)
        )

    def fetch_extras(self, line: LineRef, now: datetime, deadline: float) -> Sequence[PriceRow]:
        """The top-ups of one eSIM."""
        return readable(topups_of(self.get(f"sims/{_iccid(line)}/topups", {}, now, deadline), self.name, now))

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
        body: dict[str, Json] = {"package_id": package_of(order), "description": answers.label(order)}
        if order.wish.kind == "new":
            return Request(f"POST {BASE}orders", written({**body, "quantity": 1, "type": "sim"}))
        return Request(f"POST {BASE}orders/topups", written({**body, "iccid": _iccid(order.wish.line)}))

    def find(self, order: OutgoingOrder, now: datetime, deadline: float) -> Outcome:
        """By the mark in the description; a top-up whose description was replaced, by line, package and time."""
        left = countdown(deadline)
        query = {"filter[description]": answers.label(order), "include": "sims,status"}
        mine = answers.marked(order, self.listed("orders", query, now, left()))
        if mine:
            return answers.found_order(order, mine[0], len(mine) - 1)
        number_of = order.provider_order
        found = None if number_of is None else self._by_number(order, number_of, now, left())
        if found is not None:
            return found
        if order.wish.kind != "new":
            return self._find_topup(order, now, left())
        return absent() if number_of is None else allocating(number_of)

    def _by_number(self, order: OutgoingOrder, number_of: str, now: datetime, deadline: float) -> Outcome | None:
        """By Airalo's own number; None where it knows none of that number that is ours."""
        try:
            document = self.get(f"orders/{quote(number_of, safe='')}", {"include": "sims,status"}, now, deadline)
        except (CredentialsError, Refused):  # somebody else's order is answered by 401
            return None
        return answers.found_order(order, document.inner("data"))

    def _find_topup(self, order: OutgoingOrder, now: datetime, deadline: float) -> Outcome:
        left, iccid = countdown(deadline), _iccid(order.wish.line)
        found = self.listed("orders", {"filter[iccid]": iccid, "include": "status"}, now, left())
        since = self._sent_at(order, now)
        listed = [(row, answers.unmarked_topup(order, row, since)) for row in found]
        for row, mine in listed:
            if mine:
                return answers.found_order(order, row)
        limits = (*OTHER_LIMITS, _own_limit("history", iccid))
        history = self.get(f"sims/{iccid}/packages", {}, now, left(), limits)
        fits = [(row, answers.in_history(order, row, since)) for row in history.listing("data")]
        for row, mine in fits:
            if mine:
                return Outcome(Verdict.SETTLED, provider_order=row.maybe_text("id"), charged=True)
        if self._grown(order, now, left()):
            return Outcome(Verdict.SETTLED, charged=True)
        undated = sum(mine is None for _, mine in fits)
        if any(mine is None for _, mine in listed) or undated > sum(answers.same_package(order, row) for row in found):
            return Outcome(Verdict.AMBIGUOUS, "undated_topup")  # more than the orders before this one explain
        return absent()

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
        wish: dict[str, Json] = {"iccids": [_iccid(line)], "reason": reason}
        answer = self.asker.once(
            "POST",
            BASE + "refund",
            now=now,
            deadline=deadline,
            body=written(wish if note is None else {**wish, "notes": note}),
            limits=(Limit("refund", 5, 60.0),),
            fresh=True,
        )
        if answer.status in (200, 202) and answer.failure is None:
            return by_body(lambda: answers.refund_asked(answer.body), answer.status)
        decided = by_transport(answer, retry_after(answer.headers, now))
        if decided is not None:
            return decided
        status = answer.status or 0
        return by_body(lambda: answers.refusal(status, read_object(answer.body)), status)

    # -- looking

    def goods(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Goods | None:
        """The eSIM of a line with its code, from `sims/{iccid}`."""
        return answers.goods_of(self.get(f"sims/{_iccid(line)}", {}, now, deadline).inner("data"))

    def reading(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Reading | None:
        """From `sims/{iccid}/usage`."""
        iccid = _iccid(line)
        limits = (Limit("usage", 5, 1.0), _own_limit("usage", iccid))
        document = self.get(f"sims/{iccid}/usage", {}, now, deadline, limits)
        bought = None if line.plan is None else self.offer(line.plan)
        unlimited = bought is not None and bool(bought.wire.get("unlimited"))
        return answers.reading_of(document.inner("data"), now, unlimited_plan=unlimited)

    def account_balance(self, now: datetime, *, deadline: float = 30.0) -> Money | None:
        """The partner's credit; None where the vendor knows no account."""
        data = self.get("balance", {}, now, deadline).maybe("data")
        held = None if data is None else data.telling("balances").maybe("balances")
        if held is None:
            return None
        available = held.inner("availableBalance")
        amount, currency = available.number("amount"), available.maybe_text("currency") or "USD"
        return cents(amount, "ROUND_FLOOR") if amount is not None and currency == "USD" else None

    def orders(self, since: datetime, now: datetime, *, deadline: float = 30.0) -> Sequence[ProviderOrder] | None:
        """Every order since then. Where the form of the span is refused, all there are."""
        left, wanted = countdown(deadline), {"include": "sims,status"}
        span = f"{since:%Y-%m-%d} - {now + timedelta(days=3):%Y-%m-%d}"
        try:
            listed = self.listed("orders", {"filter[created_at]": span, **wanted}, now, left())
        except Refused:
            listed = self.listed("orders", wanted, now, left())
        return made_since((answers.listed_order(row, self.name) for row in listed), since)

    def lines(self, now: datetime, *, deadline: float = 30.0) -> Sequence[LineRef]:
        """The account's eSIMs."""
        listed = self.listed("sims", {"include": "order"}, now, deadline)
        return tuple(line for row in listed if (line := answers.line_of(row, self.name)) is not None)


def _iccid(line: LineRef) -> str:
    return quote(iccid_of(line), safe="")


def _own_limit(what: str, iccid: str) -> Limit:
    """The limit of one eSIM; its number does not stand in the file."""
    return Limit(f"{what}-{sha256(iccid.encode()).hexdigest()[:12]}", 10, 60.0)


def open_airalo(account: Account) -> Airalo:
    """The adapter for an account."""
    return Airalo(account)
