"""Profiles: each a folder of its own with its lines, its money and its rules."""

from typing import TYPE_CHECKING

from esimctl.documents.result import Result
from esimctl.documents.setup import ProfileDocument, ProfileRow, ProfilesDocument
from esimctl.errors import UsageError
from esimctl.market.provider import provider_of
from esimctl.profile.opened import FIRST_PROFILE, Clock, Session, unknown
from esimctl.profile.trusting import settle
from esimctl.store.folder import Store
from esimctl.store.kept_by import REHEARSAL
from esimctl.store.mend import set_aside
from esimctl.store.paths import active_profile, check_name, choose_profile, home_folder, profile_names
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from collections.abc import Mapping


def list_profiles(environ: "Mapping[str, str]", given: str | None) -> "Result[ProfilesDocument]":
    """All profiles, the one in use marked."""
    home = home_folder(environ)
    current = given or environ.get("ESIMCTL_PROFILE") or active_profile(home) or "default"
    names = sorted({*profile_names(home), current})
    rows = [
        ProfileRow(
            name=name,
            active=name == current,
            exists=Store(home, name).exists(),
            path=str(Store(home, name).folder),
            rehearsal=Store(home, name).kept_by == REHEARSAL,
        )
        for name in names
    ]
    return Result("profiles", ProfilesDocument(profiles=rows))


def create_profile(
    environ: "Mapping[str, str]", name: str, *, rehearsal: bool = False, anew: bool = False
) -> "Result[ProfileDocument]":
    """A new profile with the embedded operator and its payment methods; a rehearsal where the clock is one, too.

    `anew` is a person's word for one whose journal is gone: what is left of it is kept beside, paused.
    """
    check_name(name)
    now = Clock(environ)
    now.check()
    clock = REHEARSAL if rehearsal else now.kind
    store = Store(home_folder(environ), name, clock, environ, now.now)
    aside = set_aside(store, now.now()) if anew and is_gone(store) else None
    if store.exists():
        raise UsageError(
            "there is a profile {name!r} already", hint="esimctl profile use {name}", code="name_taken", name=Raw(name)
        )
    settle(Session(store, now, environ, provider_of), begin=False)
    store.create({"schema": 1, **FIRST_PROFILE}, anew=anew)
    result = Result("profile", _document(store, active=False))
    if aside is not None:
        result.note("what was left is kept as profile {name}, paused", name=Raw(aside))
    return result


def is_gone(store: Store) -> bool:
    """Whether nothing is left of the journal of a profile that has a past."""
    if store.exists():
        store.ledger_for_reading()
    return any(alarm.name == "journal_gone" for alarm in store.alarms)


def use_profile(environ: "Mapping[str, str]", name: str) -> "Result[ProfileDocument]":
    """Make a profile the one that is used when nothing else is said."""
    home = home_folder(environ)
    if not Store(home, name).exists():
        raise unknown("profile", name, profile_names(home), "esimctl profile list")
    choose_profile(home, name)
    return Result("profile", _document(Store(home, name), active=True))


def profile_path(session: Session) -> "Result[ProfileDocument]":
    """Where the profile is kept."""
    return Result("profile", _document(session.store, active=True))


def _document(store: Store, *, active: bool) -> ProfileDocument:
    rehearsal = store.kept_by == REHEARSAL
    return ProfileDocument(name=store.name, path=str(store.folder), rehearsal=rehearsal, active=active)
