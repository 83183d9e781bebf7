"""What came along with a backup or a copy runs nothing and talks to nobody before `providers trust`."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from shutil import copytree

import pytest

from tests.conftest import Runner

PLAN = "demo-monthly-5gb"
VENDORS = ("esim-access", "airalo", "celitech")


class Stranger(BaseHTTPRequestHandler):
    """Somebody who would like to be asked."""

    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_error(404)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_words: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def stranger() -> Iterator[HTTPServer]:
    """A server on this machine that counts who asks."""
    server = HTTPServer(("127.0.0.1", 0), Stranger)
    server.asked = 0
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def laptop(tmp_path: Path) -> dict[str, str]:
    """Another machine of the same person: its home, its state."""
    return {"HOME": str(tmp_path / "laptop"), "ESIMCTL_HOME": str(tmp_path / "laptop" / "e")}


def reaching(home: Path, kind: str, tmp_path: Path, server: HTTPServer | None = None) -> Path:
    """The profile gets a program to run, and somebody else to ask; where the program leaves its trace."""
    trace = tmp_path / "ran"
    command = f'key_command = ["/bin/sh", "-c", "touch {trace}; echo one; echo two"]'
    address = f'\nbase_url = "http://127.0.0.1:{server.server_port}"' if server else ""
    path = home / "profiles" / "default" / "profile.toml"
    path.write_text(path.read_text().replace(f'kind = "{kind}"', f'kind = "{kind}"\n{command}{address}'))
    return trace


@pytest.mark.parametrize("kind", VENDORS)
def test_a_restored_provider_runs_nothing_and_asks_nobody_before_a_word(
    run: Runner, home: Path, tmp_path: Path, laptop: dict[str, str], stranger: HTTPServer, kind: str
) -> None:
    run("providers", "add", kind, now=None)
    trace = reaching(home, kind, tmp_path, stranger)
    assert run("profile", "backup", str(tmp_path / "b.tar"), now=None).code == 0
    told = run("profile", "restore", str(tmp_path / "b.tar"), "--yes", "--json", now=None, env=laptop)
    assert [(row["provider"], row["key"]) for row in told.json["not_trusted"]] == [
        (kind, "key_command"), (kind, "base_url")]  # fmt: skip
    assert f"esimctl providers trust {kind}" in told.err
    for words in (
        ("plans", "list", "--provider", kind, "--refresh"), ("providers", "check", kind), ("providers", "check"),
        ("doctor", "--providers"), ("reconcile",), ("balance", "--refresh"), ("autotopup", "run"), ("check",),
    ):  # fmt: skip
        ended = run(*words, now=None, env=laptop)
        assert not trace.exists(), words
        assert stranger.asked == 0, words
        assert ended.code != 1
    refused = run("providers", "check", kind, "--json", now=None, env=laptop)
    assert (refused.code, refused.json["error"]["code"]) == (77, "not_trusted")
    assert refused.json["error"]["hint"] == f"esimctl providers trust {kind}"
    shown = run("providers", "list", "--json", now=None, env=laptop).json["providers"]
    held = {row["name"]: [each["value"] for each in row["not_trusted"]] for row in shown}
    assert held["sandbox"] == []
    assert held[kind][1] == f"http://127.0.0.1:{stranger.server_port}"
    assert run("providers", "trust", kind, "--yes", now=None, env=laptop).code == 2, "--yes is no word"
    assert run("providers", "trust", kind, now=None, env=laptop).code == 0
    run("providers", "check", kind, now=None, env=laptop)
    assert trace.exists()
    assert stranger.asked > 0
    assert run("providers", "list", now=None, env=laptop).err == ""


def test_what_was_in_force_here_needs_no_word_when_it_comes_back(run: Runner, home: Path, tmp_path: Path) -> None:
    """One's own backup on one's own machine, twice."""
    run("providers", "add", "esim-access", now=None)
    trace = reaching(home, "esim-access", tmp_path)
    run("profile", "backup", str(tmp_path / "b.tar"), now=None)
    for _ in range(2):
        told = run("profile", "restore", str(tmp_path / "b.tar"), "--yes", "--json", now=None)
        assert (told.code, told.json["not_trusted"]) == (0, [])
        env = {"ESIMCTL_ESIM_ACCESS_BASE_URL": "http://127.0.0.1:9"}
        assert run("providers", "check", "esim-access", now=None, env=env).code == 69
        assert trace.exists()
        trace.unlink()


def test_a_word_is_asked_for_once(run: Runner, home: Path, tmp_path: Path, laptop: dict[str, str]) -> None:
    """Also when the same backup is restored again, and not for what the owner changes by hand."""
    run("providers", "add", "esim-access", now=None)
    reaching(home, "esim-access", tmp_path)
    run("profile", "backup", str(tmp_path / "b.tar"), now=None)
    run("profile", "restore", str(tmp_path / "b.tar"), now=None, env=laptop)
    run("providers", "trust", "esim-access", now=None, env=laptop)
    again = run("profile", "restore", str(tmp_path / "b.tar"), "--yes", "--json", now=None, env=laptop)
    assert again.json["not_trusted"] == []
    assert run("providers", "trust", "esim-access", now=None, env=laptop).err.startswith("nothing of esim-access waits")
    path = Path(laptop["ESIMCTL_HOME"]) / "profiles" / "default" / "profile.toml"
    path.write_text(path.read_text().replace("echo one", "echo mine"))
    assert run("providers", "list", "--json", now=None, env=laptop).json["providers"][1]["not_trusted"] == []


def test_a_hand_edit_of_one_value_is_no_word_for_another(
    run: Runner, home: Path, tmp_path: Path, laptop: dict[str, str], stranger: HTTPServer
) -> None:
    """The owner writes his own command; the address that came along still waits, also under another name."""
    run("providers", "add", "esim-access", now=None)
    reaching(home, "esim-access", tmp_path, stranger)
    run("profile", "backup", str(tmp_path / "b.tar"), now=None)
    run("profile", "restore", str(tmp_path / "b.tar"), now=None, env=laptop)
    path = Path(laptop["ESIMCTL_HOME"]) / "profiles" / "default" / "profile.toml"
    path.write_text(
        path.read_text().replace("echo one", "echo mine").replace("[provider.esim-access]", "[provider.mine]")
    )
    held = run("providers", "list", "--json", now=None, env=laptop).json["providers"][1]
    assert (held["name"], [each["key"] for each in held["not_trusted"]]) == ("mine", ["base_url"])
    assert run("providers", "login", "mine", "--key-stdin", given="a\nb\n", now=None, env=laptop).code == 0
    assert run("providers", "check", "mine", now=None, env=laptop).code == 77
    assert stranger.asked == 0


def test_a_key_file_that_came_along_is_not_written(
    run: Runner, home: Path, tmp_path: Path, laptop: dict[str, str]
) -> None:
    run("providers", "add", "esim-access", now=None)
    path, precious = home / "profiles" / "default" / "profile.toml", tmp_path / "precious"
    precious.write_text("mine")
    precious.chmod(0o600)
    path.write_text(path.read_text().replace('kind = "esim-access"', f'kind = "esim-access"\nkey_file = "{precious}"'))
    run("profile", "backup", str(tmp_path / "b.tar"), now=None)
    run("profile", "restore", str(tmp_path / "b.tar"), now=None, env=laptop)
    assert run("providers", "login", "esim-access", "--key-stdin", given="a\nb\n", now=None, env=laptop).code == 77
    assert precious.read_text() == "mine"


def test_a_profile_that_was_copied_in_waits_for_a_word_with_its_alerts(run: Runner, home: Path, tmp_path: Path) -> None:
    """Nothing that lies in the folder itself says that it was made here."""
    run("providers", "add", "esim-access", now=None)
    trace = reaching(home, "esim-access", tmp_path)
    told = tmp_path / "told"
    assert run("autotopup", "targets", "--add", "beep", "--kind", "command", "--confirm", "touch", now=None,
               given=f"touch {told}\n").code == 0  # fmt: skip
    assert run("providers", "list", now=None).err == ""
    copytree(home / "profiles" / "default", home / "profiles" / "copy")
    assert run("providers", "check", "esim-access", "--profile", "copy", now=None).code == 77
    assert not trace.exists()
    shown = run("autotopup", "targets", "--profile", "copy", now=None)
    assert "esimctl providers trust beep --profile copy" in shown.err
    assert run("autotopup", "targets", "--test", "beep", "--profile", "copy", now=None).code == 2
    assert not told.exists()
    assert run("providers", "trust", "beep", "--profile", "copy", now=None).code == 0
    assert run("autotopup", "targets", "--test", "beep", "--profile", "copy", now=None).code == 0
    assert told.exists()
    assert run("providers", "check", "esim-access", "--profile", "copy", now=None).code == 77
    assert run("providers", "trust", "esim-access", "--profile", "copy", now=None).code == 0
    run(
        "providers",
        "check",
        "esim-access",
        "--profile",
        "copy",
        now=None,
        env={"ESIMCTL_ESIM_ACCESS_BASE_URL": "http://127.0.0.1:9"},
    )
    assert trace.exists()


def test_a_home_of_one_s_own_is_known_from_its_first_write_on(
    run: Runner, home: Path, tmp_path: Path, laptop: dict[str, str]
) -> None:
    """Nobody has a seller there yet; a folder that is copied in afterwards is a stranger's, but for rehearsals."""
    laptop = {**laptop, "XDG_STATE_HOME": str(tmp_path / "laptop" / "state")}
    run("providers", "add", "esim-access", now=None, env=laptop)
    theirs = Path(laptop["ESIMCTL_HOME"])
    trace = reaching(theirs, "esim-access", tmp_path)
    run("profile", "create", "try", "--rehearsal")
    run("payments", "add", "purse", "--kind", "cash", "--profile", "try")
    assert not (tmp_path / "state" / "esimctl" / "trust").exists()
    run("buy", PLAN, "--name", "phone", "--yes", now=None)
    copytree(theirs / "profiles" / "default", home / "profiles" / "copied")
    assert run("providers", "check", "esim-access", "--profile", "copied", now=None).code == 77
    assert not trace.exists()
    assert "esimctl providers trust esim-access --profile copied" in run(
        "providers", "list", "--profile", "copied", now=None
    ).err  # fmt: skip


