"""A provider of a profile, opened with what it needs of the rest: its account, the person's own rows, what holds."""

from typing import TYPE_CHECKING

from esimctl.profile.opened import unknown
from esimctl.values.toml import Toml, text_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import Provider
    from esimctl.providers.registry import LocalSettings


def provider_of(session: "Session", name: str) -> "Provider":
    """The provider of that name. UsageError (2) with the nearest names for one that the profile does not have."""
    from esimctl.providers.registry import LocalSettings, open_provider

    settings = session.section("provider").get(name)
    if settings is None and name == "manual":
        settings = {"kind": "manual"}
    if settings is None:
        raise unknown("provider", name, [*session.section("provider"), "manual"], "esimctl providers list")
    kind = str(settings.get("kind", name))
    local = _local(session, settings) if kind in {"sandbox", "manual"} else LocalSettings(session.home)
    from esimctl.profile.account import account_for

    return open_provider(name, kind, local, lambda known: account_for(session, name, known, settings))


def _local(session: "Session", settings: "Mapping[str, Toml]") -> "LocalSettings":
    """A person's own rows are on the shelves of this machine, too; the operator plays by what holds."""
    from esimctl.market.holding import held_terms
    from esimctl.profile.own_catalogue import market
    from esimctl.providers.registry import LocalSettings

    return LocalSettings(
        session.home,
        text_at(settings, "zone"),
        text_at(settings, "balance"),
        lines=lambda: session.lines,
        plans=lambda: tuple(market(session).plans.values()),
        promotions=lambda: tuple(market(session).promotions.values()),
        held=lambda plan: held_terms(session, plan),
    )
