"""A failure of `check --plugin`: monitors read one line on stdout that begins with a state, and 0 to 3."""

from contextlib import suppress

from esimctl.errors import EsimctlError, ExitCode, OutputFailed
from esimctl.show.terminal import Terminal
from esimctl.values.text import clean

CRITICAL, UNKNOWN = 2, 3
#: damaged books, and money that may have moved
GRAVE = frozenset({ExitCode.DAMAGED, ExitCode.UNKNOWN_OUTCOME})


def told(error: EsimctlError, terminal: Terminal, *, json: bool) -> int:
    """Say it and return the exit code: damaged books are critical (2), of everything else nothing is known (3)."""
    code = CRITICAL if error.exit_code in GRAVE else UNKNOWN
    if error.code == OutputFailed.default_code:  # stdout itself takes no more
        terminal.complain(f"esimctl: {error.message}")
        return code
    text = f"{'CRITICAL' if code == CRITICAL else 'UNKNOWN'} - {clean(error.message, 2000).replace('|', '/')}\n"
    if json:
        from esimctl.show.present import error_document

        text = error_document(error, code)
    with suppress(EsimctlError):
        terminal.write(text)
        terminal.flush()
    return code
