"""`transactions attach` and `receipt`: what was promised, what came, the papers, and nothing that must stay secret."""

import os
from pathlib import Path

import pytest

from tests.conftest import Runner, day, tree

PLAN = "demo-monthly-20gb"
GB = 10**9


@pytest.fixture
def order(run: Runner) -> str:
    """A bought line that was looked at once."""
    bought = run("buy", PLAN, "--name", "phone", "--yes", "--json", now=day("11-01")).json
    run("balance", "-q", now=day("11-01"))
    return str(bought["order"]["id"])


def bill(tmp_path: Path, name: str = "bill.pdf", content: bytes = b"%PDF a bill") -> str:
    path = tmp_path / name
    path.write_bytes(content)
    return str(path)


def test_a_file_is_kept_closed_and_listed(run: Runner, order: str, tmp_path: Path) -> None:
    """Copied with its hash, 0600, shown with the order; the original may go."""
    path = bill(tmp_path)
    done = run("transactions", "attach", order, path, "--note", "from the kiosk", "--json").json
    Path(path).unlink()
    (row,) = done["attachments"]
    assert (row["file"], row["size_bytes"], row["note"], row["state"]) == ("bill.pdf", 11, "from the kiosk", "kept")
    shown = run("transactions", "show", order, "--json").json
    assert shown["attachments"] == done["attachments"]
    (kept,) = (tmp_path / "home/profiles/default/attachments").iterdir()
    assert kept.read_bytes() == b"%PDF a bill"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert "bill.pdf" in run("transactions", "show", order, "-o", "table").out


def test_the_same_file_twice_is_one(run: Runner, order: str, tmp_path: Path) -> None:
    """Under whatever name: no second file, no second entry."""
    run("transactions", "attach", order, bill(tmp_path))
    before = tree(tmp_path / "home/profiles/default/journal")
    again = run("transactions", "attach", order, bill(tmp_path, "other.pdf"), "--json")
    assert again.code == 0
    assert [row["file"] for row in again.json["attachments"]] == ["bill.pdf"]
    assert tree(tmp_path / "home/profiles/default/journal") == before
    assert len(list((tmp_path / "home/profiles/default/attachments").iterdir())) == 1


def test_other_content_under_the_same_name_is_another_file(run: Runner, order: str, tmp_path: Path) -> None:
    """Nothing is overwritten."""
    run("transactions", "attach", order, bill(tmp_path))
    done = run("transactions", "attach", order, bill(tmp_path, content=b"another"), "--json").json
    assert [(row["file"], row["size_bytes"]) for row in done["attachments"]] == [("bill.pdf", 11), ("bill.pdf", 7)]


@pytest.mark.parametrize("name", ["../../../etc/passwd", "..", "a/../b", "-rf", ".hidden", "x" * 200 + ".pdf",
                                  "a\x1b[2J.pdf", "ប័ណ្ណ.pdf", "发票.pdf", "con$(id).png", "a b.pdf"])  # fmt: skip
def test_no_name_leaves_the_folder(run: Runner, order: str, tmp_path: Path, name: str) -> None:
    """A name is made harmless before it is one."""
    from esimctl.store.attachments import harmless_name

    safe = harmless_name(name)
    assert safe == harmless_name(safe)
    assert 1 <= len(safe) <= 48
    assert safe.isascii()
    assert not set(safe) & set("/\\ $()\x1b")
    assert not safe.startswith((".", "-"))
    path = tmp_path / "files"
    path.mkdir()
    if "/" not in name and name != "..":
        (path / name).write_bytes(b"x")
        assert run("transactions", "attach", order, str(path / name)).code == 0
        (kept,) = (tmp_path / "home/profiles/default/attachments").iterdir()
        assert kept.name.endswith(f".{safe}")


def test_what_cannot_be_kept_is_refused_and_nothing_is_written(run: Runner, order: str, tmp_path: Path) -> None:
    """A folder, nothing, an empty file, one that is too large, an order that there is not, a note of two lines."""
    before = tree(tmp_path / "home")
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate((8 << 20) + 1)
    os.mkfifo(tmp_path / "pipe")
    for words in (
        (order, str(tmp_path)), (order, str(tmp_path / "nothing")), (order, bill(tmp_path, "empty", b"")),
        (order, str(large)), ("261101-00000000", bill(tmp_path)), (order, bill(tmp_path), "--note", "a\nb"),
        (order, str(tmp_path / "pipe")), ("../x", bill(tmp_path)),
    ):  # fmt: skip
        assert run("transactions", "attach", *words).code == 2, words
    assert tree(tmp_path / "home") == before


def test_a_file_that_was_lost_or_changed_is_told(run: Runner, order: str, tmp_path: Path) -> None:
    """The hash in the journal is the judge; attaching it again puts it back."""
    path = bill(tmp_path)
    run("transactions", "attach", order, path)
    (kept,) = (tmp_path / "home/profiles/default/attachments").iterdir()
    kept.write_bytes(b"forged")
    assert run("transactions", "show", order, "--json").json["attachments"][0]["state"] == "changed"
    kept.unlink()
    assert run("transactions", "show", order, "--json").json["attachments"][0]["state"] == "missing"
    kept.symlink_to(path)
    assert run("transactions", "show", order, "--json").json["attachments"][0]["state"] == "changed"
    kept.unlink()
    assert run("transactions", "attach", order, path, "--json").json["attachments"][0]["state"] == "kept"


