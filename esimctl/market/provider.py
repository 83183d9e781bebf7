"""A provider of a profile, opened with what it needs of the rest: its account, the person's own rows, what holds."""

from typing import TYPE_CHECKING

from esimctl.profile.opened import unknown

if TYPE_CHECKING:
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import Provider


def provider_of(session: "Session", name: str) -> "Provider":
    """The provider of that name. UsageError (2) with the nearest names for one that the profile does not have."""
    from esimctl.providers.registry import open_provider

    settings = session.section("provider").get(name)
    if settings is None and name == "manual":
        settings = {"kind": "manual"}
    if settings is None:
        raise unknown("provider", name, [*session.section("provider"), "manual"], "esimctl providers list")
    kind = str(settings.get("kind", name))
    if kind == "manual":  # it sells what the person's own lines are
        settings = {**settings, "lines": lambda: session.lines}
    if kind in {"sandbox", "manual"}:  # a person's own rows are on their shelves, too
        from esimctl.profile.own_catalogue import market

        settings = {**settings, "market": lambda: market(session)}
    if kind == "sandbox":  # it plays by what holds
        from esimctl.market.holding import held_terms

        settings = {**settings, "held": lambda plan: held_terms(session, plan)}
    from esimctl.profile.account import account_for

    return open_provider(
        name,
        kind,
        home=session.home,
        environ=session.environ,
        settings=settings,
        account=lambda known: account_for(session, name, known, settings),
    )
