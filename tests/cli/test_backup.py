"""`profile backup` and `profile restore`: whole or not at all, and nothing spent before a clean reconcile."""

import tarfile
from pathlib import Path
from shutil import rmtree

import pytest

from tests.conftest import Runner, tree

PLAN = "demo-monthly-5gb"


def test_a_backup_holds_everything_but_what_works_like_money(run: Runner, home: Path, tmp_path: Path) -> None:
    code = run("buy", PLAN, "--name", "phone", "--yes", "--json").json["order"]["activation"]["lpa"]
    target = tmp_path / "b.tar"
    made = run("profile", "backup", str(target), "--json")
    assert made.code == 0
    assert made.json.keys() == {"schema", "name", "path", "made_at", "entries", "files", "with_vault", "rehearsal"}
    assert target.stat().st_mode & 0o777 == 0o600
    assert code.encode() not in target.read_bytes()
    with tarfile.open(target) as tar:
        names = tar.getnames()
    assert {"manifest.json", "profile.toml", "journal/000001.toml"} <= set(names)
    assert not [name for name in names if name.startswith(("vault", "evidence"))]
    whole = tmp_path / "v.tar"
    assert run("profile", "backup", str(whole), "--with-vault").code == 0
    assert code.encode() in whole.read_bytes()


def test_a_backup_never_writes_over_a_file(run: Runner, tmp_path: Path) -> None:
    run("buy", PLAN, "--yes")
    (tmp_path / "b.tar").write_text("precious")
    assert run("profile", "backup", str(tmp_path / "b.tar")).code == 2
    assert (tmp_path / "b.tar").read_text() == "precious"
    assert run("profile", "backup", "/nowhere/b.tar").code == 74