def test_words_do_not_travel_with_the_home(run: Runner, home: Path, tmp_path: Path, laptop: dict[str, str]) -> None:
    """A word that was given on one machine is none on another, or at another place."""
    run("providers", "add", "esim-access", now=None)
    trace = reaching(home, "esim-access", tmp_path)
    run("profile", "backup", str(tmp_path / "b.tar"), now=None)
    run("profile", "restore", str(tmp_path / "b.tar"), now=None, env=laptop)
    run("providers", "trust", "esim-access", now=None, env=laptop)
    copytree(laptop["ESIMCTL_HOME"], tmp_path / "moved")
    moved = {"HOME": str(tmp_path / "nobody"), "ESIMCTL_HOME": str(tmp_path / "moved")}
    assert run("providers", "check", "esim-access", now=None, env=moved).code == 77
    assert not trace.exists()


def test_a_word_that_cannot_be_kept_is_not_given(
    run: Runner, home: Path, tmp_path: Path, laptop: dict[str, str]
) -> None:
    run("providers", "add", "esim-access", now=None)
    reaching(home, "esim-access", tmp_path)
    run("profile", "backup", str(tmp_path / "b.tar"), now=None)
    (tmp_path / "a-file").write_text("")
    nowhere = laptop | {"XDG_STATE_HOME": str(tmp_path / "a-file")}
    assert run("profile", "restore", str(tmp_path / "b.tar"), now=None, env=nowhere).code == 0
    told = run("providers", "trust", "esim-access", now=None, env=nowhere)
    assert (told.code, "cannot be kept" in told.err) == (77, True)
    assert run("providers", "check", "esim-access", now=None, env=nowhere).code == 77
    relative = laptop | {"XDG_STATE_HOME": "state"}
    assert run("providers", "trust", "esim-access", now=None, env=relative).code == 0, "a relative one is ignored"
    assert (Path(laptop["HOME"]) / ".local" / "state" / "esimctl" / "trust").is_dir()


