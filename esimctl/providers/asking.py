"""Questions to a reseller that move no money: paced, by its clock, repeated once where that is harmless.

Orders never come through here: they are sent once, by `Reseller.send`.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from esimctl.errors import Busy, CredentialsError, EsimctlError, ProtocolViolation, Refused, Unreachable
from esimctl.malformed import Malformed, if_told
from esimctl.providers.accounts import Account, Drawer
from esimctl.providers.client import MEBIBYTE, Client
from esimctl.providers.protocol import Answer
from esimctl.providers.strict_json import JsonObject, read_object
from esimctl.providers.unreached import unreached
from esimctl.values.sentence import Raw

MICRO = 1_000_000

MARGIN = 1.1  #: a window is kept this much longer: requests that leave apart can arrive close together

AHEAD = 3600 * MICRO  #: a slot further in the future than this is from before a restart

MOST_BUCKETS = 400


class Limit(NamedTuple):
    """At most `most` requests within `seconds`, for all that is named by `bucket`."""

    bucket: str
    most: int
    seconds: float


class Pacer:
    """Hands out slots. `name` is the file's name in the drawer."""

    def __init__(self, drawer: Drawer, name: str) -> None:
        self._drawer = drawer
        self._name = name

    def wait(self, limits: Sequence[Limit], seconds: float) -> bool:
        """Wait for the next slot; False, at once and with nothing taken, when it is more than `seconds` away."""
        if not limits:
            return True
        now = time.monotonic_ns() // 1000
        slot = now

        def take(before: bytes) -> bytes:
            nonlocal slot
            notes = _notes(before, now)
            slot = max(_free(notes.get(limit.bucket, []), limit, now) for limit in limits)
            if slot - now <= seconds * MICRO:
                for limit in limits:
                    notes[limit.bucket] = [*notes.get(limit.bucket, []), slot][-limit.most :]
            return json.dumps(notes, separators=(",", ":")).encode()

        self._drawer.change(self._name, take)
        if slot - now > seconds * MICRO:
            return False
        if slot > now:
            time.sleep((slot - now) / MICRO)
        return True


def _notes(data: bytes, now: int) -> dict[str, list[int]]:
    """The slots taken, by bucket; what makes no sense is forgotten, and so are buckets beyond a bound."""
    found = if_told(_taken, data, now) or {}
    recent = sorted(found, key=lambda bucket: max(found[bucket], default=0))[-MOST_BUCKETS:]
    return {bucket: found[bucket] for bucket in recent}


def _taken(data: bytes, now: int) -> dict[str, list[int]]:
    table = json.loads(data or b"{}")
    return {
        str(bucket): [int(slot) for slot in slots if 0 <= int(slot) < now + AHEAD] for bucket, slots in table.items()
    }


def _free(slots: Sequence[int], limit: Limit, now: int) -> int:
    """The next slot of one limit, in microseconds."""
    if len(slots) < limit.most:
        return now
    return max(now, sorted(slots)[-limit.most] + int(limit.seconds * MARGIN * MICRO))


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
    return if_told(_instant, text)


def _instant(text: str) -> datetime:
    found = parsedate_to_datetime(text)
    if found.year not in YEARS:
        raise Malformed("no date")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


TRIES = 3  #: of one question

PAUSE = 0.1  #: seconds before the second try, four times as long before the third

SHORTEST = 2.0  #: seconds that a question gets at least, if so much is left

#: Failures on the way after which asking again is worth a try.
PASSING = frozenset({"unreachable", "timeout", "connection_lost"})


