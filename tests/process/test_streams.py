"""What happens to the standard streams: readers that go away, full disks, closed descriptors."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.process.runner import arguments, closed_pipe, environment, run, start

PAGES = [["-h"], ["help", "environment"], ["plans", "list", "--help"], ["--version"], ["plans", "list", "-o", "json"]]


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
def test_a_reader_that_is_gone_is_141_without_noise(words: list[str], tmp_path: Path) -> None:
    """`| true`: small output meets the closed pipe only at the last flush, where Python itself would say 120."""
    pipe = closed_pipe()
    done = run(words, tmp_path, stdout=pipe)
    os.close(pipe)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_reader_that_goes_away_in_the_middle_is_141_without_noise(tmp_path: Path) -> None:
    """`| head -1` on more output than a pipe holds."""
    with start(["probe", "large"], tmp_path, probe=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"line 0\n"
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (141, b"")


@pytest.mark.parametrize("words", [*PAGES, ["plans", "list", "--json", "--nonsense"]], ids=" ".join)
def test_a_full_disk_is_one_line_and_74(words: list[str], tmp_path: Path) -> None:
    """Neither 120 nor a traceback, also where the answer is the error document itself."""
    with Path("/dev/full").open("w") as full:
        done = run(words, tmp_path, stdout=full)
    usage = "--nonsense" in words
    assert done.returncode == (2 if usage else 74)
    assert done.stderr.count("\n") == 1
    assert "No space left on device" in done.stderr


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
def test_a_closed_stdout_is_one_line_and_74(words: list[str], tmp_path: Path) -> None:
    """`>&-`: there is nowhere to put the answer."""
    quoted = " ".join(f"'{word}'" for word in arguments(words))
    done = subprocess.run(
        ["/bin/sh", "-c", f"{quoted} >&-"], env=environment(tmp_path), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 74
    assert done.stderr.startswith("esimctl: cannot write to stdout")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("closing", ["2>&-", "<&-", "<&- 2>&-"])
def test_closed_stdin_and_stderr_change_nothing(closing: str, tmp_path: Path) -> None:
    """The answer stands on stdout whatever else is closed, and no file is opened in the place of a stream."""
    quoted = " ".join(f"'{word}'" for word in arguments(["plans", "list", "--limit", "1"]))
    done = subprocess.run(
        ["/bin/sh", "-c", f"{quoted} {closing}"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert done.stdout.count("\n") == 1


def test_notes_and_results_take_different_ways(tmp_path: Path) -> None:
    """stdout is the answer and nothing else; `-q` silences the rest."""
    done = run(["probe", "say"], tmp_path, probe=True)
    assert (done.stdout, done.stderr) == ("a result\n", "a note\n")
    done = run(["probe", "say", "-q"], tmp_path, probe=True)
    assert (done.stdout, done.stderr) == ("a result\n", "")


def test_output_survives_an_eight_bit_locale(tmp_path: Path) -> None:
    """Chinese on a stream that knows only ASCII becomes question marks, never a traceback."""
    done = run(["-h"], tmp_path, environ={"ESIMCTL_LANG": "zh-CN", "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stderr == ""
