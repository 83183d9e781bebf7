"""How far a provider's clock stands from ours, and how long it wants us to wait: what its headers say."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from esimctl.malformed import Malformed, parsed

LONGEST_WAIT = 86_400.0  #: seconds; a longer wish is taken for a day
YEARS = range(
    1970, 2300
)  #: of a date that a machine can mean: before and after it no clock stands, not even a wrong one


def their_time(headers: Mapping[str, str]) -> datetime | None:
    """The `Date` header as an instant, None where it is missing or no date."""
    return _http_date(headers.get("date", ""))


def skew(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Their time minus ours; None where they do not say."""
    theirs = their_time(headers)
    return None if theirs is None else theirs - now


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that `Retry-After` asks for, as seconds or as a date; negative and garbage count as nothing said.

    A date is compared with their own clock where they tell it.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WAIT)
    at = _http_date(text)
    if at is None:
        return None
    seconds = (at - (their_time(headers) or now)).total_seconds()
    return min(seconds, LONGEST_WAIT) if seconds >= 0 else None


def _http_date(text: str) -> datetime | None:
    if not text[:1].isalpha() or len(text) > 60:
        return None
    try:
        return parsed(_instant, text)
    except Malformed:
        return None


def _instant(text: str) -> datetime:
    found = parsedate_to_datetime(text)
    if found.year not in YEARS:
        raise Malformed("no date")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
