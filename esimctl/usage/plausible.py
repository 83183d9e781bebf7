"""Typed readings that cannot be: more than was granted, an end before its begin. Asked about before they are written.

What comes from texts, modems, files and providers is kept as it came, as a finding: holiday gifts exceed grants.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from esimctl.usage.last_reading import last_reading
from esimctl.usage.modelled import is_modelled
from esimctl.usage.playing import FOUND, play
from esimctl.values.record import record
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.volume import Unlimited, format_volume

if TYPE_CHECKING:
    from esimctl.catalogue.patterns import Figures
    from esimctl.profile.opened import Session

#: what a slip of the finger multiplies a volume by: a point that is missing, MB taken for GB
SLIPS: Final = (10, 100, 1000)
FRESH: Final = timedelta(days=3)  #: so soon after a renewal a whole carry is hardly used up


@record
class Implausible:
    """Why a reading cannot be; `option` is what was typed, `meant` the octets that fit instead."""

    said: Sentence
    option: str
    meant: int | None = None


@record
class KnownFigures:
    """What the books say of a line at an instant; unknown is None. Octets; `begin` of the running term."""

    granted: int | None = None
    remaining: int | None = None
    begin: datetime | None = None
    carried: int | None = None  #: octets of carried data that the books hold
    carried_now: int = 0  #: of these, what came with the running term
    goes_on: bool = False  #: whether the plan lets one use more than it gives: charged, or slowed down
    looked: bool = False  #: whether somebody has read the line since the term began


def known(session: "Session", line: str, at: datetime) -> KnownFigures:
    """What the books say by themselves; a provider is not asked."""
    ledger = session.store.ledger_for_reading()
    if not is_modelled(session, session.line(line)):
        before = last_reading(ledger, line)
        if before is None or before.unlimited:
            return KnownFigures()
        starts = [bucket.start for bucket in before.buckets if bucket.category == "base" and bucket.start is not None]
        return KnownFigures(before.granted_bytes, before.remaining_bytes, max(starts, default=None))
    model = play(session, ledger, line, at)
    balance = model.balance
    buckets = [bucket for bucket in balance.buckets if bucket.usage_type == "data"]
    base = [bucket for bucket in buckets if bucket.category == "base" and bucket.start <= at]
    begin = max((bucket.start for bucket in base), default=None)
    rolled = [bucket for bucket in buckets if bucket.category == "rollover" and isinstance(bucket.remaining, int)]
    unexplained = any(bucket.id.startswith(FOUND) for bucket in buckets)
    endless = isinstance(balance.granted, Unlimited) or isinstance(balance.remaining, Unlimited)
    running = model.engine.line(line).current
    counts = bool(buckets) and not unexplained and not endless
    return KnownFigures(
        granted=_number(balance.granted) if counts else None,
        remaining=_number(balance.remaining) if counts else None,
        begin=begin,
        carried=sum(_number(bucket.remaining) or 0 for bucket in rolled),
        carried_now=sum(_number(bucket.remaining) or 0 for bucket in rolled if bucket.start == begin),
        goes_on=running is not None and running.terms.overage.action != "block",
        looked=begin is None or any(fact.read_at >= begin for fact in model.seen),
    )


def _number(volume: int | Unlimited) -> int | None:
    return None if isinstance(volume, Unlimited) else volume


def doubt(figures: "Figures", books: KnownFigures) -> Implausible | None:
    """Why these figures cannot be; None where they can, or where nothing is known that they could contradict."""
    most = books.granted
    for option, octets in (("--remaining", figures.remaining), ("--used", figures.used)):
        goes_on = option == "--used" and books.goes_on
        if octets is not None and most is not None and octets > most and not goes_on:
            fits = next((octets // by for by in SLIPS if octets % by == 0 and octets // by <= most), None)
            params = {"volume": Raw(format_volume(octets)), "granted": Raw(format_volume(most))}
            left = Sentence("{volume} left is more than the {granted} that were granted", params)
            used = Sentence("{volume} used is more than the {granted} that were granted", params)
            return Implausible(used if option == "--used" else left, option, fits)
    if figures.carried is not None and books.carried is not None and figures.carried > books.carried:
        params = {"volume": Raw(format_volume(figures.carried)), "carried": Raw(format_volume(books.carried))}
        said = Sentence("{volume} carried over is more than the {carried} that the books know of", params)
        return Implausible(said, "--carried")
    if figures.expires is not None and books.begin is not None and figures.expires <= books.begin:
        params = {
            "end": Raw(f"{figures.expires:%Y-%m-%d %H:%M} UTC"),
            "begin": Raw(f"{books.begin:%Y-%m-%d %H:%M} UTC"),
        }
        return Implausible(Sentence("it cannot end on {end}: its term began on {begin}", params), "--expires")
    return None


def failed_carry(figures: "Figures", books: KnownFigures, at: datetime) -> int | None:
    """Octets that should have been carried and that the first look after the boundary misses; None without a doubt."""
    left, carried = figures.remaining, books.carried_now
    if left is None or figures.carried is not None or not carried or books.remaining is None or books.begin is None:
        return None
    if books.looked or at - books.begin > FRESH or left > books.remaining - carried:
        return None
    return carried