def test_a_backup_without_a_name_names_itself(run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("buy", PLAN, "--yes")
    monkeypatch.chdir(tmp_path)
    assert run("profile", "backup").out == "esimctl-default-20261120T020000Z.tar\n"
    assert (tmp_path / "esimctl-default-20261120T020000Z.tar").exists()


def test_nothing_is_spent_after_a_restore_before_a_clean_reconcile(run: Runner, home: Path, tmp_path: Path) -> None:
    """What was bought since the backup is found, counted, and adopted or acknowledged; then spending goes on."""
    run("buy", PLAN, "--name", "phone", "--yes")
    run("profile", "backup", str(tmp_path / "b.tar"))
    code = run("lines", "qr", "phone", "--show-code").out
    since = run("topup", "phone", "--amount", "7USD", "--yes", "--json").json["order"]["provider_order"]
    restored = run("profile", "restore", str(tmp_path / "b.tar"), "--yes", "--json")
    assert (restored.code, restored.json["must_reconcile"]) == (0, True)
    for words in (("topup", "phone", "--amount", "1USD"), ("renew", "phone"), ("buy", PLAN)):
        refused = run(*words, "--yes", "--json")
        assert (refused.code, refused.json["error"]["code"]) == (5, "restored"), words
    told = run("reconcile", "--json")
    assert (told.code, told.json["ok"]) == (20, True), "clean, but nobody has acknowledged that order"
    assert [row["provider_order"] for row in told.json["foreign"]] == [since]
    assert [row["what"] for row in told.json["healed"]] == ["code_fetched"], "the backup had no vault"
    assert run("lines", "qr", "phone", "--show-code").out == code
    assert run("topup", "phone", "--amount", "1USD", "--yes").code == 0


def test_money_spent_since_the_backup_counts_against_the_limits(run: Runner, home: Path, tmp_path: Path) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    profile = home / "profiles" / "default" / "profile.toml"
    profile.write_text(profile.read_text().replace("[settings]", '[settings]\nlimits = {per_month = "12USD"}'))
    run("profile", "backup", str(tmp_path / "b.tar"))
    assert run("topup", "phone", "--amount", "7USD", "--yes").code == 0
    run("profile", "restore", str(tmp_path / "b.tar"), "--yes")
    run("reconcile")
    refused = run("topup", "phone", "--amount", "7USD", "--yes", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (5, "limit_reached")


def test_the_same_request_id_after_a_restore_charges_nothing_more(run: Runner, tmp_path: Path) -> None:
    """The journal has forgotten the order; the key is the same, so the provider gives the first one again."""
    run("buy", PLAN, "--name", "phone", "--yes")
    run("profile", "backup", str(tmp_path / "b.tar"))
    words = ("topup", "phone", "--amount", "7USD", "--yes", "--request-id", "trip-1", "--json")
    first = run(*words).json["order"]
    run("profile", "restore", str(tmp_path / "b.tar"), "--yes")
    run("reconcile")
    again = run(*words)
    assert again.code == 0
    assert again.json["order"]["provider_order"] == first["provider_order"]
    assert run("balance", "phone", "--json").json["lines"][0]["main_balance"]["amount"] == "7.00"
    told = run("reconcile", "--json").json
    assert [(row["reason"], row["amount"]["amount"]) for row in told["foreign"]] == [("ours", "0.00")], "counted once"


def test_an_order_that_the_restored_journal_believes_unsent_is_looked_up(
    run: Runner, home: Path, tmp_path: Path
) -> None:
    """Backed up between `prepared` and the sending: not cancelled unseen, but found and settled."""
    from esimctl.store.backup import back_up, check_backup
    from esimctl.store.folder import Store

    run("buy", PLAN, "--name", "phone", "--yes")
    order = run("topup", "phone", "--amount", "7USD", "--yes", "--json").json["order"]
    store = Store(home, "default")
    journal = store.journal.path(1)
    text = journal.read_bytes()
    entries = store.journal.load().entries
    seq = next(entry["seq"] for entry in entries if entry["kind"] == "order.prepared" and entry["order"] == order["id"])
    mark = text.index(b"#! 1 %d " % seq)
    journal.write_bytes(text[: text.index(b"\n", mark) + 1])
    rmtree(home / "high-water", ignore_errors=True)  # as that moment left it
    from datetime import UTC, datetime

    back_up(store, tmp_path / "b.tar", datetime(2026, 11, 20, 3, tzinfo=UTC))
    assert check_backup(tmp_path / "b.tar").last_seq == seq
    run("profile", "restore", str(tmp_path / "b.tar"), "--yes")
    told = run("reconcile", "--json", now="2026-11-20T12:00:00+07:00")
    assert (told.code, [row["state"] for row in told.json["orders"]]) == (0, ["settled"])
    assert told.json["foreign"] == []


def test_restoring_under_another_name_leaves_the_first_alone(run: Runner, home: Path, tmp_path: Path) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    run("profile", "backup", str(tmp_path / "b.tar"), "--with-vault")
    before = tree(home / "profiles" / "default")
    assert run("profile", "restore", str(tmp_path / "b.tar"), "--profile", "copy").code == 0
    assert tree(home / "profiles" / "default") == before
    assert [line["line"] for line in run("lines", "list", "--profile", "copy", "--json").json["lines"]] == ["phone"]


def test_an_existing_profile_is_replaced_by_a_person_only(run: Runner, home: Path, tmp_path: Path) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    run("profile", "backup", str(tmp_path / "b.tar"))
    before = tree(home)
    refused = run("profile", "restore", str(tmp_path / "b.tar"))
    assert refused.code == 2
    assert "--yes" in refused.err
    assert tree(home) == before


@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "text", "missing"])
def test_a_damaged_backup_restores_nothing(run: Runner, home: Path, tmp_path: Path, harm: str) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    target = tmp_path / "b.tar"
    run("profile", "backup", str(target))
    data = target.read_bytes()
    place = data.index(b"order.settled")
    harmed = {
        "flip": data[:place] + b"O" + data[place + 1 :], "cut": data[:place], "empty": b"", "text": b"hello",
    }.get(harm)  # fmt: skip
    target.unlink() if harmed is None else target.write_bytes(harmed)
    before = tree(home)
    refused = run("profile", "restore", str(target), "--yes")
    assert refused.code == (2 if harm == "missing" else 6)
    assert tree(home) == before


def test_the_same_restore_again_changes_nothing(run: Runner, home: Path, tmp_path: Path) -> None:
    """A stop may have hidden that it was done; where something was written since, it is a restore like any other."""
    saved = str(tmp_path / "saved.tar")
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    run("profile", "backup", saved)
    run("topup", "phone", "--amount", "2USD", "--yes")
    words = ("profile", "restore", saved, "--yes", "--json")
    first, second = run(*words), run(*words)
    assert (first.code, second.code) == (0, 0)
    assert first.json == second.json
    names = {path.name for path in (home / "profiles").iterdir()}
    assert len(names) == 2
    run("payments", "add", "purse", "--kind", "cash")
    assert run(*words).code == 0
    assert len({path.name for path in (home / "profiles").iterdir()} - names) == 1
