"""An account at a reseller, made ready: its addresses, its credentials when they are first needed, what it may keep."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from esimctl.errors import ConfigurationError, UsageError
from esimctl.providers.accounts import Account, Address, Credentials, Drawer, Forgetful, address_of
from esimctl.store.cache import Cache
from esimctl.store.paths import person_path
from esimctl.values.moments import zone
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml, text_at

if TYPE_CHECKING:
    from esimctl.profile.opened import Session
    from esimctl.providers.registry import Kind

LONGEST_WINDOW = 3600.0  #: seconds


def account_for(session: "Session", name: str, kind: "Kind", settings: Mapping[str, Toml]) -> Account:
    """The account of a provider. ConfigurationError (78) for an address or a settle window that may not be."""
    base = address_of(name, kind.name, "BASE_URL", kind.base_url or "", session.environ, text_at(settings, "base_url"))
    held: list[Credentials] = []

    def credentials() -> Credentials:
        if not held:
            from esimctl.profile.credentials import credentials as find

            held.append(find(session, name, kind)[1])
        return held[0]

    return Account(
        name=name,
        address=base,
        credentials=credentials,
        tokens=_drawer(session, "cache"),
        offers=_drawer(session, "offers"),
        auth_address=auth_address(name, kind, base, session.environ),
        settle_window=settle_window(name, base, session.environ),
        zone=zone(session.zone),
        ca_file=ca_file(name, settings),
    )


def ca_file(name: str, settings: Mapping[str, Toml]) -> str | None:
    """The person's own file of roots, `~` filled in. ConfigurationError (78) for a path that depends on the folder."""
    given = text_at(settings, "ca_file")
    if given is None:
        return None
    path = person_path(given)
    if not path.is_absolute():
        raise ConfigurationError(
            "profile.toml: provider.{provider}.ca_file: an absolute path is needed",
            code="bad_ca_file",
            provider=Raw(name),
        )
    return str(path)


def _drawer(session: "Session", name: str) -> Drawer:
    """A folder of the profile; for this run alone before there is one, and where none of its files may change."""
    if not session.store.exists():
        return Forgetful()
    kept = Cache(session.store.folder / name)
    return Forgetful(kept) if session.store.closed else kept


def auth_address(name: str, kind: "Kind", base: Address, environ: Mapping[str, str]) -> Address | None:
    """Where tokens are given out: its own variable, else the root of another base URL, else the vendor's host."""
    if kind.auth_url is None:
        return None
    own = address_of(name, kind.name, "AUTH_URL", kind.auth_url, environ)
    return base if base.given and not own.given else own


def settle_window(name: str, base: Address, environ: Mapping[str, str]) -> timedelta | None:
    """ESIMCTL_SETTLE_WINDOW: a shorter proof of absence, for rehearsals on this machine only."""
    text = environ.get("ESIMCTL_SETTLE_WINDOW")
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_WINDOW:
        raise UsageError("ESIMCTL_SETTLE_WINDOW takes seconds, not {text!r}", text=Raw(text))
    if not base.loopback:
        raise ConfigurationError(
            "ESIMCTL_SETTLE_WINDOW is set, but {provider} is not on this machine",
            hint="unset ESIMCTL_SETTLE_WINDOW",
            code="settle_window_refused",
            provider=Raw(name),
        )
    return timedelta(seconds=seconds)
