"""What several files of commands are given: a crontab of their own, a modem, a phone's desk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Outcome, Runner
from tests.providers.fakes.lpac import put_up
from tests.providers.fakes.modem import Radio, radio

#: the SIM that is in the modem
ICCID = "8985502000000000018"

#: `crontab` with a table of the test's own
CRONTAB = """#!/bin/sh
table="$HOME/table"
case "$1" in
  -l) if [ -f "$table" ]; then cat "$table"; else echo "no crontab for me" >&2; exit 1; fi;;
  -r) rm -f "$table";;
  -) cat > "$table";;
esac
"""


@pytest.fixture
def crontab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A crontab of the test's own."""
    program = tmp_path / "bin" / "crontab"
    program.parent.mkdir()
    program.write_text(CRONTAB)
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return tmp_path / "table"


@pytest.fixture
def modem(tmp_path: Path) -> Iterator[Radio]:
    """A ModemManager on a bus of its own."""
    with radio(tmp_path / "bus", ICCID) as made:
        yield made


class Desk:
    """A line with a code, and a stand-in for lpac."""

    def __init__(self, run: Runner, folder: Path) -> None:
        self._run = run
        self.folder = folder
        bought = run("buy", "demo-monthly-20gb", "--name", "phone", "--yes", "--json").json["order"]["activation"]
        self.code, self.iccid = bought["lpa"], bought["iccid"]
        self.program = put_up(folder / "bin")

    def install(self, *words: str, tells: str = "", given: str = "", **env: str) -> Outcome:
        put_up(self.folder / "bin", tells)
        tls = {"SSLKEYLOGFILE": str(self.program.with_name("keys")), "OPENSSL_CONF": "/nowhere"}
        environ = {"ESIMCTL_LPAC": str(self.program), "ESIMCTL_AIRALO_CLIENT_SECRET": "canary-secret", **tls, **env}
        return self._run("lines", "install", "phone", *words, env=environ, given=given)

    @property
    def secret(self) -> str:
        return str(self.code.rpartition("$")[2])


@pytest.fixture
def desk(run: Runner, tmp_path: Path) -> Desk:
    return Desk(run, tmp_path)
