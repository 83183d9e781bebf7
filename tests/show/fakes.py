"""Terminals for tests: streams that say they are terminals, of any width, in any environment."""

from io import StringIO

from esimctl.show.terminal import Terminal


class Tty(StringIO):
    """A stream that a terminal is behind, as far as one can ask it."""

    def isatty(self) -> bool:
        return True


def terminal(width: int | None = 80, colour: str = "auto", **environ: str) -> Terminal:
    """A terminal of that width; a pipe for None. Nothing of the real environment is seen."""
    out = StringIO() if width is None else Tty()
    given = {"COLUMNS": str(width), "TERM": "xterm", **environ} if width is not None else environ
    return Terminal(Tty(), out, Tty(), given, colour=colour)


def shown(terminal: Terminal) -> str:
    """What stands on its stdout."""
    assert isinstance(terminal.stdout, StringIO)
    return terminal.stdout.getvalue()


def said(terminal: Terminal) -> str:
    """What stands on its stderr."""
    assert isinstance(terminal.stderr, StringIO)
    return terminal.stderr.getvalue()
