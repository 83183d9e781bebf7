"""The double of eSIM Access with a short shelf: a test reads its prices and volumes in its own lines."""

from pathlib import Path
from typing import Any

from esimctl.catalogue.plan import Plan
from esimctl.values.money import Money
from tests.vendors.esim_access import EsimAccessFace
from tests.vendors.packs import COUNTRY, CURRENCY, TOPUP, UNUSED, Pack
from tests.vendors.served import double

CREDIT = 5_000  #: cents


def shelved(
    code: str, cents: int, gigabytes: int, days: int, *, kind: str = "base", countries: tuple[str, ...] = (COUNTRY,)
) -> Pack:
    """A pack under an id of its own; a top-up whose id ends in -topup is one of the pack before it."""
    price = Money(cents, CURRENCY)
    terms: dict[str, Any] = {
        "price": str(price), "data": f"{gigabytes}GB", "term": f"{days} days", "volume_base": 1024,
        **({"category": "topup"} if kind == "topup" else {"starts_on": "first-use", "use_by": UNUSED}),
    }  # fmt: skip
    name = f"Cambodia {gigabytes}GB {days}Days"
    plan = Plan(code, "smart", name, "manual", price, terms, countries=countries, kind=kind)
    return Pack(code, plan, gigabytes << 30, days, cents, "first-use")


def esim_access(books: Path, **options: Any) -> EsimAccessFace:
    """Two packs, a top-up of the first, and no filter that its documents do not have; `options` as for `make_face`."""
    face = double("esim-access", books, **{"credit": CREDIT, **options})
    assert isinstance(face, EsimAccessFace)
    face.arms.filters = False
    face.counter.packs[:] = [
        shelved("CKH002", 180, 3, 30),
        shelved(f"CKH002{TOPUP}", 170, 3, 30, kind="topup"),
        shelved("CKH001", 90, 1, 7),
    ]
    return face


__all__ = ["CREDIT", "esim_access", "shelved"]
