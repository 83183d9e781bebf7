"""The only exit: runs the command, turns an error into one line or one JSON document, and into a code.

The flow: 1. words that shells ask for (completion values) are answered without the command line's machinery;
2. the command runs and has shown its result; 3. stdout is flushed here, so that a reader that went away or a full
disk is noticed before the interpreter ends; 4. whatever went wrong becomes one line and one hint, or one document.
"""

import os
import signal
import sys
from types import FrameType
from typing import Any

from esimctl.errors import EsimctlError, ExitCode, Interrupted, ReaderGone


class Terminated(BaseException):
    """SIGTERM: unwinds like Ctrl-C does, so that locks and temporary files are left in order."""


def _on_sigterm(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


def wants_json(arguments: list[str]) -> bool:
    """Whether the answer must be JSON, told from the words themselves: wrong usage is answered in JSON too."""
    for position, word in enumerate(arguments):
        if word == "--":
            break
        if word in {"--json", "--output=json", "-ojson"}:
            return True
        if word in {"-o", "--output"} and arguments[position + 1 : position + 2] == ["json"]:
            return True
    named = any(word.startswith(("-o", "--output")) for word in arguments)
    return not named and os.environ.get("ESIMCTL_OUTPUT") == "json"


def main(arguments: list[str] | None = None) -> int:
    """Run one command line and return its exit code. The console script and `python -m esimctl` end here."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        signal.signal(signal.SIGTERM, _on_sigterm)
    except ValueError:  # not the main thread: somebody runs us inside a program of their own
        pass
    try:
        code = _run(words)
    except Terminated:
        code = int(ExitCode.TERMINATED)
    return _close(code)


def _run(words: list[str]) -> int:
    if words[:1] == ["__complete"]:
        from esimctl.complete import answer

        return answer(words[1:])
    try:
        from esimctl.cli import application

        result = application().main(args=words, prog_name="esimctl", standalone_mode=False)
        if sys.stdout is not None:
            _flush()
        return result if isinstance(result, int) else 0
    except EsimctlError as error:
        return _fail(error, words)
    except KeyboardInterrupt:
        return _fail(Interrupted("interrupted before anything was sent"), words)
    except Exception as error:
        if getattr(error, "exit_code", None) == int(ExitCode.USAGE) and hasattr(error, "format_message"):
            return _misused(error, words)
        if type(error).__name__ == "Abort":
            return _fail(Interrupted("interrupted before anything was sent"), words)
        return _crashed(error, words)


def _flush() -> None:
    from esimctl.show.terminal import Terminal

    Terminal().flush()


def _misused(error: Any, words: list[str]) -> int:
    """Wrong usage as the parser found it; with no words at all this is the help, on stderr."""
    from esimctl.errors import UsageError

    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "esimctl"
    if type(error).__name__ == "NoArgsIsHelpError" and not wants_json(words):
        from esimctl.show.terminal import Terminal

        Terminal().complain(context.get_help())
        return int(ExitCode.USAGE)
    message = " ".join(str(error.format_message()).split())
    if type(error).__name__ == "NoArgsIsHelpError":
        message = "a command is missing"
    return _fail(UsageError("{said}", hint="{path} --help", said=message, path=path), words)


def _fail(error: EsimctlError, words: list[str]) -> int:
    """Say what failed: one line and one hint on stderr, or the error document on stdout."""
    from esimctl.show.terminal import Terminal

    terminal = Terminal()
    code = int(error.exit_code)
    if isinstance(error, ReaderGone):
        return code
    if wants_json(words) and code != int(ExitCode.OUTPUT_FAILED):
        from esimctl.show.present import error_document

        try:
            terminal.write(error_document(error))
            terminal.flush()
        except ReaderGone:
            return int(ExitCode.READER_GONE)
        except EsimctlError as second:
            terminal.complain(f"esimctl: {second}")
        return code
    from esimctl.show.words import say

    terminal.finish_progress()
    terminal.complain("esimctl: " + say(error.template, **error.params))
    if error.hint_template:
        terminal.complain("  " + say(error.hint_template, **error.params))
    if os.environ.get("ESIMCTL_DEBUG"):
        import traceback

        terminal.complain(traceback.format_exc())
    return code


def _crashed(error: Exception, words: list[str]) -> int:
    """A bug of ours: one sentence and a crash file for people, the same error document for programs."""
    from esimctl.store.crash import record_crash

    place = record_crash(error, os.environ)
    wrapped = EsimctlError(
        "an unexpected error: {kind} (details in {place}); nothing was sent"
        if place
        else "an unexpected error: {kind}; nothing was sent",
        hint="ESIMCTL_DEBUG=1 shows more",
        kind=type(error).__name__,
        place=place,
    )
    return _fail(wrapped, words)


def _close(code: int) -> int:
    """Flush for the last time; the interpreter must find nothing left that it could fail to write."""
    for stream in (sys.stdout, sys.stderr):
        if stream is None:
            continue
        try:
            stream.flush()
        except (OSError, ValueError):
            gone = os.open(os.devnull, os.O_WRONLY)
            try:
                os.dup2(gone, stream.fileno())
            except (OSError, ValueError):
                pass
            finally:
                os.close(gone)
    return code


__all__ = ["main", "wants_json"]
