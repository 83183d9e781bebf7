"""`doctor`: a list of named checks, each ok, a warning or a failure, with the command that mends it. Changes nothing.

Every check is a function from the session to its rows; one that fails is a row as well, and the next is tried.
"""

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from esimctl.alerts.channels import WHY
from esimctl.alerts.delivered import failing
from esimctl.autotopup.clock import is_far_ahead
from esimctl.autotopup.inert import inert
from esimctl.autotopup.machine import ELSEWHERE, HERE, runs_on
from esimctl.autotopup.rules import context_of
from esimctl.autotopup.table import SENTENCES
from esimctl.documents.result import Result
from esimctl.documents.setup import CheckRow, DoctorDocument
from esimctl.errors import EsimctlError, ExitCode, reason_of
from esimctl.profile.credentials import source_of
from esimctl.profile.mistakes import named
from esimctl.profile.opened import DEFAULT_ZONE, Clock
from esimctl.profile.own_catalogue import market
from esimctl.profile.trusting import held, listed, way
from esimctl.setup.check_row import FAIL, OK, WARN, checked
from esimctl.setup.provider_checks import examine
from esimctl.setup.providers import kind_of
from esimctl.setup.schedule import verdict
from esimctl.setup.unattended import UNATTENDED
from esimctl.store.checkup import free_bytes, installed_completions
from esimctl.store.kept_by import is_timely
from esimctl.store.mend import cut_damage, remarks, verify, verify_whole
from esimctl.store.paths import check_file_system, check_folder, check_writable, file_system
from esimctl.values.moments import MomentError, zone
from esimctl.values.sentence import Param, Raw, Sentence, commas
from esimctl.values.toml import texts_at

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

#: Below these, in octets, the disk is a warning and a failure.
LITTLE_ROOM, NO_ROOM = 50_000_000, 2_000_000

#: How far the clock may stand before the last entry of the journal.
MOST_BEHIND = timedelta(minutes=5)

#: What ESIMCTL_NOW means, by whether the profile is kept by the real clock.
TOLD = {
    False: "ESIMCTL_NOW is set: a rehearsal",
    True: "ESIMCTL_NOW is set, but this profile is kept by the real clock: it is only read",
}

#: What mends a journal and a clock that do not go together; which of the two is wrong only a person knows.
SAY_THE_DAY = "esimctl doctor --clock"

#: Remarks of the store that ask for a look, not for a cure.
REMARKS_TO_LOOK_AT = frozenset({"profile", "torn_append", "journal_torn", "mark"})


def unread(profile: str | None, environ: Mapping[str, str], error: EsimctlError | OSError) -> "Result[DoctorDocument]":
    """The answer where nothing of the home can or may be read: `error` says why."""
    if isinstance(error, OSError):
        said = Sentence("{why}", {"why": reason_of(error)})
        if error.filename is not None:
            said = Sentence("{path}: {why}", {"path": Raw(error.filename), "why": said})
        home = checked("home", FAIL, said)
    else:
        home = checked("home", FAIL, error.said, error.way)
    named = profile or environ.get("ESIMCTL_PROFILE") or "default"
    return _answer(named, Clock(environ).now(), [*_program(None), home])


def doctor(
    session: "Session",
    *,
    cron: bool = False,
    ask_providers: bool = False,
    deep: bool = False,
    more: Iterable[CheckRow] = (),
) -> "Result[DoctorDocument]":
    """Run every check. `cron` adds what a scheduler's runs need, `ask_providers` asks them over the network, `deep`
    reads every entry of the journal again.

    `more` are the checks of those who know the terminal. Exit code 20 when one failed.
    """
    rows = [*_run(session, CHECKS), *more]
    if deep:
        rows += _run(session, (_entries,))
    if cron:
        rows += _run(session, UNATTENDED)
    if ask_providers:
        rows += _run(session, (_providers,))
    return _answer(session.store.name, session.clock.now(), list(_once(rows)))


def _answer(profile: str, now: datetime, rows: list[CheckRow]) -> "Result[DoctorDocument]":
    failed = any(row.status == FAIL for row in rows)
    document = DoctorDocument(as_of=now, profile=profile, ok=not failed, checks=rows)
    return Result("doctor", document, ExitCode.ATTENTION if failed else ExitCode.DONE)


def installed_scripts(session: "Session") -> dict[tuple[str, str], str]:
    """(shell, path) → text of the completion scripts in a person's home."""
    return installed_completions(session.environ)


def mend(session: "Session") -> int:
    """Set the damaged end of the journal aside; how many octets. Nothing is spent before a clean reconcile."""
    if not session.store.exists():
        return 0
    with session.store.locked(purpose="doctor --mend"):
        return cut_damage(session.store, session.clock.now())


def _run(session: "Session", checks: "Iterable[Callable[[Session], Iterator[CheckRow]]]") -> Iterator[CheckRow]:
    for check in checks:
        name = check.__name__.strip("_")
        try:
            yield from check(session)
        except EsimctlError as error:
            yield checked(name, FAIL, error.said, error.way)
        except OSError as error:
            yield checked(name, FAIL, Sentence("{why}", {"why": reason_of(error)}))


