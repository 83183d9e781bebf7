"""A profile made from a backup. All of it is verified in a folder beside; then the two change places, and what stood
there is kept as a profile of its own, paused.

Whoever comes next after a stop finishes it (see `store.standing`) or sweeps what came to nothing.
"""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from esimctl.errors import Damaged, EsimctlError, OutputFailed, UsageError, reason_of
from esimctl.ledger.orders import OrderState
from esimctl.ledger.said import instant
from esimctl.store.backup import Backup, check_backup, opened
from esimctl.store.checkup import free_bytes
from esimctl.store.files import make_folder, read_bytes, replace, sync_folder, write_all
from esimctl.store.folder import FOLDERS, Store
from esimctl.store.journal import Journal
from esimctl.store.kept_by import kept_by, refusal
from esimctl.store.lock import locked
from esimctl.store.manifest import SETTINGS, Listed, Manifest
from esimctl.store.migrate import migrate
from esimctl.store.opening import keep_index, open_ledger
from esimctl.store.paths import check_name
from esimctl.store.profile import parse_profile
from esimctl.store.standing import (
    REPLACED,
    clear_restoring,
    clear_waiting,
    finish_restore,
    kept_name,
    restoring,
    waiting_restore,
)
from esimctl.store.trust import keep_brought
from esimctl.values.record import record
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml

MANY: Final = 64  #: files: from here on several are made durable at a time, which takes a tenth of the time
AT_A_TIME: Final = 8
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@record
class Restored:
    """What became of it. `doc` is the new profile, `replaced` what stood there before, None where nothing did."""

    manifest: Manifest
    doc: Mapping[str, Toml]
    replaced: "Replaced | None" = None


@record
class Replaced:
    """What stood in the place of a restored profile, and is kept as the profile `name`. `missing` are its orders that
    the backup does not know: those that could be read, where its books are not `whole`."""

    name: str
    missing: tuple[OrderState, ...]
    whole: bool


def restore(
    home: Path,
    name: str,
    source: Path,
    now: datetime,
    *,
    over: bool = False,
    clock: str | None = None,
    known: frozenset[str] = frozenset(),
) -> Restored:
    """Make a profile from a backup. Until a clean reconcile the new profile spends nothing.

    The same again, where nothing was written since, changes nothing: a stop may have hidden that it was done.

    `known` are the values that need no word because they are in force in the profile that stands there: see
    `store.trust`. Nothing is changed by a restore that fails: Damaged (6) for a backup that is not whole,
    ConfigurationError (78) for one of a newer version, UsageError (2) when the profile exists without `over`,
    OwnRules (5) where the books in the backup, or the profile that stands there, are kept by another clock than
    `clock`, that of this run, OutputFailed (74) where the disk takes no more.
    """
    store = Store(home, name, clock, now=lambda: now)
    store.check_open()
    check_backup(source)
    with opened(source) as backup:
        if store.folder.exists():
            with store.locked(0.0, "restore", now):
                done = _stands_there(store, backup)
            if done is not None:
                return done
        if store.folder.exists() and not over:
            raise UsageError(
                "there is a profile {name} already",
                hint="restore under another name: --profile NAME",
                code="profile_exists",
                name=Raw(name),
            )
        _check_room(home, backup.manifest)
        if store.folder.exists():
            with store.locked(0.0, "restore", now):
                return _restored(store, backup, now, known)
        return _restored(store, backup, now, known)


def stands_there(store: Store, source: Path) -> bool:
    """Whether the profile is what a restore of that backup makes, and nothing was written since."""
    with opened(source) as backup:
        return store.folder.exists() and _stands_there(store, backup) is not None


def _stands_there(store: Store, backup: Backup) -> Restored | None:
    """What an earlier restore of this backup came to; None where the profile is not what that would make it."""
    try:
        return _as_restored(store, backup)
    except (EsimctlError, OSError):  # whatever is wrong there makes room for the backup
        return None


def _as_restored(store: Store, backup: Backup) -> Restored | None:
    at, said = store.journal.load(), backup.manifest
    last = at.entries[-1] if at.entries else {}
    if (last.get("kind"), last.get("seq")) != ("restored", said.last_seq + 1) or at.damage is not None:
        return None
    growing = said.segments[-1:]  # the entry of the restore stands behind what came with the backup
    if not all(_is(store.folder / name, listed, grown=name in growing) for name, listed in said.files.items()):
        return None
    doc = store.profile.read().doc
    try:
        kept = check_name(read_bytes(store.folder / REPLACED, 4096).decode("ascii").strip())
    except (OSError, ValueError):
        return Restored(said, doc)
    orders = frozenset(order.id for order in store.ledger_for_reading().all_orders())
    return Restored(said, doc, _kept(Store(store.home, kept, store.clock), kept, orders))


def _is(path: Path, listed: Listed, *, grown: bool) -> bool:
    """Whether a file is what a manifest says, or begins with it where it may have `grown`."""
    try:
        with path.open("rb") as file:
            same = sha256(file.read(listed.size)).hexdigest() == listed.sha256
            return same and (grown or not file.read(1))
    except OSError:
        return False


