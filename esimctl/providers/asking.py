"""Questions to a reseller that move no money: paced, repeated once where that is harmless, and typed failures.

Orders never come through here: they are sent once, by `Reseller.send`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from esimctl.errors import Busy, CredentialsError, EsimctlError, ProtocolViolation, Refused, Unreachable
from esimctl.malformed import Malformed
from esimctl.providers.client import MEBIBYTE, Client
from esimctl.providers.keep import Account
from esimctl.providers.pace import Limit, Pacer
from esimctl.providers.protocol import Answer
from esimctl.providers.skew import retry_after, skew
from esimctl.providers.strict_json import decode
from esimctl.providers.unreached import unreached

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
    ) -> Any:
        """The decoded answer to a question. Raises the failure that it stands for (3, 69, 75, 76, 77).

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

    def read(self, answer: Answer, now: datetime, *, own_errors: bool = False) -> Any:
        """The document of an answer, or the failure that it stands for."""
        problem = failure_of(answer, self.account.name, now, own_errors=own_errors)
        if problem is not None:
            raise problem
        try:
            return decode(answer.body)
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
        return Busy("{provider} limits the rate; try again in a minute", code="rate_limited", provider=name)
    if status is None:
        return unreached(answer, name, now)
    if 300 <= status < 400:
        return ProtocolViolation(
            "{provider} answered with a redirect ({status}), which is never followed",
            code="redirected",
            provider=name,
            status=status,
        )
    if status in {401, 403}:
        return unauthorized(name)
    if status == 429:
        seconds = retry_after(answer.headers, now)
        template = "{provider} limits the rate" + ("" if seconds is None else "; it asks to wait {seconds} s")
        return Busy(template, code="rate_limited", provider=name, seconds=None if seconds is None else int(seconds))
    if status >= 500:
        return Unreachable("{provider} is out of order ({status})", code="server_error", provider=name, status=status)
    if status >= 400 and not own_errors:
        return Refused(
            "{provider} refuses the question ({status})",
            code="not_found" if status == 404 else "question_refused",
            provider=name,
            status=status,
        )
    if answer.failure is not None:
        return ProtocolViolation(
            "{provider}: the answer was cut ({why})", code=answer.failure, provider=name, why=answer.failure
        )
    return None


def unauthorized(name: str) -> CredentialsError:
    """Wrong credentials, or an address that the account does not allow."""
    return CredentialsError(
        "{provider} does not accept the credentials",
        hint="esimctl providers login {provider}",
        code="unauthorized",
        provider=name,
    )


def unreadable(name: str, why: Malformed) -> ProtocolViolation:
    """An answer that is not what was agreed."""
    return ProtocolViolation(
        "{provider} sent an answer that cannot be read: {why}", code="malformed", provider=name, why=str(why)
    )
