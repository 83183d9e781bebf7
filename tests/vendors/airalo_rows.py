"""Airalo's rows: packages, orders, SIMs and usage as the partner interface writes them. An MB there is 2^20 octets."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from esimctl.providers.lpa import ActivationCode, apple_url
from tests.vendors.counter import Left, Sold, Usage
from tests.vendors.packs import COUNTRY, Pack

MEGABYTE = 1 << 20
RETAIL = Decimal("1.25")  #: of the net price
PRICING = {"model": "net_pricing", "discount_percentage": 0}
HISTORY = 5_000_000  #: package histories are numbered apart from orders
STATES = {"pending": "NOT_ACTIVE", "active": "ACTIVE", "expired": "EXPIRED"}


def stamp(at: datetime | None) -> str | None:
    """An instant as the vendor writes it, in UTC without saying so."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def net(pack: Pack) -> Decimal:
    """What the partner pays."""
    return Decimal(pack.cents).scaleb(-2)


def retail(pack: Pack) -> Decimal:
    """What a traveller would pay."""
    return (net(pack) * RETAIL).quantize(Decimal("0.01"), ROUND_HALF_UP)


def package(pack: Pack) -> dict[str, Any]:
    """A row of `packages`."""
    size = "Unlimited" if pack.octets is None else f"{pack.octets >> 30} GB"
    return {
        "id": pack.id,
        "type": "topup" if pack.topup else "sim",
        "price": retail(pack),
        "net_price": net(pack),
        "prices": {"net_price": {"USD": net(pack)}, "recommended_retail_price": {"USD": retail(pack)}},
        "amount": 0 if pack.octets is None else pack.octets // MEGABYTE,
        "day": pack.days,
        "is_unlimited": pack.octets is None,
        "title": f"{size} - {pack.days} days",
        "data": size,
        "short_info": None,
        "qr_installation": "<p>SANDBOX</p>",
        "manual_installation": "<p>SANDBOX</p>",
        "voice": None,
        "text": None,
        "is_fair_usage_policy": False,
        "fair_usage_policy": None,
    }


def countries(packs: Iterable[Pack]) -> list[dict[str, Any]]:
    """`packages`: one country, its operators, their packages."""
    carriers: dict[str, list[Pack]] = {}
    for pack in packs:
        carriers.setdefault(pack.plan.carrier, []).append(pack)
    if not carriers:
        return []
    operators = [operator(number, name, mine) for number, (name, mine) in enumerate(carriers.items(), 1)]
    image = {"width": 132, "height": 99, "url": "https://sandbox.example/kh.png"}
    return [{"slug": "cambodia", "country_code": COUNTRY, "title": "Cambodia", "image": image, "operators": operators}]


def operator(number: int, name: str, mine: list[Pack]) -> dict[str, Any]:
    """An operator with its packages."""
    return {
        "id": number,
        "type": "local",
        "title": f"SANDBOX {name}",
        "is_prepaid": False,
        "esim_type": "Prepaid",
        "warning": None,
        "apn_type": "automatic",
        "apn_value": None,
        "apn": {"ios": {"apn_type": "automatic", "apn_value": None}, "android": {"apn_type": "automatic"}},
        "is_roaming": True,
        "info": [],
        "image": {"width": 1035, "height": 653, "url": "https://sandbox.example/operator.png"},
        "plan_type": "data",
        "activation_policy": "installation" if mine[0].starts_on == "installation" else "first-usage",
        "is_kyc_verify": False,
        "rechargeability": True,
        "other_info": None,
        "coverages": [{"name": COUNTRY, "code": COUNTRY, "networks": [{"name": name, "types": ["4G"]}]}],
        "install_window_days": 180,
        "topup_grace_window_days": 0,
        "countries": [{"country_code": COUNTRY, "title": "Cambodia", "image": {}}],
        "packages": [package(pack) for pack in mine],
    }


def order(sold: list[Sold], now: datetime, include: str = "sims") -> dict[str, Any]:
    """An order; its SIMs once they are there. A top-up has none, and a description of the vendor's own."""
    first = sold[0]
    pack, topup = first.pack, first.pack.topup
    found: dict[str, Any] = {
        "id": first.number,
        "code": f"{first.at:%Y%m%d}-{first.number:06d}",
        "currency": "USD",
        "package_id": pack.id,
        "quantity": len(sold),
        "type": "topup" if topup else "sim",
        "description": f"Topup ({first.iccid})" if topup else first.note.get("description"),
        "esim_type": "Prepaid",
        "validity": pack.days,
        "package": package(pack)["title"],
        "data": package(pack)["data"],
        "price": retail(pack),
        "net_price": net(pack),
        "pricing_model": PRICING["model"],
        "created_at": stamp(first.at),
        "manual_installation": "<p>SANDBOX</p>",
        "qrcode_installation": "<p>SANDBOX</p>",
        "installation_guides": {"en": "https://sandbox.example/guide"},
        "text": None,
        "voice": None,
        "brand_settings_name": first.note.get("brand_settings_name"),
    }
    if not topup and "sims" in include:
        found["sims"] = [sim(each) for each in sold if each.ready(now) and not each.gone]
    if "status" in include:
        found["status"] = {"name": "Completed", "slug": "completed"}
    return found


