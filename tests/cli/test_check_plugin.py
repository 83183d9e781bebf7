"""`check --plugin` on every way out: one line on stdout that begins with a state, and the code of that state."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from esimctl.errors import CredentialsError, Unreachable
from tests.conftest import NOW, Runner

CODES = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}
PLAN = "demo-monthly-20gb"


@pytest.fixture
def profile(run: Runner, tmp_path: Path) -> Path:
    """The folder of a profile with one line."""
    assert run("buy", PLAN, "--name", "phone", "--yes").code == 0
    return tmp_path / "home" / "profiles" / "default"


def told(run: Runner, *words: str, env: dict[str, str] | None = None) -> str:
    """The state, after a look at the form: one line, the state's code, and the same code with the JSON document."""
    found = run("check", *(words or ("--plugin",)), env=env)
    state = found.out.split(" - ")[0]
    assert found.out.count("\n") == 1
    assert found.out.endswith("\n")
    assert found.code == CODES[state], found
    if not any(word.startswith(("-o", "--out", "--json")) for word in words):
        document = run("check", *(words or ("--plugin",)), "--json", env=env)
        assert document.code == found.code
        said = document.json
        assert said["schema"] in {"esimctl.check/1", "esimctl.error/1"}
        if "error" in said:
            assert said["error"]["exit_code"] == found.code
        else:
            assert said["plugin"] == {"state": state, "exit_code": found.code}
    return state


@pytest.mark.parametrize(
    "words",
    [
        ("--plugin", "--nosuch"),
        ("--nosuch", "--plugin"),
        ("--plugin", "--below", "abc"),
        ("--plugin", "--below", "unlimited"),
        ("--plugin", "--below"),
        ("--below", "--plugin"),
        ("--plugin", "--expires-within", "abc"),
        ("--plugin", "--within", "3d"),
        ("--plugin", "--tag", "nobody"),
        ("--plugin", "nobody"),
        ("nobody", "--plugin"),
        ("--plugin=true",),
        ("--plugin", "--color", "pink"),
        ("--plugin", "--profile", "nobody"),
        ("--plugin", "--profile", "../x"),
        ("--plugin", "--below", "1GB", "--below", "2GB"),
        ("--plugin", "--output", "xml"),
        ("--plugin", "\udcff"),
        ("\udcff", "--plugin"),
        ("--plugin", "line\nbreak|pipe"),
    ],
)
@pytest.mark.usefixtures("profile")
def test_wrong_words_are_unknown(run: Runner, words: tuple[str, ...]) -> None:
    assert told(run, *words) == "UNKNOWN"


@pytest.mark.parametrize(
    "env",
    [{"ESIMCTL_NOW": "soon"}, {"ESIMCTL_OUTPUT": "xml"}, {"ESIMCTL_PROFILE": "nobody"}, {"ESIMCTL_HOME": "/dev/null"}],
)
@pytest.mark.usefixtures("profile")
def test_a_wrong_environment_is_unknown(run: Runner, env: dict[str, str]) -> None:
    """Not asked in JSON as well: with ESIMCTL_OUTPUT wrong nobody knows what is wanted."""
    found = run("check", "--plugin", now=None if "ESIMCTL_NOW" in env else NOW, env=env)
    assert (found.code, found.out.split(" - ")[0], found.out.count("\n")) == (3, "UNKNOWN", 1)


def test_a_profile_that_cannot_be_read_is_unknown(run: Runner, profile: Path) -> None:
    file = profile / "profile.toml"
    good = file.read_bytes()
    for bad in (b"", b"x = [\n", good + b"\xff", good.replace(b"schema = 1", b"schema = 99", 1)):
        file.write_bytes(bad)
        assert told(run) == "UNKNOWN"
    file.unlink()
    assert told(run) == "UNKNOWN"


def cut(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes()[:-40])