def test_a_profile_of_an_earlier_version_works_on_and_a_look_notes_nothing(
    run: Runner, home: Path, tmp_path: Path
) -> None:
    """Nothing was ever noted of it: its owner's own edits are used as they are."""
    run("payments", "add", "purse", "--kind", "cash", now=None)
    path = home / "profiles" / "default" / "profile.toml"
    path.write_text(path.read_text() + '\n[provider.esim-access]\nkind = "esim-access"\n')
    trace = reaching(home, "esim-access", tmp_path)
    env = {"ESIMCTL_ESIM_ACCESS_BASE_URL": "http://127.0.0.1:9"}
    assert run("providers", "check", "esim-access", now=None, env=env).code == 69
    assert trace.exists()
    trace.unlink()
    assert not (tmp_path / ".local").exists()


def test_a_backup_on_a_new_laptop_is_a_day_without_stops(
    run: Runner, home: Path, tmp_path: Path, laptop: dict[str, str]
) -> None:
    """A reseller with kept credentials, an eSIM, a counter's SIM: nothing asks for a word, nothing asks twice."""
    run("buy", PLAN, "--name", "phone", "--yes", now=None)
    run("providers", "add", "esim-access", now=None)
    sold = ("--provider", "manual", "--carrier", "smart", "--plan", "smart-laor-7d", "--price", "1.50USD")
    run("lines", "add", "sim", *sold, now=None)
    run("profile", "backup", str(tmp_path / "b.tar"), "--with-vault", now=None)
    copytree(home / "sandbox", tmp_path / "laptop" / "e" / "sandbox")  # the operator is the same one
    (tmp_path / "laptop" / "e").chmod(0o700)
    told = run("profile", "restore", str(tmp_path / "b.tar"), now=None, env=laptop)
    assert (told.code, told.err.count("\n")) == (0, 1)
    assert run("providers", "list", now=None, env=laptop).err == ""
    assert run("lines", "qr", "phone", "--show-code", now=None, env=laptop).code == 0
    assert run("renew", "sim", "--paid", "R1", "--price", "1.50USD", "--yes", now=None, env=laptop).code == 5
    key = {"ESIMCTL_ESIM_ACCESS_ACCESS_CODE": "a", "ESIMCTL_ESIM_ACCESS_SECRET_KEY": "b",
           "ESIMCTL_ESIM_ACCESS_BASE_URL": "http://127.0.0.1:9"}  # fmt: skip
    run("providers", "remove", "esim-access", now=None, env=laptop | key)
    assert run("reconcile", now=None, env=laptop).code == 0
    assert run("topup", "phone", "--amount", "1USD", "--yes", now=None, env=laptop).code == 0
    assert run("renew", "sim", "--paid", "R1", "--price", "1.50USD", "--yes", now=None, env=laptop).code == 0


def test_a_word_for_one_provider_is_none_for_another(
    run: Runner, home: Path, tmp_path: Path, laptop: dict[str, str], stranger: HTTPServer
) -> None:
    """Although both would ask at the same address."""
    for kind in VENDORS[:2]:
        run("providers", "add", kind, now=None)
        reaching(home, kind, tmp_path, stranger)
    run("profile", "backup", str(tmp_path / "b.tar"), now=None)
    run("profile", "restore", str(tmp_path / "b.tar"), now=None, env=laptop)
    assert run("providers", "trust", "airalo", now=None, env=laptop).code == 0
    assert run("providers", "check", "esim-access", now=None, env=laptop).code == 77
    assert stranger.asked == 0
