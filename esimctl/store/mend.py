"""What a person decides about a damaged end of the journal, and what can be said about the files without deciding."""

import stat
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from esimctl.errors import Damaged, EsimctlError, reason_of
from esimctl.ledger.entries import Entry
from esimctl.ledger.invariants import audited_fold
from esimctl.ledger.taken_back import dated
from esimctl.store.chain import Chain
from esimctl.store.files import read_bytes, sync_folder
from esimctl.store.folder import Store
from esimctl.store.index import FILE, forget, rows_hold
from esimctl.store.kept_by import BUILT, CLOCK_SLACK
from esimctl.store.lock import check_usable
from esimctl.store.migrate import finish
from esimctl.store.opening import open_ledger, read_whole
from esimctl.store.segments import Loaded
from esimctl.store.standing import kept_name
from esimctl.values.record import record
from esimctl.values.sentence import Param, Raw, Sentence

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger

_PRIVATE: Final = ("vault", "evidence", "journal", "attachments")
_MENDED: Final = ("frames",)
MEND: Final = Sentence("esimctl doctor --mend")


@record
class Remark:
    """Something about the files that `doctor` says. `fix` is a command or an act, None where nothing need be done."""

    name: str
    ok: bool
    detail: Sentence
    fix: Sentence | None = None


def _typed(command: str) -> Sentence:
    """A command that a person types."""
    return Sentence("{command}", {"command": Raw(command)})


def remarks(store: Store) -> Iterator[Remark]:
    """Profile, journal, modes, and what was set aside; changes nothing."""
    profile = store.profile.read()
    yield Remark(
        "profile", not profile.by_hand,
        Sentence("changed by something other than esimctl since it last wrote it: automatic top-ups stay inert")
        if profile.by_hand else Sentence("as esimctl wrote it"),
        Sentence("esimctl autotopup enable RULE, after reading the file") if profile.by_hand else None,
    )  # fmt: skip
    for mistake in profile.mistakes:
        yield Remark("profile_key", False, mistake.said, mistake.mending)
    store.ledger_for_reading()
    for finding in store.findings:
        yield Remark(finding.name, False, finding.place, MEND if finding.name in _MENDED else None)
    for each in store.alarms:
        if each.name != "restored":
            yield Remark(each.name, False, each.said, each.way)
    if not any(finding.blocking for finding in store.findings):
        yield Remark("journal", True, Sentence("every frame, sum and transition holds"))
    yield _mark(store)
    yield from _modes(store)
    yield from _unusable(store)
    for torn in sorted((store.folder / "journal").glob("torn-*.bin")):
        yield Remark("torn_append", True, Sentence("{file}: a cut append, kept for a look", {"file": Raw(torn.name)}))


def _mark(store: Store) -> Remark:
    """Where it is noted how far the journal has come, or why it is not."""
    noted = store.noted
    path = Raw(noted.path)
    if noted.adopted:
        said = Sentence("seen here for the first time: taken as it is, and noted in {path}", {"path": path})
        return Remark("mark", True, said)
    if noted.mark is not None:
        told: dict[str, Param] = {"seq": noted.mark.seq, "path": path}
        return Remark("mark", True, Sentence("entry {seq} of the journal is noted in {path}", told))
    if not noted.wanted:
        return Remark("mark", True, Sentence("how far the journal has come is noted once real money was booked"))
    said = Sentence("there is no place to note how far the journal has come: a copy that is put back is not noticed")
    writable = Sentence("make {path} writable", {"path": Raw(noted.path or "XDG_STATE_HOME")})
    return Remark("mark", False, said, writable)


def _unusable(store: Store) -> Iterator[Remark]:
    """The lock and the seed, where a run that spends would end at them."""
    place = store.folder / "lock"
    try:
        if place.exists():
            check_usable(place)
    except EsimctlError as why:
        yield Remark("lock", False, why.said, why.way)
    except OSError as why:
        told = Sentence("{path}: {why}", {"path": Raw(place), "why": reason_of(why)})
        yield Remark("lock", False, told, _typed(f"mv {place} {place}.away"))
    place = store.folder / "seed"
    try:
        if place.is_symlink() or place.exists():
            store.seed()
    except EsimctlError as why:  # another seed makes other keys: orders that are on their way would not be known again
        yield Remark("seed", False, why.said, Sentence("esimctl profile restore FILE, a backup of this profile"))