def shorter(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes()[: len(journal.read_bytes()) // 2])


def changed(journal: Path) -> None:
    data = journal.read_bytes()
    at = data.index(b' USD"')
    journal.write_bytes(data[: at - 1] + bytes([data[at - 1] ^ 1]) + data[at:])


def gone(journal: Path) -> None:
    journal.unlink()


def noise(journal: Path) -> None:
    journal.write_bytes(os.urandom(4096))


def a_folder(journal: Path) -> None:
    journal.unlink()
    journal.mkdir()


def a_link(journal: Path) -> None:
    journal.rename(journal.with_name("elsewhere"))
    journal.symlink_to("elsewhere")


def a_pipe(journal: Path) -> None:
    journal.unlink()
    os.mkfifo(journal)


@pytest.mark.parametrize("harm", [cut, shorter, changed, gone, noise, a_folder, a_link, a_pipe])
def test_books_that_are_not_whole_are_critical(run: Runner, profile: Path, harm: Callable[[Path], None]) -> None:
    """Also those that cannot be opened at all: for people that is exit 6 and one line, for programs a document."""
    harm(profile / "journal" / "000001.toml")
    assert told(run, "--plugin", "--cached") == "CRITICAL", "nothing is written, so that a cut end stays one"
    assert run("check", "--cached").code == 6


def test_a_journal_of_somebody_else_is_critical(run: Runner, profile: Path, tmp_path: Path) -> None:
    """Whole in itself, but not the one whose entries this machine has seen."""
    other = str(tmp_path / "other")
    assert run("buy", "demo-weekly-2gb", "--name", "trip", "--yes", env={"ESIMCTL_HOME": other}).code == 0
    foreign = tmp_path / "other/profiles/default/journal/000001.toml"
    (profile / "journal" / "000001.toml").write_bytes(foreign.read_bytes())
    assert told(run) == "CRITICAL"


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (CredentialsError("the home is another user's"), "UNKNOWN"),
        (Unreachable("nobody answers"), "UNKNOWN"),
        (TimeoutError(110, "Connection timed out"), "UNKNOWN"),
        (OSError(28, "No space left on device", "/somewhere"), "UNKNOWN"),
        (OSError(28, "No space left on device"), "UNKNOWN"),
        (OSError(5, "Input/output error"), "UNKNOWN"),
        (PermissionError(13, "Permission denied", "/somewhere"), "UNKNOWN"),
        (MemoryError(), "UNKNOWN"),
        (RuntimeError("a bug\nof two lines | and a pipe"), "UNKNOWN"),
    ],
)
@pytest.mark.usefixtures("profile")
def test_whatever_fails_has_a_state(
    run: Runner, failure: Exception, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_words: object, **_options: object) -> None:
        raise failure

    monkeypatch.setattr("esimctl.records.check.fresh_balance", fails)
    assert told(run) == state


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.usefixtures("profile")
def test_a_monitor_that_has_waited_too_long(
    run: Runner, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends the plugin by a signal, and hears a state all the same."""

    def waits(*_words: object, **_options: object) -> None:
        os.kill(os.getpid(), number)
        time.sleep(30)

    monkeypatch.setattr("esimctl.records.check.fresh_balance", waits)
    assert told(run) == "UNKNOWN"


@pytest.mark.usefixtures("profile")
def test_an_option_wins_over_the_environment(run: Runner) -> None:
    """A monitor that inherits ESIMCTL_OUTPUT=json still reads a state."""
    env = {"ESIMCTL_OUTPUT": "json"}
    assert run("check", "--plugin", env=env).out.startswith("OK - ")
    assert run("check", "--plugin", "nobody", env=env).out.startswith("UNKNOWN - ")


@pytest.mark.usefixtures("profile")
def test_what_is_no_plugin_keeps_its_codes(run: Runner) -> None:
    """Behind `--` it is a line's name; another command has no such option."""
    assert run("check", "--", "--plugin").code == 2
    assert run("balance", "--plugin").code == 2
    assert run("check", "--plugin", "--help").code == 0
