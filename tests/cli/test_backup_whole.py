"""Every part of a backup is looked at before anything is put in place; what is refused leaves nothing behind."""

import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Outcome, Runner, tree

PLAN = "demo-monthly-5gb"


@pytest.fixture
def saved(run: Runner, tmp_path: Path) -> Path:
    """A backup of a profile with one purchase."""
    run("buy", PLAN, "--name", "phone", "--yes")
    assert run("profile", "backup", str(tmp_path / "b.tar")).code == 0
    return tmp_path / "b.tar"


def unpacked(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest and the files of a backup."""
    with tarfile.open(path) as tar:
        contents = {member.name: tar.extractfile(member).read() for member in tar}
    return json.loads(contents.pop("manifest.json")), contents


def pack(path: Path, manifest: Any, contents: dict[str, bytes], *, last: bool = False) -> Path:
    """A tar of them, the manifest first, or last."""
    members = {"manifest.json": json.dumps(manifest).encode(), **contents}
    if last:
        members["manifest.json"] = members.pop("manifest.json")
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def listed(contents: dict[str, bytes]) -> dict[str, Any]:
    """How a manifest lists files."""
    return {name: {"sha256": sha256(data).hexdigest(), "bytes": len(data)} for name, data in contents.items()}


def refused(run: Runner, path: Path, code: int, tmp_path: Path) -> Outcome:
    """Restoring it is refused with that code, in one sentence, and nothing of it is left anywhere."""
    before = tree(tmp_path)
    folders = sorted(each for each in tmp_path.rglob("*") if each.is_dir())
    for words in ((), ("--profile", "other")):
        told = run("profile", "restore", str(path), "--yes", *words)
        assert told.code == code, told
        assert "Traceback" not in told.err
        assert 1 <= len(told.err.splitlines()) <= 2
    assert tree(tmp_path) == before
    assert sorted(each for each in tmp_path.rglob("*") if each.is_dir()) == folders
    return told


def with_seed(told: dict[str, Any], digest: str, size: int) -> dict[str, Any]:
    """The manifest with other words about the seed."""
    return told | {"files": told["files"] | {"seed": {"sha256": digest, "bytes": size}}}


WRONG: dict[str, Callable[[dict[str, Any]], Any]] = {
    "made_at is no time": lambda told: told | {"made_at": "x"},
    "made_at is no text": lambda told: told | {"made_at": 7},
    "made_at without an offset": lambda told: told | {"made_at": "2026-11-20T02:00:00"},
    "made_at beyond every calendar": lambda told: told | {"made_at": "9999-12-31T23:59:59-14:00"},
    "files is a list": lambda told: told | {"files": []},
    "files is empty": lambda told: told | {"files": {}},
    "files holds no tables": lambda told: told | {"files": dict.fromkeys(told["files"], 7)},
    "a size is negative": lambda told: with_seed(told, "0" * 64, -1),
    "a size is too much": lambda told: with_seed(told, "0" * 64, 1 << 40),
    "a sum is short": lambda told: with_seed(told, "0", 32),
    "no last_seq": lambda told: {key: value for key, value in told.items() if key != "last_seq"},
    "last_seq is a flag": lambda told: told | {"last_seq": True},
    "last_seq is another": lambda told: told | {"last_seq": told["last_seq"] + 1},
    "last_seq is huge": lambda told: told | {"last_seq": 10**400},
    "last_hash is another": lambda told: told | {"last_hash": "0" * 32},
    "no format": lambda told: {key: value for key, value in told.items() if key != "format"},
    "format is a text": lambda told: told | {"format": "2"},
    "with_vault is a text": lambda told: told | {"with_vault": "no"},
    "the name is none": lambda told: told | {"profile": "../../evil"},
    "it is a list": lambda told: [told],
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_manifest_with_one_wrong_value_restores_nothing(run: Runner, saved: Path, tmp_path: Path, what: str) -> None:
    told, contents = unpacked(saved)
    refused(run, pack(saved, WRONG[what](told), contents), 6, tmp_path)


@pytest.mark.parametrize("name", ["a" * 300, "vault/" + "a" * 95 + ".toml", "journal/000009.toml", "vault/phone.toml"])
def test_a_member_that_no_backup_has_restores_nothing(run: Runner, saved: Path, tmp_path: Path, name: str) -> None:
    """A name of 300 characters, one longer than ours, a segment behind a gap, a code in a backup without codes."""
    told, contents = unpacked(saved)
    contents[name] = b"x"
    with tarfile.open(saved, "w") as tar:
        for each, data in {
            "manifest.json": json.dumps(told | {"files": listed(contents)}).encode(),
            **contents,
        }.items():
            info = tarfile.TarInfo(each)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    refused(run, saved, 6, tmp_path)


@pytest.mark.parametrize("seed", [b"", b"x", b"x" * 31, b"x" * 33])
def test_a_seed_that_is_none_restores_nothing(run: Runner, saved: Path, tmp_path: Path, seed: bytes) -> None:
    told, contents = unpacked(saved)
    contents["seed"] = seed
    refused(run, pack(saved, told | {"files": listed(contents)}, contents), 6, tmp_path)


def test_a_journal_of_other_bytes_restores_nothing_although_its_sums_are_right(
    run: Runner, saved: Path, tmp_path: Path
) -> None:
    told, contents = unpacked(saved)
    contents["journal/000001.toml"] = contents["journal/000001.toml"].replace(b"4", b"3", 1)
    refused(run, pack(saved, told | {"files": listed(contents)}, contents), 6, tmp_path)


def test_where_the_manifest_stands_does_not_matter(run: Runner, saved: Path) -> None:
    told, contents = unpacked(saved)
    assert run("profile", "restore", str(pack(saved, told, contents, last=True)), "--profile", "other").code == 0
    assert [line["line"] for line in run("lines", "list", "--profile", "other", "--json").json["lines"]] == ["phone"]


@pytest.mark.parametrize("version", ["0.9.0", None, "\x1b[31m"])
def test_a_newer_format_is_78_with_the_version_that_it_needs(
    run: Runner, saved: Path, tmp_path: Path, version: str | None
) -> None:
    told, contents = unpacked(saved)
    newer = {"format": 2, "made_by": version, "everything": "else is unknown", "files": {"new/kind": 1}}
    said = refused(run, pack(saved, newer, contents), 78, tmp_path)
    assert "format 2" in said.err
    assert ("upgrade esimctl to 0.9.0 or newer" in said.err) is (version == "0.9.0")
    assert told["made_by"]


def newer_entry(journal: bytes) -> tuple[bytes, int, str]:
    """The journal with a well-framed record of a kind that nobody knows yet behind its last one."""
    from esimctl.store import frames

    seen = frames.walk(journal)
    block = frames.to_toml({"tx": [{"seq": seen.next_seq, "kind": "order.teleported", "order": "o1"}]})
    framed = frames.frame(block, seen.next_seq, seen.last_hash)
    return journal + framed, seen.next_seq, frames.hash_of(framed)


def test_an_entry_of_an_unknown_kind_is_of_a_newer_version_wherever_it_stands(
    run: Runner, home: Path, saved: Path, tmp_path: Path
) -> None:
    told, contents = unpacked(saved)
    journal, seq, digest = newer_entry(contents["journal/000001.toml"])
    contents["journal/000001.toml"] = journal
    newer = pack(tmp_path / "n.tar", told | {"files": listed(contents), "last_seq": seq, "last_hash": digest}, contents)
    told = run("profile", "restore", str(newer), "--profile", "other")
    assert (told.code, "newer esimctl" in told.err) == (78, True)
    assert not [each for each in (home / "profiles").iterdir() if "other" in each.name]
    (home / "profiles" / "default" / "journal" / "000001.toml").write_bytes(journal)
    for words in (("balance",), ("buy", PLAN, "--yes"), ("profile", "backup", str(tmp_path / "x.tar"))):
        ended = run(*words)
        assert (ended.code, "written by a newer esimctl" in ended.err) == (78, True), words
        assert "--mend" not in ended.err
    said = [row for row in run("doctor", "--json").json["checks"] if "newer esimctl" in row["detail"]]
    assert [(row["status"], row["fix"]) for row in said] == [("fail", "upgrade esimctl; nothing was changed")]
    assert (home / "profiles" / "default" / "journal" / "000001.toml").read_bytes() == journal
    assert not (tmp_path / "x.tar").exists()


def test_a_profile_of_a_newer_schema_in_a_backup_is_78(run: Runner, saved: Path, tmp_path: Path) -> None:
    told, contents = unpacked(saved)
    contents["profile.toml"] = contents["profile.toml"].replace(b"schema = 1", b"schema = 2")
    said = refused(run, pack(saved, told | {"files": listed(contents)}, contents), 78, tmp_path)
    assert "schema 2" in said.err


def test_what_a_killed_restore_left_is_swept_by_the_next_command_that_writes(
    run: Runner, home: Path, saved: Path
) -> None:
    for name in (".default.restoring", ".default.restored"):
        (home / "profiles" / name / "vault").mkdir(parents=True)
        (home / "profiles" / name / "vault" / "phone.toml").write_text("a code")
    assert run("payments", "add", "purse", "--kind", "cash").code == 0
    assert sorted(each.name for each in (home / "profiles").iterdir()) == ["default"]


def test_a_disk_without_room_is_74_and_nothing_is_left(
    run: Runner, home: Path, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is written where that can be told, else by the first write that is refused."""
    from esimctl.store import restore

    monkeypatch.setattr(restore, "free_bytes", lambda _folder: 100)
    refused(run, saved, 74, tmp_path)

    def full(_fd: int, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.undo()
    monkeypatch.setenv("ESIMCTL_HOME", str(home))
    monkeypatch.setattr(restore, "write_all", full)
    told = run("profile", "restore", str(saved), "--profile", "other")
    assert (told.code, "No space left" in told.err) == (74, True)
    assert [each.name for each in (home / "profiles").iterdir()] == ["default"]


def sparse(path: Path, size: int) -> None:
    """A tar of one member of that size, all of it a hole."""
    info = tarfile.TarInfo("journal/000001.toml")
    info.size = size
    with path.open("wb") as file:
        file.write(info.tobuf(tarfile.USTAR_FORMAT))
        file.truncate(512 + size)


def gnu_sparse(path: Path, size: int) -> None:
    """A member of GNU's sparse kind: ten thousand octets that unpack to gigabytes."""
    info = tarfile.TarInfo("journal/000001.toml")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 512
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[386:410] = b"%011o\0%011o\0" % (size - 512, 512)
    block[483:495] = b"%011o\0" % size
    block[148:156] = b"        "
    block[148:156] = b"%06o\0 " % sum(block)
    path.write_bytes(bytes(block) + bytes(10_000))


def many(path: Path, size: int) -> None:
    """Members of no octets, and no manifest."""
    with path.open("wb") as file:
        for number in range(size):
            file.write(tarfile.TarInfo(f"evidence/o{number:06d}.1").tobuf(tarfile.USTAR_FORMAT))
        file.write(bytes(10_240))


@pytest.mark.parametrize(("make", "size"), [(sparse, 3_200_000_000), (gnu_sparse, 3_200_000_000), (many, 20_000)])
def test_an_archive_that_is_larger_than_it_looks_costs_nothing(
    tmp_path: Path, make: Callable[[Path, int], None], size: int
) -> None:
    """In a process of its own that may have 400 MB of addresses and six seconds of the processor."""
    import resource

    from tests.process.runner import run as start

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))
        resource.setrlimit(resource.RLIMIT_CPU, (6, 6))

    make(tmp_path / "x.tar", size)
    done = start(["profile", "restore", str(tmp_path / "x.tar")], tmp_path, preexec_fn=limit)
    assert (done.returncode, "is not a whole backup" in done.stderr) == (6, True), done.stderr
    assert not list((tmp_path / "esimctl").rglob("*"))


