"""Text that a person hands over: in a file, or as the words of an option."""

from esimctl.errors import UsageError
from esimctl.store.given import read_given
from esimctl.text import LongText, NotText, TextRefused, own_text

LONGEST = 8 << 20  #: octets


def text_of(path: str, most: int = LONGEST) -> str:
    """The text of a file in UTF-8, with or without a byte order mark; UsageError says why it cannot be read."""
    return long_text_of(path, most).whole()


def long_text_of(path: str, most: int) -> LongText:
    """`text_of` a file that may be large."""
    data = read_given(path, most)
    try:
        return LongText(data)
    except NotText as why:
        raise UsageError(
            "{path} is not UTF-8 text: octet {place} is 0x{octet:02X}", code="not_text", path=path, place=why.place,
            octet=why.octet,
        ) from None  # fmt: skip


def said(text: str | None, what: str, limit: int = 500, *, code: str = "bad_text") -> str | None:
    """A person's own words as they are kept, None where there are none; UsageError names `what` and what is wrong."""
    if text is None:
        return None
    try:
        return own_text(text, limit)
    except TextRefused as why:
        raise UsageError("{what}: " + why.template, code=code, what=what, **why.params) from None
