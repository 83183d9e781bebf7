"""Text as people type it: Khmer with its invisible characters, decomposed letters, bytes of other encodings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import NOW, Runner, tree

KHMER = "សុខា\u200bម៉ាក់"
DECOMPOSED = "Jose\u0301"
KEPT = {KHMER: "សុខាម៉ាក់", DECOMPOSED: "José", "a\u200db\u200cc\ufeff": "abc", "  x  ": "x"}


@pytest.fixture
def sim(run: Runner) -> Runner:
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "10GB", "--days", "30")
    return run


@pytest.mark.parametrize(("typed", "kept"), KEPT.items(), ids=[repr(text) for text in KEPT])
def test_text_of_a_person_is_kept_as_it_reads(sim: Runner, typed: str, kept: str) -> None:
    assert sim("lines", "owner", "sim", typed, "--json").json["line"]["owner"] == kept
    words = ("lines", "add", "b", "--provider", "manual", "--carrier", "smart")
    added = sim(*words, "--note", typed, "--receipt", typed, "--json").json["line"]
    assert added["note"] == kept
    assert sim("lines", "show", "b", "--json").json["line"]["receipt"] == kept
    said = sim("policy", "set", "smart", "rollover", "mode=carry", "validity=3 months", "--source", typed, "--json")
    assert said.code == 0
    assert [claim["source"] for claim in said.json["policy"][0]["claims"] if claim["counts"]] == [kept]
    bought = sim("renew", "sim", "--plan", "smart-laor-7d", "--paid", typed, "--json")
    assert bought.code == 0
    assert sim("transactions", "attach", bought.json["order"]["id"], __file__, "--note", typed).code == 0


def test_a_template_with_what_keyboards_put_between_words_is_learnt(sim: Runner) -> None:
    text = "លោកអ្នក\u200bនៅសល់ 5GB សម្រាប់ប្រើ"
    learnt = sim("usage", "learn", "sim", "--template", text.replace("5GB", "{remaining}"))
    assert learnt.code == 0
    read = sim("usage", "import", "sim", "-", "--json", given=text.replace("5GB", "4GB")).json
    assert read["readings"][0]["remaining_bytes"] == 4 * 10**9


REFUSED = {
    "two\nlines": "more than one line",
    "abc\u202edef": "character 4 turns the direction of writing",
    "a\x1b[31m": "character 2 cannot be shown (U+001B)",
    "x" * 65: "65 characters, at most 64",
}


@pytest.mark.parametrize(("typed", "why"), REFUSED.items(), ids=[repr(text[:9]) for text in REFUSED])
def test_what_cannot_be_kept_is_refused_with_the_reason(sim: Runner, tmp_path: Path, typed: str, why: str) -> None:
    before = tree(tmp_path)
    done = sim("lines", "owner", "sim", typed)
    assert (done.code, why in done.err) == (2, True), done.err
    assert tree(tmp_path) == before


def process(home: Path, *words: str | bytes, given: bytes = b"", **environ: str) -> subprocess.CompletedProcess[bytes]:
    known = {"PATH": os.environ["PATH"], "ESIMCTL_HOME": str(home), "HOME": str(home), "ESIMCTL_NOW": NOW, **environ}
    return subprocess.run([sys.executable, "-m", "esimctl", *words], input=given, env=known, capture_output=True)


LATIN = "Il vous reste 5 Go, valable jusqu'au 5 d\xe9cembre".encode("latin-1")


def test_bytes_that_are_no_text_are_named_by_their_place(tmp_path: Path) -> None:
    home = tmp_path / "home"
    process(home, "lines", "add", "sim", "--provider", "manual", "--carrier", "smart")
    done = process(home, "usage", "import", "sim", "-", given=LATIN)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"octet {LATIN.index(0xE9) + 1} is 0xE9" in done.stderr.decode()
    (tmp_path / "sms.txt").write_bytes(LATIN)
    done = process(home, "usage", "import", "sim", str(tmp_path / "sms.txt"))
    assert (done.returncode, b"is 0xE9" in done.stderr) == (2, True)
    done = process(home, "lines", "owner", "sim", b"Ren\xe9")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"argument 4 is not UTF-8 text" in done.stderr


def test_utf_16_with_its_mark_is_text(tmp_path: Path) -> None:
    home = tmp_path / "home"
    process(home, "lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "9GB", "--days", "9")
    sheet = "at,remaining\n2026-11-20T08:00:00+07:00,4GB\n"
    for codec in ("utf-16", "utf-8-sig"):
        done = process(home, "usage", "import", "sim", "-", given=sheet.encode(codec), ESIMCTL_OUTPUT="json")
        assert (done.returncode, b'"remaining_bytes": 4000000000' in done.stdout) == (0, True), done


@pytest.fixture(scope="module")
def khmer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose line belongs to a person with a Khmer name."""
    home = tmp_path_factory.mktemp("khmer")
    process(home, "lines", "add", "sim", "--provider", "manual", "--carrier", "smart")
    process(home, "lines", "owner", "sim", "សុខា")
    return home


@pytest.mark.parametrize("locale", ["cp1252", "ascii", "latin-1"])
@pytest.mark.parametrize("form", ["json", "csv", "tsv", "table"])
def test_what_programs_read_is_utf_8_in_every_locale(khmer: Path, locale: str, form: str) -> None:
    words = ("lines", "list", *(() if form in ("json", "table") else ("--columns", "line,owner")))
    words = ("lines", "show", "sim") if form == "table" else words
    done = process(khmer, *words, "-o", form, PYTHONIOENCODING=locale)
    assert done.returncode == 0
    assert "សុខា" in done.stdout.decode("utf-8")
