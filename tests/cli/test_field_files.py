"""Files and variables as the field has them: a byte order mark, other encodings, relative folders, no locks."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from tests.cli.test_schedule import installed
from tests.conftest import Runner


def test_a_mark_before_the_profile_is_no_error(run: Runner, tmp_path: Path) -> None:
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    file = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert [row["line"] for row in run("balance", "--json").json["lines"]] == ["phone"]
    assert run("lines", "owner", "phone", "Dara").code == 0
    assert not file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert run("lines", "show", "phone", "--json").json["line"]["owner"] == "Dara"


def test_a_crontab_in_latin_1_stays_as_it_is(run: Runner, crontab: Path) -> None:
    mine = "# Caf\xe9 à 4h\n0 4 * * * /usr/bin/true\n".encode("latin-1")
    crontab.write_bytes(mine)
    installed(run)
    assert crontab.read_bytes().startswith(mine)
    assert run("schedule", "remove", "--using", "cron").code == 0
    assert crontab.read_bytes() == mine


def test_a_first_crontab_under_busybox(run: Runner, crontab: Path) -> None:
    program = crontab.parent / "bin" / "crontab"
    said = "crontab: can't open 'root': No such file or directory"
    program.write_text(program.read_text().replace("no crontab for me", said))
    installed(run)
    assert crontab.read_text().count("autotopup run") == 1


@pytest.mark.parametrize("base", ["data", "./data", "~/data"])
def test_an_xdg_folder_that_is_not_absolute_is_ignored(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base: str
) -> None:
    monkeypatch.delenv("ESIMCTL_HOME")
    monkeypatch.chdir(tmp_path)
    told = run("profile", "path", env={"XDG_DATA_HOME": base}).out
    assert str(tmp_path / ".local" / "share" / "esimctl") in told
    told = run("profile", "path", env={"XDG_DATA_HOME": str(tmp_path / "data")}).out
    assert str(tmp_path / "data" / "esimctl") in told


@pytest.mark.parametrize("code", [errno.EBADF, errno.ENOLCK])
def test_a_file_system_without_locks_is_one_sentence(run: Runner, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")

    def refuse(_descriptor: int, _how: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refuse)
    done = run("topup", "phone", "--plan", "demo-topup-2gb", "--yes")
    assert (done.code, "has no locks" in done.err) == (78, True), done


def test_a_flag_takes_no_value(run: Runner) -> None:
    done = run("buy", "demo-monthly-20gb", "--yes=true", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "takes_no_value")
    assert done.json["error"]["message"] == "option --yes takes no value"
    assert "option --max-price needs a value" in run("buy", "demo-monthly-20gb", "--max-price").err
