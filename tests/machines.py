"""Machines that buy at one seller on loopback, and what carries a profile between them."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from esimctl.store.index import forget
from tests.conftest import Outcome, Runner
from tests.providers.fakes.run import Shop
from tests.vendors.accounts import CREDENTIALS, address
from tests.vendors.esim_access_shelf import esim_access
from tests.vendors.wire import Served, serving

MARK = "?" * 32  #: how the marks are called among what else a machine keeps to itself
PACK, TOPUP = "esim-access/CKH002", "esim-access/TOPUP_CKH002"


class Machine(Shop):
    """A machine with a home and a state folder of its own."""

    def __init__(self, run: Runner, served: Served, place: Path) -> None:
        self.home, self.state = place / "home", place / "state"
        environ = {
            "HOME": str(place), "ESIMCTL_HOME": str(self.home), "XDG_STATE_HOME": str(self.state),
            **CREDENTIALS, address("esim-access"): served.url,
        }  # fmt: skip
        super().__init__(run, served, "esim-access", environ)

    @property
    def profile(self) -> Path:
        return self.home / "profiles" / "default"

    @property
    def journal(self) -> Path:
        return self.profile / "journal" / "000001.toml"

    def begin(self) -> "Machine":
        """An account, and a line that was bought."""
        self.open()
        assert self("buy", PACK, "--name", "phone", "--yes").code == 0
        return self

    def topup(self, request: str) -> Outcome:
        """A purchase of real money."""
        return self("topup", "phone", "--plan", TOPUP, "--yes", "--json", "--request-id", request)

    def carry(self, other: Path, *names: str) -> None:
        """What a program that carries folders does: these files of another profile stand where ours were."""
        for name in names or ("journal", "profile.toml", "vault", "seed"):
            copied(other / name, self.profile / name)
        forget(self.profile)

    def checks(self) -> dict[str, dict[str, Any]]:
        """The rows of `doctor` by name."""
        return checks(self)

    def marks(self) -> list[Path]:
        """The high-water marks of this machine."""
        return sorted((self.state / "esimctl").glob(MARK))


def checks(run: Callable[..., Outcome]) -> dict[str, dict[str, Any]]:
    """The rows of `doctor` by name."""
    return {row["name"]: row for row in run("doctor", "--json").json["checks"]}


def copied(source: Path, target: Path) -> Path:
    """`target` becomes a copy of `source`, whatever stood there."""
    if target.is_dir():
        shutil.rmtree(target)
    if source.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copytree(source, target, symlinks=True)
    elif source.exists():
        shutil.copy2(source, target)
    return target


@contextmanager
def seller() -> Iterator[Served]:
    """One seller for all machines."""
    with TemporaryDirectory() as books, serving(esim_access(Path(books), credit=100_000)) as served:
        yield served


__all__ = ["MARK", "PACK", "TOPUP", "Machine", "copied", "seller"]
