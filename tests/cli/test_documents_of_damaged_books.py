"""Books that cannot be read whole are made no document of: 6, and the file that was there stays, byte for byte."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Runner

FORMATS = ("csv", "json", "jsonl", "hledger", "beancount", "ics", "prometheus")
WRITERS = (
    *(("transactions", "export", "--format", form, "--to") for form in FORMATS),
    *(("report", "--format", form, "--to") for form in ("html", "markdown")),
    *(("transactions", "receipt", "ORDER", "--format", form, "--to") for form in ("html", "markdown")),
    *(("usage", "history", "phone", "--cached", f"--{form}") for form in ("svg", "png")),
)


def changed(data: bytes) -> bytes:
    """An amount."""
    return data.replace(b"price_minor = 900", b"price_minor = 100", 1)


def cut(data: bytes) -> bytes:
    """The end is missing, in the middle of an entry."""
    return data[:-30]


def unchained(data: bytes) -> bytes:
    """An entry of the middle is missing, frame and all."""
    frames = [found.start() for found in re.finditer(rb"^#.*\n\[\[tx\]\]", data, re.MULTILINE)]
    place = len(frames) // 2
    return data[: frames[place]] + data[frames[place + 1] :]


def gone(data: bytes) -> bytes:
    """All of it."""
    return data[:0]


@pytest.fixture
def books(run: Runner, tmp_path: Path) -> Runner:
    """Play money alone, of which no high-water mark is kept: the journal itself must show it."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    run("balance", "--refresh")
    run("topup", "phone", "--amount", "5USD", "--yes")
    return run


@pytest.mark.parametrize("strike", [changed, cut, unchained, gone])
def test_no_good_file_is_overwritten(books: Runner, tmp_path: Path, strike: Callable[[bytes], bytes]) -> None:
    order = books("transactions", "list", "--json").json["transactions"][0]["id"]
    (journal,) = (tmp_path / "home/profiles/default/journal").glob("*.toml")
    kept = tmp_path / "kept"
    writers = [[order if word == "ORDER" else word for word in words] for words in WRITERS]
    for words in writers:
        assert books(*words, str(kept)).code == 0, words
        assert kept.stat().st_size > 0, words
    data = journal.read_bytes()
    struck = strike(data)
    assert struck != data
    journal.write_bytes(struck)
    (tmp_path / "home/profiles/default/index.sqlite").unlink(missing_ok=True)
    for words in writers:
        kept.write_bytes(b"as it was")
        for more in ((), ("--json",), ("-q",)):
            done = books(*words, str(kept), *more)
            assert (done.code, kept.read_bytes()) == (6, b"as it was"), (words, done)
            assert bool(done.out) == (more == ("--json",)), words
            assert more == ("--json",) or done.err, "errors speak, whatever is quiet"
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_no_case_is_written_of_them(books: Runner, tmp_path: Path) -> None:
    (journal,) = (tmp_path / "home/profiles/default/journal").glob("*.toml")
    journal.write_bytes(changed(journal.read_bytes()))
    for words in (("transactions", "audit", "--bundle"), ("profile", "backup")):
        assert books(*words, str(tmp_path / "case")).code == 6
        assert not (tmp_path / "case").exists()
