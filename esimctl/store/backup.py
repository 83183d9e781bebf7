"""A profile in one file: a tar with SHA-256 sums. Restoring verifies everything before anything is touched.

Left out: codes and raw answers (unless asked for), what is derived, the lock, earlier backups. The seed goes along: a
restored profile makes the same keys again, so that a provider that honours keys refuses to sell twice.
"""

import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

from esimctl.errors import Damaged, OutputFailed, UsageError
from esimctl.store.folder import Store
from esimctl.store.frames import GENESIS
from esimctl.store.high_water import write_mark
from esimctl.store.journal import Journal
from esimctl.store.kept_by import kept_by, refusal
from esimctl.store.opening import open_ledger
from esimctl.store.profile import parse_profile
from esimctl.store.replace import make_folder, read_bytes, replace, sync_folder
from esimctl.store.standing import finish_restore, waiting_restore

FORMAT: Final = 1
MOST_BYTES: Final = 1 << 30  #: of one member
_MEMBER: Final = re.compile(
    r"(profile\.toml|seed|paused|clock|catalogue/[a-z0-9][a-z0-9_-]*\.toml|journal/\d{6}\.toml|journal/torn-[\w-]+\.bin"
    r"|(vault|evidence)/[A-Za-z0-9][\w-]*\.\w+|attachments/[A-Za-z0-9][A-Za-z0-9._-]*)\Z"
)
_SECRET: Final = ("vault", "evidence")


def back_up(store: Store, target: Path, now: datetime, *, with_vault: bool = False) -> dict[str, Any]:
    """Write the backup (0600, durable, never over an existing file); returns its manifest.

    Call it inside `locked`, so that what is copied belongs together. UsageError when the file exists.
    """
    if target.exists():
        raise UsageError("{path} exists already", hint="name another file", code="file_exists", path=str(target))
    store.seed()
    contents = {name: read_bytes(store.folder / name) for name in _members(store.folder, with_vault=with_vault)}
    at = store.journal.load().position
    manifest = {
        "format": FORMAT,
        "profile": store.name,
        "made_at": now.isoformat(),
        "last_seq": at.next_seq - 1,
        "last_hash": at.last_hash,
        "with_vault": with_vault,
        "files": {name: {"sha256": sha256(data).hexdigest(), "bytes": len(data)} for name, data in contents.items()},
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in {"manifest.json": json.dumps(manifest, indent=1).encode(), **contents}.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(data), 0o600, int(now.timestamp())
            tar.addfile(member, io.BytesIO(data))
    try:
        replace(target, buffer.getvalue())
    except OSError as error:
        raise OutputFailed("cannot write {path}: {why}", path=str(target), why=error.strerror or "failed") from None
    return manifest


def restore(
    home: Path, name: str, source: Path, now: datetime, *, over: bool = False, clock: str | None = None
) -> dict[str, Any]:
    """Make a profile from a backup; returns its manifest. Until a clean reconcile the new profile spends nothing.

    Damaged (6) for a backup that is not whole, UsageError (2) when the profile exists without `over` (with it the
    old folder is kept beside). Nothing is changed by a restore that fails. OwnRules (5) where the books in the backup,
    or the profile that stands there, are kept by another clock than `clock`, that of this run.
    """
    manifest, contents = read_backup(source)
    store = Store(home, name, clock, lambda: now)
    store.check_open()
    if store.folder.exists() and not over:
        raise UsageError(
            "there is a profile {name} already",
            hint="restore under another name: --profile NAME",
            code="profile_exists",
            name=name,
        )
    make_folder(store.folder.parent)
    if store.folder.exists():
        with store.locked(0.0, "restore", now):
            return _put_in_place(store, manifest, contents, now)
    return _put_in_place(store, manifest, contents, now)


def read_backup(source: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Manifest and files of a backup, all of it verified: names, sums, the profile, every frame of the journal."""
    if not source.is_file():
        raise UsageError("there is no file {path}", code="no_file", path=str(source))
    try:
        contents = dict(_unpacked(source))
        manifest: dict[str, Any] = json.loads(contents.pop("manifest.json"))
        listed: Mapping[str, Any] = manifest["files"]
        whole = manifest["format"] == FORMAT and listed.keys() == contents.keys()
        whole = whole and all(sha256(data).hexdigest() == listed[name]["sha256"] for name, data in contents.items())
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _not_whole(source, str(error)) from error
    if not whole:
        raise _not_whole(source, "its contents are not what its manifest says")
    if "profile.toml" not in contents:
        raise _not_whole(source, "it has no profile.toml")
    parse_profile(contents["profile.toml"], f"{source.name}:profile.toml")
    return manifest, contents


def _unpacked(source: Path) -> Iterator[tuple[str, bytes]]:
    """Only plain files with names of ours; whatever else a tar can hold is refused."""
    with tarfile.open(source, mode="r:") as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isreg() and member.size <= MOST_BYTES else None
            if file is None or not (member.name == "manifest.json" or _MEMBER.match(member.name)):
                raise ValueError(f"{member.name!r} has no place in a backup")
            yield member.name, file.read()


def _put_in_place(
    store: Store, manifest: Mapping[str, Any], contents: Mapping[str, bytes], now: datetime
) -> dict[str, Any]:
    fresh = store.folder.with_name(f".{store.name}.restoring")
    rmtree(fresh, ignore_errors=True)
    for name, data in contents.items():
        make_folder((fresh / name).parent)
        replace(fresh / name, data)
    kept = kept_by(fresh)
    if kept is not None and store.clock not in (None, kept):
        rmtree(fresh, ignore_errors=True)
        raise refusal(store.name, kept)
    at = _mark_restored(fresh, manifest, now)
    waiting = waiting_restore(store.folder)
    rmtree(waiting, ignore_errors=True)
    fresh.rename(waiting)
    sync_folder(store.folder.parent)
    if store.folder.exists():
        aside = store.folder.with_name(f"{store.name}.before-{now:%Y%m%dT%H%M%S%fZ}")
        store.folder.rename(aside)
    finish_restore(store.folder)
    sync_folder(store.folder.parent)
    write_mark(store.home, store.name, *at)
    return dict(manifest)


def _mark_restored(fresh: Path, manifest: Mapping[str, Any], now: datetime) -> tuple[int, str]:
    """The entry that forbids spending stands in the journal before the profile stands in its place."""
    make_folder(fresh / "journal")
    for number in sorted((fresh / "journal").glob("*.toml"))[:-1]:
        number.chmod(0o400)
    journal = Journal(fresh / "journal")
    opened = open_ledger(fresh, journal)
    blocking = [finding for finding in opened.findings if finding.blocking]
    if blocking or opened.loaded.position.next_seq - 1 != manifest["last_seq"]:
        rmtree(fresh, ignore_errors=True)
        raise Damaged(
            "the journal in the backup is damaged: {what}", what=blocking[0].message if blocking else "it is cut"
        )
    journal.heal(opened.loaded)
    high = opened.ledger.high_water
    at = now if high is None or now > high else high
    journal.append([{"at": at, "kind": "restored", "from": f"a backup made at {manifest['made_at']}"}])
    position = journal.position
    return (position.next_seq - 1, position.last_hash) if position else (0, GENESIS)


def _members(folder: Path, *, with_vault: bool) -> list[str]:
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    return [name for name in names if _MEMBER.match(name) and (with_vault or name.split("/")[0] not in _SECRET)]


def _not_whole(source: Path, why: str) -> Damaged:
    return Damaged("{path} is not a whole backup: {why}", code="backup_damaged", path=str(source), why=why)


__all__ = ["back_up", "read_backup", "restore"]
