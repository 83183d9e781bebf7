"""What went wrong inside, kept for a report: where and which kind, without values."""

import os
import traceback
from collections.abc import Mapping
from pathlib import Path

from esimctl.store.paths import home_folder
from esimctl.store.replace import make_folder, replace

_KEPT = 10


def record_crash(error: BaseException, environ: Mapping[str, str]) -> str | None:
    """Write the traceback's places (no locals) to crashes/ and return the path; None when even that fails.

    The error's own text is kept with every value of an ESIMCTL_ variable masked.
    """
    try:
        folder = home_folder(environ) / "crashes"
        make_folder(folder)
        lines = [f"{type(error).__module__}.{type(error).__qualname__}: {_masked(str(error), environ)}\n"]
        lines += [f"{each.filename}:{each.lineno} {each.name}\n" for each in traceback.extract_tb(error.__traceback__)]
        path = folder / f"crash-{os.getpid()}-{os.urandom(4).hex()}.txt"
        replace(path, "".join(lines).encode(errors="replace"), directory=False)
        for old in sorted(folder.glob("crash-*.txt"), key=_age)[:-_KEPT]:
            old.unlink(missing_ok=True)
    except (OSError, ValueError):
        return None
    return str(path)


def _masked(text: str, environ: Mapping[str, str]) -> str:
    for name, value in environ.items():
        if name.startswith("ESIMCTL_") and name not in ("ESIMCTL_HOME", "ESIMCTL_PROFILE") and len(value) > 3:
            text = text.replace(value, "[masked]")
    return text[:2000]


def _age(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


__all__ = ["record_crash"]
