"""The only exit: runs the command, turns an error into one line or one JSON document, and into a code.

The flow: 1. words that shells ask for (completion values) are answered without the command line's machinery;
2. the command runs and has shown its result; 3. stdout is flushed here, so that a reader that went away or a full
disk is noticed before the interpreter ends; 4. whatever went wrong becomes one line and one hint, or one document.
"""

import gc
import os
import signal
import sys
from collections.abc import Mapping
from time import time_ns
from types import FrameType

from esimctl.environment import OPENSSL
from esimctl.errors import (
    EsimctlError,
    ExitCode,
    Interrupted,
    OutputFailed,
    ReaderGone,
    Stopped,
    UsageError,
)
from esimctl.show.styles import COMMAND
from esimctl.show.terminal import Terminal
from esimctl.values.sentence import Raw

#: objects between two looks for cycles: a long journal is millions of objects that stay, and looking at all of them
#: again and again took a third of a long command's time
COLLECT_AFTER = 200_000


class Terminated(BaseException):
    """SIGTERM: unwinds like Ctrl-C does, so that locks and temporary files are left in order."""


def _on_sigterm(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


def wants_json(words: list[str], environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the answer must be JSON, told from the words themselves: wrong usage is answered in JSON too."""
    for position, word in enumerate(words):
        if word == "--":
            words = words[:position]
            break
        if word in {"--json", "--output=json", "-ojson"}:
            return True
        if word in {"-o", "--output"} and words[position + 1 : position + 2] == ["json"]:
            return True
    named = any(word.startswith(("-o", "--output")) for word in words)
    return not named and environ.get("ESIMCTL_OUTPUT") == "json"


def for_monitor(words: list[str]) -> bool:
    """Whether a monitor reads the answer (`check --plugin`), told from the words: wrong usage is answered so, too."""
    if words[:1] != ["check"]:
        return False
    before = words[: words.index("--")] if "--" in words else words
    return any(word == "--plugin" or word.startswith("--plugin=") for word in before)


def main(arguments: list[str] | None = None) -> int:
    """Run one command line and return its exit code. The console script and `python -m esimctl` end here."""
    words = sys.argv[1:] if arguments is None else arguments
    if "esimctl.values.secrecy" in sys.modules:  # an earlier command of the same process knew some
        from esimctl.values.secrecy import forget

        forget()
    if "esimctl.show.reader" in sys.modules:
        from esimctl.show.reader import read_by

        read_by(None)
    if arguments is None:
        for name in OPENSSL:  # before anything loads it: from then on it has read them
            os.environ.pop(name, None)
        gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])
        Terminal.guard_descriptors()
    try:
        signal.signal(signal.SIGTERM, _on_sigterm)
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # under nohup it stays ignored
            signal.signal(signal.SIGHUP, _on_sigterm)
    except ValueError:  # not the main thread: somebody runs us inside a program of their own
        pass
    try:
        code = _not_text(words) or _run(words)
    except Terminated:
        code = _fail(Stopped("terminated before anything was sent"), words)
    except KeyboardInterrupt:  # a second Ctrl-C, while the first was being reported
        code = int(ExitCode.INTERRUPTED)
    Terminal().settle()
    return 3 if for_monitor(words) and code not in range(4) else code  # a reader that went away, a second Ctrl-C


def _not_text(words: list[str]) -> int:
    """The exit code for an argument that is not UTF-8, 0 where all of them are text."""
    for place, word in enumerate(words, 1):
        if "\0" in word or (not word.isascii() and any("\ud800" <= each <= "\udfff" for each in word)):
            wrong = UsageError("argument {place} is not UTF-8 text", code="not_text", place=place)
            return _fail(wrong, words[: place - 1] + words[place:])
    return 0


def _run(words: list[str]) -> int:
    if words[:1] == ["__complete"]:
        from esimctl.complete import answer

        return answer(words[1:], Terminal())
    if words == ["version"]:  # as git and go say it
        words = ["--version"]
    try:
        from esimctl.cli import application

        result = application().main(args=words, prog_name="esimctl", complete_var="", standalone_mode=False)
        if result == int(ExitCode.INTERRUPTED):  # how Typer answers Ctrl-C
            raise KeyboardInterrupt
        terminal = Terminal()
        if terminal.stdout is not None:
            terminal.flush()
        return result if isinstance(result, int) else 0
    except EsimctlError as error:
        return _fail(error, words)
    except KeyboardInterrupt:
        return _fail(Interrupted("interrupted before anything was sent"), words)
    except SystemExit as error:  # Typer's answer to a closed pipe under a stream that is not ours
        return error.code if isinstance(error.code, int) else int(ExitCode.READER_GONE)
    except Exception as error:
        return _unforeseen(error, words)


def _unforeseen(error: Exception, words: list[str]) -> int:
    """An exception that is not ours: wrong usage as the parser found it, an abort, or a bug."""
    from esimctl.cli.misuse import explain, is_bare, is_misuse

    if is_misuse(error):
        if is_bare(error) and not wants_json(words):
            Terminal().complain(str(error).rstrip("\n"))
            return int(ExitCode.USAGE)
        return _fail(explain(error), words)
    if type(error).__name__ == "Abort":
        return _fail(Interrupted("interrupted before anything was sent"), words)
    if isinstance(error, OSError):
        from esimctl.refused_by_system import failure_of

        failure = failure_of(error)
        if failure is not None:
            return _fail(failure, words)
    return _crashed(error, words)


def _fail(error: EsimctlError, words: list[str]) -> int:
    """Say what failed: one line and one hint on stderr, or the error document on stdout."""
    terminal = Terminal()
    code = int(error.exit_code)
    if code == int(ExitCode.USAGE) and error.hint_template is None:
        from esimctl.cli.misuse import point_to_help

        point_to_help(error, words)
    wiped = terminal.finish_progress()
    if isinstance(error, ReaderGone):
        return code
    if for_monitor(words):
        from esimctl.cli.monitor import told

        return told(error, terminal, json=wants_json(words, {}))
    if wants_json(words) and error.code != OutputFailed.default_code:  # stdout itself takes no more
        from esimctl.show.present import error_document

        try:
            terminal.write(error_document(error))
            terminal.flush()
        except ReaderGone:
            return int(ExitCode.READER_GONE) if code != int(ExitCode.UNKNOWN_OUTCOME) else code
        except EsimctlError as second:
            terminal.complain(f"esimctl: {second}")
    else:
        if isinstance(error, Interrupted) and terminal.err_is_terminal and not wiped:
            terminal.complain("")  # the terminal has echoed ^C
        _tell(error, words, terminal)
    _debug(terminal)
    return code


def _tell(error: EsimctlError, words: list[str], terminal: Terminal) -> None:
    """One sentence and one way out on stderr; at a terminal a command that can be typed as it stands."""
    if not terminal.err_is_terminal:
        from esimctl.show.words import say

        terminal.complain("esimctl: " + say(error.template, **error.params))
        if error.hint_template:
            terminal.complain("  " + say(error.hint_template, **error.params))
        return
    from esimctl.show.failure import sentence, way_out

    terminal.complain(sentence(error))
    way = way_out(error, words)
    if way is not None:
        terminal.complain(f"  {way}", whole=way.startswith(COMMAND))


def _debug(terminal: Terminal) -> None:
    """The traceback, for those who asked for it, with secrets masked."""
    if os.environ.get("ESIMCTL_DEBUG") in {None, "", "0"} or sys.exc_info()[0] is None:
        return
    import traceback

    from esimctl.store.crash import masked

    terminal.complain(masked(traceback.format_exc().rstrip("\n"), os.environ))


def _crashed(error: Exception, words: list[str]) -> int:
    """A bug of ours: one sentence and a crash file for people, the same error document for programs."""
    from esimctl.store.crash import record_crash

    place = record_crash(error, os.environ, time_ns())
    wrapped = EsimctlError(
        "an unexpected error: {kind} (details in {place}); nothing was sent"
        if place
        else "an unexpected error: {kind}; nothing was sent",
        hint="ESIMCTL_DEBUG=1 shows more",
        kind=Raw(type(error).__name__),
        place=Raw(place),
    )
    return _fail(wrapped, words)
