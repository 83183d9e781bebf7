"""What is left in words: the data that can be used now, and apart from it what has its hours, its app or its time."""

from collections.abc import Callable

from esimctl.documents.balance import BalanceLine, BucketRow, WindowPart
from esimctl.show.amounts import octets
from esimctl.show.times import moment
from esimctl.show.words import say
from esimctl.values.windows import DAYS, window_from_text

Speak = Callable[..., str]
NIGHT = (19 * 60, 9 * 60)  #: a window that opens after the one and closes before the other is a night
WEEKDAYS = {"mon": "Mon", "tue": "Tue", "wed": "Wed", "thu": "Thu", "fri": "Fri", "sat": "Sat", "sun": "Sun"}


def usable(bucket: BucketRow, speak: Speak = say) -> str:
    """When a bucket can be used: `now`, its hours, its app, or from when on."""
    word = bucket.usable
    if bucket.window is not None and word in ("now", "window"):
        hours = hours_of(bucket.window, speak)
        return speak("now, {hours}", hours=hours) if word == "now" else hours
    if word == "app":
        return speak("for {app} only", app=speak(bucket.purpose))
    if word == "later":
        return speak("from {time}", time=moment(bucket.start))
    if word == "suspended":
        return speak("once renewed")
    return speak("ended") if word == "ended" else speak("now")


def hours_of(window: WindowPart, speak: Speak = say) -> str:
    """`22:00–06:00`, `Sat, Sun`, `Sat, Sun 08:00–20:00`; a text that is not understood as it stands."""
    text = window.opens
    found = window_from_text(text)
    if found is None:
        return text
    days = "" if len(found.days) == 7 else ", ".join(speak(WEEKDAYS[DAYS[day]]) for day in sorted(found.days))
    opens, closes = found.hours
    hours = "" if (opens, closes) == ("00:00", "24:00") else f"{opens}–{closes}"
    return " ".join(part for part in (days, hours) if part) or "00:00–24:00"


def apart(line: BalanceLine, speak: Speak = say) -> list[str]:
    """What cannot be used now, group by group, as `20 GB at night (22:00–06:00)`."""
    groups: dict[str, tuple[int, bool]] = {}
    for bucket in line.buckets:
        if bucket.usage_type != "data" or bucket.usable in ("now", "ended"):
            continue
        endless = bucket.unlimited
        if not endless and not bucket.remaining:
            continue
        when = group(bucket, speak)
        before, without = groups.get(when, (0, False))
        groups[when] = (before + (bucket.remaining or 0), without or endless)
    return [
        speak("{volume} {when}", volume=octets(left, unlimited=endless, speak=speak), when=when)
        for when, (left, endless) in groups.items()
    ]


def apart_briefly(line: BalanceLine) -> str:
    """`+ 20 GB at night`, as lists have it: without hours."""
    return "; ".join(f"+ {each.partition(' (')[0]}" for each in apart(line))


def group(bucket: BucketRow, speak: Speak) -> str:
    """What restricts a bucket, as it stands behind its volume."""
    if bucket.usable != "window" or bucket.window is None:
        return usable(bucket, speak)
    hours = hours_of(bucket.window, speak)
    found = window_from_text(bucket.window.opens)
    whole_day = found is not None and (found.opens, found.closes) == (0, 24 * 60)
    night = found is not None and not whole_day and (found.opens >= NIGHT[0] or found.opens == 0)
    if found is not None and night and found.closes <= NIGHT[1] and len(found.days) == 7:
        return speak("at night ({hours})", hours=hours)
    return speak("on {days}", days=hours) if whole_day else speak("at {hours}", hours=hours)


def whole_now(line: BalanceLine) -> int | None:
    """What the data that can be used now was granted as; of all data where no bucket says."""
    data = [one for one in line.buckets if one.usage_type == "data"]
    granted = [one.granted for one in data if one.usable == "now"]
    if not granted:
        return line.data.granted_bytes if not data else None
    return None if None in granted else sum(octets for octets in granted if octets is not None)
