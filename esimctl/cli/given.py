"""What a person names to be read: a file, or stdin where the name is `-`."""

from typing import TYPE_CHECKING, Final

from esimctl.store.user_file import long_text_of

if TYPE_CHECKING:
    from esimctl.cli.shared import Run
    from esimctl.values.text import LongText

MOST: Final = 64 << 20  #: octets of a table


def given(run: "Run", file: str, what: str, most: int = MOST) -> "LongText":
    """The text in it; UsageError (2) for what holds more than `most` octets, is no text or cannot be read."""
    return run.terminal.read_long(what=what, most=most) if file == "-" else long_text_of(file, most)
