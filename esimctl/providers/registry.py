"""Which kinds of providers there are: a table. An adapter is imported when it is opened, never before.

Adding a provider is one line here and one module; see the README.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from esimctl.errors import ConfigurationError, nearest
from esimctl.providers.protocol import Provider, Tier


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of provider: `opener` is `module:function`, `fields` are its credentials, `about` one line for help."""

    name: str
    opener: str
    tier: Tier
    about: str
    fields: tuple[str, ...] = ()
    play_money: bool = False


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "sandbox",
            "esimctl.providers.sandbox.provider:open_sandbox",
            Tier.KEYED,
            "the embedded operator: play money, bundled example plans",
            play_money=True,
        ),
    )
}


def kinds() -> tuple[str, ...]:
    """The kinds that can be added, for completion and help."""
    return tuple(KINDS)


def open_provider(
    name: str, kind: str, *, home: Path, environ: Mapping[str, str], settings: Mapping[str, Any]
) -> Provider:
    """The provider of that name in the profile. An unknown kind is a ConfigurationError that names the nearest."""
    found = KINDS.get(kind)
    if found is None:
        close = " or ".join(nearest(kind, kinds()))
        raise ConfigurationError(
            "the provider {name} is of the unknown kind {kind!r}",
            hint="did you mean {near}?" if close else "kinds: {known}",
            code="unknown_provider_kind",
            name=name,
            kind=kind,
            near=close,
            known=", ".join(kinds()),
        )
    module, _, function = found.opener.partition(":")
    opener = getattr(import_module(module), function)
    return cast("Provider", opener(name, home=home, environ=environ, settings=settings))


__all__ = ["KINDS", "Kind", "kinds", "open_provider"]
