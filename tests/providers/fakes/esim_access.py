"""eSIM Access as its documents describe it: POST and JSON for everything, an envelope, money times 10 000."""

import hmac
from datetime import timedelta
from hashlib import sha256
from typing import Any

from tests.providers.fakes.scripted import Scripted
from tests.vendors.calls import Call

GB = 1 << 30
ACCESS_CODE = "canary-access-code-7f31"
SECRET_KEY = "canary-secret-key-90aa"


def package(code: str, price: int, gigabytes: int, days: int, **more: Any) -> dict[str, Any]:
    return {
        "packageCode": code,
        "slug": f"KH_{gigabytes}_{days}",
        "name": f"Cambodia {gigabytes}GB {days}Days",
        "price": price,
        "retailPrice": 2 * price,
        "currencyCode": "USD",
        "volume": gigabytes * GB,
        "smsStatus": 0,
        "dataType": 1,
        "unusedValidTime": 180,
        "duration": days,
        "durationUnit": "DAY",
        "location": "KH",
        "locationCode": "KH",
        "description": "",
        "activeType": 2,
        "favorite": True,
        "speed": "4G",
        "ipExport": "HK",
        "supportTopUpType": 2,
        "fupPolicy": "",
        "locationNetworkList": [
            {"locationName": "Cambodia", "locationCode": "KH", "operatorList": [{"operatorName": "Smart"}]}
        ],
        **more,
    }


