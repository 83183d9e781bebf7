"""eSIM Access's interface: POST and JSON for everything, an envelope, money in 1/10000 dollars, data in octets.

Any access code is taken. An order is unique by its `transactionId`, and its eSIMs are asked for afterwards.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from esimctl.providers.sandbox import desk
from esimctl.providers.strict_json import JsonObject
from tests.vendors.calls import Call, Reply, count_of, text_of
from tests.vendors.counter import Counter, Sold, Usage
from tests.vendors.esim_access_arms import Arms
from tests.vendors.esim_access_care import Care, Said
from tests.vendors.esim_access_rows import (
    AGAIN,
    MORE_DAYS,
    STARTS,
    WIRE,
    code_of,
    esim_status,
    head_of,
    order_number,
    own_id,
    package,
    package_row,
    slug_of,
    smdp_status,
    stamp,
    times,
    tran_number,
    transaction_id,
    well_formed_times,
)
from tests.vendors.face import RETRY_AFTER, Face
from tests.vendors.packs import COUNTRY, TOPUP, Pack

if TYPE_CHECKING:
    from sqlite3 import Connection

BASE = "/api/v1/open/"
REGION = "!RG"  #: how lists of regional packages are asked for

#: Why the desk refuses → the vendor's code.
REFUSALS = {
    "insufficient_funds": "200007",
    "declined": "200007",
    "out_of_stock": "200011",
    "price_changed": "200005",
    "plan_unknown": "310241",
    "plan_not_for_line": "310243",
    "line_unknown": "310403",
}
MESSAGES = {
    "000001": "Server error",
    "000101": "A request header is missing",
    "000102": "A request header has a wrong format",
    "000103": "The path or the method is not supported",
    "000104": "The request body is not JSON",
    "000105": "A parameter is missing or wrong",
    "101003": "The signature is wrong",
    "200002": "The operation is not allowed in this status",
    "200005": "The package price does not match",
    "200007": "The account balance is insufficient",
    "200010": "The profile is still being allotted",
    "200011": "There are not enough profiles in stock",
    "310241": "The package code does not exist",
    "310243": "The package does not fit the eSIM",
    "310272": "The order number does not exist",
    "310402": "Duplicate transactionId, the order exists",
    "310403": "The ICCID does not belong to the order",
    "400001": "Invalid parameters",
    "401001": "Authentication failed",
    "900001": "The system is busy, try again later",
}
STATUS_CODES = {400: "000104", 404: "000103", 411: "000102", 413: "000105", 500: "000001", 503: "900001"}
#: code of the older texts → that of the text of April 2026
NEWEST = {
    "000101": "401001", "000102": "400001", "000104": "400001", "000105": "400001", "101003": "401001",
}  # fmt: skip
SIGNATURE = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


def ok(obj: Any) -> Reply:
    """A good answer."""
    return Reply(200, {"success": True, "errorCode": "0", "errorMsg": None, "obj": obj})


def no(code: str) -> Reply:
    """A refusal: business errors come with status 200."""
    return Reply(200, {"success": False, "errorCode": code, "errorMsg": MESSAGES.get(code, "no"), "obj": None})


class EsimAccessFace(Face):
    """The calls by the tail of their path."""

    api = "esim-access"

    def __init__(self, counter: Counter) -> None:
        super().__init__(counter)
        self.arms = Arms()
        self._care = Care(self._known)
        self._answers: dict[str, Callable[[Mapping[str, Any], datetime], Any]] = {
            "package/list": self._packages,
            "esim/query": self._query,
            "esim/cancel": self._cancel,
            "esim/usage/query": self._usages,
            "balance/query": self._balance,
            "location/list": self._locations,
            **self._care.answers,
        }

    def says_no(self, code: str) -> Reply:
        """A refusal with the code of the text that is armed."""
        return no(NEWEST.get(code, code) if "newest-codes" in self.counter.armed else code)

    def gate(self, call: Call) -> Reply | None:
        """The access code, and the other three headers where one of them is there."""
        if not call.headers.get("rt-accesscode", "").strip():
            return self.says_no("000101")
        signed = [call.headers.get(f"rt-{name}", "") for name in ("signature", "timestamp", "requestid")]
        if any(signed) and not (SIGNATURE.fullmatch(signed[0]) and signed[1].isdigit() and signed[2]):
            return self.says_no("101003")
        barred = self.arms.bars(call)
        if barred is not None:
            return self.says_no(barred)
        return None if call.method == "POST" else self.says_no("000103")

    def order_key(self, call: Call) -> str | None:
        """The `transactionId`."""
        if call.path not in (BASE + "esim/order", BASE + "esim/topup"):
            return None
        return text_of(call.fields(), "transactionId", 50) or ""

    def failure(self, status: int) -> Reply:
        if status == 429:
            return Reply(429, no("900001").document, {"Retry-After": RETRY_AFTER})
        if status in (500, 503):
            return Reply(status, no(STATUS_CODES[status]).document)
        return self.says_no(STATUS_CODES.get(status, "000105"))

    def answer(self, call: Call, now: datetime) -> Reply:
        found = self._answers.get(call.path.removeprefix(BASE))
        if found is None or not call.path.startswith(BASE):
            return self.says_no("000103")
        try:
            return ok(found(call.fields(), now))
        except Said as said:
            return self.says_no(said.code)

    # -- orders

    def take(self, database: "Connection", call: Call, now: datetime) -> Reply:
        """An order, or the one that was made under the same `transactionId`."""
        fields = call.fields()
        key = text_of(fields, "transactionId", 50)
        if key is None:
            return self.says_no("000105")
        topup, armed = call.path.endswith("topup"), self.counter.armed
        sold = self.counter.sold(database, batch=key)
        batch = key
        if sold and "no-deduplication" in armed:
            again = sum(1 for each in self.counter.sold(database) if transaction_id(each) == key)
            sold, batch = [], f"{key}{AGAIN}{again}"
        if sold and "newest-codes" in armed:
            return no("310402")
        try:
            if not sold:
                sold = self._topup(database, batch, fields, now) if topup else self._order(database, batch, fields, now)
                self.arms.bought(sold, timedelta(seconds=self.clock_ahead))
        except desk.Refusal as why:
            return no(REFUSALS.get(why.reason, "200002"))
        except Said as said:
            return self.says_no(said.code)
        if not topup:
            return ok({"orderNo": order_number(sold[0]), "transactionId": key})
        line = self.counter.sold(database, iccid=sold[0].iccid)
        own = {"transactionId": own_id(sold[0]), "topUpEsimTranNo": tran_number(sold[0])}
        return ok(
            {
                "transactionId": key,
                **(own if "own-ids" in armed else {}),
                "iccid": sold[0].iccid,
                "expiredTime": None,
                "totalVolume": sum(each.pack.octets or 0 for each in line),
                "totalDuration": sum(each.pack.days for each in line),
                "orderUsage": 0,
            }
        )

    def _order(self, database: "Connection", key: str, fields: Mapping[str, Any], now: datetime) -> list[Sold]:
        wanted = fields.get("packageInfoList")
        if not isinstance(wanted, list) or len(wanted) != 1 or not isinstance(wanted[0], dict):
            raise Said("000105")  # this sandbox sells one kind of package in an order
        row = wanted[0]
        pack, count = self._named(row, topup=False), count_of(row, "count", 30)
        if count is None:
            raise Said("000105")
        days = self._days(row)
        self._agreed(row.get("price"), pack)
        self._agreed(fields.get("amount"), pack, count * days)
        sold = self.counter.sell(database, pack, now, key=key, quantity=count)
        more = self.counter.pack(pack.id + TOPUP)
        if more is not None and days > 1:
            for each in tuple(sold):
                sold += self.counter.sell(
                    database, more, now, key=f"{key}{MORE_DAYS}", quantity=days - 1, iccid=each.iccid
                )
        return sold

    def _days(self, fields: Mapping[str, Any]) -> int:
        """For how many days a day plan is ordered; it must be said of one, and is not looked at elsewhere."""
        if "day-plans" not in self.counter.armed:
            return 1
        days = count_of(fields, "periodNum", 365) if "periodNum" in fields else None
        if days is None:
            raise Said("000105")
        return days

    def _topup(self, database: "Connection", key: str, fields: Mapping[str, Any], now: datetime) -> list[Sold]:
        pack = self._named(fields, topup=True)
        line = self._line(self.counter.sold(database), fields)
        if line.gone or line.iccid in self._care.stopped:
            raise Said("200002")
        days = self._days(fields)
        self._agreed(fields.get("amount"), pack, days)
        return self.counter.sell(database, pack, now, key=key, iccid=line.iccid, quantity=days)

    def _agreed(self, given: object, pack: Pack, times: int = 1) -> None:
        """A price that the caller names must be the price."""
        if given is not None and str(given) != str((pack.cents * WIRE + self.arms.part) * times):
            raise Said("200005")

    def _named(self, fields: Mapping[str, Any], *, topup: bool) -> Pack:
        code, slug = text_of(fields, "packageCode"), text_of(fields, "slug")
        for pack in self.counter.packs:
            if pack.topup is topup and (code == code_of(pack) or (code is None and slug == slug_of(pack))):
                return pack
        raise Said("310243" if topup else "310241")

    def _line(self, sold: Iterable[Sold], fields: Mapping[str, Any]) -> Sold:
        """The eSIM that is named, by the vendor's own number or by its ICCID."""
        tran, iccid = text_of(fields, "esimTranNo"), text_of(fields, "iccid")
        for each in sold:
            if not each.pack.topup and (tran == tran_number(each) or (tran is None and iccid == each.iccid)):
                return each
        raise Said("310403")

    # -- questions

    def _packages(self, fields: Mapping[str, Any], now: datetime) -> Any:
        topup, iccid = fields.get("type") == "TOPUP", text_of(fields, "iccid")
        code, slug = text_of(fields, "packageCode"), text_of(fields, "slug")
        place = text_of(fields, "locationCode")
        carrier = None
        if topup and iccid is not None:
            with self.counter.reading_books() as database:
                carrier = self._line(self.counter.sold(database, iccid=iccid), fields).pack.plan.carrier
        return {
            "packageList": [
                package(pack, self.arms.part, daily="day-plans" in self.counter.armed)
                for pack in self.counter.packs
                if pack.topup is topup
                and carrier in (None, pack.plan.carrier)
                and place in (None, COUNTRY if len(pack.plan.countries) == 1 else REGION)
                and code in (None, code_of(pack))
                and slug in (None, slug_of(pack))
            ]
        }

    def _query(self, fields: Mapping[str, Any], now: datetime) -> Any:
        with self.counter.reading_books() as database:
            sold = self.counter.shown(database, now)
        first = [each for each in sold if not each.pack.topup]
        listed = [] if self.arms.hidden else first
        number, reference = text_of(fields, "orderNo"), text_of(fields, "transactionId")
        if number is not None:
            found = [each for each in first if order_number(head_of(first, each)) == number]
            if not found:
                raise Said("310272")
            if self.arms.waits() or not all(each.ready(now) for each in found):
                raise Said("200010")
        elif reference is not None:  # in no document, but seen
            if not self.arms.filters:
                raise Said("000105")
            found = [each for each in first if transaction_id(each) == reference]
        elif "startTime" in fields or "endTime" in fields:
            if "other-times" in self.counter.armed and not well_formed_times(fields):
                raise Said("000105")
            start, end = (JsonObject(fields).instant(key) for key in ("startTime", "endTime"))
            made = [(each, self.arms.at(each)) for each in listed]
            found = [each for each, at in made if (start is None or start <= at) and (end is None or at <= end)]
        elif "iccid" in fields or "esimTranNo" in fields:
            found = [self._line(first, fields)]
        elif isinstance(fields.get("pager"), dict):
            found = listed
        else:
            raise Said("000105")
        pager = fields.get("pager")
        pager = pager if isinstance(pager, dict) else {}
        page, size = (
            count_of(pager, "pageNum", 10**6) or 1,
            max(5, count_of({"size": 50, **pager}, "pageSize", 500) or 5),
        )
        shown = found[(page - 1) * size : page * size]
        return {
            "esimList": [self._entry(each, first, sold, now) for each in shown],
            "pager": {"pageNum": page, "pageSize": size, "total": len(found)},
        }

    def _entry(self, line: Sold, first: list[Sold], sold: list[Sold], now: datetime) -> dict[str, Any]:
        """An eSIM as `esim/query` lists it."""
        mine, daily = [each for each in sold if each.iccid == line.iccid], "day-plans" in self.counter.armed
        known = not line.gone and line.ready(now)
        usage = self.counter.usage(mine, now) if known else None
        return {
            "esimTranNo": tran_number(line),
            "orderNo": order_number(head_of(first, line)),
            "transactionId": transaction_id(line),
            "imsi": "",
            "iccid": line.iccid if known or line.gone else "",
            "msisdn": line.msisdn,
            "smsStatus": 0,
            "dataType": 2 if daily else 4 if line.pack.octets is None else 1,
            "ac": line.lpa if known else "",
            "qrCodeUrl": "",
            "shortUrl": "",
            "smdpStatus": smdp_status(line, usage, deleted="deleted-profiles" in self.counter.armed),
            "eid": "",
            "activeType": STARTS.get(line.pack.starts_on, 2),
            **times(usage),
            "totalVolume": 0 if usage is None else self._total(line, mine, usage),
            "totalDuration": sum(each.pack.days for each in mine),
            "durationUnit": "DAY",
            "orderUsage": 0 if usage is None else usage.reading.used_bytes or 0,
            "esimStatus": self._care.stopped.get(line.iccid) or esim_status(line, usage),
            "pin": "",
            "puk": "",
            "apn": "internet",
            "supportTopUpType": 3 if daily else 2,
            "fupPolicy": "",
            "packageList": [
                package_row(each, self.arms.at(each), own_ids="own-ids" in self.counter.armed)
                for each in mine
                if not each.batch.endswith(MORE_DAYS) and self.arms.has_row(each)
            ],
            **self.arms.told,
        }

    def _total(self, line: Sold, mine: list[Sold], usage: Usage) -> int:
        """What an eSIM was given in all: of a day plan what a day has, and no more than the list shows."""
        if "day-plans" in self.counter.armed:
            return line.pack.octets or 0
        late = "late-rows" in self.counter.armed
        return (sum(each.pack.octets or 0 for each in mine) if late else usage.total or 0) - self.arms.untold(mine)

    def _cancel(self, fields: Mapping[str, Any], now: datetime) -> Any:
        with self.counter.books.writing() as database:
            line = self._line(self.counter.sold(database), fields)
            if line.iccid in self._care.stopped or not self.counter.give_back(database, line, now):
                raise Said("200002")
        return {}

    def _known(self, fields: Mapping[str, Any]) -> Sold:
        with self.counter.reading_books() as database:
            return self._line(self.counter.sold(database), fields)

    def _usages(self, fields: Mapping[str, Any], now: datetime) -> Any:
        wanted = fields.get("esimTranNoList")
        if not isinstance(wanted, list) or not 0 < len(wanted) <= 10:
            raise Said("000105")
        with self.counter.reading_books() as database:
            sold = self.counter.shown(database, now)
        found = []
        for line in sold:
            if line.pack.topup or line.gone or tran_number(line) not in wanted:
                continue
            usage = self.counter.usage([each for each in sold if each.iccid == line.iccid], now)
            found.append(
                {
                    "esimTranNo": tran_number(line),
                    "dataUsage": usage.reading.used_bytes or 0,
                    "totalData": usage.total or 0,
                    "lastUpdateTime": stamp(usage.reading.at),
                }
            )
        return {"esimUsageList": found}

    def _balance(self, fields: Mapping[str, Any], now: datetime) -> Any:
        with self.counter.reading_books() as database:
            credit = self.counter.credit(database) * WIRE - self.arms.taken
            return {"balance": credit, "lastUpdateTime": stamp(now)}

    def _locations(self, fields: Mapping[str, Any], now: datetime) -> Any:
        return {"locationList": [{"code": COUNTRY, "name": "Cambodia", "type": 1, "subLocationList": None}]}


__all__ = ["EsimAccessFace"]
