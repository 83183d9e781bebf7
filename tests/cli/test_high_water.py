"""What was cut, put back, replaced or lost is said by every look, by `check` and by `doctor`, and stops spending."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Runner, tree
from tests.machines import MARK, PACK, Machine, copied, seller

LOOKS = (("balance",), ("balance", "--json"), ("lines", "list"), ("transactions", "list", "--json"), ("report",))


@pytest.fixture
def machine(run: Runner, tmp_path: Path) -> Iterator[Machine]:
    with seller() as served:
        yield Machine(run, served, tmp_path / "a").begin()


def alarmed(machine: Machine, name: str, says: str) -> None:
    """One line in every look, 6 from `check`, CRITICAL for a monitor, a failure of `doctor`, no purchase."""
    for words in (*LOOKS, LOOKS[0]):
        looked = machine(*words)
        assert looked.code == 0, (words, looked)
        assert [line for line in looked.err.splitlines() if says in line], (words, looked.err)
    kept = machine.home.parent / "kept"
    whole = name in ("journal_shorter", "line_without_order")
    for words in (("transactions", "export", "--format", "prometheus"), ("report", "--format", "html")):
        kept.write_bytes(b"as it was")
        left = machine(*words, "--to", str(kept))
        assert (left.code, left.out, kept.read_bytes() == b"as it was") == (0 if whole else 6, "", not whole), left
        assert says in left.err, "a document of books that are shorter than is known has a word beside it"
        assert (machine(*words).code, says in machine(*words).err) == (0 if whole else 6, True)
    checked = machine("check", "--json")
    assert (checked.code, checked.json["ok"]) == (6, False)
    assert name in [row["kind"] for row in checked.json["findings"]]
    assert says in checked.err
    plugin = machine("check", "--plugin")
    assert (plugin.code, plugin.out.split(" ")[0]) == (2, "CRITICAL")
    assert says in plugin.out
    assert machine.checks()[name]["ok"] is False
    sold = len(machine.vendor.charges)
    refused = machine("buy", PACK, "--name", "other", "--yes", "--json")
    assert (refused.code, len(machine.vendor.charges)) == (6, sold), refused
    assert refused.json["error"]["hint"]


def answered(machine: Machine) -> None:
    """Compared with the seller it spends again, and nothing is said any more."""
    compared = machine("reconcile")
    if compared.code == 4:  # this seller lists no top-ups: only its balance tells of one
        assert "differs" in compared.out
        assert machine("check").code == 6, "nothing is answered by a comparison that does not come out"
        compared = machine("reconcile", "--accept", "esim-access")
    assert compared.code in {0, 20}, compared
    assert machine("reconcile", "--acknowledge", "all").code == 0
    assert machine("check").code == 0
    assert machine("balance").err == ""
    assert machine("buy", PACK, "--name", "other", "--yes").code == 0


def lost(machine: Machine) -> None:
    machine.journal.unlink()


def emptied(machine: Machine) -> None:
    machine.journal.write_bytes(b"")


def cut(machine: Machine) -> None:
    os.truncate(machine.journal, machine.journal.stat().st_size - 30)


def shortened(machine: Machine) -> None:
    """The last record is gone as if it had never been."""
    data = machine.journal.read_bytes()
    machine.journal.write_bytes(data[: data.rindex(b"[[tx]]")])


CASES: tuple[tuple[Callable[[Machine], None], str, str], ...] = (
    (lost, "journal_gone", "the journal is gone, although"),
    (emptied, "journal_gone", "the journal is gone, although"),
    (cut, "journal_cut", "the journal was cut within entry"),
    (shortened, "journal_shorter", "an older copy was put back"),
)


@pytest.mark.parametrize(
    ("strike", "name", "says"),
    [
        pytest.param(*case, id=case[0].__name__, marks=[pytest.mark.slow] if case[0] in (emptied, cut) else [])
        for case in CASES
    ],
)
def test_a_journal_that_lacks_what_was_written(
    machine: Machine, strike: Callable[[Machine], None], name: str, says: str
) -> None:
    assert machine("balance").err == ""
    strike(machine)
    alarmed(machine, name, says)
    answered(machine)


@pytest.mark.parametrize("which", [0, -1], ids=["first", "last"])
def test_a_changed_amount(machine: Machine, which: int) -> None:
    assert machine("balance", "--refresh").code == 0
    assert machine.topup("last").code == 0
    data = machine.journal.read_bytes()
    found = list(re.finditer(rb"price_minor = \d+", data))[which]
    machine.journal.write_bytes(data[: found.end() - 1] + b"9" + data[found.end() :])
    for words in LOOKS * 2:
        assert "the journal is damaged" in machine(*words).err, words
    assert machine("transactions", "export", "--format", "csv").code == 6
    assert machine("check").code == 6
    assert machine("check", "--plugin").out.startswith("CRITICAL - ")
    assert machine.checks()["frames"]["ok"] is False
    assert machine("buy", PACK, "--name", "other", "--yes").code == 6


def test_a_backup_of_the_whole_home_that_is_brought_back(machine: Machine, tmp_path: Path) -> None:
    """The mark did not travel with the home."""
    copied(machine.home, tmp_path / "backup")
    assert machine.topup("tuesday").code == 0
    copied(tmp_path / "backup", machine.home)
    alarmed(machine, "journal_shorter", "an older copy was put back")
    assert len(machine.vendor.charges) == 2
    answered(machine)


def test_the_journal_of_one_machine_with_the_profile_of_the_other(
    machine: Machine, run: Runner, tmp_path: Path
) -> None:
    other = Machine(run, machine.served, tmp_path / "b")
    copied(machine.home, other.home)
    assert other("buy", PACK, "--name", "theirs", "--yes").code == 0
    assert machine("buy", PACK, "--name", "mine", "--yes").code == 0
    machine.carry(other.profile, "profile.toml", "vault")
    alarmed(machine, "line_without_order", "line theirs was bought with order")
    machine.carry(other.profile, "journal")
    alarmed(machine, "journal_replaced", "is not the one that was written")


def test_a_profile_that_is_gone_begins_anew_by_a_person_s_word_alone(machine: Machine) -> None:
    (machine.home / "profiles").rename(machine.home / "elsewhere")
    for words in LOOKS[:2]:
        assert "the profile is gone, although" in machine(*words).err, words
    assert machine("check").code == 6
    assert machine("autotopup", "run").code == 6
    assert machine.checks()["profile_vanished"]["ok"] is False
    for words in (("buy", "demo-rise-30d", "--yes"), ("profile", "create", "default"), ("reconcile",)):
        refused = machine(*words)
        assert refused.code == 6, (words, refused)
        assert "esimctl profile create default --anew" in refused.err
    assert len(machine.vendor.charges) == 1
    assert machine("profile", "create", "default", "--anew").code == 0
    assert machine.open()("buy", PACK, "--name", "phone", "--yes").code == 0
    assert machine("check").code == 0


def test_a_journal_that_is_gone_begins_anew_and_what_is_left_is_kept(machine: Machine) -> None:
    machine.journal.unlink()
    begun = machine("profile", "create", "default", "--anew")
    assert begun.code == 0, begun
    (aside,) = [path.name for path in (machine.home / "profiles").iterdir() if path.name != "default"]
    assert aside in begun.err
    assert (machine.home / "profiles" / aside / "paused").exists()
    assert machine("lines", "qr", "phone", "--show-code", "--profile", aside).code == 0
    assert (machine("check").code, machine("lines", "list").out) == (0, "")


def test_a_profile_whose_journal_is_there_is_not_begun_anew(machine: Machine) -> None:
    assert machine("profile", "create", "default", "--anew").code == 2
    assert machine("balance").out.startswith("phone")


def test_a_person_s_word_is_enough_where_the_seller_cannot_be_asked(machine: Machine) -> None:
    before = machine.journal.read_bytes()
    assert machine.topup("lost").code == 0
    machine.journal.write_bytes(before)
    nobody = {"ESIMCTL_ESIM_ACCESS_BASE_URL": "http://127.0.0.1:1"}
    refused = machine("reconcile", env=nobody)
    assert refused.code == 6, refused
    assert "--acknowledge journal" in refused.err
    assert machine("check").code == 6
    machine("reconcile", "--acknowledge", "journal", env=nobody)
    assert machine("check").code == 0
    assert machine.topup("next").code == 0


def test_a_run_tells_it_once_a_day_and_orders_nothing(machine: Machine) -> None:
    rule = ("autotopup", "set", "phone", "--below", "4GB", "--plan", "esim-access/TOPUP_CKH002")
    assert machine(*rule, "--max-price", "2USD", "--max-per-month", "6USD").code == 0
    assert machine("autotopup", "enable", "phone", "--confirm", "6USD").code == 0
    shortened(machine)
    before, sold = machine.journal.read_bytes(), len(machine.vendor.charges)
    told = [machine("autotopup", "run") for _ in range(3)]
    assert [each.code for each in told] == [6, 6, 6]
    assert ["an older copy was put back" in each.err for each in told] == [True, False, False]
    assert "an older copy was put back" in machine("autotopup", "run", "--dry-run").err
    assert (machine.journal.read_bytes(), len(machine.vendor.charges)) == (before, sold)


def test_play_money_and_rehearsals_leave_no_mark(run: Runner, tmp_path: Path) -> None:
    state = tmp_path / "state" / "esimctl"
    assert run("buy", "demo-monthly-20gb", "--name", "a", "--yes", now=None).code == 0
    assert run("balance", now=None).code == 0
    assert not list(state.glob(MARK))
    added = ("--provider", "manual", "--carrier", "smart", "--data", "2GB", "--days", "30", "--price", "3USD")
    assert run("profile", "create", "try", "--rehearsal").code == 0
    assert run("lines", "add", "fam", *added, "--profile", "try").code == 0
    assert not list(state.glob(MARK))
    assert run("lines", "add", "fam", *added, now=None).code == 0
    assert len(list(state.glob(MARK))) == 1


def test_a_journal_of_play_money_that_is_gone_is_said_by_its_lines(run: Runner, tmp_path: Path) -> None:
    assert run("buy", "demo-monthly-20gb", "--name", "a", "--yes", now=None).code == 0
    (tmp_path / "home" / "profiles" / "default" / "journal" / "000001.toml").unlink()
    assert "the journal is gone, although line a was bought" in run("balance", now=None).err
    assert run("check", now=None).code == 6
    assert run("buy", "demo-monthly-20gb", "--name", "b", "--yes", now=None).code == 6
    assert run("reconcile", now=None).code in {0, 20}
    assert run("buy", "demo-monthly-20gb", "--name", "b", "--yes", now=None).code == 0


def test_a_cut_of_play_money_is_said_and_the_next_command_sets_it_aside(run: Runner, tmp_path: Path) -> None:
    assert run("buy", "demo-monthly-20gb", "--name", "a", "--yes", now=None).code == 0
    journal = tmp_path / "home" / "profiles" / "default" / "journal" / "000001.toml"
    os.truncate(journal, journal.stat().st_size - 30)
    assert "as if cut" in run("balance", "--cached", now=None).err
    assert run("check", "--cached", now=None).code == 6
    assert run("buy", "demo-monthly-20gb", "--name", "b", "--yes", now=None).code == 0
    assert "as if cut" not in run("check", now=None).out


def test_the_mark_is_one_for_each_real_path_and_closed_to_others(machine: Machine, tmp_path: Path) -> None:
    (mark,) = machine.marks()
    assert mark.stat().st_mode & 0o777 == 0o600
    assert mark.parent.stat().st_mode & 0o777 == 0o700
    (tmp_path / "link").symlink_to(machine.home)
    assert machine("balance", env={"ESIMCTL_HOME": str(tmp_path / "link")}).code == 0
    assert machine.topup("through-the-link").code == 0
    assert machine.marks() == [mark]


def test_a_relative_state_folder_is_ignored(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert machine("balance", env={"XDG_STATE_HOME": "state"}).code == 0
    assert not (tmp_path / "state").exists()
    assert len(list((tmp_path / "a" / ".local" / "state" / "esimctl").glob(MARK))) == 1


def test_a_mark_in_the_home_is_read_once_and_goes(machine: Machine) -> None:
    (mark,) = machine.marks()
    _, seq, digest = mark.read_text().splitlines()[0].split()
    old = machine.home / "high-water" / "default"
    for known, said in ((f"{seq} {digest}\n", ""), (f"{int(seq) + 2:018d} {digest}\n", "an older copy was put back")):
        mark.unlink()
        old.parent.mkdir()
        old.write_text(known)
        looked = machine("balance")
        assert said in looked.err
        assert bool(looked.err) == bool(said)
        if not said:
            assert not old.parent.exists()
            assert machine.marks() == [mark]
    assert machine("reconcile").code == 0
    assert machine("check").code == 0
    assert not old.parent.exists()


def test_an_unchanged_balance_looks_at_the_mark_once_and_at_nothing_else_that_is_new(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine("balance", "--json")
    (mark,) = machine.marks()
    seen: list[str] = []
    for name in ("lstat", "stat", "open", "readlink"):
        real = getattr(os, name)

        def counted(path, *args, real=real, name=name, **more):
            seen.append(f"{name} {path}")
            return real(path, *args, **more)

        monkeypatch.setattr(os, name, counted)
    assert machine("balance", "--json").code == 0
    assert [call for call in seen if str(machine.state) in call] == [f"lstat {mark}"]
    assert not [call for call in seen if "journal/" in call and not call.startswith("lstat")]


def test_a_look_moves_the_mark_up_and_a_dry_run_does_not(machine: Machine, run: Runner, tmp_path: Path) -> None:
    other = Machine(run, machine.served, tmp_path / "b")
    copied(machine.home, other.home)
    assert other.topup("there").code == 0
    machine.carry(other.profile)
    before = tree(machine.state)
    assert machine("topup", "phone", "--plan", "esim-access/TOPUP_CKH002", "--dry-run").code == 0
    assert tree(machine.state) == before
    assert machine("balance", "--cached").err == ""
    assert tree(machine.state) != before
    shortened(machine)
    assert "an older copy was put back" in machine("balance", "--cached").err


@pytest.mark.parametrize(
    "what", ["fifo", "garbage", *(pytest.param(what, marks=pytest.mark.slow) for what in ("link", "folder"))]
)
def test_a_mark_that_is_no_file_of_ours_holds_nobody_up(machine: Machine, what: str) -> None:
    (mark,) = machine.marks()
    mark.unlink()
    if what == "fifo":
        os.mkfifo(mark)
    elif what == "link":
        mark.symlink_to("/dev/zero")
    elif what == "folder":
        mark.mkdir()
    else:
        mark.write_bytes(b"\xff" * 100_000)
    assert machine.topup("on").code == 0
    assert machine("balance").err == ""
    assert machine.checks()["mark"]["status"] == ("ok" if what == "garbage" else "warn")


# -- honest days


def test_a_backup_restored_on_a_new_laptop(machine: Machine, run: Runner, tmp_path: Path) -> None:
    """One comparison, and it spends; nothing is asked twice."""
    assert machine("profile", "backup", str(tmp_path / "b.tar"), "--with-vault").code == 0
    laptop = Machine(run, machine.served, tmp_path / "laptop")
    assert laptop("profile", "restore", str(tmp_path / "b.tar")).code == 0
    assert "not compared with its providers" in laptop("balance").err
    assert laptop("reconcile").code == 0
    assert laptop("balance").err == ""
    assert laptop("check").code == 0
    assert laptop.topup("laptop").code == 0
    assert len(laptop.marks()) == 1


def test_a_home_copied_to_a_new_laptop(machine: Machine, run: Runner, tmp_path: Path) -> None:
    laptop = Machine(run, machine.served, tmp_path / "laptop")
    copied(machine.home, laptop.home)
    assert laptop.checks()["mark"]["detail"].startswith("seen here for the first time")
    assert laptop.checks()["mark"]["detail"].startswith("entry ")
    assert (laptop("balance").err, laptop("check").code) == ("", 0)
    assert laptop.topup("laptop").code == 0


def test_a_folder_that_is_synced_on_purpose(machine: Machine, run: Runner, tmp_path: Path) -> None:
    """Two machines that write in turn: never a word."""
    other = Machine(run, machine.served, tmp_path / "b")
    copied(machine.home, other.home)
    pair = [machine, other]
    for turn in range(4):
        here, there = pair[turn % 2], pair[1 - turn % 2]
        assert here.topup(f"turn-{turn}").code == 0
        there.carry(here.profile)
        looked = there("balance")
        assert (looked.code, looked.err) == (0, ""), turn
        assert there("check").code == 0
        assert "journal_replaced" not in there.checks()


def test_a_container_with_a_volume_and_a_fresh_state_folder_each_time(machine: Machine) -> None:
    for start in range(3):
        state = {"XDG_STATE_HOME": str(machine.state.parent / f"start-{start}")}
        for words in (("balance",), ("check",), ("autotopup", "run")):
            ran = machine(*words, env=state)
            assert (ran.code, ran.err) == (0, ""), (start, words)
        assert machine("buy", PACK, "--name", f"line-{start}", "--yes", env=state).code == 0


def test_a_machine_without_a_place_for_marks(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    nowhere = {"XDG_STATE_HOME": str(tmp_path / "file")}
    assert machine("buy", PACK, "--name", "b", "--yes", env=nowhere).code == 0
    assert machine("balance", env=nowhere).err == ""
    rows = {row["name"]: row for row in machine("doctor", "--json", env=nowhere).json["checks"]}
    assert (rows["mark"]["status"], "is not noticed" in rows["mark"]["detail"]) == ("warn", True)
