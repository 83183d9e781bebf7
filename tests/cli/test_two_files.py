"""A command that changes several files, stopped in the middle, said again, and met by a full disk."""

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW, Outcome, Runner

ADD = ("lines", "add", "fam", "--provider", "manual", "--carrier", "smart", "--data", "2GB", "--days", "30", "--price",
       "3USD", "--msisdn", "85512345678", "--note", "granny")  # fmt: skip
SIM = (
    "lines",
    "add",
    "sim",
    "--provider",
    "manual",
    "--carrier",
    "smart",
    "--plan",
    "smart-laor-7d",
    "--price",
    "2USD",
)
TOPUP = ("topup", "sim", "--plan", "smart-laor-7d", "--paid", "R-17", "--price", "2USD", "--yes")
CASH = ("topup", "sim", "--amount", "5USD", "--paid", "cash", "--yes")
BUY = ("buy", "smart-laor-7d", "--provider", "sandbox", "--name", "phone", "--yes")
KEY = "client_id=the-id\nclient_secret=the-secret-of-mine\n"
ENDED, KILLED = 0, 137


def killed(words: tuple[str, ...], call: str, at: int, given: str = "") -> bool:
    """Say it in a child that dies at its `at`-th call of that name; whether it died there."""
    child = os.fork()
    if child == 0:
        try:
            os.environ["ESIMCTL_NOW"] = NOW
            _die_at(call, at)
            reading, writing = os.pipe()
            os.write(writing, given.encode())
            os.close(writing)
            os.dup2(reading, 0)
            sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
            sys.stdout = sys.stderr = io.StringIO()
            from esimctl.main import main

            main(list(words))
        finally:
            os._exit(ENDED)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


