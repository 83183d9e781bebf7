"""Where alerts go beside stderr: a command of the person's own, Apprise addresses, and a heartbeat address.

They are kept in a file of their own, mode 0600, for an address is a secret. Adding one is a person's word, like
enabling a rule; each carries a keyed digest, so that one that something else wrote is never used.
"""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from esimctl.alerts.channels import WHY, Service, notify, run_command, service_of
from esimctl.alerts.delivered import failing, note_answers
from esimctl.alerts.heartbeat import ping
from esimctl.alerts.message import trial
from esimctl.documents.alerts import TargetRow, TargetsDocument
from esimctl.documents.result import Result
from esimctl.documents.setup import MessageDocument
from esimctl.errors import ConfigurationError, Unreachable, UsageError
from esimctl.profile import second_factor
from esimctl.profile.alert_targets import _mac, _table, shown, targets
from esimctl.profile.books import open_books
from esimctl.profile.naming import check_name
from esimctl.profile.opened import unknown
from esimctl.values.moments import zone
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from collections.abc import Callable

    from esimctl.alerts.delivered import Failing
    from esimctl.documents.document import Document
    from esimctl.profile.alert_targets import Target
    from esimctl.profile.opened import Session
    from esimctl.values.sentence import Sentence


def check_target(kind: str, value: str) -> str:
    """The part to confirm; a value that cannot be used is refused."""
    if kind == "heartbeat" and urlsplit(value).scheme not in {"https", "http"}:
        raise UsageError("a heartbeat address begins with https://", code="bad_target")
    if kind == "heartbeat" and urlsplit(value).scheme == "http" and not _local(urlsplit(value).hostname):
        raise UsageError("a heartbeat address is https, or on this machine", code="bad_target")
    if kind == "apprise" and "://" not in value:
        raise UsageError("an Apprise address has the form service://…", code="bad_target")
    try:
        part = shown(kind, value)
    except ValueError:
        part = ""
    if not part:
        raise UsageError("this {kind} cannot be read", code="bad_target", kind=Raw(kind))
    return part


def _local(host: str | None) -> bool:
    return host in {"localhost", "::1"} or str(host).startswith("127.")


def add_target(
    session: "Session", name: str, kind: str, value: str, *, confirm: str | None, code: str | None = None
) -> "Result[TargetsDocument]":
    """Add a way out; `confirm` repeats its program or host."""
    check_name(name, "target")
    part = check_target(kind, value)
    if confirm != part:
        raise UsageError(
            "repeat where it goes to confirm it: {part}",
            hint="--confirm {part}",
            code="confirmation_needed",
            part=Raw(part),
        )
    if kind == "apprise":
        known_service(value)
    with open_books(session, f"autotopup target {name}"):
        second_factor.require(session, code)
        rows = _table(session).read()
        if name in rows:
            raise UsageError("there is a target {name!r} already", code="name_taken", name=Raw(name))
        mac = _mac(session.store.seed(), name, kind, value)
        rows[name] = {"kind": kind, "value": value, "since": session.clock.now(), "mac": mac}
        _table(session).write(rows)
    return list_targets(session)


def known_service(address: str) -> None:
    """Refuse an address that Apprise cannot use, before anything relies on it; none of it is repeated."""
    found = service_of(address)
    if found is Service.UNKNOWN:
        raise UsageError(
            "Apprise knows no service {scheme}://, or the rest of the address is none of its form",
            hint="https://github.com/caronc/apprise/wiki names the services and their forms",
            code="unknown_service",
            scheme=Raw(address.partition("://")[0]),
        )
    if found is Service.UNTOLD:
        raise ConfigurationError(
            "Apprise is not there to say whether it can use this address",
            hint="pip install 'esimctl[notify]'",
            code="extra_missing",
        )


def remove_target(session: "Session", name: str) -> "Result[TargetsDocument]":
    """Take a way out away, at once."""
    with open_books(session, f"autotopup target {name}"):
        rows = _table(session).read()
        if name not in rows:
            raise unknown("target", name, list(rows), "esimctl autotopup targets")
        del rows[name]
        _table(session).write(rows)
    return list_targets(session)


def list_targets(session: "Session") -> "Result[TargetsDocument]":
    """The ways out, without what is secret of them; and which of them takes nothing."""
    from esimctl.profile.trusting import way

    known, unwell = targets(session), failing(session)
    result = Result("targets", TargetsDocument(targets=[_row(each, unwell.get(each.name)) for each in known]))
    for target in known:
        if target.waits:
            result.note(
                "{target} came with a copy of this profile and is not used: {way}",
                target=Raw(target.name),
                way=Raw(way(session, target.name)),
            )
    for each in unwell.values():
        note_failing(session, result, each)
    return result


def _row(target: "Target", unwell: "Failing | None") -> TargetRow:
    return TargetRow(
        target=target.name,
        kind=target.kind,
        to=target.shown if target.valid else None,
        confirmed=target.valid,
        since=target.since,
        failing_since=None if unwell is None else unwell.since,
        failure=None if unwell is None else unwell.why,
    )


def note_failing(session: "Session", result: "Result[Document]", found: "Failing") -> None:
    """A word on a target that takes nothing."""
    result.note(
        "{target} has taken no message since {since}: {why}; esimctl autotopup targets --test {target}",
        target=Raw(found.name),
        since=Raw(f"{found.since.astimezone(zone(session.zone)):%Y-%m-%d %H:%M}"),
        why=WHY[found.why],
    )


def test_target(session: "Session", name: str, say: "Callable[[Sentence], str]") -> "Result[MessageDocument]":
    """Send one test through a target; whether it was taken."""
    found = {target.name: target for target in targets(session)}
    if name not in found or not found[name].valid:
        raise unknown(
            "target", name, [each for each, target in found.items() if target.valid], "esimctl autotopup targets"
        )
    target, what = found[name], trial(session, say)
    if target.kind == "command":
        why = run_command(target.value, what.event)
    elif target.kind == "apprise":
        why = notify(target.value, what.title, what.body, what.urgency)
    else:
        why = ping(target.value)
    note_answers(session, {name: why})
    if why is not None:
        raise Unreachable("{target} did not take the test: {why}", code="target_failed", target=Raw(name), why=WHY[why])
    return Result("message", MessageDocument(text="the test was taken"))
