"""Bearer tokens (OAuth 2, client credentials): fetched when needed, kept in a private file, renewed once on 401.

The file says whose token it is by a digest of the client's id and the address, so that another account never uses it.
The credentials themselves are not kept.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Lock
from urllib.parse import urlencode

from esimctl.errors import EsimctlError
from esimctl.malformed import Malformed, if_told, parsed
from esimctl.providers.accounts import Account, Address
from esimctl.providers.asking import Limit, Pacer, countdown, failure_of, unauthorized, unreadable
from esimctl.providers.client import Client
from esimctl.providers.protocol import Answer
from esimctl.providers.strict_json import read_object
from esimctl.providers.unreached import unreached
from esimctl.values.secrecy import remember

DAY = timedelta(hours=24)
REFUSED = frozenset({400, 401, 403, 422})  #: statuses by which vendors refuse a client's credentials
UNTOLD = 3600  #: seconds that a token is used whose life is not told; one that is not taken is renewed anyway
_TOKEN = re.compile(r"[!-~]{8,8192}\Z")  #: what a header can carry


class Tokens:
    """The token of one account. `wrapped` names the object that the answer lies in, where there is one."""

    def __init__(
        self,
        account: Account,
        client: Client,
        path: str,
        *,
        limit: Limit,
        margin: timedelta,
        wrapped: str | None = None,
        more: Mapping[str, str] | None = None,
    ) -> None:
        self._account = account
        self._client = client
        self._path = path
        self._limit = limit
        self._margin = margin
        self._wrapped = wrapped
        self._more = dict(more or {})
        self._pacer = Pacer(account.tokens, f"pace-{account.name[:32]}")
        self._held: tuple[str, datetime] | None = None
        self._lock = Lock()

    def headers(self, now: datetime, deadline: float) -> dict[str, str]:
        """The header that carries the token. Raises what fetching one raises (69, 75, 76, 77)."""
        left = countdown(deadline)
        with self._alone(now, left):
            if self._held is None:
                self._held = self._kept(now)
            if self._held is None or now >= self._held[1]:
                self._held = self._fetch(now, left())
            return {"Authorization": f"Bearer {self._held[0]}"}

    def renew(self, now: datetime, deadline: float) -> bool:
        """Get a new token after one was not accepted; whether there is one to try again with."""
        left = countdown(deadline)
        with self._alone(now, left):
            self._account.tokens.remove(self._name)
            self._held = self._fetch(now, left())
        return True

    @contextmanager
    def _alone(self, now: datetime, left: Callable[[], float]) -> Iterator[None]:
        """One thread at a time; what others wait for a slow answer is taken off their own time."""
        if not self._lock.acquire(timeout=left()):
            raise unreached(Answer(None, failure="timeout", sent=False, cause="timeout"), self._account.name, now)
        try:
            yield
        finally:
            self._lock.release()

    @property
    def _name(self) -> str:
        return f"{self._account.name}.token"

    def _owner(self) -> str:
        words = f"{self._address.root}|{self._account.credentials()['client_id']}"
        return sha256(words.encode()).hexdigest()[:32]

    @property
    def _address(self) -> Address:
        return self._account.auth_address or self._account.address

    def _kept(self, now: datetime) -> tuple[str, datetime] | None:
        remember(self._account.credentials().values())
        kept = if_told(self._noted, self._account.tokens.read(self._name) or b"")
        if kept is None:
            return None
        remember([kept[0]])
        return kept if now < kept[1] <= now + DAY else None

    def _noted(self, data: bytes) -> tuple[str, datetime]:
        """The token of this very account as its file holds it; Malformed where there is none."""
        found = read_object(data)
        token, until = found.exact("token"), found.instant("until")
        if found.exact("of") != self._owner() or token is None or not _TOKEN.match(token) or until is None:
            raise Malformed("somebody else's")
        return token, until

    def _fetch(self, now: datetime, deadline: float) -> tuple[str, datetime]:
        left = countdown(deadline)
        name, credentials = self._account.name, self._account.credentials()
        remember(credentials.values())
        form = {
            "client_id": credentials["client_id"],
            "client_secret": credentials["client_secret"],
            "grant_type": "client_credentials",
            **self._more,
        }
        answer = Answer(None, failure="own_pace", sent=False)
        if self._pacer.wait([self._limit], left()):
            answer = self._client.exchange(
                "POST",
                self._address.url(self._path),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                body=urlencode(form),
                deadline=left(),
                fresh=True,
                keep_secrets=True,
            )
        problem = self._problem(answer, now)
        if problem is not None:
            raise problem
        try:
            token, seconds = parsed(self._given, answer.body)
        except Malformed as why:
            raise unreadable(name, why) from why
        life = min(timedelta(seconds=min(seconds, 10**8)), DAY)
        until = now + life - min(self._margin, life / 2)
        remember([token])
        note = {"of": self._owner(), "token": token, "until": until.astimezone(UTC).isoformat()}
        self._account.tokens.write(self._name, json.dumps(note).encode())
        return token, until

    def _given(self, body: bytes) -> tuple[str, int]:
        """The token in an answer, and the seconds of its life."""
        found = read_object(body)
        found = found.inner(self._wrapped) if self._wrapped else found
        token, seconds = found.exact("access_token"), found.integer("expires_in") or UNTOLD
        if token is None or not _TOKEN.match(token):
            raise found.wrong("access_token", "is not a token")
        return token, seconds

    def _problem(self, answer: Answer, now: datetime) -> EsimctlError | None:
        if answer.status in REFUSED:
            return unauthorized(self._account.name)
        return failure_of(answer, self._account.name, now)