def _die_at(call: str, at: int) -> None:
    real: Callable[..., Any] = getattr(os, call)
    left = [at]

    def dying(*words: Any, **more: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            os._exit(KILLED)
        return real(*words, **more)

    setattr(os, call, dying)


def stops(words: tuple[str, ...], call: str, prepare: Callable[[], object], given: str = "") -> Iterator[int]:
    """One stop after the other, each in a home made anew, until the command comes to its end."""
    at = 1
    while prepare() or killed(words, call, at, given):
        yield at
        at += 1
    assert at > 1, "it was never stopped"


@pytest.fixture(autouse=True)
def on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A vendor beside a rehearsal clock is one of ours."""
    monkeypatch.setenv("ESIMCTL_AIRALO_BASE_URL", "http://127.0.0.1:9")


@pytest.fixture
def anew(home: Path, run: Runner) -> Callable[..., Callable[[], None]]:
    """Makes a home anew by these commands; the first time they run, afterwards a copy is taken."""
    import shutil

    def made_by(*commands: tuple[str, ...], given: str = "") -> Callable[[], None]:
        kept = home.with_name("kept")

        def make() -> None:
            if kept.exists():
                shutil.rmtree(home)
                shutil.copytree(kept, home, symlinks=True)
                return
            for words in commands:
                done = run(*words, given=given) if "--key-stdin" in words else run(*words)
                assert done.code == 0, done
            shutil.copytree(home, kept, symlinks=True)

        return make

    return made_by


def orders(run: Runner) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = run("transactions", "list", "--json").json["transactions"]
    return [row for row in rows if row["state"] != "cancelled"]


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.name.endswith(".tmp") or path.name == "unfinished.toml"]


@pytest.mark.parametrize("call", ["rename", "unlink"])
def test_a_line_that_was_stopped_while_it_was_added_is_added_once(
    run: Runner, home: Path, anew: Callable[..., Callable[[], None]], call: str
) -> None:
    """At whichever point: said again it is there with all that was said, and paid once."""
    for _at in stops(ADD, call, anew(BUY)):
        again = run(*ADD)
        assert again.code in (0, 2), again
        line = run("lines", "show", "fam", "--json").json["line"]
        assert (line["carrier"], line["note"], line["plan"]) == ("smart", "granny", "manual/own")
        assert [row["paid"] for row in orders(run) if row["line"] == "fam"] == [{"amount": "3.00", "currency": "USD"}]
        assert leftovers(home) == []


def test_whoever_comes_next_finishes_what_was_stopped(
    run: Runner, home: Path, anew: Callable[..., Callable[[], None]]
) -> None:
    """Not only the same command: another one finds all of the line or nothing of it, and leaves nothing lying."""
    met = set()
    for _at in stops(ADD, "rename", anew(BUY)):
        assert run("reconcile").code == 0
        notes = [line["note"] for line in run("lines", "list", "--json").json["lines"] if line["line"] == "fam"]
        paid = [row for row in orders(run) if row["line"] == "fam"]
        assert (notes, len(paid)) in ((["granny"], 1), ([], 0))
        assert leftovers(home) == []
        met.add(len(paid))
    assert met == {0, 1}


def test_what_a_person_typed_into_the_settings_meanwhile_stays(
    run: Runner, home: Path, anew: Callable[..., Callable[[], None]]
) -> None:
    """A stop, an editor, the next command: both words hold, and the editor's are still the editor's."""
    profile = home / "profiles" / "default" / "profile.toml"
    both = 0
    for _at in stops(ADD, "rename", anew(BUY)):
        profile.write_text("# mine\n" + profile.read_text().replace("[settings]", '[settings]\nlanguage = "en"'))
        run("lines", "list")
        text = profile.read_text()
        assert "# mine" in text
        assert 'language = "en"' in text
        both += "granny" in text
        assert leftovers(home) == []
    assert both, "nowhere was there something to finish"


def test_a_removed_provider_takes_its_key_along_whatever_stops_it(
    run: Runner, home: Path, anew: Callable[..., Callable[[], None]]
) -> None:
    """Said again it ends well, and no key stays behind."""
    key = home / "credentials" / "default" / "airalo"
    remove = ("providers", "remove", "airalo")
    made = anew(("providers", "add", "airalo"), ("providers", "login", "airalo", "--key-stdin"), given=KEY)
    for call in ("rename", "unlink", "fsync"):
        for _at in stops(remove, call, made):
            had = "airalo" in [row["name"] for row in run("providers", "list", "--json").json["providers"]]
            assert had or not key.exists(), "the secret goes first"
            made_again = run(*remove)
            assert made_again.code == (0 if had else made_again.code)
            assert not key.exists()
            assert leftovers(home) == []


def test_a_key_that_was_stopped_on_its_way_lies_nowhere(
    run: Runner, home: Path, anew: Callable[..., Callable[[], None]]
) -> None:
    login = ("providers", "login", "airalo", "--key-stdin")
    for _at in stops(login, "rename", anew(("providers", "add", "airalo")), given=KEY):
        assert run("lines", "list").code == 0
        assert [path for path in home.rglob(".*") if b"secret-of-mine" in path.read_bytes()] == []
        assert run(*login, given=KEY).code == 0


@pytest.mark.parametrize("words", [TOPUP, CASH])
def test_a_purchase_by_hand_that_was_stopped_is_booked_once(
    run: Runner, anew: Callable[..., Callable[[], None]], words: tuple[str, ...]
) -> None:
    """The same words again finish it; a second booking is never made of it."""
    for at in stops(words, "fsync", anew(SIM)):
        again = run(*words, "--json")
        assert again.code == 0, (at, again)
        (order,) = [row for row in orders(run) if row["kind"] == "topup"]
        assert (order["state"], order["id"]) == ("settled", again.json["order"]["id"])


def test_the_same_cash_twice_is_asked_about_where_another_command_has_finished_it(
    run: Runner, anew: Callable[..., Callable[[], None]]
) -> None:
    """`reconcile` has booked it: the repetition is 2 without a terminal, and --again says that it is meant."""
    anew(SIM)()
    assert killed(CASH, "fsync", 2), "attempted, and no more"
    assert run("reconcile").code == 0
    again = run(*CASH, "--json")
    assert (again.code, again.json["error"]["code"]) == (2, "finished_already")
    assert "--again" in again.json["error"]["hint"]
    assert len([row for row in orders(run) if row["kind"] == "topup"]) == 1
    assert run(*CASH, "--again").code == 0
    assert run(*CASH, "--again").code == 0, "and what ended well was never in question"
    assert len([row for row in orders(run) if row["kind"] == "topup"]) == 3


def test_a_killed_export_is_swept_by_the_next_one_there(run: Runner, tmp_path: Path) -> None:
    """Only what is ours: what a synced folder or another program has lying there stays."""
    run(*BUY)
    place = tmp_path / "mine"
    place.mkdir()
    foreign = [".syncthing.all.csv.tmp", ".all.csv.tmp", ".all.csv.12-0123456789ab.tmp"]
    for name in foreign:
        (place / name).write_text("not ours")
    export = ("transactions", "export", "--format", "csv", "--to", str(place / "all.csv"))
    assert killed(export, "rename", 1)
    assert len(list(place.iterdir())) == 4
    assert run("lines", "qr", "phone", "--svg", str(place / "phone.svg")).code == 0
    assert sorted(path.name for path in place.iterdir()) == sorted([*foreign, "phone.svg"])


@pytest.mark.parametrize("target", [".", "", "/", "~", ".."])
def test_what_can_be_no_file_is_2_and_one_sentence(run: Runner, tmp_path: Path, target: str) -> None:
    run(*BUY)
    for words in (
        ("transactions", "export", "--format", "csv", "--to"),
        ("report", "--format", "html", "--to"),
        ("lines", "qr", "phone", "--png"),
        ("lines", "qr", "phone", "--svg"),
        ("usage", "history", "phone", "--svg"),
        ("profile", "backup"),
    ):
        refused = run(*words, target)
        assert refused.code == 2, (words, refused)
        assert refused.err.count("\n") == 2, refused.err
        assert refused.out == ""
    assert leftovers(tmp_path) == []


class Disk:
    """A disk that is full from the `at`-th write or fsync on; the error names no file, as the system's does not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
        self.calls = 0
        for name in ("write", "fsync"):
            monkeypatch.setattr(os, name, self._failing(getattr(os, name), at))

    def _failing(self, real: Callable[..., Any], at: int) -> Callable[..., Any]:
        def failing(fd: int, *words: Any) -> Any:
            if fd > 2:
                self.calls += 1
                if self.calls >= at:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(fd, *words)

        return failing


FULL: tuple[tuple[str, ...], ...] = (
    ADD,
    ("lines", "rename", "phone", "fon"),
    ("payments", "add", "purse", "--kind", "cash"),
    ("autotopup", "set", "phone", "--below", "5GB", "--plan", "demo-topup-2gb", "--max-price", "2USD",
     "--max-per-month", "10USD"),
    ("policy", "set", "smart", "rollover", "mode=none", "--source", "the hotline"),
    ("profile", "create", "second"),
)  # fmt: skip


@pytest.mark.parametrize("words", FULL, ids=lambda words: "-".join(words[:2]))
def test_a_full_disk_is_74_with_what_was_done(
    run: Runner, home: Path, anew: Callable[..., Callable[[], None]], words: tuple[str, ...]
) -> None:
    """At whichever write: 74, in the words of the person, and the same command does it once there is room."""
    make = anew(BUY)
    codes = []  # every third write is enough here; the harness fails them all
    for at in range(2, 60, 3):
        make()
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(patch, at)
            full = run(*words, "--json")
        codes.append(full.code)
        if disk.calls < at:
            break
        if full.code:
            said = full.json["error"]
            assert (full.code, said["code"] in ("disk_full", "unfinished", "journal_not_written")) == (74, True), full
            assert "sent" not in said["message"]
        again = run(*words)
        assert again.code in (0, 2), again
        assert run(*words).code in (0, 2)
        assert len([row for row in orders(run) if row["line"] == "fam"]) == (1 if words == ADD else 0)
        assert leftovers(home) == []
    assert codes[-1] == 0
    assert 74 in codes


def test_a_purchase_that_a_full_disk_stopped_is_answered_by_the_same_words(
    run: Runner, home: Path, anew: Callable[..., Callable[[], None]]
) -> None:
    """Booked, but the line did not get into the profile: what comes next puts it there, and nothing is bought again."""
    make = anew(BUY)
    words = ("buy", "smart-laor-7d", "--name", "new", "--paid", "R-17", "--price", "2USD", "--yes", "--json")
    codes = set()
    for at in range(2, 80):
        make()
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(patch, at)
            full = run(*words)
        if disk.calls < at:
            break
        codes.add(full.code)
        again = run(*words)
        assert again.code == 0, (at, full, again)
        assert len([row for row in orders(run) if row["line"] == "new"]) == 1
        assert leftovers(home) == []
    assert 4 in codes


def test_a_full_disk_among_the_rows_of_a_file_leaves_the_rest_untried(
    run: Runner, tmp_path: Path, anew: Callable[..., Callable[[], None]]
) -> None:
    rows = "name,carrier,data,days,price\none,smart,1GB,7,1USD\ntwo,smart,1GB,7,1USD\nthree,smart,1GB,7,1USD\n"
    (tmp_path / "rows.csv").write_text(rows)
    words = ("lines", "import", str(tmp_path / "rows.csv"), "--provider", "manual", "--json")
    anew(BUY)()
    with pytest.MonkeyPatch.context() as patch:
        Disk(patch, 20)
        full = run(*words)
    told = full.json
    assert (full.code, told["ok"]) == (74, False)
    assert told["not_tried"] >= 1
    assert told["failed"] == 1
    assert run(*words).code == 0
    assert [row["paid"]["amount"] for row in orders(run) if row["provider"] == "manual"] == ["1.00"] * 3


@pytest.mark.parametrize(
    "text",
    ["", "form = 1", "\x00", 'form = 1\nasked = ""\nanswer = "{}"\n[[file]]\nin = "profile"\nname = "../../x"\n',
     'form = 1\nasked = ""\nanswer = "{}"\n[[file]]\nin = "elsewhere"\nname = "x"\ntemporary = ".x.tmp"\n'],
)  # fmt: skip
def test_a_promise_that_is_none_of_ours_touches_nothing(run: Runner, home: Path, text: str) -> None:
    """Somebody else wrote it, or it names what we never keep: it goes, and nothing else does."""
    run(*BUY)
    (home / "x").write_text("kept")
    left = home / "profiles" / "default" / "unfinished.toml"
    left.write_text(text)
    left.chmod(0o600)
    listed: Outcome = run("lines", "list", "--json")
    assert [line["line"] for line in listed.json["lines"]] == ["phone"]
    assert (home / "x").read_text() == "kept"
    assert not left.exists()
