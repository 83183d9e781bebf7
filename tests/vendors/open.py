"""The doubles by name, with their ports on loopback or without."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from esimctl.providers.sandbox.books import Books
from tests.vendors.airalo import AiraloFace
from tests.vendors.armed import NOTHING, Armed
from tests.vendors.celitech import CARRIER, CelitechFace
from tests.vendors.counter import Counter
from tests.vendors.esim_access import EsimAccessFace
from tests.vendors.face import Face
from tests.vendors.wire import Server

#: api → its face, octets in a gigabyte (as a power of 1000 or 1024), the one carrier that all its packs are of
FACES: dict[str, tuple[type[Face], int, str | None]] = {
    "esim-access": (EsimAccessFace, 1024, None),
    "airalo": (AiraloFace, 1024, None),
    "celitech": (CelitechFace, 1024, CARRIER),
}

CREDIT = 100_000  #: cents that an account begins with where nobody says otherwise


def open_face(
    api: str,
    port: int,
    books: Books,
    zone: tzinfo,
    clock: Callable[[], datetime],
    *,
    credit: int = CREDIT,
    delay: timedelta = timedelta(0),
    armed: Armed = NOTHING,
) -> Server:
    """A face with its port open; `credit` in cents is what its account begins with. Raises as `Server` does."""
    return Server(make_face(api, books, zone, clock, credit=credit, delay=delay, armed=armed), port)


def make_face(
    api: str,
    books: Books,
    zone: tzinfo,
    clock: Callable[[], datetime],
    *,
    credit: int = CREDIT,
    delay: timedelta = timedelta(0),
    armed: Armed = NOTHING,
) -> Face:
    """A face without a server: `respond` answers its calls."""
    face, gigabyte, carrier = FACES[api]
    return face(
        Counter(api, books, zone, clock, gigabyte=gigabyte, carrier=carrier, credit=credit, delay=delay, armed=armed)
    )


__all__ = ["CREDIT", "FACES", "make_face", "open_face"]