class Asker:
    """Asks one account. `sign` gives the headers for a body at an instant; `renew` gets a new token, if it can."""

    def __init__(
        self,
        account: Account,
        sign: Callable[[str, datetime, float], Mapping[str, str]],
        renew: Callable[[datetime, float], bool] | None = None,
    ) -> None:
        self.account = account
        self.client = Client(ca_file=account.ca_file)
        self.pacer = Pacer(account.tokens, f"pace-{account.name[:32]}")
        self.skew: timedelta | None = None  #: their clock minus ours, as the last answer said
        self._sign = sign
        self._renew = renew

    def ask(
        self,
        method: str,
        path: str,
        *,
        now: datetime,
        deadline: float,
        body: str | None = None,
        limits: Sequence[Limit] = (),
        cap: int = MEBIBYTE,
        own_errors: bool = False,
    ) -> JsonObject:
        """The object that answers a question. Raises the failure that it stands for (3, 69, 75, 76, 77).

        `own_errors` says that a 4xx has a document too, which the caller reads.
        """
        end = time.monotonic() + deadline
        renewed = self._renew is None
        for number in range(TRIES):
            answer = self.once(method, path, now=now, deadline=_share(end, number), body=body, limits=limits, cap=cap)
            if answer.status == 401 and not renewed and self._renew is not None:
                renewed = True
                if self._renew(now, end - time.monotonic()):
                    continue
            pause = self._pause(answer, number, now)
            if pause is None or number == TRIES - 1 or time.monotonic() + pause >= end:
                break
            time.sleep(pause)
        return self.read(answer, now, own_errors=own_errors)

    def renewed(self, now: datetime, deadline: float) -> bool:
        """Whether there is a new token to try again with; False where there are none."""
        return self._renew is not None and self._renew(now, deadline)

    def once(
        self,
        method: str,
        path: str,
        *,
        now: datetime,
        deadline: float,
        body: str | None = None,
        limits: Sequence[Limit] = (),
        cap: int = MEBIBYTE,
        fresh: bool = False,
        more: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request with its headers, in its slot. CredentialsError where there are none to send."""
        end = time.monotonic() + deadline
        if not self.pacer.wait(limits, deadline):
            return Answer(None, failure="own_pace", sent=False)
        headers = dict(self._sign(body or "", now, end - time.monotonic()))
        headers.update(more or {})
        if body is not None:
            headers["Content-Type"] = "application/json"
        answer = self.client.exchange(
            method,
            self.account.address.url(path),
            headers=headers,
            body=body,
            deadline=end - time.monotonic(),
            cap=cap,
            fresh=fresh,
        )
        if answer.status is not None:
            self.skew = skew(answer.headers, now) or self.skew
        return answer

    def _pause(self, answer: Answer, number: int, now: datetime) -> float | None:
        """Seconds until another try is worth it, None where it is not."""
        if answer.failure in PASSING or (answer.status is not None and answer.status >= 500):
            return retry_after(answer.headers, now) or PAUSE * 4.0**number
        if answer.status == 429:
            return retry_after(answer.headers, now) or PAUSE * 10.0
        return None

    def read(self, answer: Answer, now: datetime, *, own_errors: bool = False) -> JsonObject:
        """The object of an answer, or the failure that it stands for."""
        problem = failure_of(answer, self.account.name, now, own_errors=own_errors)
        if problem is not None:
            raise problem
        try:
            return read_object(answer.body)
        except Malformed as why:
            raise unreadable(self.account.name, why) from why


def countdown(seconds: float) -> Callable[[], float]:
    """Seconds left of a time that several questions share, never quite 0."""
    end = time.monotonic() + seconds
    return lambda: max(0.001, end - time.monotonic())


def _share(end: float, number: int) -> float:
    """Seconds for one try, so that a server that hangs leaves time for another."""
    left = end - time.monotonic()
    return max(0.001, left if number == TRIES - 1 else max(min(SHORTEST, left), left / 2))


def failure_of(answer: Answer, name: str, now: datetime, *, own_errors: bool = False) -> EsimctlError | None:
    """What keeps an answer from being one, None where it can be read; `own_errors` leaves a 4xx to the caller."""
    status = answer.status
    if status is None and answer.failure == "own_pace":
        return Busy("{provider} limits the rate; try again in a minute", code="rate_limited", provider=Raw(name))
    if status is None:
        return unreached(answer, name, now)
    if 300 <= status < 400:
        return ProtocolViolation(
            "{provider} answered with a redirect ({status}), which is never followed",
            code="redirected",
            provider=Raw(name),
            status=status,
        )
    if status in {401, 403}:
        return unauthorized(name)
    if status == 429:
        seconds = retry_after(answer.headers, now)
        if seconds is None:
            return Busy("{provider} limits the rate", code="rate_limited", provider=Raw(name))
        return Busy(
            "{provider} limits the rate; it asks to wait {seconds} s",
            code="rate_limited",
            provider=Raw(name),
            seconds=int(seconds),
        )
    if status >= 500:
        return Unreachable(
            "{provider} is out of order ({status})", code="server_error", provider=Raw(name), status=status
        )
    if status >= 400 and not own_errors:
        return Refused(
            "{provider} refuses the question ({status})",
            code="not_found" if status == 404 else "question_refused",
            provider=Raw(name),
            status=status,
        )
    if answer.failure is not None:
        return ProtocolViolation(
            "{provider}: the answer was cut ({why})", code=answer.failure, provider=Raw(name), why=Raw(answer.failure)
        )
    return None


def unauthorized(name: str) -> CredentialsError:
    """Wrong credentials, or an address that the account does not allow."""
    return CredentialsError(
        "{provider} does not accept the credentials",
        hint="esimctl providers login {provider}",
        code="unauthorized",
        provider=Raw(name),
    )


def unreadable(name: str, why: Malformed) -> ProtocolViolation:
    """An answer that is not what was agreed."""
    return ProtocolViolation(
        "{provider} sent an answer that cannot be read: {why}", code="malformed", provider=Raw(name), why=why.said
    )