def _modes(store: Store) -> Iterator[Remark]:
    places = [store.folder / name for name in _PRIVATE]
    loose = [store.folder, *places, *(path for place in places for path in sorted(place.rglob("*")))]
    open_ones = [
        path for path in loose if path.exists() and not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    for path in open_ones:
        yield Remark(
            "modes", False, Sentence("{path} is open to others", {"path": Raw(path)}), _typed(f"chmod go-rwx {path}")
        )
    if not open_ones:
        yield Remark("modes", True, Sentence("closed to others"))


def verify(store: Store) -> list[Sentence]:
    """Follow the chain of the whole journal over its octets, and look through the index; differences in words.

    No entry is read again that was read once. Where something does not fit, all of it is read: that says what.
    """
    quick = store.ledger_for_reading()
    fits = not any(finding.blocking for finding in store.findings) and _chain_ends_at(store, quick.next_seq)
    return [] if fits and rows_hold(store.folder / FILE) else verify_whole(store)


def _chain_ends_at(store: Store, next_seq: int) -> bool:
    """Whether every frame vouches for its octets, and the last one for the entry before this."""
    chain, journal = Chain(), store.journal
    if journal.segments() != list(range(1, len(journal.segments()) + 1)):
        return False
    try:
        for number in journal.segments():
            chain.begin()
            chain.feed(read_bytes(journal.path(number)))
    except (ValueError, OSError):
        return False
    return chain.next_seq == next_seq


def verify_whole(store: Store) -> list[Sentence]:
    """Read every segment from its first record and compare with what the index led to; differences in words."""
    quick = store.ledger_for_reading()
    loaded = read_whole(store.folder, store.journal)
    whole, findings = audited_fold(loaded.entries)
    said = [finding.said for finding in findings if finding.blocking]
    if loaded.damage is not None:
        said.append(loaded.damage.said)
    elif whole.balances != quick.balances or whole.next_seq != quick.next_seq:
        said.append(Sentence("the index leads to other balances than the journal"))
    return said


def cut_damage(store: Store, now: datetime) -> int:
    """A person's word: set aside everything from the damage to the end, and spend nothing before a clean reconcile.

    Only inside `locked`. How many bytes were set aside; 0 when there is no damage. Damaged (6) when whole segments
    follow it or the entries themselves contradict each other: then a backup is the way.
    """
    finish(store.folder)
    opened = open_ledger(store.folder, store.journal)
    loaded = opened.loaded
    store.ledger_for_reading()
    if any(each.name == "journal_gone" for each in store.alarms):
        return _begin_anew(store, loaded, now)
    if loaded.damage is None:
        return 0
    path = store.journal.path(loaded.position.segment)
    if loaded.damage.file != path.name or loaded.position.segment != (store.journal.segments() or [0])[-1]:
        raise Damaged(
            "{file} is damaged and more of the journal follows it: only a backup helps",
            hint="esimctl profile restore FILE",
            file=Raw(loaded.damage.file),
        )
    loaded.torn = read_bytes(path)[loaded.position.length :]
    if loaded.position.next_seq == 1:
        return _begin_anew(store, loaded, now)
    aside = len(loaded.torn)
    store.journal.heal(loaded)
    forget(store.folder)
    ledger = store.ledger_for_writing()
    at = now if ledger.high_water is None or now > ledger.high_water else ledger.high_water
    if ledger.astray or not ledger.must_reconcile:
        _accept(store, ledger, at, "a journal whose damaged end was set aside")
    return aside


class TakenBack(NamedTuple):
    """How many entries stand in the future, and up to when (None: none does, and the date was taken down alone)."""

    entries: int
    stood: datetime | None


def take_clock_back(store: Store, now: datetime, *, confirm: bool) -> TakenBack | None:
    """A person's word that it is `now`: an entry that marks those which were written in the future.

    None, and nothing is written, where there is none, unless `confirm` wants the date taken down. Only inside `locked`.
    """
    forget(store.folder)  # what it has archived is dated anew as well
    ledger = store.ledger_for_writing()
    times = [at for _, at in dated(store.journal.load().entries)]
    ahead = [at for at in times if at > now]
    stood = max(ahead, default=now)
    if stood <= now + CLOCK_SLACK and not confirm:
        return None
    since = max((at for at in times if at <= now), default=min(now, BUILT))
    told = stood if ahead else None
    entry: Entry = {"at": now, "kind": "clock.set", "n": len(ahead), "since": since, "stood": told}
    store.append(ledger, [entry])
    return TakenBack(len(ahead), told)


def _begin_anew(store: Store, loaded: Loaded, now: datetime) -> int:
    """Where the whole journal is gone: set aside what is no record, and begin one that must be reconciled first."""
    aside = len(loaded.torn or b"")
    store.journal.heal(loaded)
    forget(store.folder)
    _accept(store, store.ledger_for_writing(anew=True), now, "nothing: the whole journal was gone")
    return aside


def set_aside(store: Store, now: datetime) -> str:
    """Give what is left of a profile another name, paused; the name, which every command takes."""
    with store.locked(purpose="create --anew", now=now):
        store.pause()
        name = kept_name(store.folder, now)
        store.folder.rename(store.folder.with_name(name))
        sync_folder(store.folder.parent)
    store.noted.forget()
    return name


def _accept(store: Store, ledger: "Ledger", at: datetime, why: str) -> None:
    """From here on it is known that the journal lacks something: nothing is spent before a clean reconcile."""
    store.append(ledger, [{"at": at, **entry} for entry in store.noted.acceptance(why)])
