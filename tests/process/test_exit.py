"""How a run ends: signals, wrong usage, bugs. One line for people, one document for programs, one code for both."""

import json
import os
import pty
import select
import signal
import stat
import time
from pathlib import Path
from subprocess import Popen

import pytest

from tests.process.runner import run, start


def _wait_for(process: "Popen[bytes]", word: bytes) -> None:
    assert process.stderr is not None
    heard = b""
    while word not in heard:
        part = os.read(process.stderr.fileno(), 4096)
        assert part, f"ended early: {heard!r}"
        heard += part


@pytest.mark.parametrize(
    ("number", "code", "name"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
    ids=["Ctrl-C", "SIGTERM"],
)
@pytest.mark.parametrize("words", [["probe", "wait"], ["probe", "wait", "--json"]], ids=["people", "json"])
def test_signals(number: signal.Signals, code: int, name: str, words: list[str], tmp_path: Path) -> None:
    """Interrupted before anything was sent: 128 + n, one sentence or one document."""
    with start(words, tmp_path, probe=True) as process:
        _wait_for(process, b"waiting\n")
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == code
    if "--json" in words:
        document = json.loads(out)
        assert document["error"]["code"] == name
        assert document["error"]["exit_code"] == code
        assert err == b""
    else:
        assert out == b""
        assert err == f"esimctl: {name} before anything was sent\n".encode()


def test_ctrl_c_leaves_a_clean_line_on_a_terminal(tmp_path: Path) -> None:
    """The progress line is wiped, and what is said begins on a line of its own."""
    master, slave = pty.openpty()
    process = start(["probe", "progress"], tmp_path, probe=True, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    heard = b""
    limit = time.monotonic() + 60
    sent = False
    while time.monotonic() < limit:
        ready, _, _ = select.select([master], [], [], 0.05)
        try:
            heard += os.read(master, 4096) if ready else b""
        except OSError:
            break
        if not sent and b"activating" in heard:
            process.send_signal(signal.SIGINT)
            sent = True
    assert process.wait(timeout=60) == 130
    os.close(master)
    assert heard.endswith(b"\r\x1b[K\r\nesimctl: interrupted before anything was sent\r\n")


WRONG = [
    (["balence"], "unknown_command", "did you mean balance"),
    (["plans", "lst"], "unknown_command", "did you mean list"),
    (["plans", "list", "--countri", "KH"], "unknown_option", "did you mean --country"),
    (["plans", "list", "--country"], "missing_value", "--country needs a value"),
    (["plans", "list", "--limit", "x"], "bad_value", "--limit"),
    (["plans", "show"], "missing_value", "PLAN is missing"),
    (["plans"], "missing_command", "a command is missing"),
    (["plans", "list", "-o", "yaml"], "usage", "table, tsv, csv, json"),
    (["plans", "list", "--color", "green"], "usage", "auto, always or never"),
    (["help", "exit-kodes"], "unknown_topic", "did you mean exit-codes"),
]


@pytest.mark.parametrize(("words", "code", "said"), WRONG, ids=[" ".join(words) for words, _, _ in WRONG])
def test_wrong_usage(words: list[str], code: str, said: str, tmp_path: Path) -> None:
    """Two lines on stderr for a person, one document for a program, exit 2 for both, and nothing is written."""
    done = run(words, tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    if code != "missing_command":
        assert said in done.stderr
        assert done.stderr.count("\n") <= 2
        assert done.stderr.startswith("esimctl: ")
    assert not (tmp_path / "esimctl").exists()
    if "-o" in words:
        return  # what was asked for is not JSON
    done = run(words, tmp_path, environ={"ESIMCTL_OUTPUT": "json"})
    assert (done.returncode, done.stderr) == (2, "")
    document = json.loads(done.stdout)
    assert document["schema"] == "esimctl.error/1"
    assert document["error"]["code"] == code
    assert document["error"]["exit_code"] == 2
    assert said in document["error"]["message"]
    assert document["order"] is None
    assert not (tmp_path / "esimctl").exists()


def test_usage_errors_are_json_where_the_environment_says_so(tmp_path: Path) -> None:
    """ESIMCTL_OUTPUT=json is asked for as much as -o json is; -o on the command line wins."""
    done = run(["balence"], tmp_path, environ={"ESIMCTL_OUTPUT": "json"})
    assert json.loads(done.stdout)["error"]["code"] == "unknown_command"
    done = run(["balence", "-o", "tsv"], tmp_path, environ={"ESIMCTL_OUTPUT": "json"})
    assert done.stdout == ""


def test_no_words_at_all_show_the_help_on_stderr(tmp_path: Path) -> None:
    """Exit 2, like a command that is not complete; stdout stays empty for the pipe behind it."""
    done = run([], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: esimctl COMMAND")


@pytest.mark.parametrize("words", [["--help"], ["help"]], ids=" ".join)
def test_every_way_to_the_root_page(words: list[str], tmp_path: Path) -> None:
    """On stdout, with exit 0, and the same page."""
    done = run(words, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == run(["--help"], tmp_path).stdout


def test_help_on_a_command_is_its_own_page(tmp_path: Path) -> None:
    """`help plans list` and `plans list --help` are one page."""
    pages = {run(words, tmp_path).stdout for words in (["help", "plans", "list"], ["plans", "list", "--help"])}
    assert len(pages) == 1
    assert pages.pop().startswith("Usage: esimctl plans list")


@pytest.mark.parametrize("word", ["--version", "-V", "version"])
def test_the_version_needs_no_profile(word: str, tmp_path: Path) -> None:
    """Works with a broken profile, and is one line."""
    profile = tmp_path / "esimctl" / "profiles" / "default"
    profile.mkdir(parents=True)
    (profile / "profile.toml").write_text("= broken")
    done = run([word], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    name, version = done.stdout.split()
    assert name == "esimctl"
    assert version[0].isdigit()


def test_a_bug_is_one_sentence_and_a_crash_file(tmp_path: Path) -> None:
    """The file is closed to others and holds neither locals, nor the command line, nor an activation code."""
    done = run(["probe", "crash", "--request-id", "secret-on-argv"], tmp_path, probe=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert "an unexpected error: RuntimeError" in done.stderr
    assert done.stderr.count("\n") == 2
    files = list((tmp_path / "esimctl" / "crash").iterdir())
    assert len(files) == 1
    assert str(files[0]) in done.stderr
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700
    text = files[0].read_text("utf-8")
    assert "RuntimeError" in text
    assert "probe.py" in text
    for secret in ("secret-on-argv", "SECRET-MATCHING-ID"):
        assert secret not in text
    assert "secret = " not in text


def test_a_bug_is_a_document_for_programs(tmp_path: Path) -> None:
    """`--json` gets its one document also then."""
    done = run(["probe", "crash", "--json"], tmp_path, probe=True)
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "internal_error"
    assert done.stderr == ""


def test_crash_files_are_swept(tmp_path: Path) -> None:
    """Ten are kept, the newest."""
    folder = tmp_path / "esimctl" / "crash"
    folder.mkdir(parents=True)
    for number in range(15):
        (folder / f"crash-{number:03}.txt").write_text("old")
    run(["probe", "crash"], tmp_path, probe=True)
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 10
    assert names[0] == "crash-006.txt"


def test_debug_shows_the_traceback_without_secrets(tmp_path: Path) -> None:
    """ESIMCTL_DEBUG is for the person who looks for a bug; credentials of the environment stay hidden."""
    done = run(["probe", "crash"], tmp_path, probe=True, environ={"ESIMCTL_DEBUG": "1"})
    assert "Traceback (most recent call last)" in done.stderr
    assert "SECRET-MATCHING-ID" not in done.stderr


def test_no_crash_file_where_nothing_can_be_written(tmp_path: Path) -> None:
    """The sentence comes all the same."""
    (tmp_path / "file").write_text("in the way")
    done = run(["probe", "crash"], tmp_path, probe=True, environ={"ESIMCTL_HOME": str(tmp_path / "file")})
    assert done.returncode == 1
    assert "an unexpected error: RuntimeError; nothing was sent" in done.stderr


@pytest.mark.parametrize("what", ["ask", "secret"])
def test_no_question_without_a_terminal(what: str, tmp_path: Path) -> None:
    """What would have been asked is refused with exit 2 and the option to give; stdin is not read."""
    done = run(["probe", what], tmp_path, probe=True, given="y\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 2
    assert "--" in done.stderr.splitlines()[1]


def _on_terminal(words: list[str], typed: str, home: Path, **environ: str) -> tuple[int, str, str]:
    """Run with stdin and stderr on a terminal and stdout in a pipe: (code, stdout, what the terminal showed)."""
    master, slave = pty.openpty()
    process = start(words, home, probe=True, environ=environ, stdin=slave, stderr=slave)
    os.close(slave)
    shown = b""
    typed_yet = False
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
        if not typed_yet and (b"? [y/N] " in shown or b"Code: " in shown):
            os.write(master, typed.encode())
            typed_yet = True
    out, _ = process.communicate(timeout=60)
    os.close(master)
    return process.returncode, out.decode(), shown.decode()


@pytest.mark.parametrize(("typed", "answer"), [("y\r", "True"), ("\r", "False"), ("no\r", "False"), ("yes\r", "True")])
def test_a_question_goes_to_stderr(typed: str, answer: str, tmp_path: Path) -> None:
    """stdout carries the answer alone; Enter is the safe choice."""
    code, out, shown = _on_terminal(["probe", "ask"], typed, tmp_path)
    assert (code, out) == (0, f"{answer}\n")
    assert "Buy it? [y/N] " in shown


def test_a_secret_is_not_echoed(tmp_path: Path) -> None:
    """The terminal shows the question and nothing of the answer."""
    code, out, shown = _on_terminal(["probe", "secret"], "hush-hush\r", tmp_path)
    assert (code, out) == (0, "9\n")
    assert "hush" not in shown


def test_no_input_forbids_questions_on_a_terminal(tmp_path: Path) -> None:
    """ESIMCTL_NO_INPUT wins over a terminal."""
    code, out, shown = _on_terminal(["probe", "ask"], "y\r", tmp_path, ESIMCTL_NO_INPUT="1")
    assert (code, out) == (2, "")
    assert "[y/N]" in shown  # it is quoted in the refusal, and not waited for
