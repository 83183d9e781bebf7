"""`profile merge`: the copies of a profile that two machines carried become one. All that can refuse is asked first."""

from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from esimctl.autotopup.machine import ELSEWHERE, HERE, TAKEOVER, choose, runs_on
from esimctl.documents.backups import MergeDocument
from esimctl.documents.result import Result
from esimctl.ledger.lives import by_identity, owners
from esimctl.ledger.said import text
from esimctl.profile import trusting
from esimctl.profile.books import Books
from esimctl.profile.opened import unknown
from esimctl.purchase.foreign import ours_after_all
from esimctl.setup.profile_union import Union, union
from esimctl.store.machine import this_machine
from esimctl.store.merge import (
    MergePlan,
    lines_with_codes,
    missing_codes,
    missing_files,
    plan_journal,
    set_aside,
    take_files,
    write_journal,
)
from esimctl.store.other_copy import OtherCopy, read_other
from esimctl.store.paths import profile_names
from esimctl.store.profile import Profile, parse_profile
from esimctl.values.record import record
from esimctl.values.sentence import Raw, commas
from esimctl.values.toml import Toml, table_at

if TYPE_CHECKING:
    from esimctl.documents.document import Document
    from esimctl.profile.opened import Session
    from esimctl.store.vault import VaultedCodes


@record(frozen=False)
class Merge:
    """All that a merge would do, asked and answered before anything is written."""

    other: OtherCopy
    plan: MergePlan
    tables: Union
    theirs: Profile | None
    codes: "Mapping[str, VaultedCodes]"
    files: list[str]

    @property
    def diverged(self) -> bool:
        """Whether both wrote since they parted: a second machine has been seen."""
        return self.plan.united is not None

    @property
    def nothing(self) -> bool:
        """Whether the other copy has nothing that the profile has not."""
        return not (self.plan.changes or self.tables.changes or self.codes or self.files)


def look(session: "Session", source: Path) -> Merge:
    """What a merge comes to. Writes nothing and takes no lock; every refusal of a merge comes from here."""
    store = session.store
    if not store.exists():
        raise unknown("profile", store.name, profile_names(session.home), "esimctl profile list")
    other = read_other(source, store.folder)
    theirs = None if other.profile is None else parse_profile(other.profile, str(source))
    plan = plan_journal(store, other, session.clock.now())
    tables = union(session.profile, {} if theirs is None else theirs.doc, plan.ledger)
    codes = missing_codes(store, other, owners(plan.ledger, lines_with_codes(other)))
    return Merge(other, plan, tables, theirs, codes, missing_files(store, other))


def asks_for_machine(session: "Session", found: Merge) -> bool:
    """Whether a second machine has been seen, and nobody has said yet on which one rules run."""
    theirs = {} if found.theirs is None else table_at(found.theirs.doc, "settings")
    return found.diverged and "machine" not in {**theirs, **session.settings}


def merge_profile(
    session: "Session", source: Path, *, dry_run: bool = False, wait: float = 0.0, rules_here: bool = True
) -> "Result[MergeDocument]":
    """Unite a copy with the profile. A merge that was stopped is finished by doing it again.

    Where a second machine is seen by it, rules run on this one from then on, unless `rules_here` says no.
    """
    if dry_run:
        return _result(session, look(session, source), dry_run=True)
    look(session, source)  # before the lock: a refusal changes nothing at all
    with session.store.locked(wait, "profile merge"):
        session.forget()
        found = look(session, source)
        moved = _write(session, found, rules_here=rules_here)
    return _result(session, found, moved=moved)


def _write(session: "Session", found: Merge, *, rules_here: bool) -> list[Path]:
    store, plan = session.store, found.plan
    machine = this_machine(session.environ) if rules_here and asks_for_machine(session, found) else None
    entries = _entries(session, found, machine)
    for line, values in found.codes.items():
        store.vault.write(line, values)
    take_files(store, found.other, found.files)
    if plan.changes:
        write_journal(store, plan, entries)
    machine = machine or _unfinished(session, plan)
    if found.theirs is not None:  # what it would run or talk to waits for a person's word, as after a restore
        trusting.bring(session, found.theirs.doc, found.other.folder)
    if found.tables.changes or machine is not None:
        by_hand = found.theirs is not None and found.theirs.by_hand
        store.profile.edit(lambda doc: _edit(doc, found.tables, machine), by_hand=by_hand)
        session.forget()
    if plan.changes:
        from esimctl.purchase.profile_lines import mend_lines

        mend_lines(Books(session, store.ledger_for_writing()))
    return [set_aside(store, path) for path in found.other.aside]


