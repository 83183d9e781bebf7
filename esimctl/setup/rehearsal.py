"""The embedded operator's own levers: burn data, arm faults, begin anew. Nothing here touches real money."""

from typing import TYPE_CHECKING, Any

from esimctl.documents.result import Result
from esimctl.documents.setup import MessageDocument
from esimctl.errors import UsageError
from esimctl.profile.opened import moment
from esimctl.usage.balance import envelope
from esimctl.usage.readings import fresh_documents
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from esimctl.documents.balance import BalanceDocument
    from esimctl.profile.opened import Session


def operator(session: "Session", name: str) -> Any:
    """The embedded operator of a line; other providers have no such levers."""
    session.store.check_open()
    provider = session.provider(name)
    if not provider.play_money:
        raise UsageError("{provider} is not the embedded operator", code="not_sandbox", provider=Raw(name))
    return provider


def use_data(session: "Session", line: str, octets: int, at: str | None) -> "Result[BalanceDocument]":
    """Let a line use data at the embedded operator, now or at an earlier instant, and read what is left."""
    table = session.line(line)
    provider = operator(session, str(table["provider"]))
    provider.use(str(table.get("iccid")), octets, session.clock.now(), moment(session, at, "--at"))
    documents, notes = fresh_documents(session, [line], refresh=True)
    owners = {bucket.owner for bucket in documents[0].buckets if bucket.shared and bucket.owner} & set(session.lines)
    if owners:  # what was used may have been theirs
        fresh_documents(session, sorted(owners), refresh=True)
    result = Result("balance", envelope(session, documents))
    result.notes.extend(notes)
    return result


def arm_fault(session: "Session", kind: str, times: int) -> "Result[MessageDocument]":
    """Let the next `times` requests fail in this way."""
    session.begin()
    operator(session, "sandbox").arm(kind, times)
    return Result("message", MessageDocument(text="armed", fault=kind, times=times))


def reset_sandbox(session: "Session") -> "Result[MessageDocument]":
    """Throw the embedded operator's books away; profiles keep their own history."""
    operator(session, "sandbox").reset()
    return Result("message", MessageDocument(text="the sandbox's books are empty again"))
