"""A profile in one file, and back. What was restored spends nothing before a clean reconcile."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from esimctl.actions.purchase.order_document import instant
from esimctl.actions.result import Result
from esimctl.actions.session import Clock, unknown
from esimctl.store.folder import Store
from esimctl.store.paths import active_profile, check_name, home_folder, profile_names

if TYPE_CHECKING:
    from esimctl.actions.session import Session


def back_up_profile(session: "Session", target: Path | None, *, with_vault: bool, wait: float = 0.0) -> Result:
    """Write the backup to `target`, else to a file in this folder that names the profile and the moment."""
    from esimctl.store.backup import back_up

    store, now = session.store, session.clock.now()
    if not store.exists():
        raise unknown("profile", store.name, profile_names(session.home), "esimctl profile list")
    path = target or Path(f"esimctl-{store.name}-{now:%Y%m%dT%H%M%SZ}.tar")
    with store.locked(wait, "backup"):
        manifest = back_up(store, path, now, with_vault=with_vault)
    data = {
        "name": store.name,
        "path": str(path),
        "made_at": instant(now),
        "entries": manifest["last_seq"],
        "files": len(manifest["files"]),
        "with_vault": with_vault,
    }
    result = Result("backup", data)
    if not with_vault:
        result.note("activation codes are not in it: --with-vault takes them along, and then it must be kept secret")
    return result


def restoring(environ: Mapping[str, str], given: str | None) -> tuple[str, bool]:
    """The profile that a backup would become, and whether there is one of that name."""
    home = home_folder(environ)
    name = check_name(given or environ.get("ESIMCTL_PROFILE") or active_profile(home) or "default")
    return name, Store(home, name).folder.exists()


def restore_profile(environ: Mapping[str, str], given: str | None, source: Path, *, over: bool) -> Result:
    """Put a backup in place; the profile that stood there (with `over`) is kept beside it."""
    from esimctl.store.backup import restore

    name, _ = restoring(environ, given)
    store = Store(home_folder(environ), name)
    clock = Clock(environ)
    clock.check()
    manifest = restore(store.home, name, source, clock.now(), over=over, clock=clock.kind)
    data = {
        "name": name,
        "path": str(store.folder),
        "made_at": instant(datetime.fromisoformat(manifest["made_at"])),
        "entries": manifest["last_seq"],
        "with_vault": manifest["with_vault"],
        "must_reconcile": True,
    }
    result = Result("restore", data)
    result.note("nothing is spent before a clean reconcile: esimctl reconcile --profile {name}", name=name)
    return result


__all__ = ["back_up_profile", "restore_profile", "restoring"]
