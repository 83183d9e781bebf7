"""The doubles by name, with their ports on loopback or without."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo

from esimctl.providers.sandbox.books import Books
from tests.vendors.airalo import AiraloFace
from tests.vendors.armed import NOTHING, Armed
from tests.vendors.celitech import CARRIER, CelitechFace
from tests.vendors.counter import Counter
from tests.vendors.esim_access import EsimAccessFace
from tests.vendors.server import Face, Served

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
) -> Served:
    """A face with its port open; `credit` in cents is what its account begins with. Raises as `Served` does."""
    return Served(make_face(api, books, zone, clock, credit=credit, delay=delay, armed=armed), port)


@contextmanager
def serving(server: Served) -> Iterator[str]:
    """Its address, as long as it answers; held requests do not keep it."""
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server.base_url
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()


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


__all__ = ["CREDIT", "FACES", "make_face", "open_face", "serving"]
