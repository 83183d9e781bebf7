"""The doubles by name."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from esimctl.providers.sandbox.books import OperatorBooks
from tests.vendors.airalo import AiraloFace
from tests.vendors.armed import NOTHING, Armed
from tests.vendors.celitech import CARRIER, CelitechFace
from tests.vendors.counter import Counter
from tests.vendors.esim_access import EsimAccessFace
from tests.vendors.face import Face

#: api → its face, octets in a gigabyte (as a power of 1000 or 1024), the one carrier that all its packs are of
FACES: dict[str, tuple[type[Face], int, str | None]] = {
    "esim-access": (EsimAccessFace, 1024, None),
    "airalo": (AiraloFace, 1024, None),
    "celitech": (CelitechFace, 1024, CARRIER),
}

CREDIT = 100_000  #: cents that an account begins with where nobody says otherwise


def make_face(
    api: str,
    books: OperatorBooks,
    zone: tzinfo,
    clock: Callable[[], datetime],
    *,
    credit: int = CREDIT,
    delay: timedelta = timedelta(0),
    armed: Armed = NOTHING,
) -> Face:
    """A double without a server: `respond` answers its calls; `credit` in cents is what its account begins with."""
    face, gigabyte, carrier = FACES[api]
    return face(
        Counter(api, books, zone, clock, gigabyte=gigabyte, carrier=carrier, credit=credit, delay=delay, armed=armed)
    )


__all__ = ["CREDIT", "FACES", "make_face"]