def _restored(store: Store, backup: Backup, now: datetime, known: frozenset[str]) -> Restored:
    try:
        with _beside(store.folder) as fresh:
            doc = _unpack(fresh, backup)
            kept = kept_by(fresh)
            if kept is not None and store.clock not in (None, kept):
                raise refusal(store.name, kept)
            keep_brought(fresh, doc, known)
            orders = _mark_restored(fresh, backup.manifest, now, store.noted.known_heads())
            before = _replaced(store, orders, now)
            if before is not None:
                replace(fresh / REPLACED, f"{before.name}\n".encode())
            _put_in_place(store, fresh, before)
    except EsimctlError:
        raise
    except OSError as error:
        raise OutputFailed(
            "the backup could not be unpacked: {why}; nothing was changed",
            hint="make room or look at the disk, then restore again",
            why=reason_of(error),
        ) from None
    store.noted.forget()
    store.ledger_for_reading()  # notes how far it has come, where that is noted
    return Restored(backup.manifest, doc, before)


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """An empty folder of ours while it is filled. What a failure leaves in it goes; a kill leaves it to the next."""
    fresh = restoring(folder)
    make_folder(folder.parent)
    clear_restoring(folder)
    make_folder(fresh)
    with locked(fresh / "lock", 0.0, purpose="restore"):
        try:
            yield fresh
        finally:
            clear_restoring(folder, ours=True)


def _unpack(fresh: Path, backup: Backup) -> Mapping[str, Toml]:
    """Every file, verified and durable, profile.toml as the last: what it holds."""
    for folder in FOLDERS:
        make_folder(fresh / folder)
    paths = []
    for name in backup.names:
        if name == SETTINGS:
            continue
        path = fresh / name
        make_folder(path.parent)
        fd = os.open(path, _NEW, 0o600)
        try:
            for piece in backup.content(name):
                write_all(fd, piece)
        finally:
            os.close(fd)
        paths.append(path)
    if len(paths) < MANY:
        for path in paths:
            _make_durable(path)
    else:
        with ThreadPoolExecutor(AT_A_TIME) as several:
            list(several.map(_make_durable, paths))
    for parent in {path.parent for path in paths}:
        sync_folder(parent)
    settings = b"".join(backup.content(SETTINGS))
    doc = parse_profile(settings, SETTINGS).doc
    replace(fresh / SETTINGS, settings)
    return doc


def _make_durable(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _mark_restored(
    fresh: Path, manifest: Manifest, now: datetime, heads: list[dict[str, Toml]] | None
) -> frozenset[str]:
    """The entry that forbids spending stands in the journal before the profile stands in its place. Its orders."""
    for number in sorted((fresh / "journal").glob("*.toml"))[:-1]:
        number.chmod(0o400)
    migrate(fresh)
    journal = Journal(fresh / "journal")
    opened = open_ledger(fresh, journal)
    blocking = [finding for finding in opened.findings if finding.blocking]
    if blocking:
        raise Damaged("the journal in the backup is damaged: {what}", code="backup_damaged", what=blocking[0].said)
    journal.heal(opened.loaded)
    high = opened.ledger.high_water
    at = now if high is None or now > high else high
    why = f"a backup made at {manifest.made_at.isoformat()}"
    for entry in journal.append([{"at": at, "kind": "restored", "from": why, "heads": heads}]):
        opened.ledger.apply(entry)
        opened.recent.append(instant(entry, "at"))
    orders = frozenset(order.id for order in opened.ledger.all_orders())
    if journal.position is not None:
        with suppress(OSError):  # what follows from the journal need not be worked out again
            keep_index(fresh, journal, opened, journal.position)
    return orders


def _replaced(store: Store, known: frozenset[str], now: datetime) -> Replaced | None:
    """What stands there, and what it has that the new books have not."""
    if not store.folder.exists():
        return None
    return _kept(store, kept_name(store.folder, now), known)


def _kept(store: Store, name: str, known: frozenset[str]) -> Replaced:
    """What the books of a profile that is kept as `name` have, and those with the orders `known` have not."""
    try:
        orders = store.ledger_for_reading().all_orders()
    except EsimctlError:
        return Replaced(name, (), whole=False)
    whole = not any(finding.blocking for finding in store.findings)
    return Replaced(name, tuple(order for order in orders if order.id not in known), whole)


def _put_in_place(store: Store, fresh: Path, before: Replaced | None) -> None:
    """The new folder waits, the old one makes room, the new one takes its place; a stop in between is finished.

    OSError where nothing was changed, OutputFailed (74) where the old one has made room already.
    """
    fresh.rename(waiting_restore(store.folder))
    try:
        sync_folder(store.folder.parent)
        if before is not None:
            store.folder.rename(store.folder.with_name(before.name))
    except OSError:
        clear_waiting(store.folder)
        raise
    try:
        finish_restore(store.folder)
        sync_folder(store.folder.parent)
    except OSError as error:
        if before is None and not store.folder.exists():
            clear_waiting(store.folder)
            raise
        raise OutputFailed(
            "the disk fails ({why}): what was done before stays done, the rest was not done",
            hint="esimctl doctor",
            code="file_failed",
            why=reason_of(error),
        ) from error


def _check_room(home: Path, manifest: Manifest) -> None:
    """OutputFailed (74) before anything is written where the disk has not the room."""
    needed, free = sum(file.size for file in manifest.files.values()), free_bytes(home)
    if free is not None and needed > free:
        raise OutputFailed(
            "the backup needs {needed} octets, and {free} are free; nothing was changed",
            hint="make room, then restore again", code="no_room", needed=needed, free=free,
        )  # fmt: skip
