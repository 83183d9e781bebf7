"""A person's word that what came along with a copy of a profile may be used here."""

from typing import TYPE_CHECKING

from esimctl.documents.result import Result
from esimctl.profile.alert_targets import target_reach
from esimctl.profile.opened import trust_of, unknown
from esimctl.profile.trusting import listed
from esimctl.store.trust import reaches

if TYPE_CHECKING:
    from esimctl.profile.opened import Session


def trust(session: "Session", name: str) -> Result:
    """A person's word that what a provider, or a target of alerts, reaches out to may be used here, as it is now."""
    from esimctl.alerts.targets import list_targets
    from esimctl.profile.alert_targets import targets
    from esimctl.setup.providers import entry

    ways = {target.name: target for target in targets(session) if target.waits}
    known = session.section("provider")
    if name not in known and name not in ways:
        raise unknown("provider", name, [*known, *ways], "esimctl providers list")
    target = ways.get(name)
    found = [reach for reach in reaches(session.profile) if reach.owner == name]
    if target is not None:
        found.append(target_reach(name, target.kind, target.value))
    given = trust_of(session).held(found)
    if given:
        trust_of(session).give(given)
    if name not in known:
        return list_targets(session)
    result = Result("provider", {"provider": entry(session, name)})
    if given:
        result.note("from now on {provider} is asked with {what}", provider=name, what=listed(given))
    else:
        result.note("nothing of {provider} waits for your word", provider=name)
    return result