def test_many_answers_are_saved_and_restored_in_little_memory(run: Runner, home: Path, tmp_path: Path) -> None:
    """Ninety answers of a million octets: none is held longer than it takes to write it."""
    from tests.process.runner import ROOT

    run("buy", PLAN, "--name", "phone", "--yes")
    evidence = home / "profiles" / "default" / "evidence"
    for number in range(90):
        (evidence / f"o{number:06d}.1").write_bytes(bytes([number]) * 1_000_000)
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "ESIMCTL_HOME": str(home), "PYTHONPATH": str(ROOT),
               "ESIMCTL_NOW": "2026-11-20T09:00:00+07:00"}  # fmt: skip
    saved = str(tmp_path / "v.tar")
    code = (  # its own peak: rusage counts what the parent held when it forked, too
        "import re; from esimctl.main import main; code = main();"
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', open('/proc/self/status').read())[1]); raise SystemExit(code)"
    )
    for words in (("backup", saved, "--with-vault"), ("restore", saved, "--profile", "copy")):
        told = [sys.executable, "-c", code, "profile", *words]
        done = subprocess.run(told, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert int(done.stdout.split()[-1]) < 90_000, "kilobytes"
    copied = home / "profiles" / "copy" / "evidence"
    assert {each.name: each.read_bytes() for each in copied.iterdir()} == {
        each.name: each.read_bytes() for each in evidence.iterdir()
    }
