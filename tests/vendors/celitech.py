"""Celitech's interface: bearer tokens, idempotency keys, cents, packages named by size and days.

Any credentials are taken. A key is remembered with its body once its order was taken, and for three days.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from esimctl.malformed import Malformed
from esimctl.providers.lpa import ActivationCode
from esimctl.providers.sandbox import desk
from esimctl.providers.strict_json import JsonObject
from esimctl.values.moments import rfc3339
from tests.vendors.calls import Call, Reply, count_of, text_of
from tests.vendors.celitech_asked import day, fits, seconds
from tests.vendors.celitech_rows import (
    ISO3,
    NAME,
    UNLIMITED,
    Package,
    activation,
    gigabytes,
    listed_packages,
    purchase_id,
)
from tests.vendors.counter import Counter, Sold, Usage
from tests.vendors.face import RETRY_AFTER, Face
from tests.vendors.packs import COUNTRY, TOPUP

if TYPE_CHECKING:
    from sqlite3 import Connection

CARRIER = "celitech"  #: any package extends any eSIM there, so all are of one carrier
BASE = "/v1/"
TOKEN_OCTETS = 24
TOKEN_SECONDS = 3600
REMEMBERED = timedelta(days=3)
DURATIONS = frozenset({1, 2, 7, 14, 30, 90})
MOST_DAYS = timedelta(days=90)
ORDERS = ("purchases/v2", "purchases", "purchases/topup")
MESSAGES = {
    400: "Bad request",
    401: "Unauthorized",
    404: "Not found",
    409: "The original request is still being processed",
    411: "Content-Length is missing",
    413: "The body is too long",
    422: "The Idempotency-Key was used for another request",
    429: "Too many requests",
    500: "Internal server error",
    503: "The service is not available",
}


def refused(status: int, message: str | None = None) -> Reply:
    """How this vendor says no."""
    return Reply(status, {"message": message or MESSAGES[status]})


class CelitechFace(Face):
    """The calls by method and path."""

    api = "celitech"

    def __init__(self, counter: Counter) -> None:
        super().__init__(counter)
        self._tokens: set[str] = set()
        self._suspended: set[str] = set()  #: ICCIDs, as long as the server runs
        self._edited: dict[str, dict[str, Any]] = {}  #: purchase → its new days
        self.packages = listed_packages(tuple(pack for pack in counter.packs if not pack.topup))

    def gate(self, call: Call) -> Reply | None:
        """Tokens are given out here; everything else needs one."""
        if call.path == "/oauth2/token" and call.method == "POST":
            fields = call.fields()
            if text_of(fields, "client_id") is None or text_of(fields, "client_secret", 1000) is None:
                return refused(401)
            token = secrets.token_hex(TOKEN_OCTETS)
            self._tokens.add(token)
            return Reply(200, {"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "bearer"})
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        return None if kind == "Bearer" and token in self._tokens else refused(401)

    def order_key(self, call: Call) -> str | None:
        """The idempotency key; where there is none, the body."""
        if call.method != "POST" or call.path.removeprefix(BASE) not in ORDERS:
            return None
        return call.headers.get("idempotency-key") or sha256(call.body).hexdigest()

    def failure(self, status: int) -> Reply:
        return Reply(status, {"message": MESSAGES[status]}, {"Retry-After": RETRY_AFTER} if status == 429 else {})

    # -- orders

    def take(self, database: "Connection", call: Call, now: datetime) -> Reply:
        """A purchase, or the answer that was given under the same key."""
        key, mark = call.headers.get("idempotency-key"), sha256(call.body).hexdigest()[:32]
        if key is not None and not (0 < len(key) <= 255 and key.isascii() and key.isprintable() and " " not in key):
            return refused(400, "Idempotency-Key must be 1 to 255 printable ASCII characters without spaces")
        forgets = "no-deduplication" in self.counter.armed
        name, again = None if key is None or forgets else sha256(key.encode()).hexdigest()[:40], {}
        kind = call.path.removeprefix(BASE)
        sold = [] if name is None else self.counter.sold(database, batch=name)
        if sold and now - sold[0].at > REMEMBERED:
            return refused(400, "the key was used more than three days ago; this sandbox keeps every order")
        if sold and sold[0].note.get("body") != mark:
            return refused(422)
        if sold and "newest-codes" in self.counter.armed:
            return refused(409)
        if sold:
            again = {"Idempotent-Replayed": "true"}
        else:
            try:
                sold = self._sell(database, kind, name, mark, call.fields(), now)
            except (desk.Refusal, Malformed) as why:
                return refused(400, str(why))
        made = [self._made(each, now) for each in sold]
        return Reply(200, made if kind == "purchases/v2" else made[0], again)

    def _sell(
        self, database: "Connection", kind: str, name: str | None, mark: str, fields: Mapping[str, Any], now: datetime
    ) -> list[Sold]:
        found, days = self._wanted(fields, now)
        reference = JsonObject(fields).maybe_text("referenceId", 255)
        note = {"body": mark, "reference": reference, "days": days}
        if kind != "purchases/topup":
            if text_of(fields, "destination") not in (COUNTRY, ISO3):
                raise Malformed("destination is not covered")
            count = count_of(fields, "quantity", 5) if kind == "purchases/v2" else 1
            if count is None:
                raise Malformed("quantity must be between 1 and 5")
            return self.counter.sell(database, found.pack, now, key=name, quantity=count, note=note)
        iccid = text_of(fields, "iccid", 22)
        line = next(iter(self.counter.sold(database, iccid=iccid)), None) if iccid else None
        pack = self.counter.pack(found.pack.id + TOPUP)
        if line is None or line.gone or pack is None or line.iccid in self._suspended or self._deleted:
            raise Malformed("the eSIM cannot be topped up")
        return self.counter.sell(database, pack, now, key=name, iccid=iccid, note=note)

    def _wanted(self, fields: Mapping[str, Any], now: datetime) -> tuple[Package, int]:
        """The package of that size whose span holds the days, and the days."""
        size, duration = (JsonObject(fields).number(key) for key in ("dataLimitInGB", "duration"))
        start, end = day(fields, "startDate"), day(fields, "endDate")
        if (duration is None) is (start is None or end is None):
            raise Malformed("either duration or startDate and endDate")
        if duration is not None:
            if size == UNLIMITED or duration not in DURATIONS:
                raise Malformed("duration is not supported for this package")
            days = int(duration)
        else:
            assert start is not None
            assert end is not None
            days = (end - start).days + 1
            if days < 1 or start < now.astimezone(UTC).date() - timedelta(days=1):
                raise Malformed("startDate and endDate do not fit")
        for found in self.packages:
            if found.size == size and found.least <= days <= found.pack.days:
                return found, days
        raise Malformed("there is no such package")

    @property
    def _deleted(self) -> bool:
        """Whether profiles are deleted from their devices."""
        return "deleted-profiles" in self.counter.armed

    def _time(self, at: datetime) -> str:
        """A time as the vendor writes it: its texts name `yyyy-MM-ddThh:mm:ssZZ`, which is no single form."""
        return f"{at:%Y-%m-%dT%H:%M:%S}+0000" if "other-times" in self.counter.armed else rfc3339(at)

    def _made(self, sold: Sold, now: datetime) -> dict[str, Any]:
        """A purchase with its eSIM, as an order is answered."""
        number = purchase_id(sold)
        purchase: dict[str, Any] = {
            "id": f"own-{number[-12:]}" if "own-ids" in self.counter.armed else number,
            "packageId": sold.pack.base,
            "createdDate": self._time(sold.at),
        }
        if sold.pack.topup:
            purchase |= {"startDate": None, "endDate": None, "startTime": None, "endTime": None}
            return {"purchase": purchase, "profile": {"iccid": sold.iccid}}
        return {"purchase": purchase, "profile": {"iccid": sold.iccid, **activation(sold, now)}}

    # -- questions

    def answer(self, call: Call, now: datetime) -> Reply:
        """Lists and rows."""
        parts = call.path.removeprefix(BASE).split("/") if call.path.startswith(BASE) else [""]
        if call.method == "POST":
            return self._told(call, parts, now)
        if call.method != "GET":
            return refused(404)
        if parts == ["destinations"]:
            row = {"name": NAME, "destination": ISO3, "destinationISO2": COUNTRY, "supportedCountries": [COUNTRY]}
            return Reply(200, {"destinations": [row]})
        if parts == ["packages"]:
            return self._listed(call, "packages", [each.row() for each in self._fitting(call)], 160)
        with self.counter.reading_books() as database:
            sold = [each for each in self.counter.sold(database) if not each.gone]
        match parts:
            case ["purchases"]:
                fitting = [each for each in reversed(sold) if self.counter.shows(each, now) and fits(call, each)]
                return self._listed(call, "purchases", [self._row(each, sold, now) for each in fitting], 100)
            case ["purchases", number_of, "consumption"]:
                one = next((each for each in sold if purchase_id(each) == number_of), None)
                return refused(404) if one is None else Reply(200, self._consumption(one, sold, now))
            case ["esim"]:
                return self._esim(call.query.get("iccid", ""), sold, now)
            case ["esim", iccid, "history"]:
                return self._history(iccid, sold, now)
            case ["esim", iccid, "device"] if any(each.iccid == iccid for each in sold):
                return Reply(200, {"device": {"oem": "", "hardwareName": "", "hardwareModel": "", "eid": ""}})
        return refused(404)

    def _told(self, call: Call, parts: list[str], now: datetime) -> Reply:
        """What is asked for by POST and buys nothing."""
        if parts == ["iframe", "token"]:
            return Reply(200, {"token": secrets.token_hex(TOKEN_OCTETS)})
        with self.counter.reading_books() as database:
            sold = [each for each in self.counter.sold(database) if not each.gone]
        match parts:
            case ["purchases", "edit"]:
                try:
                    return self._edit(call.fields(), sold, now)
                except Malformed as why:
                    return refused(400, str(why))
            case ["esim", iccid, "suspend"] if any(each.iccid == iccid for each in sold):
                self._suspended.add(iccid)
                return Reply(200, {"message": "eSIM suspended successfully"})
        return refused(404)

    def _edit(self, fields: Mapping[str, Any], sold: list[Sold], now: datetime) -> Reply:
        """Other days for a purchase that nobody has begun to use."""
        name = text_of(fields, "purchaseId")
        one = next((each for each in sold if purchase_id(each) == name), None)
        if one is None:
            return refused(404)
        start, end = day(fields, "startDate"), day(fields, "endDate")
        if start is None or end is None or not timedelta(0) <= end - start < MOST_DAYS:
            raise Malformed("startDate and endDate do not fit")
        if start < now.astimezone(UTC).date() - timedelta(days=1) or not self._usage(one, sold, now).waiting:
            raise Malformed("the purchase has begun, or would begin in the past")
        span = {"newStartDate": f"{start}T00:00:00+00:00", "newEndDate": f"{end}T23:59:59+00:00"}
        times = {"newStartTime": seconds(fields, "startTime"), "newEndTime": seconds(fields, "endTime")}
        self._edited[purchase_id(one)] = {"startDate": span["newStartDate"], "endDate": span["newEndDate"]}
        return Reply(200, {"purchaseId": purchase_id(one), **span, **times})

    def _fitting(self, call: Call) -> list[Package]:
        query = call.query
        if query.get("destination", ISO3) not in (COUNTRY, ISO3):
            return []
        endless = query.get("includeUnlimited", "").lower() == "true"
        size = JsonObject(query).number("dataLimitInGB") or None  # 0 asks for nothing
        start, end = day(query, "startDate"), day(query, "endDate")
        days = None if start is None or end is None else (end - start).days + 1
        return [
            each
            for each in self.packages
            if (each.pack.octets is not None or endless or size == UNLIMITED)
            and size in (None, each.size)
            and (days is None or each.least <= days <= each.pack.days)
        ]

    def _listed(self, call: Call, name: str, found: list[Any], most: int) -> Reply:
        cursor = call.query.get("afterCursor", "0")
        start = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 9 else 0
        size = min(call.number("limit", 20, most), self.page_size)
        more = str(start + size) if start + size < len(found) else None
        return Reply(200, {name: found[start : start + size], "afterCursor": more})

    def _row(self, sold: Sold, all_sold: list[Sold], now: datetime) -> dict[str, Any]:
        """A purchase of the list; its dates are known once it was used."""
        left = self._usage(sold, all_sold, now).packs[sold.number]
        days = sold.note.get("days")
        package = next(each for each in self.packages if each.pack.id == sold.pack.base)
        span = package.row()
        return {
            "id": purchase_id(sold),
            "startDate": None if left.start is None else self._time(left.start),
            "endDate": None if left.end is None else self._time(left.end),
            "duration": days if days in DURATIONS else None,
            "createdDate": self._time(sold.at),
            "startTime": self._seconds(left.start),
            "endTime": self._seconds(left.end),
            "createdAt": self._seconds(sold.at),
            "package": {**span, "destinationName": NAME},
            "esim": {"iccid": sold.iccid},
            "source": "API",
            **(self._edited.get(purchase_id(sold), {}) if left.start is None else {}),
            "purchaseType": "Top-up Purchase" if sold.pack.topup else "First Purchase",
            "referenceId": sold.note.get("reference"),
        }

    def _seconds(self, at: datetime | None) -> int | None:
        """A time as an epoch value, of which no text says whether it counts seconds or thousandths."""
        thousand = 1000 if "other-times" in self.counter.armed else 1
        return None if at is None else int(at.timestamp()) * thousand

    def _usage(self, sold: Sold, all_sold: list[Sold], now: datetime) -> Usage:
        return self.counter.usage([each for each in all_sold if each.iccid == sold.iccid], now)

    def _consumption(self, sold: Sold, all_sold: list[Sold], now: datetime) -> dict[str, Any]:
        usage = self._usage(sold, all_sold, now)
        suspended = sold.iccid in self._suspended
        octets = 0 if suspended else usage.packs[sold.number].octets
        active = usage.reading.status == "active" and not usage.waiting and not suspended and not self._deleted
        return {
            "dataUsageRemainingInBytes": UNLIMITED if octets is None else octets,
            "dataUsageRemainingInGB": UNLIMITED if octets is None else gigabytes(octets),
            "status": "ACTIVE" if active else "NOT_ACTIVE",
        }

    def _esim(self, iccid: str, sold: list[Sold], now: datetime) -> Reply:
        mine = [each for each in sold if each.iccid == iccid]
        if not mine:
            return refused(404)
        usage = self.counter.usage(mine, now)
        suspended = iccid in self._suspended
        active = usage.reading.status == "active" and not usage.waiting and not suspended and not self._deleted
        code = ActivationCode.parse(mine[0].lpa)
        esim = {
            "iccid": iccid,
            "smdpAddress": code.host,
            "status": "DELETED" if self._deleted else "RELEASED" if usage.waiting else "ENABLED",
            "connectivityStatus": "ACTIVE" if active else "NOT_ACTIVE",
            "isTopUpAllowed": usage.reading.status != "expired" and not suspended and not self._deleted,
            **activation(mine[0], now),
        }
        return Reply(200, {"esim": esim})

    def _history(self, iccid: str, sold: list[Sold], now: datetime) -> Reply:
        mine = [each for each in sold if each.iccid == iccid]
        if not mine:
            return refused(404)
        steps = [("RELEASED", mine[0].ready_at)]
        begun = self.counter.usage(mine, now).packs[mine[0].number].start
        if begun is not None:
            steps.append(("ENABLED", begun))
        rows = [{"status": state, "statusDate": rfc3339(at), "date": int(at.timestamp())} for state, at in steps]
        return Reply(200, {"esim": {"iccid": iccid, "history": rows}})


__all__ = ["CARRIER", "CelitechFace"]
