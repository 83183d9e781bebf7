"""The terminal object: who gets colour, who is asked, how wide it is, and what a broken stream becomes."""

import errno
import re
import time
from io import StringIO
from itertools import product

import pytest

from esimctl.errors import OutputFailed, ReaderGone, UsageError
from esimctl.show import waiting
from esimctl.show.terminal import Terminal, wants_colour
from tests.show.fakes import Tty, said, shown, terminal

#: environment → (colour on a terminal, colour in a pipe), with --color auto
COLOUR = [
    ({}, True, False),
    ({"NO_COLOR": "1"}, False, False),
    ({"NO_COLOR": "0"}, False, False),
    ({"NO_COLOR": ""}, True, False),
    ({"FORCE_COLOR": "1"}, True, True),
    ({"FORCE_COLOR": "0"}, True, False),
    ({"FORCE_COLOR": ""}, True, False),
    ({"CLICOLOR_FORCE": "1"}, True, True),
    ({"CLICOLOR_FORCE": "0"}, True, False),
    ({"CLICOLOR": "0"}, False, False),
    ({"CLICOLOR": "1"}, True, False),
    ({"TERM": "dumb"}, False, False),
    ({"TERM": "xterm-256color"}, True, False),
    ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
    ({"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, False, False),
    ({"FORCE_COLOR": "1", "CLICOLOR": "0"}, True, True),
    ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
    ({"CLICOLOR_FORCE": "1", "CLICOLOR": "0", "TERM": "dumb"}, True, True),
    ({"FORCE_COLOR": "0", "CLICOLOR_FORCE": "1"}, True, True),
    ({"CLICOLOR": "1", "TERM": "dumb"}, False, False),
    ({"TTY_COMPATIBLE": "1"}, True, False),
    ({"GITHUB_ACTIONS": "true"}, True, False),
]


@pytest.mark.parametrize(("environ", "on_terminal", "in_pipe"), COLOUR, ids=[str(row[0]) for row in COLOUR])
def test_colour_by_the_environment(environ: dict[str, str], on_terminal: bool, in_pipe: bool) -> None:
    """NO_COLOR, then FORCE_COLOR and CLICOLOR_FORCE, then CLICOLOR, then TERM, then whether it is a terminal."""
    assert wants_colour("auto", environ, True) is on_terminal
    assert wants_colour("auto", environ, False) is in_pipe


@pytest.mark.parametrize(("environ", "is_terminal"), list(product([row[0] for row in COLOUR], [True, False])))
def test_the_option_wins_over_the_environment(environ: dict[str, str], is_terminal: bool) -> None:
    """--color always and never mean what they say."""
    assert wants_colour("always", environ, is_terminal)
    assert not wants_colour("never", environ, is_terminal)


def test_stdout_and_stderr_are_judged_separately() -> None:
    """`esimctl balance | less` keeps colour on stderr and has none on stdout."""
    both = Terminal(Tty(), StringIO(), Tty(), {})
    assert (both.colour, both.colour_err) == (False, True)
    both = Terminal(Tty(), Tty(), StringIO(), {})
    assert (both.colour, both.colour_err) == (True, False)


def test_rich_sees_only_our_decision() -> None:
    """The console that draws has colour when we say so, whatever Rich itself reads from the environment."""
    assert terminal(80).console().color_system == "standard"
    assert terminal(80, NO_COLOR="1").console().color_system is None
    assert terminal(None).console().color_system is None


@pytest.mark.parametrize(("columns", "width"), [("40", 40), ("160", 160), ("0", 80), ("wide", 80), ("", 80)])
def test_the_width_is_what_columns_says(columns: str, width: int) -> None:
    """COLUMNS where it is a number; 80 where neither it nor the stream knows."""
    assert Terminal(Tty(), Tty(), Tty(), {"COLUMNS": columns}).width == width


def test_a_pipe_has_no_width() -> None:
    """Nothing is wrapped or cut there, whatever COLUMNS says; pages of help are laid out for 80 or COLUMNS."""
    piped = Terminal(Tty(), StringIO(), Tty(), {"COLUMNS": "40"})
    assert piped.width is None
    assert piped.height is None
    assert piped.page_width == 40
    assert Terminal(Tty(), StringIO(), Tty(), {}).page_width == 80


PROMPTS = [
    (Tty(), Tty(), {}, True),
    (StringIO("y\n"), Tty(), {}, False),
    (Tty(), StringIO(), {}, False),
    (Tty(), Tty(), {"ESIMCTL_NO_INPUT": "1"}, False),
    (Tty(), Tty(), {"ESIMCTL_NO_INPUT": "0"}, True),
    (Tty(), Tty(), {"ESIMCTL_NO_INPUT": ""}, True),
]


@pytest.mark.parametrize(("stdin", "stderr", "environ", "possible"), PROMPTS)
def test_who_can_be_asked(stdin: StringIO, stderr: StringIO, environ: dict[str, str], possible: bool) -> None:
    """stdin and stderr must both be terminals; where stdout goes does not matter."""
    for stdout in (Tty(), StringIO()):
        assert Terminal(stdin, stdout, stderr, environ).can_prompt is possible


@pytest.mark.parametrize("ask", ["ask", "confirm", "ask_secret"])
def test_a_question_that_cannot_be_asked_names_the_option(ask: str) -> None:
    """Exit 2 with what to give instead, and nothing is read from stdin."""
    stdin = StringIO("y\n")
    with pytest.raises(UsageError) as caught:
        getattr(Terminal(stdin, Tty(), Tty(), {}), ask)("Buy?", instead="--yes")
    assert caught.value.hint == "--yes"
    assert caught.value.code == "prompt_impossible"
    assert stdin.read() == "y\n"


def test_a_question_stands_on_stderr_and_enter_is_no() -> None:
    """stdout stays empty for the pipe behind it."""
    asked = Terminal(Tty("\n"), Tty(), Tty(), {})
    assert asked.confirm("Buy it?", instead="--yes") is False
    assert shown(asked) == ""
    assert said(asked) == "Buy it? [y/N] "


def test_no_answer_is_refused() -> None:
    """Ctrl-D is neither yes nor no."""
    with pytest.raises(UsageError, match="no answer"):
        Terminal(Tty(""), Tty(), Tty(), {}).confirm("Buy it?", instead="--yes")


def test_progress_is_for_terminals_and_leaves_no_residue(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, overwritten, cut to the width, wiped before anything else is said."""
    monkeypatch.setattr(waiting, "AFTER", 0)
    one = terminal(40, NO_COLOR="1")
    one.progress("waiting for activation " + "x" * 100)
    pictures = drawn(one, 3)
    one.complain("done")
    assert all(len(picture) < 40 and "waiting for activation" in picture for picture in pictures)
    assert len(set(pictures)) > 1, "it does not move"
    assert pictures[0].endswith("… 0 s")
    assert said(one).endswith("\r\x1b[Kdone\n")
    piped = Terminal(Tty(), StringIO(), StringIO(), {})
    piped.progress("waiting")
    piped.finish_progress()
    assert said(piped) == ""


def drawn(terminal: Terminal, count: int) -> list[str]:
    """The pictures of what moves, once there are so many."""
    limit = time.monotonic() + 30
    while said(terminal).count("\r\x1b[K") < count and time.monotonic() < limit:
        time.sleep(0.02)
    return said(terminal).split("\r\x1b[K")[1:]


def test_where_the_length_is_known_there_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """With both figures."""
    monkeypatch.setattr(waiting, "AFTER", 0)
    one = terminal(80, NO_COLOR="1")
    one.progress("importing", 100, 400)
    pictures = drawn(one, 2)
    assert one.finish_progress()
    assert re.fullmatch(r"\S importing ━━━━.+ 100/400 0 s", pictures[0]), pictures
    assert said(one).endswith("\r\x1b[K")


def test_what_is_quick_is_not_announced() -> None:
    """And Rich's progress is not loaded for it."""
    one = terminal(80)
    one.progress("asking")
    assert not one.finish_progress()
    assert said(one) == ""


def test_progress_on_a_dumb_terminal_moves_no_cursor() -> None:
    """Whole lines there."""
    one = terminal(80, TERM="dumb")
    one.progress("waiting")
    one.finish_progress()
    assert said(one) == "waiting\n"


def test_verbose_turns_progress_into_lines() -> None:
    """A log of what a run did, also where nobody watches; `--quiet` still wins."""
    one = Terminal(Tty(), StringIO(), StringIO(), {}, verbose=True)
    one.progress("asking the provider")
    one.progress("waiting")
    assert said(one) == "asking the provider\nwaiting\n"
    silent = Terminal(Tty(), StringIO(), StringIO(), {}, verbose=True, quiet=True)
    silent.progress("waiting")
    assert said(silent) == ""


def test_quiet_silences_all_but_errors() -> None:
    """Notes, hints and progress; complaints and results stay."""
    one = Terminal(Tty(), Tty(), Tty(), {}, quiet=True)
    one.note("a note")
    one.hint_next("a hint")
    one.progress("progress")
    one.write("result\n")
    one.complain("an error")
    assert (shown(one), said(one)) == ("result\n", "an error\n")


class Failing(StringIO):
    """A stream whose disk is full, or whose reader has gone."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def write(self, _text: str) -> int:
        raise self.error

    def flush(self) -> None:
        if self.closed:  # the interpreter tidies up
            return
        raise self.error


@pytest.mark.parametrize("act", ["write", "flush"])
def test_a_broken_stdout_is_an_error_of_ours(act: str) -> None:
    """A reader that has gone is ReaderGone (141), everything else OutputFailed (74)."""
    for error, wanted in (
        (BrokenPipeError(), ReaderGone),
        (OSError(errno.ENOSPC, "No space left on device"), OutputFailed),
        (OSError(errno.EIO, "Input/output error"), OutputFailed),
    ):
        broken = Terminal(Tty(), Failing(error), Tty(), {})
        with pytest.raises(wanted):
            getattr(broken, act)(*(["x"] if act == "write" else []))


def test_a_broken_stderr_changes_nothing() -> None:
    """There is nobody left to tell; the exit code still says it."""
    broken = Terminal(Tty(), Tty(), Failing(OSError(errno.EIO, "gone")), {})
    broken.complain("an error")
    broken.note("a note")
    broken.write("result\n")
    assert shown(broken) == "result\n"


def test_our_signs_are_spelled_where_the_locale_has_none() -> None:
    """A terminal that takes ASCII alone gets no question marks for signs that we chose ourselves."""

    class Ascii(Tty):
        encoding = "ascii"

    one = Terminal(Tty(), Ascii(), Ascii(), {"TERM": "xterm"}, colour="never")
    one.tell("sim · 2 × 5 GB … ✓\n")
    one.hint_next("esimctl renew sim")
    assert shown(one) == "sim - 2 x 5 GB ... ok:\n"
    assert said(one) == "-> esimctl renew sim\n"
