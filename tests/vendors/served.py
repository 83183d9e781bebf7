"""A double in this process or as one of its own, and a profile that buys through it."""

import json
import select
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from esimctl.providers.sandbox.books import OperatorBooks
from tests.conftest import Outcome, Runner
from tests.process.runner import environment
from tests.vendors.accounts import CREDENTIALS, PACK, TOPUP, ZONE, address
from tests.vendors.face import Face
from tests.vendors.open import make_face
from tests.vendors.wire import Server, running

QUICK = {"ESIMCTL_SETTLE_WINDOW": "0.2", "ESIMCTL_DEADLINE": "4"}


class Clock:
    """The server's time; `ahead` moves it."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def double(api: str, books: Path, clock: Clock | None = None, **options: Any) -> Face:
    """A double with its books in that folder; `options` as for `make_face`."""
    return make_face(api, OperatorBooks(books), ZONE, clock or Clock(), **options)


@contextmanager
def served(api: str, books: Path, clock: Clock | None = None, **options: Any) -> Iterator[str]:
    """The base URL of a running face."""
    server = Server(double(api, books, clock, **options))
    with running(server):
        yield server.base_url


def started(folder: Path, *words: str) -> "tuple[subprocess.Popen[bytes], str]":
    """`python -m tests.vendors` and its first line; files that go away with it are in `folder`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.vendors", *words],
        env=environment(folder, {"TMPDIR": str(folder)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 20)[0], "no line"
    return process, process.stdout.readline().decode()


class Rehearsal:
    """Runs commands against a face: `shop("balance", "phone")`."""

    def __init__(self, run: Runner, api: str, url: str) -> None:
        self._run = run
        self.api = api
        self.url = url
        self.printed: list[str] = []
        self.environ = {**QUICK, **CREDENTIALS, address(api): url}
        assert self("providers", "add", api, "--json").code == 0

    def __call__(self, *words: str, **env: str) -> Outcome:
        outcome = self._run(*words, now=None, env={**self.environ, **env})
        self.printed += [outcome.out, outcome.err]
        return outcome

    def buy(self, *words: str, pack: str = PACK) -> Outcome:
        return self("buy", f"{self.api}/{pack}", "--yes", "--json", "--name", "phone", *words)

    def top_up(self) -> Outcome:
        return self("topup", "phone", "--plan", f"{self.api}/{TOPUP[self.api]}", "--yes", "--json")

    def pull(self, lever: str, **fields: Any) -> None:
        """Ask the double what only a double can be asked."""
        status, said, _ = ask(f"{self.url}/-/{lever}", urlencode(fields).encode())
        assert status == 200, said

    def use(self, volume: str) -> None:
        """Let the line use data, as a phone would."""
        iccid = self("lines", "show", "phone", "--show-code", "--json").json["line"]["activation"]["iccid"]
        self.pull("use", iccid=iccid, volume=volume)

    def line(self) -> dict[str, Any]:
        found: dict[str, Any] = self("balance", "phone", "--refresh", "--json").json["lines"][0]
        return found


def ask(
    url: str, body: bytes | None = None, method: str | None = None, **headers: str
) -> tuple[int, Any, dict[str, str]]:
    """A request by the standard library: status, document (or bytes that are none), headers in lower case."""
    given = {key.replace("_", "-"): value for key, value in headers.items()}
    request = urllib.request.Request(url, data=body, method=method, headers=given)
    try:
        answer = urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        raw = answer.read()
        found = {key.lower(): value for key, value in answer.headers.items()}
    try:
        return answer.status, json.loads(raw), found
    except ValueError:
        return answer.status, raw, found
