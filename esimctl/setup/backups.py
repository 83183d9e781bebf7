"""A profile in one file, and back. What was restored spends nothing before a clean reconcile."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from esimctl.documents.backups import BackupDocument, MissingOrderRow, MissingSumRow, RestoreDocument, WaitingValueRow
from esimctl.documents.result import Result
from esimctl.errors import EsimctlError, ExitCode
from esimctl.market.provider import provider_of
from esimctl.profile import trusting
from esimctl.profile.opened import Clock, Session, trust_of, unknown
from esimctl.purchase.opening import open_profile
from esimctl.store.backup import back_up
from esimctl.store.folder import Store
from esimctl.store.paths import active_profile, check_name, home_folder, profile_names
from esimctl.store.trust import Reach, reaches
from esimctl.values.money import Money
from esimctl.values.record import replace
from esimctl.values.sentence import Param, Raw, Several

if TYPE_CHECKING:
    from collections.abc import Iterable

    from esimctl.documents.document import Document
    from esimctl.ledger.orders import OrderState
    from esimctl.store.restore import Replaced, Restored


#: what may be done with the orders that a backup does not know
TAKE_ALONG: Final = "take its orders along: esimctl profile merge {path} --profile {name}"


def back_up_profile(
    session: "Session", target: Path | None, *, with_vault: bool, wait: float = 0.0
) -> "Result[BackupDocument]":
    """Write the backup to `target`, else to a file in this folder that names the profile and the moment."""
    store, now = session.store, session.clock.now()
    if not store.exists():
        raise unknown("profile", store.name, profile_names(session.home), "esimctl profile list")
    path = target or Path(f"esimctl-{store.name}-{now:%Y%m%dT%H%M%SZ}.tar")
    with store.locked(wait, "backup"):
        manifest = back_up(store, path, now, with_vault=with_vault)
    document = BackupDocument(
        name=store.name,
        path=str(path),
        made_at=now,
        entries=manifest.last_seq,
        files=len(manifest.files),
        with_vault=with_vault,
    )
    result = Result("backup", document)
    if not with_vault:
        result.note("activation codes are not in it: --with-vault takes them along, and then it must be kept secret")
    return result


def restoring(environ: Mapping[str, str], given: str | None, source: Path) -> tuple[str, bool]:
    """The profile that a backup would become, and whether another one of that name would make room for it."""
    from esimctl.store.restore import stands_there

    store = _named(environ, given)
    return store.name, store.folder.exists() and not stands_there(store, source)


def _named(environ: Mapping[str, str], given: str | None) -> Store:
    home = home_folder(environ)
    return Store(home, check_name(given or environ.get("ESIMCTL_PROFILE") or active_profile(home) or "default"))


def restore_profile(
    environ: Mapping[str, str], given: str | None, source: Path, *, over: bool
) -> "Result[RestoreDocument]":
    """Put a backup in place; the profile that stood there (with `over`) is kept as another one, paused.

    What it had and the backup has not is named with what it cost; what the restored one would run or talk to waits for
    a word, but for what was in force here before.
    """
    from esimctl.store.restore import restore

    name = _named(environ, given).name
    clock = Clock(environ)
    clock.check()
    session = Session(Store(home_folder(environ), name, clock.kind, environ, clock.now), clock, environ, provider_of)
    restored = restore(session.home, name, source, clock.now(), over=over, clock=clock.kind, known=_in_force(session))
    trust = trust_of(session)
    waiting = reaches(restored.doc)
    try:
        with session.store.locked(purpose="restore"):  # whoever comes after a stop sweeps what it left
            if restored.replaced is not None:
                trust.moved(restored.replaced.name)
            trust.settle()
    except OSError:  # without a place for words nothing that came along is trusted
        pass
    result = Result("restore", _document(session, restored, trust.held(waiting)))
    _tell(result, session, restored, trust.held(waiting))
    return result


def take_along(environ: Mapping[str, str], restored: "Result[RestoreDocument]") -> None:
    """Unite what a restore replaced with what it put in place: the orders that the backup does not know come along.

    Where that is refused the restore stands, and the note says why.
    """
    from esimctl.setup.merging import merge_profile

    document: RestoreDocument = restored.data
    if document.kept is None:
        return
    session = open_profile(document.name, environ)
    try:
        merged = merge_profile(session, session.store.folder.with_name(document.kept), rules_here=False)
    except EsimctlError as error:
        restored.note("the orders could not be taken along: {why}", why=error.said)
        restored.exit_code = ExitCode.ATTENTION
        return
    restored.data = replace(document, taken=merged.data.orders)
    restored.notes = [each for each in restored.notes if each.template != TAKE_ALONG]
    restored.note("its orders were taken along: {count}", count=len(merged.data.orders))


def _in_force(session: Session) -> frozenset[str]:
    """What the profile that stands there runs and talks to: it needs no word when it comes back to the same place."""
    try:
        found = reaches(session.store.profile.read().doc)
    except (OSError, EsimctlError):
        return frozenset()
    return trust_of(session).in_force(found)


def _document(session: Session, restored: "Restored", waiting: list[Reach]) -> RestoreDocument:
    replaced = restored.replaced
    missing = replaced.missing if replaced else ()
    return RestoreDocument(
        name=session.store.name,
        path=str(session.store.folder),
        made_at=restored.manifest.made_at,
        entries=restored.manifest.last_seq,
        with_vault=restored.manifest.with_vault,
        must_reconcile=True,
        kept=replaced.name if replaced else None,
        missing=[_order(order) for order in missing],
        taken=[],
        missing_sums=[
            MissingSumRow(money=money, orders=count, play_money=play)
            for play in (False, True)
            for money, count in sums(missing, play=play)
        ],
        not_trusted=[WaitingValueRow(provider=each.owner, key=each.key, value=each.shown) for each in waiting],
    )


def _order(order: "OrderState") -> MissingOrderRow:
    return MissingOrderRow(
        id=order.id,
        kind=order.kind,
        line=order.line,
        provider=order.provider,
        plan=order.plan,
        state=order.state,
        charged="unknown" if order.charged is None else order.charged,
        price=order.price,
        paid=order.paid,
        created_at=order.created_at,
        play_money=order.play,
    )


def sums(orders: "Iterable[OrderState]", *, play: bool) -> list[tuple[Money, int]]:
    """What orders cost by currency, and how many they are, of play money or of money; those that cost nothing for
    certain are left out."""
    found: dict[str, list[int]] = {}
    for order in orders:
        if order.play is play and order.charged is not False:
            found.setdefault(order.counted.currency, []).append(order.counted.minor)
    return [(Money(sum(minors), currency), len(minors)) for currency, minors in sorted(found.items())]


def _tell(result: "Result[Document]", session: Session, restored: "Restored", waiting: list[Reach]) -> None:
    name, replaced = session.store.name, restored.replaced
    if replaced is not None:
        _tell_replaced(result, session, replaced)
    trusting.tell(session, result, waiting)
    result.note("nothing is spent before a clean reconcile: esimctl reconcile --profile {name}", name=Raw(name))


def _tell_replaced(result: "Result[Document]", session: Session, replaced: "Replaced") -> None:
    result.note("what stood there is kept as profile {kept}, paused", kept=Raw(replaced.name))
    if not replaced.whole:
        result.note("its books cannot be read whole: it may hold orders that nobody knows of here")
    if real := sums(replaced.missing, play=False):
        result.note("orders of it that are not in the backup: {count}, {sums}", **_counted(real))
    if play := sums(replaced.missing, play=True):
        result.note("orders of it that are not in the backup, paid with play money: {count}, {sums}", **_counted(play))
    if replaced.missing:
        result.note(
            TAKE_ALONG,
            path=Raw(str(session.store.folder.with_name(replaced.name))),
            name=Raw(session.store.name),
        )


def _counted(found: list[tuple[Money, int]]) -> dict[str, Param]:
    return {"count": sum(number for _, number in found), "sums": Several(tuple(money for money, _ in found))}