def _once(rows: Iterable[CheckRow]) -> Iterator[CheckRow]:
    """The rows, a failure of one cause only once: a profile that cannot be read stops several checks."""
    told: set[str] = set()
    for row in rows:
        if row.status != FAIL or row.detail not in told:
            yield row
        if row.status == FAIL:
            told.add(row.detail)


def _program(_session: "Session | None") -> Iterator[CheckRow]:
    from importlib.metadata import version

    parts = ", ".join(f"{name} {version(name)}" for name in ("esimctl", "typer", "rich", "httpcore"))
    yield checked("program", OK, f"{parts}, Python {platform.python_version()}")


def _home(session: "Session") -> Iterator[CheckRow]:

    place = session.home
    if not place.exists():
        check_writable(next(above for above in place.parents if above.is_dir()))
        yield checked("home", OK, Sentence("{path}: nothing written yet", {"path": Raw(place)}))
        return
    check_folder(place / "profiles" if (place / "profiles").exists() else place)
    check_writable(place)
    yield checked("home", OK, str(place))


def _file_system(session: "Session") -> Iterator[CheckRow]:

    settings = session.settings
    check_file_system(session.home, allowed=bool(settings.get("allow_network_files", False)))
    yield checked("file_system", OK, file_system(session.home) or Sentence("unknown"))


