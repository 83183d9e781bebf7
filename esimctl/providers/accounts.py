"""Addresses of providers: https anywhere, plain http on this machine only, nothing else.

An address is a host root: scheme, host, port and perhaps a path before the version. Sources: ASVS 13.2.4, CWE-319.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, timedelta, tzinfo
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import quote, urlsplit

from esimctl.errors import ConfigurationError
from esimctl.values.record import record
from esimctl.values.sentence import Raw, Sentence


@record
class Address:
    """Where a provider is asked. `root` has no slash at its end; `loopback` says that it is this machine."""

    root: str
    loopback: bool
    given: bool = False  #: the person named it; it is not the vendor's own

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"{self.root}/{path.lstrip('/')}"


def parse_address(text: str, name: str) -> Address:
    """The address in a text that `name`, a variable or key, holds. ConfigurationError (78) says what is wrong."""
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong(name, "is not an address") from None
    if not host or not text.isprintable() or " " in text.strip():
        raise _wrong(name, "is not an address")
    if parts.username is not None or parts.password is not None:
        raise _wrong(name, "holds credentials; an address must not")
    if parts.query or parts.fragment:
        raise _wrong(name, "holds a query; only a host root belongs there")
    local = is_loopback(host)
    try:
        netloc = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    except UnicodeError:
        raise _wrong(name, "is not an address") from None
    if parts.scheme not in {"http", "https"} or (parts.scheme == "http" and not local):
        raise _wrong(name, "must begin with https:// (plain http is for this machine only)")
    path = quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~")
    return Address(f"{parts.scheme}://{netloc}{path}", local, given=True)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name: `localhost`, 127.0.0.0/8 or ::1."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def address_of(
    name: str, kind: str, field: str, own: str, environ: Mapping[str, str], base_url: object = None
) -> Address:
    """The address of a provider: ESIMCTL_<PROVIDER>_<FIELD>, else the `base_url` of its table, else the vendor's `own`.

    A provider that was added under a name of its own may have variables of that name; they come first.
    """
    for variable in variables(name, kind, field):
        if environ.get(variable):
            return parse_address(environ[variable], variable)
    if base_url:
        return parse_address(str(base_url), f"provider.{name}.base_url")
    return Address(own, loopback=False)


def variables(name: str, kind: str, field: str) -> list[str]:
    """The variables in which a provider's field may stand, the most particular first."""
    words = [word.upper().replace("-", "_") for word in (name, kind)]
    return list(dict.fromkeys(f"ESIMCTL_{word}_{field.upper()}" for word in words))


def _wrong(name: str, what: str) -> ConfigurationError:
    return ConfigurationError(
        "{variable} {what}",
        hint="{variable}=https://HOST",
        code="bad_base_url",
        variable=Raw(name),
        what=Sentence(what),
    )


class Drawer(Protocol):
    """Named pieces of bytes, private to this profile."""

    def read(self, name: str) -> bytes | None:
        """The bytes, None where there are none."""

    def write(self, name: str, data: bytes) -> bool:
        """Keep them; whether that was possible."""

    def remove(self, name: str) -> None:
        """Forget them."""

    def change(self, name: str, edit: Callable[[bytes], bytes]) -> bool:
        """Read, edit and write while no other process does."""


class Forgetful:
    """A drawer for this run only; what lies in the one `beneath` is seen and never changed."""

    def __init__(self, beneath: Drawer | None = None) -> None:
        self._held: dict[str, bytes | None] = {}
        self._beneath = beneath

    def read(self, name: str) -> bytes | None:
        """The bytes, None where there are none."""
        if name in self._held or self._beneath is None:
            return self._held.get(name)
        return self._beneath.read(name)

    def write(self, name: str, data: bytes) -> bool:
        """Keep them until the run ends."""
        self._held[name] = data
        return True

    def remove(self, name: str) -> None:
        """Forget them."""
        self._held[name] = None

    def change(self, name: str, edit: Callable[[bytes], bytes]) -> bool:
        """Edit them."""
        self._held[name] = edit(self.read(name) or b"")
        return True


class Credentials(dict[str, str]):
    """Credentials by field. Its repr shows the fields alone."""

    def __repr__(self) -> str:
        return f"Secrets({', '.join(self)})"

    __str__ = __repr__


@record
class Account:
    """An account at a reseller as an adapter gets it: its name here, its addresses, its credentials when asked for.

    `tokens` holds what expires (tokens, the pace of requests), `offers` the copies of price lists. `settle_window` is
    the person's own, for rehearsals on this machine; None means the adapter's. `zone` is where the person's days begin.
    """

    name: str
    address: Address
    credentials: Callable[[], Mapping[str, str]]
    tokens: Drawer
    offers: Drawer
    auth_address: Address | None = None
    settle_window: timedelta | None = None
    zone: tzinfo = UTC
    ca_file: str | None = None  #: certificates of roots that are trusted beside the public ones, PEM