def sim(sold: Sold) -> dict[str, Any]:
    """An eSIM with its code. `lpa` is the server alone, `qrcode` the whole code."""
    code = ActivationCode.parse(sold.lpa)
    apn = {"apn_type": "automatic", "apn_value": None}
    return {
        "id": sold.number,
        "created_at": stamp(sold.at),
        "iccid": sold.iccid,
        "lpa": code.host,
        "imsis": None,
        "matching_id": code.matching_id,
        "qrcode": code.text,
        "qrcode_url": "https://sandbox.example/qr",
        "direct_apple_installation_url": apple_url(code),
        "airalo_code": None,
        **apn,
        "apn": {"ios": apn, "android": apn},
        "is_roaming": True,
        "confirmation_code": None,
        "msisdn": None,
    }


def listed_sim(sold: Sold, batch: list[Sold], now: datetime, include: str) -> dict[str, Any]:
    """An eSIM of the list, with its order where that is asked for."""
    found = {**sim(sold), "voucher_code": None, "recycled": False, "recycled_at": None}
    found["brand_settings_name"] = sold.note.get("brand_settings_name")
    if "order" in include:
        found["simable"] = order(batch, now, "status")
    if "share" in include:
        found["sharing"] = {"link": "https://sandbox.example/share", "access_code": "0000"}
    return found


def usage(found: Usage) -> dict[str, Any]:
    """What is left, in MB; the zeros of an unlimited package say nothing."""
    state = STATES.get(found.reading.status, "UNKNOWN")
    if found.waiting:
        state = "NOT_ACTIVE"
    elif state == "ACTIVE" and found.spent:
        state = "FINISHED"
    endless = found.total is None
    return {
        "remaining": 0 if found.remaining is None else found.remaining // MEGABYTE,
        "total": 0 if found.total is None else found.total // MEGABYTE,
        "expired_at": None if found.waiting else stamp(found.reading.expires_at),
        "is_unlimited": endless,
        "status": state,
        "remaining_voice": 0,
        "remaining_text": 0,
        "total_voice": 0,
        "total_text": 0,
    }


def history(sold: Sold, left: Left, now: datetime) -> dict[str, Any]:
    """A package in the history of an eSIM."""
    over = left.end is not None and left.end <= now
    state = "NOT_ACTIVE" if left.start is None else "EXPIRED" if over else "FINISHED" if left.octets == 0 else "ACTIVE"
    row = package(sold.pack)
    kept = ("id", "type", "price", "net_price", "amount", "day", "is_unlimited", "title", "data", "short_info")
    return {
        "id": HISTORY + sold.number,
        "status": state,
        "remaining": 0 if left.octets is None else left.octets // MEGABYTE,
        "activated_at": None if left.start is None else left.start.astimezone(UTC).isoformat(timespec="seconds"),
        "expired_at": None if left.end is None else left.end.astimezone(UTC).isoformat(timespec="seconds"),
        "finished_at": None,
        "package": {key: row[key] for key in kept},
    }


def instructions(sold: Sold, language: str) -> dict[str, Any]:
    """How to install it, on both kinds of phones."""
    code = ActivationCode.parse(sold.lpa)

    def guide(version: str) -> dict[str, Any]:
        return {
            "model": None,
            "version": version,
            "installation_via_qr_code": {
                "steps": {"1": "Open the settings of mobile data.", "2": "Add an eSIM.", "3": "Scan the QR code."},
                "qr_code_data": code.text,
                "qr_code_url": "https://sandbox.example/qr",
                "direct_apple_installation_url": apple_url(code),
            },
            "installation_manual": {
                "steps": {"1": "Add an eSIM by hand.", "2": "Enter both values."},
                "smdp_address_and_activation_code": f"{code.host} {code.matching_id}",
            },
            "network_setup": {
                "steps": {"1": "Turn data roaming on."},
                "apn_type": "automatic",
                "apn_value": None,
                "is_roaming": True,
            },
        }

    return {"instructions": {"language": language, "ios": [guide("17.0")], "android": [guide("14")]}}


def page(found: list[Any], call_page: int, size: int, path: str) -> Mapping[str, Any]:
    """A page of a list with its counts; `per_page` is a text there."""
    last = max(1, -(-len(found) // size))
    shown = found[(call_page - 1) * size : call_page * size]
    start = (call_page - 1) * size
    return {
        "data": shown,
        "links": {
            "first": f"{path}?page=1",
            "last": f"{path}?page={last}",
            "prev": f"{path}?page={call_page - 1}" if call_page > 1 else None,
            "next": f"{path}?page={call_page + 1}" if call_page < last else None,
        },
        "meta": {
            "message": "success",
            "current_page": call_page,
            "from": start + 1 if shown else None,
            "last_page": last,
            "path": path,
            "per_page": str(size),
            "to": start + len(shown) if shown else None,
            "total": len(found),
        },
    }


__all__ = [
    "PRICING",
    "countries",
    "history",
    "instructions",
    "listed_sim",
    "order",
    "package",
    "page",
    "usage",
]
