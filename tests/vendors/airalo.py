"""Airalo's partner interface: bearer tokens, orders that nothing protects from being made twice, trigger package ids.

Any credentials are taken; a signature that is sent must fit the secret that the token was asked with.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from esimctl.providers.sandbox import desk
from tests.vendors import airalo_discounts as discounts
from tests.vendors import airalo_rows as rows
from tests.vendors.airalo_future import LEFT, FutureOrders, due
from tests.vendors.airalo_office import Office, invalid
from tests.vendors.calls import Call, Reply, count_of, text_of
from tests.vendors.counter import Counter, Sold
from tests.vendors.face import RETRY_AFTER, Face
from tests.vendors.packs import COUNTRY, Pack

if TYPE_CHECKING:
    from sqlite3 import Connection

BASE = "/v2/"
MOST_SIMS = 50
TOKEN_OCTETS = 24  #: 48 digits: the vendor's SDK takes 56 or more for something that it has encrypted itself
TOKEN_SECONDS = 31_622_400
ORDERS = ("orders", "orders-async", "orders/topups", "future-orders")

#: code → what the vendor says with it
REASONS = {
    11: "Insufficient credit to process this order.",
    13: "The operator is under maintenance.",
    14: "The checksum is bad.",
    23: "Top-ups are disabled for this eSIM.",
    33: "There are not enough eSIMs in stock.",
    34: "The package is invalid or out of stock.",
    43: "Bad request.",
    53: "Something unexpected happened.",
    73: "The eSIM has been recycled.",
}
#: Package ids that make the real sandbox refuse an order.
TRIGGERS = {
    "test-insufficient-balance-7days-1gb": 11,
    "test-maintenance-mode-7days-1gb": 13,
    "test-disabled-top-up-7days-1gb": 23,
    "test-not-enough-7days-1gb": 33,
    "test-out-of-stock-7days-1gb": 34,
}
#: Why the desk refuses → the vendor's code.
REFUSALS = {"insufficient_funds": 11, "declined": 11, "out_of_stock": 34, "plan_not_for_line": 34, "not_possible": 23}
OK = {"message": "success"}
NO_SUCH = {"data": [], "meta": {"message": "messages.resource_not_found"}}


def business(code: int) -> Reply:
    """A refusal with its code."""
    return Reply(422, {"code": code, "reason": REASONS[code]})


class AiraloFace(Face):
    """The calls by method and path."""

    api = "airalo"

    def __init__(self, counter: Counter) -> None:
        super().__init__(counter)
        self._future = FutureOrders()
        self._office = Office(lambda name: (pack := counter.pack(name)) is not None and not pack.topup)
        self._tokens: dict[str, str] = {}  #: token → the secret it was asked with

    def revoke(self) -> None:
        """No token that was given out is accepted any more."""
        self._tokens.clear()

    def gate(self, call: Call) -> Reply | None:
        """Tokens are given out here; everything else needs one."""
        if call.path == BASE + "token" and call.method == "POST":
            return self._token(call.fields())
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or token not in self._tokens:
            return Reply(401, {"data": [], "meta": {"message": "Unauthenticated."}})
        return None

    def order_key(self, call: Call) -> str | None:
        """Nothing names an order: every one is new."""
        path = call.path.removeprefix(BASE)
        return sha256(call.body).hexdigest() if call.method == "POST" and path in ORDERS else None

    def failure(self, status: int) -> Reply:
        if status == 429:
            limits = {"Retry-After": RETRY_AFTER, "X-RateLimit-Limit": "80", "X-RateLimit-Remaining": "0"}
            return Reply(429, {"message": "Too Many Attempts."}, limits)
        if status == 400:
            return business(43)
        return Reply(status, NO_SUCH if status == 404 else {"message": "Server Error"})

    # -- orders

    def take(self, database: "Connection", call: Call, now: datetime) -> Reply:
        """An order for eSIMs or a top-up; a validation error without the right `Accept` is a page of HTML."""
        reply = self._take(database, call, now)
        if reply.status == 422 and "application/json" not in call.headers.get("accept", ""):
            return Reply(500, b"<!DOCTYPE html><title>Server Error</title>")
        return reply

    def _take(self, database: "Connection", call: Call, now: datetime) -> Reply:
        fields = call.fields()
        if not self._signed(call, fields):
            return business(14)
        name = text_of(fields, "package_id")
        if name is None:
            return invalid("package_id", "The package id field is required.")
        if name in TRIGGERS:
            return business(TRIGGERS[name])
        if call.path.endswith("future-orders"):
            return self._later(database, name, fields, now)
        topup = call.path.endswith("topups")
        pack = self.counter.pack(name)
        if pack is None or pack.topup is not topup:
            return invalid("package_id", "invalid topup package" if topup else "The selected package is invalid.")
        try:
            return self._topup(database, pack, fields, now) if topup else self._order(database, pack, call, fields, now)
        except desk.Refusal as why:
            return business(REFUSALS.get(why.reason, 53))

    def _order(self, database: "Connection", pack: Pack, call: Call, fields: Mapping[str, Any], now: datetime) -> Reply:
        count = count_of(fields, "quantity", MOST_SIMS)
        if count is None:
            return invalid("quantity", f"The quantity must be between 1 and {MOST_SIMS}.")
        if fields.get("to_email") and not fields.get("sharing_option"):
            return invalid("sharing_option", "The sharing option field is required when to email is present.")
        kept = {key: text_of(fields, key) for key in ("description", "brand_settings_name")}
        note = {key: value for key, value in kept.items() if value is not None}
        sold = self.counter.sell(database, pack, now, quantity=count, note=note)
        if call.path.endswith("async"):
            accepted = {"request_id": secrets.token_hex(13)[:25], "accepted_at": rows.stamp(now)}
            return Reply(202, {"data": accepted, "meta": OK})
        return Reply(200, {"data": self._answered(sold, now), "meta": OK})

    def _later(self, database: "Connection", name: str, fields: Mapping[str, Any], now: datetime) -> Reply:
        """An order for a later day: carried out at once, as a sandbox does."""
        at, count, pack = due(fields, now), count_of(fields, "quantity", MOST_SIMS), self.counter.pack(name)
        if at is None:
            return invalid("due_date", "The due date must be at least two days and at most a year ahead.")
        if count is None or (name not in LEFT and (pack is None or pack.topup)):
            return invalid("package_id", "The selected package is invalid.")
        if pack is not None:
            try:
                note = {"description": text_of(fields, "description")}
                self.counter.sell(database, pack, now, quantity=count, note=note)
            except desk.Refusal as why:
                return business(REFUSALS.get(why.reason, 53))
        return Reply(200, {"data": self._future.keep(fields, name, at), "meta": OK})

    def _topup(self, database: "Connection", pack: Pack, fields: Mapping[str, Any], now: datetime) -> Reply:
        iccid = text_of(fields, "iccid")
        line = next(iter(self.counter.sold(database, iccid=iccid)), None) if iccid else None
        if line is None:
            return invalid("iccid", "The selected iccid is invalid.")
        if line.gone or self._recycled:
            return business(73)
        sold = self.counter.sell(database, pack, now, iccid=iccid, note={"description": text_of(fields, "description")})
        return Reply(200, {"data": self._answered(sold, now), "meta": OK})

    # -- what is armed

    @property
    def _recycled(self) -> bool:
        return "deleted-profiles" in self.counter.armed

    @property
    def _other_times(self) -> bool:
        return "other-times" in self.counter.armed

    @property
    def _pricing(self) -> dict[str, Any]:
        return discounts.PRICING if "discounts" in self.counter.armed else rows.PRICING

    def _told_otherwise(self, told: Any) -> Any:
        """A document with its prices and its numbers as they are armed."""
        if "discounts" in self.counter.armed:
            told = discounts.discounted(told)
        return discounts.as_texts(told) if "texts" in self.counter.armed else told

    def _order_row(self, batch: list[Sold], now: datetime, include: str = "sims") -> dict[str, Any]:
        """An order as lists tell it."""
        row = rows.order(batch, now, include)
        if "plain-descriptions" in self.counter.armed:
            row["description"] = batch[0].note.get("description")
        if self._other_times:
            row["created_at"] = f"{batch[0].at:%Y-%m-%dT%H:%M:%S}.000000Z"
        found: dict[str, Any] = self._told_otherwise(row)
        return found

    def _answered(self, batch: list[Sold], now: datetime) -> dict[str, Any]:
        """An order as the one who made it is answered."""
        row = self._order_row(batch, now)
        return {**row, "description": f"Order {row['code']}"} if "own-ids" in self.counter.armed else row

    # -- questions

    def answer(self, call: Call, now: datetime) -> Reply:
        """Lists and rows."""
        parts = call.path.removeprefix(BASE).split("/") if call.path.startswith(BASE) else [""]
        if call.method == "POST":
            return self._told(call, parts, now)
        aside = self._office.asked(call, parts, now)
        if aside is not None:
            return aside
        with self.counter.reading_books() as database:
            sold, shown = self.counter.sold(database), self.counter.shown(database, now)
            credit = self.counter.credit(database)
        match parts:
            case ["packages"]:
                return self._packages(call)
            case ["orders"]:
                return self._order_list(call, shown, now)
            case ["orders", number]:
                batch = next((each for each in _batches(sold) if str(each[0].number) == number), None)
                if batch is None:
                    return Reply(401, {"data": [], "meta": {"message": "This action is unauthorized."}})
                return Reply(200, {"data": self._order_row(batch, now, call.query.get("include", "")), "meta": OK})
            case ["sims"]:
                return self._listed(call, self._sims(call, shown, now))
            case ["balance"]:
                return Reply(200, {"data": {"balances": _balance(credit)}, "meta": OK})
            case ["sims", iccid, *what] if len(what) < 2:
                return self._sim(call, iccid, "".join(what), shown if what == ["packages"] else sold, now)
        return self._aside(call, parts)

    def _aside(self, call: Call, parts: list[str]) -> Reply:
        """What has nothing to do with what was sold."""
        if parts == ["future-orders"]:
            return self._listed(call, self._future.listed(call.query.get("status", "pending")))
        if parts == ["compatible-devices-lite"]:
            return Reply(200, {"data": [{"os": "ios", "brand": "Apple", "name": "iPhone 15"}]})
        return self.failure(404)

    def _packages(self, call: Call) -> Reply:
        country, kind = call.query.get("filter[country]"), call.query.get("filter[type]")
        topups = call.query.get("include") == "topup"
        shown = [pack for pack in self.counter.packs if topups or not pack.topup]
        if country not in (None, COUNTRY) or kind == "global":
            shown = []
        size = min(call.number("limit", 25, 1000), self.page_size)
        found = rows.page(rows.countries(shown), call.number("page", 1, 10**6), size, call.path)
        return Reply(200, {"pricing": self._pricing, **self._shaped(self._told_otherwise(found))})

    def _listed(self, call: Call, found: list[Any]) -> Reply:
        size = min(call.number("limit", 25, 100), self.page_size)
        page = rows.page(found, call.number("page", 1, 10**6), size, call.path)
        return Reply(200, self._shaped(page))

    def _shaped(self, page: Mapping[str, Any]) -> Mapping[str, Any]:
        """A page as it is, or with its rows in an object where that is armed."""
        if "object-lists" not in self.counter.armed:
            return page
        first = (page["meta"]["from"] or 1) - 1
        return {**page, "data": {str(first + at): row for at, row in enumerate(page["data"])}}

    def _order_list(self, call: Call, shown: list[Sold], now: datetime) -> Reply:
        """`orders`; where other times are armed, a span of bare days is refused."""
        start = call.query.get("filter[created_at]", "").partition(" - ")[0]
        if self._other_times and start and " " not in start:
            return invalid("filter.created_at", "The created at filter must be two times.")
        return self._listed(call, self._orders(call, shown, now))

    def _orders(self, call: Call, sold: list[Sold], now: datetime) -> list[dict[str, Any]]:
        query, include = call.query, call.query.get("include", "")
        found = []
        for batch in reversed(_batches(sold)):
            row = self._order_row(batch, now, include)
            if (
                query.get("filter[description]", "") in (row["description"] or "")
                and query.get("filter[code]", "") in row["code"]
                and query.get("filter[order_status]", "completed") == "completed"
                and ("filter[iccid]" not in query or any(query["filter[iccid]"] == each.iccid for each in batch))
                and _within(query.get("filter[created_at]"), batch[0].at)
            ):
                found.append(row)
        return found

    def _sims(self, call: Call, sold: list[Sold], now: datetime) -> list[dict[str, Any]]:
        query = call.query
        return [
            self._office.with_brand(rows.listed_sim(each, batch, now, query.get("include", "")))
            for batch in reversed(_batches(sold))
            for each in batch
            if not each.pack.topup
            and not each.gone
            and each.ready(now)
            and query.get("filter[iccid]", "") in each.iccid
            and _within(query.get("filter[created_at]"), each.at)
        ]

    def _sim(self, call: Call, iccid: str, what: str, sold: list[Sold], now: datetime) -> Reply:
        mine = [each for each in sold if each.iccid == iccid and not each.gone and each.ready(now)]
        if not mine:
            return self.failure(404)
        match what:
            case "":
                batch = [each for each in sold if each.batch == mine[0].batch]
                row = rows.listed_sim(mine[0], batch, now, call.query.get("include", ""))
                found: Any = self._office.with_brand(row)
            case "brand" if call.method == "PUT":
                batch = [each for each in sold if each.batch == mine[0].batch]
                return self._office.branded(iccid, call.fields(), rows.listed_sim(mine[0], batch, now, ""))
            case "usage":
                found = rows.usage(self.counter.usage(mine, now))
                if self._recycled:
                    found |= {"status": "RECYCLED", "remaining": 0}
                return Reply(200, {"data": found, "meta": {"message": "api.succes"}})
            case "topups":
                fits = [p for p in self.counter.packs if p.topup and p.plan.carrier == mine[0].pack.plan.carrier]
                shelf = {"pricing": self._pricing, "data": [rows.package(pack) for pack in fits], "meta": OK}
                return Reply(200, self._told_otherwise(shelf))
            case "packages":
                left = self.counter.usage(mine, now).packs
                found = [rows.history(each, left[each.number], now) for each in mine]
            case "instructions":
                found = rows.instructions(mine[0], call.headers.get("accept-language", "en")[:2])
            case _:
                return self.failure(404)
        return Reply(200, {"data": found, "meta": OK})

    def _told(self, call: Call, parts: list[str], now: datetime) -> Reply:
        """What is asked for by POST and is no order."""
        if parts != ["cancel-future-orders"]:
            return self._office.told(parts, call.fields(), now) or self.failure(404)
        if not self._future.cancel(call.fields().get("request_ids")):
            return invalid("request_ids", "The selected request ids are invalid.")
        return Reply(200, {"data": [], "meta": OK})

    # -- within

    def _token(self, fields: Mapping[str, Any]) -> Reply:
        if text_of(fields, "client_id") is None:
            return invalid("client_id", "The selected client id is invalid.")
        secret = text_of(fields, "client_secret", 1000)
        if secret is None:
            return Reply(401, {"data": [], "meta": {"message": "Client authentication failed"}})
        token = secrets.token_hex(TOKEN_OCTETS)
        self._tokens[token] = secret
        data = {"token_type": "Bearer", "expires_in": TOKEN_SECONDS, "access_token": token}
        return Reply(200, {"data": data, "meta": OK})

    def _signed(self, call: Call, fields: Mapping[str, Any]) -> bool:
        """Whether `airalo-signature`, where there is one, is that of the fields under the caller's secret."""
        given = call.headers.get("airalo-signature")
        if given is None or not call.headers.get("content-type", "").startswith("application/json"):
            return True
        secret = self._tokens[call.headers["authorization"].partition(" ")[2]]
        text = json.dumps(json.loads(call.body), separators=(",", ":"), ensure_ascii=False).replace("/", "\\/")
        return hmac.compare_digest(hmac.new(secret.encode(), text.encode(), "sha512").hexdigest(), given.lower())


def _batches(sold: list[Sold]) -> list[list[Sold]]:
    """Orders, each with its eSIMs."""
    found: dict[str, list[Sold]] = {}
    for each in sold:
        found.setdefault(each.batch, []).append(each)
    return list(found.values())


def _balance(cents: int) -> dict[str, Any]:
    return {"name": "balance", "availableBalance": {"amount": Decimal(cents).scaleb(-2), "currency": "USD"}}


def _within(span: str | None, at: datetime) -> bool:
    """Whether an instant lies in `from - to`, days of UTC."""
    if not span:
        return True
    start, _, end = span.partition(" - ")
    day = f"{at:%Y-%m-%d}"
    return start[:10] <= day and (not end or day <= end[:10])


__all__ = ["AiraloFace"]
