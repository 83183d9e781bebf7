"""The adapter: which path answers which question, and how an order is sent under its key and found by its reference."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from urllib.parse import quote

from esimctl.errors import UsageError
from esimctl.providers.accounts import Account
from esimctl.providers.asking import Limit, countdown
from esimctl.providers.celitech import answers
from esimctl.providers.celitech.catalogue import (
    DESTINATION,
    HERE,
    UNLIMITED,
    as_topup,
    destination_of,
    offer_of,
)
from esimctl.providers.client import Client
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
from esimctl.providers.reseller import HOME, iccid_of, made_since
from esimctl.providers.strict_json import Json, JsonObject, written
from esimctl.providers.token_reseller import Query, TokenReseller
from esimctl.providers.tokens import Tokens
from esimctl.providers.verdicts import absent, allocating, exists
from esimctl.values.money import Money
from esimctl.values.record import replace
from esimctl.values.sentence import Raw

BASE = "v1/"
TOKEN_LIMIT = Limit("token", 10, 60.0)  #: the vendor names none
DURATIONS = frozenset({1, 2, 7, 14, 30, 90})  #: days that can be ordered as a duration; others go by dates
PACKAGES, PURCHASES = 160, 100  #: rows a page
ACCOUNT_AGE = timedelta(days=1100)
_SIZE = "@size"


class Celitech(TokenReseller):
    """One account at Celitech."""

    base = BASE
    charges_unauthorized = True
    tier = Tier.KEYED
    window = timedelta(seconds=60)
    reading_max_age = timedelta(minutes=30)
    tells_charge = True  #: a purchase in the list has its price, the answer to an order has none

    outcome_of = staticmethod(answers.outcome_of)

    def make_tokens(self, client: Client) -> Tokens:
        """They are given out at an address of their own."""
        margin = timedelta(minutes=1)
        return Tokens(self.account, client, "oauth2/token", limit=TOKEN_LIMIT, margin=margin, more={"scope": ""})

    def listed(
        self, path: str, query: Query, now: datetime, deadline: float, limit: int = PURCHASES
    ) -> Iterator[JsonObject]:
        """The rows of all pages of a list: the cursor is null at the end."""
        left = countdown(deadline)

        def ask(cursor: str) -> tuple[list[JsonObject], str | None]:
            more = {"afterCursor": cursor} if cursor else {}
            document = self.get(path, {**query, "limit": limit, **more}, now, left())
            following = document.maybe_text("afterCursor", 500)
            return document.listing(path), None if following == cursor else following

        return chain.from_iterable(self.paged(ask, ""))

    def esim(self, iccid: str, now: datetime, deadline: float) -> JsonObject:
        """An eSIM of the account."""
        return self.get("esim", {"iccid": iccid}, now, deadline).inner("esim")

    # -- what can be bought

    def fetch_offers(self, now: datetime, deadline: float) -> Sequence[PriceRow]:
        """All packages for Cambodia."""
        return self._packages(DESTINATION, now, deadline)

    def _packages(self, destination: str, now: datetime, deadline: float) -> list[PriceRow]:
        """What is sold for one destination; a row for another one is passed over."""
        query = {"destination": destination, "includeUnlimited": "true"}
        wanted = HERE if destination in HERE else {destination}
        found = readable(
            offer_of(row, self.name, now) for row in self.listed("packages", query, now, deadline, PACKAGES)
        )
        return [offer for offer in found if {offer.wire["destination"], *offer.plan.countries} & wanted]

    def fetch_extras(self, line: LineRef, now: datetime, deadline: float) -> Sequence[PriceRow]:
        """A package for the destination that the line was bought for extends it, if the line allows it."""
        left = countdown(deadline)
        esim = self.esim(iccid_of(line), now, left())
        if esim.flag("isTopUpAllowed") is False or answers.profile_of(esim) == answers.DELETED:
            return []
        places = {destination_of(row.part("package")) for row in self._bought(line, now, left())}
        known = sorted(place for place in places if place is not None)
        if not known and line.plan is not None and (own := self.offer(line.plan)) is not None:
            known = [str(own.wire["destination"])]  # its purchase is not listed yet
        return [as_topup(offer) for place in known for offer in self._packages(place, now, left())]

    def _bought(self, line: LineRef, now: datetime, deadline: float) -> list[JsonObject]:
        """The purchases of a line."""
        found = self.listed("purchases", {"iccid": iccid_of(line)}, now, deadline)
        return [row for row in found if same_iccid(row.part("esim").card("iccid"), line.iccid)]

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
        body: dict[str, Json] = {"dataLimitInGB": _SIZE, "referenceId": order.key}
        if days in DURATIONS and str(found.wire["gigabytes"]) != str(UNLIMITED):  # those go by dates alone
            body["duration"] = days
        else:
            start = self._today(order.created_at)
            body |= {"startDate": start.isoformat(), "endDate": (start + timedelta(days=days - 1)).isoformat()}
        if wish.kind == "new":
            body |= {"destination": found.wire["destination"], "quantity": 1}
        else:
            body["iccid"] = iccid_of(wish.line)
        text = written(body).replace(f'"{_SIZE}"', str(found.wire["gigabytes"]))
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
        """As everywhere; an answer that is said to be a repeated one follows an order that was carried out."""
        outcome = super().understand(order, answer)
        replayed = answer.headers.get("idempotent-replayed", "").lower() == "true"
        if replayed and 200 <= (answer.status or 0) < 300 and outcome.verdict is Verdict.AMBIGUOUS:
            return exists()  # only what was carried out is replayed
        return outcome

    def find(self, order: OutgoingOrder, now: datetime, deadline: float) -> Outcome:
        """By our reference; the code comes from the eSIM."""
        left, number = countdown(deadline), order.provider_order
        outcome = answers.listed(order, list(self.listed("purchases", {"referenceId": order.key}, now, left())))
        if outcome is None and number is not None:
            outcome = answers.listed(order, list(self.listed("purchases", {"purchaseId": number}, now, left())))
        if outcome is None:
            return absent() if number is None else allocating(number)
        if order.wish.kind != "new":
            return replace(outcome, goods=None)
        iccid = None if outcome.goods is None else outcome.goods.iccid
        if iccid is None:
            return replace(outcome, verdict=Verdict.ACCEPTED, reason="allocating")
        goods = answers.goods_of(self.esim(iccid, now, left()), outcome.provider_order or "", iccid)
        if goods is None:
            return replace(outcome, verdict=Verdict.ACCEPTED, reason="allocating", goods=None)
        return replace(outcome, goods=goods)

    # -- looking

    def goods(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Goods | None:
        """The eSIM of a line with its code, from `esim`."""
        iccid = iccid_of(line)
        return answers.goods_of(self.esim(iccid, now, deadline), line.reference or "", iccid)

    def reading(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Reading | None:
        """The consumption of every purchase of the line that has not ended, and what became of its profile."""
        left = countdown(deadline)
        counted = [
            (row, self.get(f"purchases/{quote(row.identifier('id') or '', safe='')}/consumption", {}, now, left()))
            for row in answers.lasting(self._bought(line, now, left()), now)
        ]
        return answers.reading_of(counted, now, self.esim(iccid_of(line), now, left())) if counted else None

    def account_balance(self, now: datetime, *, deadline: float = 30.0) -> Money | None:
        """The vendor tells no balance."""
        return None

    def orders(self, since: datetime, now: datetime, *, deadline: float = 30.0) -> Sequence[ProviderOrder] | None:
        """Every purchase since then."""
        listed = self.listed("purchases", {"afterDate": f"{since:%Y-%m-%d}"}, now, deadline)
        return made_since((answers.listed_order(row, self.name) for row in listed), since)

    def lines(self, now: datetime, *, deadline: float = 30.0) -> Sequence[LineRef]:
        """The eSIMs of all purchases, each once."""
        listed = self.listed("purchases", {"afterDate": f"{now - ACCOUNT_AGE:%Y-%m-%d}"}, now, deadline)
        found = [answers.line_of(row, self.name) for row in listed]
        return tuple({line.iccid: line for line in reversed(found) if line is not None}.values())


def open_celitech(account: Account) -> Celitech:
    """The adapter for an account."""
    return Celitech(account)
