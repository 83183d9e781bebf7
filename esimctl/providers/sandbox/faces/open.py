"""The three faces by name, opened on a port of loopback."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from esimctl.providers.sandbox.books import Books
from esimctl.providers.sandbox.faces.airalo import AiraloFace
from esimctl.providers.sandbox.faces.armed import NOTHING, Armed
from esimctl.providers.sandbox.faces.celitech import CARRIER, CelitechFace
from esimctl.providers.sandbox.faces.counter import Counter
from esimctl.providers.sandbox.faces.esim_access import EsimAccessFace
from esimctl.providers.sandbox.faces.server import Face, Served

#: api → its face, octets in a gigabyte (as a power of 1000 or 1024), the one carrier that all its packs are of
FACES: dict[str, tuple[type[Face], int, str | None]] = {
    "esim-access": (EsimAccessFace, 1024, None),
    "airalo": (AiraloFace, 1024, None),
    "celitech": (CelitechFace, 1024, CARRIER),
}


def open_face(
    api: str,
    port: int,
    books: Books,
    zone: tzinfo,
    clock: Callable[[], datetime],
    *,
    credit: int,
    delay: timedelta = timedelta(0),
    armed: Armed = NOTHING,
) -> Served:
    """A face with its port open; `credit` in cents is what its account begins with. OSError where the port is taken."""
    return Served(make_face(api, books, zone, clock, credit=credit, delay=delay, armed=armed), port)


def make_face(
    api: str,
    books: Books,
    zone: tzinfo,
    clock: Callable[[], datetime],
    *,
    credit: int,
    delay: timedelta = timedelta(0),
    armed: Armed = NOTHING,
) -> Face:
    """A face without a server: `respond` answers its calls."""
    face, gigabyte, carrier = FACES[api]
    return face(
        Counter(api, books, zone, clock, gigabyte=gigabyte, carrier=carrier, credit=credit, delay=delay, armed=armed)
    )


__all__ = ["FACES", "make_face", "open_face"]
