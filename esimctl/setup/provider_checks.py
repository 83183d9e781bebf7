"""Does a provider work: credentials, clocks, coverage, credit. Asks, never orders; each answer is one row.

Missing credentials, connection or agreement on the language are a failure of the whole check (77, 69, 76).
"""

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from esimctl.documents.document import ABSENT
from esimctl.documents.result import Result
from esimctl.documents.setup import ProviderCheckRow, ProvidersCheckDocument, StrayLineRow
from esimctl.errors import EsimctlError, ExitCode, reason_of
from esimctl.profile.credentials import credentials
from esimctl.providers.abilities import Checks, Restocks
from esimctl.providers.lpa import plain_iccid
from esimctl.setup.providers import kind_of, known_numbers
from esimctl.setup.schedulers.carried import carried
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import Provider
    from esimctl.values.money import Money

COUNTRY = "KH"

MOST_SKEW = 300.0  #: seconds: beyond it signed requests are refused

WARN_SKEW = 30.0


def check(
    session: "Session", name: str | None = None, *, unknown_lines: bool = False
) -> "Result[ProvidersCheckDocument]":
    """Check one provider, or all; with `unknown_lines` also which of its lines the profile does not have.

    One provider that was named and cannot be asked raises its failure; among several it is a row.
    """
    rows: list[ProviderCheckRow] = []
    lines: list[StrayLineRow] = []
    for each in [name] if name is not None else list(session.section("provider")):
        try:
            kind_of(session, each)
            rows += examine(session, each)
            if unknown_lines:
                lines += unknown_to_us(session, each)
        except EsimctlError as error:
            if name is not None:
                raise
            rows.append(row(each, error.code, ok=False, detail=error.message, fix=error.hint))
    failed = any(not each.ok for each in rows)
    document = ProvidersCheckDocument(ok=not failed, checks=rows, lines=lines if unknown_lines else ABSENT)
    return Result("providers-check", document, ExitCode.ATTENTION if failed else ExitCode.DONE)


def examine(session: "Session", name: str) -> list[ProviderCheckRow]:
    """The rows of one provider."""
    kind, now = kind_of(session, name), session.clock.now()
    provider = session.provider(name)
    rows = []
    if kind.base_url is not None:
        session.progress(Sentence("asking {name}", {"name": Raw(name)}))
        source, _ = credentials(session, name, kind)
        balance = provider.account_balance(now)
        covered = plans_here(session, provider)
        rows.append(row(name, "credentials", ok=True, detail=f"accepted, from the {source}"))
        if not session.clock.rehearsal:
            rows.append(skew_row(name, provider))
    else:
        balance = provider.account_balance(now)
        covered = plans_here(session, provider)
    rows.append(
        row(
            name,
            "coverage",
            ok=bool(covered),
            detail=f"{covered} plans for {COUNTRY}" if covered else f"no plan for {COUNTRY}",
            fix=None if covered else "esimctl plans list --provider " + name,
        )
    )
    if balance is None:
        rows.append(row(name, "balance", ok=True, detail="there is no account balance to ask for"))
    else:
        fix = None if balance.minor > 0 else "pay credit in at the provider: nothing can be bought"
        rows.append(row(name, "balance", ok=balance.minor > 0, detail=str(balance), fix=fix, balance=balance))
    return rows


def plans_here(session: "Session", provider: "Provider") -> int:
    """How many base plans there are for the country, asked now where the provider keeps a copy of its list."""
    now = session.clock.now()
    if isinstance(provider, Restocks):
        provider.restock(now)
    return sum(1 for plan in provider.plans(now) if COUNTRY in plan.countries and plan.kind == "base")


def skew_row(name: str, provider: "Provider") -> ProviderCheckRow:
    """How far the provider's clock stands from ours."""
    seconds = provider.clock_skew() if isinstance(provider, Checks) else None
    if seconds is None:
        return row(name, "clock", ok=True, detail="it does not tell its time")
    amount = f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} ours"
    detail = "its clock agrees with ours" if abs(seconds) < WARN_SKEW else f"its clock stands {amount}"
    ok = abs(seconds) <= MOST_SKEW
    return row(name, "clock", ok=ok, detail=detail, fix=None if ok else "set this machine's clock: timedatectl status")


def unknown_to_us(session: "Session", name: str) -> list[StrayLineRow]:
    """The provider's lines that the profile does not have, each with the command that adopts it."""
    known = known_numbers(session.lines, name)
    found = []
    for line in session.provider(name).lines(session.clock.now()):
        if line.iccid is None or {plain_iccid(line.iccid), line.reference} & known:
            continue
        adopt = f"esimctl lines add NAME --provider {name} --iccid {plain_iccid(line.iccid)}"
        found.append(StrayLineRow(provider=name, iccid=line.iccid, plan=line.plan, adopt=adopt))
    return found


def row(
    name: str, what: str, *, ok: bool, detail: str, fix: str | None = None, balance: "Money | None" = None
) -> ProviderCheckRow:
    """One answer."""
    return ProviderCheckRow(provider=name, name=what, ok=ok, detail=detail, fix=fix, balance=balance)


SECONDS = 60.0

PATH = "/usr/bin:/bin"

OUR_OWN_AWAY = frozenset({"ESIMCTL_DEBUG", "ESIMCTL_OUTPUT"})


def bare_environment(session: "Session") -> dict[str, str]:
    """What cron gives, and our own variables."""
    own = {
        name: text for name, text in session.environ.items() if name.startswith("ESIMCTL_") and name not in OUR_OWN_AWAY
    }
    kept = {
        name: session.environ[name] for name in ("HOME", "LOGNAME", "CREDENTIALS_DIRECTORY") if name in session.environ
    }
    path = carried(session).get("PATH", PATH)  # a schedule that needs more than cron's carries it
    return {**kept, "PATH": path, "ESIMCTL_HOME": str(session.home), **own, "ESIMCTL_NO_INPUT": "1"}


def answers_unattended(session: "Session", name: str) -> tuple[bool, str, str | None]:
    """Whether `providers check` works so, in a word what it said, and what mends it."""
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
    command = [sys.executable, "-m", "esimctl", "providers", "check", name, "--json", "--profile", session.store.name]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            env=bare_environment(session),
            cwd=package,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            start_new_session=True,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return False, f"it could not be tried: {reason_of(error)}", None
    return told(done.stdout)


def told(out: bytes) -> tuple[bool, str, str | None]:
    """The outcome in the answer of that process."""
    try:
        document: dict[str, Any] = json.loads(out)
    except ValueError:
        return False, "it ended without an answer", None
    if "error" in document:
        return False, str(document["error"]["message"]), document["error"]["hint"]
    failed = [row for row in document["checks"] if not row["ok"]]
    if failed:
        return False, str(failed[0]["detail"]), failed[0]["fix"]
    return True, "works without a terminal and a session bus", None
