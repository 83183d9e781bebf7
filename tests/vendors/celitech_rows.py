"""Celitech's packages and codes: sizes in GB of 2^30 octets, a span of days, the code as picture, text and links.

The vendor's own example of a gigabyte is 1073741824; an unlimited package there has as many days as it has at least.
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from esimctl.providers.lpa import ActivationCode, android_url, apple_url
from tests.vendors.counter import Sold
from tests.vendors.packs import COUNTRY, Pack

ISO3, NAME = "KHM", "Cambodia"
SIZES = frozenset(Decimal(size) for size in ("0.5", "1", "2", "3", "5", "8", "20", "50"))
UNLIMITED = -1
GIGABYTE = 1 << 30
SHORTEST, LONGEST = 3, 30  #: days of an unlimited package
ACTIVATION = ("activationCode", "manualActivationCode", "iosActivationLink", "androidActivationLink")


@dataclass(frozen=True, slots=True)
class Package:
    """A pack as it is listed: by its size, for a span of days that no other of that size covers."""

    pack: Pack
    least: int

    @property
    def size(self) -> Decimal:
        return Decimal(UNLIMITED) if self.pack.octets is None else gigabytes(self.pack.octets)

    def row(self) -> dict[str, Any]:
        """As `packages` lists it."""
        return {
            "id": self.pack.id,
            "destination": ISO3,
            "destinationISO2": COUNTRY,
            "dataLimitInBytes": UNLIMITED if self.pack.octets is None else self.pack.octets,
            "dataLimitInGB": self.size,
            "minDays": self.least,
            "maxDays": self.pack.days,
            "priceInCents": self.pack.cents,
        }


def gigabytes(octets: int) -> Decimal:
    """Octets in GB, as the vendor writes them."""
    return (Decimal(octets) / GIGABYTE).normalize()


def listed_packages(packs: tuple[Pack, ...]) -> tuple[Package, ...]:
    """The cheapest pack of each size and span; a span begins where the shorter one of that size ends."""
    best: dict[tuple[int, int], Pack] = {}
    for pack in packs:
        octets = UNLIMITED if pack.octets is None else pack.octets
        if octets == UNLIMITED and not SHORTEST <= pack.days <= LONGEST:
            continue
        if octets != UNLIMITED and gigabytes(octets) not in SIZES:
            continue
        known = best.get((octets, pack.days))
        if known is None or pack.cents < known.cents:
            best[octets, pack.days] = pack
    found, before = [], (0, 0)
    for (octets, days), pack in sorted(best.items(), key=lambda item: item[0]):
        least = days if octets == UNLIMITED else before[1] + 1 if before[0] == octets else 1
        found.append(Package(pack, least))
        before = (octets, days)
    return tuple(found)


def purchase_id(sold: Sold) -> str:
    """The id of a purchase."""
    return f"5a2d0000-0000-4000-8000-{sold.number:012d}"


def activation(sold: Sold, now: datetime) -> dict[str, str]:
    """The code as picture, text and links; nothing yet while the eSIM is being made."""
    if not sold.ready(now):
        return dict.fromkeys(
            ("activationCode", "manualActivationCode", "iosActivationLink", "androidActivationLink"), ""
        )
    code = ActivationCode.parse(sold.lpa)
    return {
        "activationCode": _picture(code.text),
        "manualActivationCode": code.text,
        "iosActivationLink": apple_url(code),
        "androidActivationLink": android_url(code),
    }


@cache
def _picture(text: str) -> str:
    """A QR code as PNG in base64, of 1000 to 8000 characters."""
    from io import BytesIO

    import segno

    picture = BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="png", scale=4, compresslevel=0)
    return b64encode(picture.getvalue()).decode()


__all__ = ["ISO3", "NAME", "UNLIMITED", "Package", "activation", "gigabytes", "listed_packages", "purchase_id"]