def _room(session: "Session") -> Iterator[CheckRow]:
    free = free_bytes(session.home)
    if free is None:
        yield checked("room", WARN, Sentence("cannot be told"))
    elif free < LITTLE_ROOM:
        status = FAIL if free < NO_ROOM else WARN
        yield checked(
            "room",
            status,
            Sentence("{size} MB free", {"size": free // 1_000_000}),
            Sentence("make room: an order needs some to be recorded"),
        )
    else:
        yield checked("room", OK, Sentence("{size} MB free", {"size": free // 1_000_000}))


def _profile(session: "Session") -> Iterator[CheckRow]:
    session.store.check_settings_there()
    if not session.store.exists():
        for alarm in session.store.alarms:
            yield checked(alarm.name, FAIL, alarm.said, alarm.way)
        yield checked("profile", OK, Sentence("not written yet: the first command that writes makes it"))
        return
    for mistake in named(session):
        yield checked("profile_key", FAIL, mistake.said, mistake.mending)
    for remark in remarks(session.store):
        unwell = WARN if remark.name in REMARKS_TO_LOOK_AT else FAIL
        yield checked(remark.name, OK if remark.ok else unwell, remark.detail, remark.fix)
    for difference in verify(session.store):
        yield checked("journal", FAIL, difference, "esimctl doctor --mend")


def _entries(session: "Session") -> Iterator[CheckRow]:
    for difference in verify_whole(session.store) if session.store.exists() else ():
        yield checked("journal", FAIL, difference, "esimctl doctor --mend")


def _orders(session: "Session") -> Iterator[CheckRow]:
    if not session.store.exists():
        return
    ledger = session.store.ledger_for_reading()
    opened = [order.id for order in ledger.open_orders()]
    if opened:
        yield checked("open_orders", WARN, ", ".join(opened), "esimctl reconcile")
    if ledger.must_reconcile and not ledger.astray:
        yield checked("restored", WARN, Sentence("nothing is spent before a clean reconcile"), "esimctl reconcile")
    if session.store.paused():
        yield checked("paused", WARN, Sentence("all spending is paused"), "esimctl autotopup resume")


def _clock(session: "Session") -> Iterator[CheckRow]:
    now = session.clock.now()
    if session.clock.rehearsal:
        mending = Sentence("unset ESIMCTL_NOW") if session.store.closed else None
        yield checked("clock", WARN, Sentence(TOLD[session.store.closed]), mending)
        return
    if session.rehearsal:
        yield checked(
            "rehearsal",
            FAIL,
            Sentence("this profile is a rehearsal: it refuses the real clock"),
            Sentence("set ESIMCTL_NOW"),
        )
    told = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if not session.clock.counts or not (session.rehearsal or is_timely(now)):
        early = Sentence("{now} is before this program was made", {"now": Raw(told)})
        late = Sentence("{now} is beyond the years that are counted", {"now": Raw(told)})
        yield checked("clock", FAIL, late if is_timely(now) else early, Sentence("set the clock of this machine"))
        return
    ledger = session.store.ledger_for_reading() if session.store.exists() else None
    last = None if ledger is None else ledger.high_water
    if ledger is None or last is None:
        yield checked("clock", OK, told)
    elif now < last - MOST_BEHIND:
        detail = Sentence("{now} is before the last entry of the journal ({last})", _times(told, last))
        yield checked("clock", FAIL, detail, SAY_THE_DAY)
    elif is_far_ahead(session, ledger, now):
        detail = Sentence("{now} is more than a year after the last entry of the journal ({last})", _times(told, last))
        yield checked("clock", FAIL, detail, SAY_THE_DAY)
    else:
        yield checked("clock", OK, told)


def _times(now: str, last: datetime) -> dict[str, Param]:
    return {"now": Raw(now), "last": Raw(f"{last:%Y-%m-%d %H:%M} UTC")}


def _zone(session: "Session") -> Iterator[CheckRow]:

    name = str(session.settings.get("zone", DEFAULT_ZONE))
    try:
        zone(name)
    except MomentError:
        yield checked(
            "zone",
            FAIL,
            Sentence("{name} is not known here", {"name": Raw(name)}),
            Sentence("pip install tzdata, or correct settings.zone"),
        )
        return
    yield checked("zone", OK, name)


def _secrets(session: "Session") -> Iterator[CheckRow]:
    for name in session.section("provider"):
        kind = kind_of(session, name)
        if not kind.required:
            continue
        source = source_of(session, name, kind)
        if waiting := held(session, name):
            params = {"provider": Raw(name), "what": Raw(listed(waiting))}
            detail = Sentence("{provider} is not asked: {what} came with a backup or a copy", params)
            yield checked("trust", FAIL, detail, way(session, name))
        if source is None:
            yield checked(
                "secrets",
                FAIL,
                Sentence("{provider} has no credentials", {"provider": Raw(name)}),
                f"esimctl providers login {name}",
            )
        else:
            yield checked(
                "secrets",
                OK,
                Sentence("{provider}: from the {source}", {"provider": Raw(name), "source": Sentence(source)}),
            )


def _providers(session: "Session") -> Iterator[CheckRow]:
    for name in session.section("provider"):
        try:
            for row in examine(session, name):
                yield checked(f"provider_{row.name}", OK if row.ok else FAIL, f"{name}: {row.detail}", row.fix)
        except EsimctlError as error:
            yield checked(
                "provider", FAIL, Sentence("{provider}: {why}", {"provider": Raw(name), "why": error.said}), error.way
            )


def _machine(session: "Session") -> Iterator[CheckRow]:
    """Which machine runs the rules, where one was chosen."""
    where = runs_on(session)
    if where is not None:
        here, there = Sentence("the rules run on this one"), Sentence("the rules run on another one")
        yield checked("machine", OK, here if where == HERE else there)


def _rules(session: "Session") -> Iterator[CheckRow]:
    """Rules whose plan or method is gone: they would be found out when they are needed. Lines: see `_profile`."""
    methods, sellers = session.section("payment"), session.section("provider")
    for name, rule in session.section("rule").items():
        line = str(rule.get("line", name))
        for method in texts_at(rule, "pay"):
            if method not in methods:
                params = {"rule": Raw(name), "method": Raw(method)}
                detail = Sentence("{rule}: there is no payment method {method!r}", params)
                yield checked("rule", FAIL, detail, f"esimctl autotopup set {line} --rule {name} --pay METHOD …")
        plan = str(rule.get("plan", ""))
        seller, slash, _ = plan.partition("/")
        gone = seller not in sellers if slash else market(session).plan(plan) is None
        if plan and gone:
            params = {"rule": Raw(name), "plan": Raw(plan)}
            detail = Sentence("{rule}: nobody sells the plan {plan!r}", params)
            yield checked("rule", FAIL, detail, f"esimctl plans list --line {line}")


def _schedule(session: "Session") -> Iterator[CheckRow]:
    """Rules that are enabled, but that nothing runs."""
    if runs_on(session) == ELSEWHERE:
        return
    enabled = [name for name, rule in session.section("rule").items() if rule.get("enabled", True)]
    if not enabled:
        return
    what = Sentence("nothing is installed that would run {rules}", {"rules": commas(enabled)})
    well, detail, fix = verdict(session, what)
    yield checked("schedule", OK if well else WARN, detail, fix)


def _targets(session: "Session") -> Iterator[CheckRow]:
    """Ways out of alerts that took nothing when they were last asked."""
    for each in failing(session).values():
        params: dict[str, Param] = {
            "target": Raw(each.name), "since": Raw(f"{each.since:%Y-%m-%d %H:%M} UTC"), "why": WHY[each.why],
        }  # fmt: skip
        detail = Sentence("{target} has taken no message since {since}: {why}", params)
        yield checked("target", WARN, detail, f"esimctl autotopup targets --test {each.name}")


def _rules_of_the_past(session: "Session") -> Iterator[CheckRow]:
    """Rules whose line was removed, also where another line has its name by now."""
    if not session.section("rule") or not session.store.exists():
        return
    context = context_of(session)
    for rule in context.rules():
        why = inert(context.ledger, session.lines, rule)
        if why is not None:
            said = Sentence(SENTENCES[why], {"line": Raw(rule.line)})
            detail = Sentence("{rule}: {why}", {"rule": Raw(rule.name), "why": said})
            yield checked("rule", WARN, detail, f"esimctl autotopup remove {rule.name}")


CHECKS = (
    _program, _home, _profile, _file_system, _room, _orders, _clock, _zone, _secrets, _rules, _rules_of_the_past,
    _machine, _schedule, _targets,
)  # fmt: skip
