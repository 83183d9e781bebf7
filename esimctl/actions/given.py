"""Text that a person hands over in a file."""

from esimctl.errors import UsageError
from esimctl.store.given import read_given

LONGEST = 8 << 20  #: octets


def text_of(path: str, most: int = LONGEST) -> str:
    """The text of a file in UTF-8, with or without a byte order mark; UsageError says why it cannot be read."""
    data = read_given(path, most)
    if len(data) > most:
        raise UsageError("{path} is too long", code="too_long", path=path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("{path} is not UTF-8 text", code="not_text", path=path) from None


__all__ = ["text_of"]
