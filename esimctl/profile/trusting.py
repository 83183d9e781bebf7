"""What a profile that came from elsewhere would run or talk to is not used before a person says that it may."""

from pathlib import Path
from typing import TYPE_CHECKING

from esimctl.documents.result import Result
from esimctl.documents.setup import UntrustedValue
from esimctl.errors import CredentialsError
from esimctl.profile.opened import trust_of
from esimctl.store.paths import active_profile, state_folder
from esimctl.store.trust import Reach, Trust, keep_brought, reaches
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from esimctl.documents.document import Document
    from esimctl.profile.opened import Session


def held(session: "Session", name: str | None = None) -> list[Reach]:
    """What is not used of a provider, or of all: it came from elsewhere, and nobody has said that it may."""
    found = reaches(session.profile)
    return trust_of(session).held(reach for reach in found if name in (None, reach.owner))


def check_trusted(session: "Session", name: str) -> None:
    """CredentialsError (77) where a provider is not to be asked before a person's word."""
    found = held(session, name)
    if found:
        raise CredentialsError(
            "{provider} is not asked: {what} came with a backup or a copy, and you have not said that it may be used",
            hint="{way}",
            code="not_trusted",
            way=Raw(way(session, name)),
            provider=Raw(name),
            what=Raw(listed(found)),
        )


def way(session: "Session", name: str) -> str:
    """The command that says that what came along may be used; it names the profile where that is not the usual one."""
    store = session.store
    usual = session.environ.get("ESIMCTL_PROFILE") or active_profile(session.home) or "default"
    return f"esimctl providers trust {name}" + ("" if store.name == usual else f" --profile {store.name}")


def listed(found: "Sequence[Reach]") -> str:
    """Values as they are named in one sentence."""
    return ", ".join(f"{reach.key} = {reach.shown}" for reach in found)


def rows(found: "Sequence[Reach]") -> list[UntrustedValue]:
    """Values as documents have them."""
    return [UntrustedValue(key=reach.key, value=reach.shown) for reach in found]


def tell(session: "Session", result: "Result[Document]", found: "Sequence[Reach]") -> None:
    """A note for each provider of which something is not used, with the command that says that it may be."""
    by_owner: Mapping[str, list[Reach]] = {
        owner: [reach for reach in found if reach.owner == owner]
        for owner in dict.fromkeys(reach.owner for reach in found)
    }
    for owner, theirs in by_owner.items():
        result.note(
            "{provider} is not asked before you trust what came along, {what}: {way}",
            provider=Raw(owner),
            what=Raw(listed(theirs)),
            way=Raw(way(session, owner)),
        )


def bring(session: "Session", doc: "Mapping[str, Toml]", folder: Path | None) -> None:
    """Before values of another copy of this profile are taken over: those wait for a word that are used neither here
    nor, where the copy is a profile of this home, there."""
    store, found = session.store, reaches(doc)
    known = trust_of(session).in_force(reaches(session.profile))
    if folder is not None and folder.resolve().parent == store.folder.resolve().parent:
        known |= Trust(session.home, folder.name, folder, state_folder(session.environ)).in_force(found)
    keep_brought(store.folder, doc, known)


def begin(session: "Session") -> None:
    """With the first thing that is written in a home by the real clock: what is copied in later is a stranger's."""
    if not session.clock.rehearsal and not trust_of(session).has_begun:
        settle(session)


def settle(session: "Session", *, begin: bool = True) -> None:
    """Note that this profile was made here, by its owner's own commands, unless it waits for a word.

    Without a place for the note, or without `begin` in a home of which nothing is noted, nothing is.
    """
    from esimctl.profile.alert_targets import targets

    if session.store.exists() and (held(session) or any(target.waits for target in targets(session))):
        return
    try:
        trust_of(session).settle(begin=begin)
    except OSError:
        return
