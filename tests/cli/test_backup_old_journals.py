"""Profiles of early versions: saved, restored, looked at and mended as what they are, wherever a migration stopped."""

from pathlib import Path
from shutil import copytree

import pytest

from esimctl.store.migrate import NEXT, migrate
from tests.conftest import Runner, tree

GOLDEN = Path(__file__).parent.parent / "store" / "golden" / "journal-schema-0.toml"
PROFILE = '[provider.sandbox]\nkind = "sandbox"\n\n[line.phone]\nprovider = "sandbox"\n'
ORDERS = [("o1", "settled"), ("o2", "settled"), ("o3", "attempted")]


@pytest.fixture
def early(tmp_path: Path) -> Path:
    """A profile as an early version left it: frames without a head, no tier, no source."""
    folder = tmp_path / "home" / "profiles" / "default"
    for name in ("journal", "backups"):
        (folder / name).mkdir(parents=True, mode=0o700)
    for each in (folder, *folder.parents[:2]):
        each.chmod(0o700)
    (folder / "journal" / "000001.toml").write_bytes(GOLDEN.read_bytes())
    (folder / "profile.toml").write_text(PROFILE)
    for each in folder.rglob("*.toml"):
        each.chmod(0o600)
    return folder


def orders(run: Runner, *words: str) -> list[tuple[str, str]]:
    """The orders of a profile and what became of them."""
    return [
        (order["id"], order["state"]) for order in run("transactions", "list", "--json", *words).json["transactions"]
    ]


def test_what_is_saved_is_what_the_program_shows(run: Runner, early: Path, tmp_path: Path) -> None:
    assert sorted(orders(run)) == ORDERS
    made = run("profile", "backup", str(tmp_path / "b.tar"), "--json")
    assert (made.code, made.json["entries"]) == (0, 8)
    assert run("profile", "restore", str(tmp_path / "b.tar"), "--profile", "copy").code == 0
    assert sorted(orders(run, "--profile", "copy")) == ORDERS
    assert sorted(orders(run)) == ORDERS


@pytest.mark.parametrize("stopped", ["before the renames", "between them"])
def test_a_migration_that_was_killed_never_makes_an_empty_backup(
    run: Runner, early: Path, tmp_path: Path, stopped: str
) -> None:
    """The new journal stands beside the old one, or alone."""
    migrated = tmp_path / "migrated"
    copytree(early, migrated)
    migrate(migrated)
    copytree(migrated / "journal", early / NEXT)
    if stopped == "between them":
        (early / "journal").rename(early / "backups" / "journal-schema-0-1")
    assert sorted(orders(run)) == ORDERS
    assert next(row for row in run("doctor", "--json").json["checks"] if row["name"] == "journal")["ok"]
    made = run("profile", "backup", str(tmp_path / "b.tar"), "--json")
    assert (made.code, made.json["entries"]) == (0, 8)
    assert run("profile", "restore", str(tmp_path / "b.tar"), "--yes").code == 0
    assert sorted(orders(run)) == ORDERS


def test_a_backup_that_an_early_version_made_is_restored_right(run: Runner, early: Path, tmp_path: Path) -> None:
    """It holds the old frames, and could not tell where they end."""
    from tests.cli.test_backup_whole import listed, pack

    contents = {"profile.toml": PROFILE.encode(), "journal/000001.toml": GOLDEN.read_bytes(), "seed": bytes(32)}
    manifest = {
        "format": 1, "profile": "default", "made_at": "2026-11-20T02:00:00+00:00", "last_seq": 0, "last_hash": "0" * 32,
        "with_vault": False, "files": listed(contents),
    }  # fmt: skip
    assert run("profile", "restore", str(pack(tmp_path / "old.tar", manifest, contents)), "--profile", "copy").code == 0
    assert sorted(orders(run, "--profile", "copy")) == ORDERS
    restored = [row for row in run("doctor", "--json", "--profile", "copy").json["checks"] if row["name"] == "restored"]
    assert [row["fix"] for row in restored] == ["esimctl reconcile"]


def test_doctor_finds_an_old_journal_sound_and_mending_it_changes_nothing(run: Runner, early: Path) -> None:
    told = run("doctor", "--json").json["checks"]
    assert [(row["name"], row["status"]) for row in told if row["name"] in ("journal", "frames")] == [("journal", "ok")]
    before = (early / "journal" / "000001.toml").read_bytes()
    assert run("doctor", "--mend", "--yes").err.startswith("0 octets were set aside")
    assert (early / "journal" / "000001.toml").read_bytes() == before


@pytest.mark.parametrize("harm", ["flipped", "cut", "first"])
def test_the_damaged_end_of_an_old_journal_is_mended_by_the_command_that_doctor_names(
    run: Runner, early: Path, tmp_path: Path, harm: str
) -> None:
    path = early / "journal" / "000001.toml"
    data = bytearray(path.read_bytes())
    if harm == "cut":
        del data[-30:]
    else:
        data[data.rindex(b"order.attempted") if harm == "flipped" else data.index(b"order.prepared")] ^= 1
    path.write_bytes(bytes(data))
    if harm != "cut":
        assert run("profile", "backup", str(tmp_path / "b.tar")).code == 6
        assert not (tmp_path / "b.tar").exists()
        fixes = [row["fix"] for row in run("doctor", "--json").json["checks"] if row["name"] == "frames"]
        assert fixes == ["esimctl doctor --mend"]
        assert run("doctor", "--mend", "--yes").code in (0, 20)
    assert run("payments", "add", "purse", "--kind", "cash").code == 0
    assert next(row for row in run("doctor", "--json").json["checks"] if row["name"] == "journal")["ok"]
    left = {"flipped": ORDERS[:2], "cut": ORDERS[:2], "first": []}[harm]
    assert [order for order in sorted(orders(run)) if order[1] == "settled"] == left
    made = run("profile", "backup", str(tmp_path / "b.tar"))
    assert made.code == 0, made.err
    assert run("profile", "restore", str(tmp_path / "b.tar"), "--profile", "copy").code == 0


def test_a_look_changes_nothing_of_an_old_profile(run: Runner, early: Path) -> None:
    before = tree(early / "journal")
    run("balance")
    run("doctor")
    assert tree(early / "journal") == before
