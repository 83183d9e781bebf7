"""Celitech as its interface is described: idempotency keys, cents, purchases by reference, a picture as code."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from tests.providers.fakes.scripted import Scripted
from tests.vendors.calls import Call

CLIENT_ID = "canary-celitech-id-4410"
CLIENT_SECRET = "canary-celitech-secret-b2c9"


class CelitechVendor(Scripted):
    """A key is remembered with its body; purchases carry our reference."""

    def __init__(self) -> None:
        super().__init__()
        self.token = "token-canary-celitech-000000000000000001"
        self.tokens = 0
        self.packages = [self.package(place, size) for place, size in enumerate((0.5, 1, 3, -1))]
        self.packages[2]["maxDays"] = 21
        self.replies: dict[str, tuple[bytes, Any]] = {}
        self.purchases: list[dict[str, Any]] = []
        self.charges: list[tuple[str, int]] = []
        self.page_size = 160
        self.profiles: dict[str, str] = {}  #: ICCID → what became of its profile
        self.odd: dict[str, Any] = {}  #: the end of a path → what is answered there instead

    @staticmethod
    def package(place: int, size: float, destination: tuple[str, str] = ("KHM", "KH")) -> dict[str, Any]:
        return {
            "id": f"pkg-{place}",
            "destination": destination[0],
            "destinationISO2": destination[1],
            "dataLimitInBytes": -1 if size < 0 else int(size * 10**9),
            "dataLimitInGB": size,
            "minDays": 30 if size < 0 else 1,  # the vendor's text: equal where there is no limit
            "maxDays": 30,
            "priceInCents": 250 + 100 * place,
        }

    def answer(self, call: Call) -> tuple[int, Any]:
        if call.path == "/oauth2/token":
            form = parse_qs(call.body.decode())
            self.tokens += 1
            if (form.get("client_id"), form.get("client_secret")) != ([CLIENT_ID], [CLIENT_SECRET]):
                return 401, {"error": "invalid_client"}
            return 200, {"access_token": self.token, "expires_in": 3600, "token_type": "bearer"}
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return 401, {"message": "Unauthorized"}
        path = call.path.removeprefix("/v1/")
        if call.method == "GET" and path in self.odd:
            return 200, self.odd[path]
        if call.method == "POST":
            return self.keyed(call, topup=path == "purchases/topup")
        if path == "packages":
            wanted = call.query.get("destination", "KHM")
            fits = [row for row in self.packages if wanted in (row["destination"], row["destinationISO2"])]
            return self.page(call, "packages", fits)
        if path == "purchases":
            return self.page(call, "purchases", [row for row in self.purchases if self.fits(call, row)])
        if path == "esim":
            return 200, {"esim": self.esim(call.query["iccid"])}
        if path.endswith("/consumption"):
            row = next(row for row in self.purchases if row["id"] == path.split("/")[1])
            left = row["left"]
            gigabytes = left / 10**9 if left >= 0 else -1
            return 200, {
                "dataUsageRemainingInBytes": left, "dataUsageRemainingInGB": gigabytes, "status": row["state"]
            }  # fmt: skip
        return 404, {"message": "Not found"}

    def fits(self, call: Call, row: dict[str, Any]) -> bool:
        query = call.query
        return (
            query.get("referenceId") in (None, row["referenceId"])
            and query.get("iccid") in (None, row["esim"]["iccid"])
            and query.get("purchaseId") in (None, row["id"])
            and query.get("afterDate", "") <= row["createdDate"]
        )

    def page(self, call: Call, name: str, found: list[Any]) -> tuple[int, Any]:
        start, size = int(call.query.get("afterCursor", "0")), min(self.page_size, int(call.query.get("limit", 20)))
        more = str(start + size) if start + size < len(found) else None
        shown = [{k: v for k, v in row.items() if k not in {"left", "state"}} for row in found[start : start + size]]
        return 200, {name: shown, "afterCursor": more}

    def keyed(self, call: Call, *, topup: bool) -> tuple[int, Any]:
        key = call.headers.get("idempotency-key", "")
        if not key:
            return 400, {"message": "Idempotency-Key is missing"}
        if key in self.replies:
            body, reply = self.replies[key]
            return (200, reply) if body == call.body else (422, {"message": "Idempotency-Key was used"})
        wish = json.loads(call.body)
        found = next((row for row in self.packages if row["dataLimitInGB"] == wish.get("dataLimitInGB")), None)
        if found is None or ("duration" in wish) is ("startDate" in wish):
            return 400, {"message": "no such package"}
        reply = self.purchase(wish, found, topup=topup)
        self.replies[key] = (call.body, reply)
        return 200, reply

    def purchase(self, wish: dict[str, Any], found: dict[str, Any], *, topup: bool) -> Any:
        place, at = len(self.purchases), self.now()
        iccid = wish["iccid"] if topup else f"8944465{place:012d}"
        self.charges.append((wish["referenceId"], found["priceInCents"]))
        days = wish.get("duration") or found["maxDays"]
        self.purchases.append(
            {
                "id": f"purchase-{place}",
                "startDate": None,
                "endDate": None,
                "endTime": int((at + timedelta(days=days)).timestamp()),
                "duration": days,
                "createdDate": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "createdAt": int(at.timestamp()),
                "package": {**found, "destinationName": "Cambodia"},
                "esim": {"iccid": iccid},
                "source": "API",
                "purchaseType": "Top-up Purchase" if topup else "New eSIM Purchase",
                "referenceId": wish["referenceId"],
                "left": found["dataLimitInBytes"],
                "state": "NOT_ACTIVE",
            }
        )
        purchase = {"id": f"purchase-{place}", "packageId": found["id"], "createdDate": at.isoformat()}
        if topup:
            return {"purchase": purchase, "profile": {"iccid": iccid}}
        return [
            {
                "purchase": purchase,
                "profile": {**self.esim(iccid), "iosActivationLink": "", "androidActivationLink": ""},
            }
        ]

    def esim(self, iccid: str) -> dict[str, Any]:
        return {
            "iccid": iccid,
            "smdpAddress": "smdp.io",
            "activationCode": "iVBORw0KGgo" + "A" * 2000,
            "manualActivationCode": f"LPA:1$smdp.io$CANARY-{iccid[-4:]}",
            "status": self.profiles.get(iccid, "RELEASED"),
            "connectivityStatus": "NOT_ACTIVE",
            "isTopUpAllowed": True,
        }
