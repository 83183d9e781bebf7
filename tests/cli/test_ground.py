"""The folders that a home stands on: ours and open is closed, another's is not read, nothing in them is a trap."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Runner, tree

PLAN = "demo-monthly-20gb"
OTHER = 12345


@pytest.fixture
def home(run: Runner, tmp_path: Path) -> Path:
    """A home with one line."""
    assert run("buy", PLAN, "--name", "phone", "--yes").code == 0
    run("balance")
    return tmp_path / "home"


def open_all(home: Path) -> None:
    """What a umask of 002 or a clone leaves."""
    for folder, _, names in os.walk(home):
        Path(folder).chmod(0o775)
        for name in names:
            (Path(folder) / name).chmod(0o664)


def modes(home: Path) -> set[int]:
    below = [home / "profiles", *(home / "profiles").rglob("*")]
    return {path.lstat().st_mode & 0o077 for path in below}


@pytest.mark.parametrize("words", [("balance",), ("renew", "phone", "--yes"), ("transactions", "list")])
def test_what_is_ours_and_open_is_closed_once(run: Runner, home: Path, words: tuple[str, ...]) -> None:
    open_all(home)
    first = run(*words)
    assert first.code == 0
    assert first.err.count("was open to others: closed") == 1
    assert modes(home) == {0}
    assert "open to others" not in run(*words).err


def test_a_home_of_mode_755_is_nobodys_concern(run: Runner, home: Path) -> None:
    """Its names may be listed, as `mkdir` leaves it; what lies below may not be read."""
    home.chmod(0o755)
    assert "open to others" not in run("balance").err
    assert home.stat().st_mode & 0o777 == 0o755


def test_a_file_system_without_modes_is_read_and_nothing_is_spent(
    run: Runner, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "profiles" / "default").chmod(0o777)
    monkeypatch.setattr("esimctl.store.ground.os.chmod", lambda *_args, **_more: None)
    looked = run("balance", "--json")
    assert looked.code == 0
    assert "stays open to others" in looked.err
    spent = run("renew", "phone", "--yes")
    assert spent.code == 77
    assert "chmod 700" in spent.err


class TestAnotherUsers:
    """For this process the machine says that we are somebody else than who owns the files."""

    @pytest.fixture
    def other(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
        """Be the user with this number, without rights of root."""

        def become(number: int) -> None:
            monkeypatch.setattr("os.geteuid", lambda: number)
            monkeypatch.setattr("os.getegid", lambda: number)
            monkeypatch.setattr("os.getgroups", list)

        return become

    @pytest.mark.parametrize("mode", [0o755, 0o777])
    def test_a_home_of_another_user_is_not_read(
        self, run: Runner, home: Path, other: Callable[[int], None], mode: int
    ) -> None:
        home.chmod(mode)
        before = tree(home)
        other(OTHER)
        for words in (("balance",), ("buy", PLAN, "--yes"), ("check", "--json")):
            ended = run(*words)
            assert ended.code == 77, ended
            assert f"chown -R {OTHER} {home}" in ended.err + ended.out
        told = run("check", "--plugin")
        assert (told.code, told.out.split()[0]) == (3, "UNKNOWN")
        looked = run("doctor", "--json")
        assert looked.code == 20
        (found,) = [row for row in looked.json["checks"] if not row["ok"]]
        assert (found["name"], "another user" in found["detail"]) == ("home", True)
        assert tree(home) == before

    @pytest.mark.usefixtures("home")
    def test_a_profile_that_another_put_there_is_not_read(
        self, run: Runner, other: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ours = os.stat

        def stat(path: Path, **more: bool) -> os.stat_result:
            found = ours(path, **more)
            return os.stat_result((*found[:4], 99 if Path(path).name == "default" else OTHER, *found[5:]))

        other(OTHER)
        monkeypatch.setattr("esimctl.store.ground.os.stat", stat)
        assert run("balance").code == 77

    @pytest.mark.parametrize(
        ("owner", "mode", "mine", "code"),
        [
            (0, 0o755, OTHER, 0),
            (0, 0o757, OTHER, 77),
            (0, 0o775, OTHER, 77),
            (0, 0o755, 0, 77),
            (99, 0o755, OTHER, 77),
        ],
    )
    def test_roots_home_with_profiles_of_ours_is_a_volume(
        self, run: Runner, home: Path, monkeypatch: pytest.MonkeyPatch, other: Callable[[int], None],
        owner: int, mode: int, mine: int, code: int,
    ) -> None:  # fmt: skip
        ours = os.stat
        home.chmod(mode)

        def stat(path: Path, **more: bool) -> os.stat_result:
            found = ours(path, **more)
            return os.stat_result((*found[:4], owner if Path(path) == home else mine, *found[5:]))

        other(OTHER)
        monkeypatch.setattr("esimctl.store.ground.os.stat", stat)
        assert run("balance", "--json", "--cached").code == code

    def test_root_may_read_and_not_spend(self, run: Runner, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        if os.getuid() == 0:
            for path in (home, *home.rglob("*")):
                os.chown(path, OTHER, OTHER)
        monkeypatch.setattr("os.geteuid", lambda: 0)
        assert run("balance", "--json").code == 0
        assert run("renew", "phone", "--yes").code == 77


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_folder(path: Path) -> None:
    path.mkdir()


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path.relative_to(Path.cwd())))


TRAPS = (a_pipe, a_device, a_folder, a_socket)
FILES = (
    "active-profile",
    "profiles/default/profile.toml",
    "profiles/default/journal/000001.toml",
    "profiles/default/index.sqlite",
    "profiles/default/state.toml",
    "profiles/default/seed",
    "profiles/default/lock",
    "profiles/default/clock",
)


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("name", FILES)
def test_no_file_of_ours_is_a_trap(
    run: Runner, home: Path, monkeypatch: pytest.MonkeyPatch, name: str, trap: Callable[[Path], None]
) -> None:
    """A pipe that nobody writes into, a device without an end: one sentence and a code, or as if it was missing."""
    monkeypatch.chdir(home)
    (home / name).unlink(missing_ok=True)
    trap(home / name)
    for words in (("balance", "--json"), ("check",), ("renew", "phone", "--yes"), ("doctor",)):
        ended = run(*words)
        assert ended.code in {0, 6, 20, 77, 78}, (words, ended)
        assert len(ended.err.splitlines()) <= 4, ended.err


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (("balance",), {"ESIMCTL_HOME": "~nobodyx/a"}),
        (("simulate", "~nobodyx/x.toml"), {}),
        (("lines", "qr", "phone", "--svg", "~nobodyx/x.svg"), {}),
        (("usage", "import", "phone", "~nobodyx/x"), {}),
    ],
)
def test_a_home_of_nobody_is_one_sentence(
    run: Runner, home: Path, words: tuple[str, ...], more: dict[str, str]
) -> None:
    ended = run(*words, env=more)
    assert ended.code == 2
    assert "there is no such home folder" in ended.err


def test_no_home_and_no_account(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs with a number for a user."""

    def nobody(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr("pwd.getpwuid", nobody)
    for name in ("HOME", "ESIMCTL_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    ended = run("balance")
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 2
    assert "ESIMCTL_HOME" in ended.err
