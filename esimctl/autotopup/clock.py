"""Whether the clock can be believed where nobody looks, and when the rules were last gone through."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from esimctl.documents.schedule import LastRunPart
from esimctl.errors import EsimctlError
from esimctl.ledger.said import instant_or_none, number_or_none
from esimctl.purchase.gates import CLOCK_TOLERANCE
from esimctl.store.kept_by import is_timely
from esimctl.store.private_files import PrivateTable
from esimctl.values.moments import zone
from esimctl.values.record import fields, record
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session


@record
class KeptOut:
    """How many runs in a row another one kept out, how often that was told, of when on, and when lastly."""

    in_a_row: int = 0
    told: int = 0
    told_since: datetime | None = None
    told_at: datetime | None = None

    def as_table(self) -> dict[str, int | datetime]:
        """As the file keeps it; nothing where no run was kept out."""
        kept = {f"busy_{name}": getattr(self, name) for name in fields(KeptOut)}
        return {key: value for key, value in kept.items() if value}


def _table(session: "Session") -> PrivateTable:
    return PrivateTable(session.store.folder / "last-run.toml")


def _row(session: "Session") -> dict[str, Toml]:
    """What stands there; nothing where it cannot be read: no run fails for that."""
    try:
        return _table(session).read() if session.store.exists() else {}
    except (EsimctlError, OSError):
        return {}


def remember(session: "Session", began: datetime, code: int, *, believed: bool, busy: KeptOut) -> None:
    """Note when a run began and how it ended. That it cannot be noted changes nothing.

    `believed` says whether the run trusted its clock, `busy` counts the runs that another one kept out.
    """
    try:
        if not session.store.exists():
            return
        before = _row(session)
        row: dict[str, Toml] = {"began_at": began, "ended_at": session.clock.now(), "exit_code": code}
        row["ok_at"] = began if code == 0 else before.get("ok_at")
        row["told_at"] = before.get("told_at") if _told(before, code, began) else began
        row["believed_at"] = began if believed else before.get("believed_at")
        row["before_at"] = before.get("believed_at" if believed else "before_at")
        _table(session).write({**row, **busy.as_table()}, durable=False)
    except (EsimctlError, OSError):
        return


def last_run(session: "Session") -> LastRunPart:
    """When the last run was, how it ended, when one last succeeded; None where there was none."""
    row = _table(session).read() if session.store.exists() else {}
    began, ended, ok = (instant_or_none(row, key) for key in ("began_at", "ended_at", "ok_at"))
    return LastRunPart(began_at=began, ended_at=ended, exit_code=number_or_none(row, "exit_code"), ok_at=ok)


def began_at(session: "Session") -> datetime | None:
    """When the last run began, on whichever machine of those that carry the profile."""
    found = _row(session).get("began_at")
    return found if isinstance(found, datetime) else None


def believed_at(session: "Session") -> datetime | None:
    """When a run last trusted its clock."""
    found = _row(session).get("believed_at")
    return found if isinstance(found, datetime) else None


def usual_gap(session: "Session", now: datetime) -> timedelta | None:
    """How long it usually takes until the next run: the longer one of the last two gaps; None before a second run.

    `now` is a run's own beginning, which is not noted yet. A run by hand in between makes one of the two short, and one
    by a clock that was not believed counts for nothing.
    """
    row = _row(session)
    marks = [row.get("before_at"), row.get("believed_at"), now]
    known = [mark for mark in marks if isinstance(mark, datetime)]
    gaps = [later - earlier for earlier, later in pairwise(known) if later > earlier]
    return max(gaps, default=None)


def busy_so_far(session: "Session") -> KeptOut:
    """What earlier runs noted about being kept out."""
    row = {key.removeprefix("busy_"): value for key, value in _row(session).items()}
    in_a_row, told, since, at = map(row.get, fields(KeptOut))
    return KeptOut(
        in_a_row if isinstance(in_a_row, int) else 0,
        told if isinstance(told, int) else 0,
        since if isinstance(since, datetime) else None,
        at if isinstance(at, datetime) else None,
    )


def told_lately(session: "Session", code: int) -> bool:
    """Whether runs have ended with that code since one told of it, within a day: then nothing new is to be told."""
    return _told(_row(session), code, session.clock.now())


def _told(row: Mapping[str, Toml], code: int, now: datetime) -> bool:
    at = row.get("told_at", row.get("began_at"))
    return row.get("exit_code") == code and isinstance(at, datetime) and abs(now - at) < timedelta(days=1)


def told_today(session: "Session", code: int) -> bool:
    """Whether a run of this day has ended with that code: then it was told."""
    row, here = _row(session), zone(session.zone)
    began = row.get("began_at")
    if row.get("exit_code") != code or not isinstance(began, datetime):
        return False
    return began.astimezone(here).date() == session.clock.now().astimezone(here).date()


#: a clock that is further ahead of the journal and of the last run than this is not believed by anything automatic
FORWARD_TOLERANCE: Final = timedelta(days=366)

#: a provider whose `Date` header is further away than this disagrees about the day
MOST_SKEW: Final = timedelta(hours=24)

#: from here on signed requests are refused by some: worth a warning
WARN_SKEW: Final = timedelta(minutes=5)


def is_sane(session: "Session", ledger: "Ledger", now: datetime) -> bool:
    """Whether the clock stands where one could stand that was right when the journal was written."""
    if not session.clock.rehearsal and not is_timely(now):
        return False
    high = ledger.high_water
    if high is None:
        return True
    return now >= high - CLOCK_TOLERANCE and not is_far_ahead(session, ledger, now)


def is_far_ahead(session: "Session", ledger: "Ledger", now: datetime) -> bool:
    """Whether it stands more than a year after the newest entry and after the last run that believed it."""
    last = ledger.high_water
    if last is None:
        return False
    return now > last + FORWARD_TOLERANCE and now > (believed_at(session) or last) + FORWARD_TOLERANCE


def provider_skew(session: "Session", name: str) -> timedelta | None:
    """The provider's clock minus ours in its last answer; None where it did not say, and in a rehearsal."""
    from esimctl.providers.abilities import Checks

    if session.clock.rehearsal:
        return None
    try:
        provider = session.provider(name)
    except EsimctlError:  # one that cannot even be opened stops no other one's rules
        return None
    seconds = provider.clock_skew() if isinstance(provider, Checks) else None
    return None if seconds is None else timedelta(seconds=seconds)