def _unfinished(session: "Session", plan: MergePlan) -> str | None:
    """The machine that a merge had chosen which was stopped before the profile said so."""
    moved = [text(entry, "machine") for entry in plan.ours.entries if text(entry, "kind") == "rules.moved"]
    return moved[-1] if moved and "machine" not in session.settings else None


def _edit(doc: MutableMapping[str, Toml], tables: Union, machine: str | None) -> None:
    tables.change(doc)
    if machine is not None:
        choose(doc, machine)


def _entries(session: "Session", found: Merge, machine: str | None) -> list[Mapping[str, Toml]]:
    """What stands behind the united journal: rules that differ are off, and the record of the merge."""
    plan = found.plan
    if plan.united is None:
        return []
    high = plan.ledger.high_water
    now = session.clock.now()
    at = now if high is None or now > high else high
    entries: list[Mapping[str, Toml]] = [
        {"at": at, "kind": "rule.disabled", "rule": rule, "reason": "it differs between two machines"}
        for rule in found.tables.disabled
        if plan.ledger.rule(rule).enabled
    ]
    if machine is not None:
        entries.append({"at": at, "kind": "rules.moved", "machine": machine})
    for fact in plan.ledger.foreign.values():
        if plan.ledger.by_provider_order(fact.provider, fact.provider_order) is not None:
            entries += [{"at": at, **each} for each in ours_after_all(plan.ledger, fact.provider, fact.provider_order)]
    record: dict[str, Toml] = {
        "at": at, "kind": "merged", "from": found.other.source.name, "heads": plan.heads(),
        "taken": plan.united.taken, "orders": plan.united.orders, "one_order": plan.united.one_order or None,
    }  # fmt: skip
    return [*entries, record]


def _result(
    session: "Session", found: Merge, *, dry_run: bool = False, moved: Sequence[Path] = ()
) -> "Result[MergeDocument]":
    plan, tables = found.plan, found.tables
    united = plan.united
    behind = len(plan.theirs.entries) - plan.before
    where = None if united is None else HERE if dry_run and asks_for_machine(session, found) else runs_on(session)
    document = MergeDocument(
        name=session.store.name,
        path=str(session.store.folder),
        source=str(found.other.source),
        dry_run=dry_run,
        nothing=found.nothing,
        common=plan.before,
        taken=united.taken if united is not None else behind if plan.follows else 0,
        orders=united.orders if united is not None else _followed(plan),
        heads=len(plan.heads()) if united is not None else 0,
        added=tables.added,
        disabled=tables.disabled,
        kept=tables.kept,
        removed=tables.removed,
        codes=sorted(_called(plan, identity) for identity in found.codes),
        files=len(found.files),
        moved_to=[str(path) for path in moved],
        machine=where,
        must_reconcile=plan.ledger.must_reconcile,
    )
    result = Result("merge", document)
    if found.nothing:
        result.note("there is nothing to unite: all that is in {path} is here", path=Raw(str(found.other.source)))
    if not dry_run:
        trusting.tell(session, result, trusting.held(session))
    for rule in tables.disabled:
        result.note("rule {rule} differs and is off: esimctl autotopup enable {rule}, after reading it", rule=Raw(rule))
    if tables.kept:
        result.note("these differ there and stay as they are here: {keys}", keys=commas(tables.kept))
    if plan.theirs.torn:
        result.note("a cut append of {count} bytes at the end of the copy was left out", count=plan.theirs.torn)
    if united is not None:
        for goes, stays in united.one_order.items():
            result.note(
                "order {goes} and order {stays} are one purchase: {stays} stays", goes=Raw(goes), stays=Raw(stays)
            )
        _tell_machine(result, where)
    if document.must_reconcile and plan.changes:
        result.note("nothing is spent before a clean reconcile: esimctl reconcile")
    return result


def _called(plan: MergePlan, identity: str) -> str:
    fact = by_identity(plan.ledger, identity)
    return identity if fact is None else fact.name


def _tell_machine(result: "Result[Document]", where: str | None) -> None:
    if where == HERE:
        result.note("rules run on this machine from now on, and on no other; there: {command}", command=Raw(TAKEOVER))
    elif where == ELSEWHERE:
        result.note("the rules run on another machine; to have them run on this one: {command}", command=Raw(TAKEOVER))
    else:
        result.note(
            "rules run on every machine that carries this profile: on one of them, {command}", command=Raw(TAKEOVER)
        )


def _followed(plan: MergePlan) -> list[str]:
    """The orders of entries that are taken as they are."""
    if not plan.follows:
        return []
    return list(
        dict.fromkeys(
            text(e, "order") for e in plan.theirs.entries[plan.before :] if text(e, "kind").startswith("order.")
        )
    )