def test_attachments_are_in_backups(run: Runner, order: str, tmp_path: Path) -> None:
    """And come back with them; the vault stays out."""
    run("transactions", "attach", order, bill(tmp_path))
    assert run("profile", "backup", str(tmp_path / "b.tar")).code == 0
    assert run("profile", "restore", str(tmp_path / "b.tar"), "--profile", "again", "--yes").code == 0
    shown = run("transactions", "show", order, "--profile", "again", "--json").json
    assert [row["state"] for row in shown["attachments"]] == ["kept"]


def test_promised_against_delivered(run: Runner, order: str) -> None:
    """The snapshot of the terms and what the line showed, with the claims that counted (R-61, R-116)."""
    receipt = run("transactions", "receipt", order, "--json").json["receipt"]
    assert receipt["promised"]["data_bytes"] == receipt["delivered"]["data_bytes"] == 20 * GB
    assert receipt["promised"]["terms"]["rollover"]["mode"] == receipt["promised"]["rollover"] == "carry"
    assert receipt["delivered"]["seen_at"] == "2026-11-01T02:00:00Z"
    assert receipt["differs"] == []
    assert [row["step"] for row in receipt["steps"]] == ["prepared", "attempted", "settled"]
    assert receipt["promised"]["claims"] == [], "of a demo plan nobody claims anything"
    assert receipt["references"]["provider_order"].startswith("SB-")


def test_a_renewal_shows_its_own_data(run: Runner, order: str) -> None:
    """What came with the second pack is not what was carried from the first."""
    run("sandbox", "use", "phone", "12GB", now=day("11-20"))
    run("balance", "--refresh", "-q", now=day("11-29"))
    renewed = run("renew", "phone", "--yes", "--json", now=day("11-30")).json["order"]["id"]
    run("balance", "--refresh", "-q", now=day("12-10"))
    receipt = run("transactions", "receipt", renewed, "--json", now=day("12-10")).json["receipt"]
    assert (receipt["promised"]["data_bytes"], receipt["delivered"]["data_bytes"]) == (20 * GB, 20 * GB)


def test_no_secret_is_on_a_receipt(run: Runner, order: str, tmp_path: Path) -> None:
    """Neither code nor whole numbers, in any form; play money is marked in every one that a person sees."""
    shown = run("lines", "show", "phone", "--show-code", "--json").json["line"]
    secrets = [shown["activation"]["lpa"], shown["activation"]["lpa"].split("$")[2], shown["iccid"], shown["msisdn"]]
    for words in (("--json",), (), ("-o", "table"), ("-o", "csv"), ("--format", "html"), ("--format", "markdown")):
        out = run("transactions", "receipt", order, *words).out
        assert order in out
        assert not [secret for secret in secrets if secret in out], words
        assert "LPA:" not in out
        if words and words[0] in {"--format", "-o"} and words[1] != "csv":
            assert "SANDBOX" in out


def test_a_refused_order_has_a_receipt_too(run: Runner) -> None:
    """What was not paid says so."""
    failed = run("buy", PLAN, "--pay", "sandbox-declined", "--yes", "--json").json["order"]["id"]
    receipt = run("transactions", "receipt", failed, "--json").json["receipt"]
    assert (receipt["order"]["state"], receipt["amount_due"], receipt["delivered"]["data_bytes"]) == (
        "rejected", None, None,
    )  # fmt: skip


def test_an_unknown_order_is_refused(run: Runner, order: str) -> None:
    """2, with the list as the hint."""
    done = run("transactions", "receipt", "261101-ffffffff")
    assert done.code == 2
    assert "esimctl transactions list" in done.err


def test_stopped_between_the_file_and_its_entry(run: Runner, order: str, tmp_path: Path, monkeypatch) -> None:
    """Nothing is there then; doing it again makes it whole, with one file."""
    from esimctl.profile.books import Books

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    path = bill(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Books, "write", killed)
        assert run("transactions", "attach", order, path).code == 130
    folder = tmp_path / "home/profiles/default/attachments"
    assert list(folder.glob("*")) == []
    assert run("transactions", "show", order, "--json").json["attachments"] == []
    assert [row["state"] for row in run("transactions", "attach", order, path, "--json").json["attachments"]] == [
        "kept"
    ]
    assert len(list(folder.iterdir())) == 1


def test_a_receipt_of_play_money_says_so_in_its_title(run: Runner) -> None:
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "5GB", "--days", "30",
        "--price", "6USD")  # fmt: skip
    for order, marked in zip(run("transactions", "list", "--json").json["transactions"], (True, False), strict=True):
        page = run("transactions", "receipt", order["id"], "--format", "html").out
        assert ("SANDBOX</title>" in page, ">SANDBOX</span></h1>" in page) == (marked, marked)
        text = run("transactions", "receipt", order["id"], "--format", "markdown").out
        assert ("SANDBOX" in text.splitlines()[0]) is marked