class EsimAccessVendor(Scripted):
    """Orders are unique by transactionId; eSIMs are allotted after `allotting` queries."""

    def __init__(self, *, signed: bool = False) -> None:
        super().__init__()
        self.signed = signed
        self.balance = 500_000  # 50 dollars
        self.packages = [package("CKH002", 18_000, 3, 30), package("CKH001", 9_000, 1, 7)]
        self.topups = [package("TOPUP_CKH002", 17_000, 3, 30)]
        self.orders: dict[str, dict[str, Any]] = {}  #: transactionId → order
        self.charges: list[tuple[str, int]] = []
        self.esims: list[dict[str, Any]] = []
        self.allotting = 0
        self.surcharge = 0
        self.refusal: str | None = None
        self.hidden = False  #: queries do not see orders yet

    def answer(self, call: Call) -> tuple[int, Any]:
        if call.headers.get("rt-accesscode") != ACCESS_CODE:
            return self.no("000101", "access code")
        if self.signed and not self.signature_fits(call):
            return self.no("101003", "signature")
        name = call.path.removeprefix("/api/v1/open/").replace("/", "_")
        method = getattr(self, f"on_{name}", None)
        return self.no("000102", "no such method") if method is None else method(call.document)

    def signature_fits(self, call: Call) -> bool:
        text = "".join(call.headers.get(key, "") for key in ("rt-timestamp", "rt-requestid")) + ACCESS_CODE
        wanted = hmac.new(SECRET_KEY.encode(), text.encode() + call.body, sha256).hexdigest()
        return call.headers.get("rt-signature", "").lower() == wanted

    def ok(self, obj: Any) -> tuple[int, Any]:
        return 200, {"success": True, "errorCode": "0", "errorMsg": None, "obj": obj}

    def no(self, code: str, message: str) -> tuple[int, Any]:
        return 200, {"success": False, "errorCode": code, "errorMsg": message, "obj": None}

    def stamp(self) -> str:
        return self.now().strftime("%Y-%m-%dT%H:%M:%S+0000")

    def on_balance_query(self, _wish: Any) -> tuple[int, Any]:
        return self.ok({"balance": self.balance})

    def on_package_list(self, wish: Any) -> tuple[int, Any]:
        place = wish.get("locationCode")
        base = [each for each in self.packages if place in (None, each["locationCode"])]
        return self.ok({"packageList": self.topups if wish.get("type") == "TOPUP" else base})

    def charge(self, key: str, amount: int) -> None:
        self.charges.append((key, amount + self.surcharge))
        self.balance -= amount + self.surcharge

    def on_esim_order(self, wish: Any) -> tuple[int, Any]:
        key = wish["transactionId"]
        if key in self.orders:
            return self.ok({"orderNo": self.orders[key]["orderNo"], "transactionId": key})
        if self.refusal:
            return self.no(self.refusal, "refused")
        row = wish["packageInfoList"][0]
        found = next((each for each in self.packages if each["packageCode"] == row["packageCode"]), None)
        if found is None:
            return self.no("310241", "package")
        if wish.get("amount") not in (None, found["price"]):
            return self.no("200005", "price")
        if found["price"] > self.balance:
            return self.no("200007", "balance")
        self.charge(key, found["price"])
        number = f"B2611{len(self.orders):07d}"
        self.orders[key] = {"orderNo": number, "wait": self.allotting}
        self.esims.append(self.esim(number, key, found))
        return self.ok({"orderNo": number, "transactionId": key})

    def esim(self, number: str, key: str, found: dict[str, Any]) -> dict[str, Any]:
        place = len(self.esims)
        ends = self.now() + timedelta(days=180)
        return {
            "esimTranNo": f"2611{place:08d}",
            "orderNo": number,
            "transactionId": key,
            "imsi": "454006109846571",
            "iccid": f"89852{place:014d}",
            "msisdn": "",
            "dataType": found["dataType"],
            "ac": f"LPA:1$rsp-eu.redteamobile.com$CANARY{place:06d}",
            "qrCodeUrl": "https://p.qrsim.net/canary-qr.png",
            "smdpStatus": "RELEASED",
            "eid": "",
            "activeType": 2,
            "expiredTime": ends.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "totalVolume": found["volume"],
            "totalDuration": found["duration"],
            "durationUnit": "DAY",
            "orderUsage": 0,
            "esimStatus": "GOT_RESOURCE",
            "supportTopUpType": 2,
            "packageList": [
                {
                    "packageName": found["name"],
                    "packageCode": found["packageCode"],
                    "slug": found["slug"],
                    "duration": found["duration"],
                    "volume": found["volume"],
                    "locationCode": "KH",
                    "createTime": self.stamp(),
                }
            ],
        }

    def on_esim_query(self, wish: Any) -> tuple[int, Any]:
        found = self.esims
        if "orderNo" in wish:
            order = next((each for each in self.orders.values() if each["orderNo"] == wish["orderNo"]), None)
            if order is None:
                return self.no("310272", "orderNo")
            if order["wait"] > 0:
                order["wait"] -= 1
                return self.no("200010", "allotting")
            found = [each for each in found if each["orderNo"] == wish["orderNo"]]
        elif "startTime" in wish:
            found = [
                each
                for each in found
                if wish["startTime"] <= each["packageList"][0]["createTime"] <= wish["endTime"] and not self.hidden
            ]
        elif not {"iccid", "esimTranNo"} & wish.keys():
            return self.no("400001", "no filter")
        else:
            key = "iccid" if "iccid" in wish else "esimTranNo"
            found = [each for each in found if each[key] == wish[key]]
        page, size = wish["pager"]["pageNum"], wish["pager"]["pageSize"]
        shown = found[(page - 1) * size : page * size]
        return self.ok({"esimList": shown, "pager": {"pageNum": page, "pageSize": size, "total": len(found)}})

    def on_esim_topup(self, wish: Any) -> tuple[int, Any]:
        key = wish["transactionId"]
        found = next((each for each in self.topups if each["packageCode"] == wish["packageCode"]), None)
        line = next(
            (e for e in self.esims if wish.get("esimTranNo") == e["esimTranNo"] or wish.get("iccid") == e["iccid"]),
            None,
        )
        if found is None or line is None:
            return self.no("310243", "package")
        if key not in self.orders:
            if self.refusal:
                return self.no(self.refusal, "refused")
            self.orders[key] = {"orderNo": None, "wait": 0}
            self.charge(key, found["price"])
            line["totalVolume"] += found["volume"]
            line["packageList"].append(
                {"packageName": found["name"], "packageCode": found["packageCode"], "createTime": self.stamp()}
            )
        return self.ok(
            {
                "transactionId": key,
                "iccid": line["iccid"],
                "expiredTime": line["expiredTime"],
                "totalVolume": line["totalVolume"],
                "totalDuration": 60,
                "orderUsage": line["orderUsage"],
            }
        )

    def on_esim_cancel(self, wish: Any) -> tuple[int, Any]:
        line = next((e for e in self.esims if e["esimTranNo"] == wish.get("esimTranNo")), None)
        if line is None or (line["esimStatus"], line["smdpStatus"]) != ("GOT_RESOURCE", "RELEASED"):
            return self.no("200002", "status")
        line["esimStatus"] = "CANCEL"
        self.balance += 18_000
        return self.ok(None)
