"""Airalo's partner interface as its specification describes it: bearer tokens, no protection against a second order."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from tests.providers.fakes.scripted import Scripted
from tests.vendors.calls import Call

CLIENT_ID = "canary-airalo-id-3351"
CLIENT_SECRET = "canary-airalo-secret-88e0"


def package(code: str, price: float, net: float | None, megabytes: int, days: int, kind: str = "sim") -> dict[str, Any]:
    return {
        "id": code,
        "type": kind,
        "price": price,
        "net_price": net,
        "prices": {"net_price": {"USD": net}, "recommended_retail_price": {"USD": price}},
        "amount": megabytes,
        "day": days,
        "is_unlimited": False,
        "title": f"{megabytes // 1024} GB - {days} Days",
        "data": f"{megabytes // 1024} GB",
        "short_info": None,
        "voice": None,
        "text": None,
    }


class AiraloVendor(Scripted):
    """Every order is a new one. `vague`: the description of a top-up is replaced, as the vendor's sample shows."""

    def __init__(self) -> None:
        super().__init__()
        self.model = "net_pricing"
        self.discount = 10
        self.packages = [
            package("angkor-7days-1gb", 4.5, 3.6, 1024, 7),
            package("angkor-30days-3gb", 9.5, 8.05, 3072, 30),
        ]
        self.topups = [package("angkor-7days-1gb-topup", 4.5, 3.5, 1024, 7, "topup")]
        self.token = "token-canary-0000000000000000000000000001"
        self.tokens = 0
        self.balance = 5000  # cents
        self.charges: list[tuple[str, int]] = []
        self.orders: list[dict[str, Any]] = []
        self.sims: list[dict[str, Any]] = []
        self.history: dict[str, list[dict[str, Any]]] = {}
        self.usage: dict[str, dict[str, Any]] = {}
        self.vague = True
        self.unlisted_topups = False
        self.refusal: tuple[int, Any] | None = None
        self.page_size = 100
        self.object_pages = False
        self.bare_pages = False  #: a list tells its next page by a link alone
        self.lasting: int | None = 31_622_400  #: seconds of a token
        self.regional: list[dict[str, Any]] = []  #: places of `filter[type]=global`
        self.odd: dict[str, Any] = {}  #: a path → what is answered there instead
        self.refunds: list[dict[str, Any]] = []

    def stamp(self) -> str:
        return self.now().strftime("%Y-%m-%d %H:%M:%S")

    def answer(self, call: Call) -> tuple[int, Any]:
        path = call.path.removeprefix("/v2/")
        if path == "token":
            return self.give_token(call)
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return 401, {"data": [], "meta": {"message": "Unauthenticated."}}
        if call.headers.get("accept") != "application/json":
            return 500, b"<html>Server Error</html>"
        return self.route(call, path)

    def route(self, call: Call, path: str) -> tuple[int, Any]:
        parts = path.split("/")
        if call.method == "GET" and path in self.odd:
            return 200, self.odd[path]
        if call.method == "POST" and path in {"orders", "orders/topups"}:
            return self.order(call.document, topup=path.endswith("topups"))
        if parts[0] == "sims" and len(parts) == 3:
            return self.of_sim(parts[1], parts[2])
        held = {"name": "balance", "availableBalance": {"amount": self.balance / 100, "currency": "USD"}}
        simple: dict[str, Callable[[], tuple[int, Any]]] = {
            "packages": lambda: self.catalogue(call),
            "orders": lambda: self.listed(call),
            "sims": lambda: self.page(call, self.sims),
            "balance": lambda: (200, {"data": {"balances": held}, "meta": {"message": "success"}}),
            "refund": lambda: self.refund(call.document),
        }
        missing = (404, {"data": [], "meta": {"message": "messages.resource_not_found"}})
        return simple[path]() if path in simple else missing

    def give_token(self, call: Call) -> tuple[int, Any]:
        form = parse_qs(call.body.decode())
        self.tokens += 1
        if form.get("client_id") != [CLIENT_ID]:
            text = "The selected client id is invalid."
            return 422, {"data": {"client_id": text}, "meta": {"message": "the parameter is invalid"}}
        if form.get("client_secret") != [CLIENT_SECRET]:
            return 401, {"data": [], "meta": {"message": "Client authentication failed"}}
        data = {"token_type": "Bearer", "expires_in": self.lasting, "access_token": self.token}
        return 200, {"data": data, "meta": {"message": "success"}}

    def page(self, call: Call, found: list[Any]) -> tuple[int, Any]:
        size, page = min(self.page_size, int(call.query.get("limit", 25))), int(call.query.get("page", 1))
        shown: Any = found[(page - 1) * size : page * size]
        if self.object_pages and page > 1:
            shown = {str((page - 1) * size + place): row for place, row in enumerate(shown)}
        last = max(1, -(-len(found) // size))
        return 200, {
            "data": shown,
            "links": {"next": "https://partners-api.airalo.com/next" if page < last else None},
            "meta": {"message": "success"}
            if self.bare_pages
            else {"message": "success", "current_page": page, "last_page": last, "per_page": str(size)},
            "pricing": {"model": self.model, "discount_percentage": self.discount},
        }

    def refund(self, wish: dict[str, Any]) -> tuple[int, Any]:
        self.refunds.append(wish)
        return 202, {"data": {"refund_id": "R1", "created_at": self.stamp()}, "meta": {}}

    def catalogue(self, call: Call) -> tuple[int, Any]:
        if call.query.get("filter[type]") == "global":
            return self.page(call, self.regional)
        places = [
            {
                "slug": "cambodia",
                "country_code": "KH",
                "title": "Cambodia",
                "operators": [
                    {
                        "id": 7,
                        "type": "local",
                        "title": "Angkor Mobile",
                        "activation_policy": "first-usage",
                        "plan_type": "data",
                        "rechargeability": True,
                        "install_window_days": 90,
                        "coverages": [{"name": "KH", "code": "KH", "networks": [{"name": "Smart", "types": ["5G"]}]}],
                        "countries": [{"country_code": "KH", "title": "Cambodia"}],
                        "packages": [row if self.model == "net_pricing" else {**row, "net_price": None}],
                    }
                ],
            }
            for row in self.packages
        ]
        return self.page(call, places)

    def order(self, wish: dict[str, Any], *, topup: bool) -> tuple[int, Any]:
        if self.refusal is not None:
            return self.refusal
        shelf = self.topups if topup else self.packages
        row = next((each for each in shelf if each["id"] == wish["package_id"]), None)
        if row is None:
            text = "The selected package is invalid."
            return 422, {"data": {"package_id": text}, "meta": {"message": "the parameter is invalid"}}
        paid = round((row["net_price"] if self.model == "net_pricing" else row["price"] * 0.9) * 100)
        self.charges.append((wish.get("description", ""), paid))
        self.balance -= paid
        number = 800_000 + len(self.orders)
        order: dict[str, Any] = {
            "id": number,
            "code": f"20261120-{number}",
            "currency": "USD",
            "package_id": row["id"],
            "quantity": "1" if topup else 1,
            "type": "topup" if topup else "sim",
            "description": f"Topup ({wish.get('iccid')})" if topup and self.vague else wish.get("description"),
            "validity": row["day"],
            "package": row["title"],
            "data": row["data"],
            "price": str(row["price"]),
            "pricing_model": self.model,
            "created_at": self.stamp(),
            "status": {"name": "Completed", "slug": "completed"},
            "iccid": wish.get("iccid"),
        }
        if self.model == "net_pricing":
            order["net_price"] = row["net_price"]
        else:
            order |= {"discount_percentage": 10, "total_amount_paid": paid / 100}
        if topup:
            self.history.setdefault(wish["iccid"], []).append(
                {"id": 9000 + number, "status": "NOT_ACTIVE", "remaining": 1024, "activated_at": None, "package": row}
            )
        else:
            order["sims"] = [self.sim(number, row)]
        if not (topup and self.unlisted_topups):
            self.orders.append(order)
        return 200, {"data": order, "meta": {"message": "success"}}

    def sim(self, number: int, row: dict[str, Any]) -> dict[str, Any]:
        iccid = f"8910300{number:012d}"
        sim = {
            "id": number + 1,
            "created_at": self.stamp(),
            "iccid": iccid,
            "lpa": "lpa.airalo.com",
            "imsis": None,
            "matching_id": f"CANARY-{number}",
            "qrcode": f"LPA:1$lpa.airalo.com$CANARY-{number}",
            "qrcode_url": "https://airalo.com/qr/canary",
            "direct_apple_installation_url": f"https://esimsetup.apple.com/x?carddata=LPA:1$lpa.airalo.com$CANARY-{number}",
            "confirmation_code": None,
            "msisdn": None,
        }
        self.sims.append({**sim, "recycled": False, "simable": {"id": number, "package_id": row["id"]}})
        self.usage[iccid] = {
            "remaining": 1024, "total": 1024, "expired_at": None, "is_unlimited": False, "status": "NOT_ACTIVE",
            "remaining_voice": 0, "remaining_text": 0, "total_voice": 0, "total_text": 0,
        }  # fmt: skip
        return sim

    def shown_topups(self) -> list[dict[str, Any]]:
        return [row if self.model == "net_pricing" else {**row, "net_price": None} for row in self.topups]

    def listed(self, call: Call) -> tuple[int, Any]:
        found = self.orders
        if described := call.query.get("filter[description]"):
            found = [row for row in found if described in (row["description"] or "")]
        if iccid := call.query.get("filter[iccid]"):
            found = [row for row in found if iccid in (row["iccid"], *(sim["iccid"] for sim in row.get("sims", ())))]
        return self.page(call, found)

    def of_sim(self, iccid: str, what: str) -> tuple[int, Any]:
        if iccid not in self.usage:
            return 404, {"data": [], "meta": {"message": "messages.resource_not_found"}}
        if what == "usage":
            return 200, {"data": self.usage[iccid], "meta": {"message": "api.succes"}}
        if what == "topups":
            return 200, {"pricing": {"model": self.model, "discount_percentage": 10}, "data": self.shown_topups()}
        return 200, {"data": self.history.get(iccid, []), "meta": {"message": "success"}}
