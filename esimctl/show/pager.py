"""What is longer than the screen goes through a pager: `$PAGER`, else `less`, where somebody sits at the terminal."""

import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from esimctl.show.terminal import Terminal


def wants_pager(terminal: Terminal) -> bool:
    """Whether one may be started: three terminals that are not dumb, input allowed, `--no-pager` not given."""
    return (
        terminal.pages
        and terminal.can_prompt
        and terminal.out_is_terminal
        and terminal.environ.get("TERM", "dumb") != "dumb"
    )


def command_of(environ: Mapping[str, str]) -> list[str]:
    """The pager's command line; empty where none is wanted, or `cat`, which shows all as it is."""

    given = environ.get("PAGER")
    try:
        words = ["less"] if given is None else shlex.split(given)
    except ValueError:  # an open quote
        return []
    return [] if words == ["cat"] else words


@contextmanager
def paged(terminal: Terminal) -> Iterator[None]:
    """Show what is written within through the pager if it has more lines than the screen has rows.

    Leaving the pager early changes nothing: no exit code depends on what was read.
    """
    words = command_of(terminal.environ) if wants_pager(terminal) else []
    if not words:
        yield
        return
    terminal.page = []
    try:
        yield
    finally:
        text, terminal.page = "".join(terminal.page), None
        if text.count("\n") < (terminal.height or 24):
            terminal.write(text)
        else:
            _show(words, text, terminal)


def _show(words: list[str], text: str, terminal: Terminal) -> None:

    terminal.flush()
    environ = {**os.environ, "LESS": os.environ.get("LESS", "FRX"), "LESSCHARSET": "utf-8"}
    try:
        pager = subprocess.Popen(words, stdin=subprocess.PIPE, env=environ, encoding="utf-8")  # noqa: S603 - the person's own $PAGER
    except OSError:  # there is none of that name
        terminal.write(text)
        return
    try:
        pager.communicate(text)
    except (BrokenPipeError, KeyboardInterrupt):  # Ctrl-C is a pager's own affair
        pass
    while True:
        try:
            pager.wait()
            return
        except KeyboardInterrupt:
            continue
