"""What a person hands over, in a file or as the words of an option: read whole, up to a limit, and cleaned."""

import os

from esimctl.errors import UsageError, too_large
from esimctl.store.paths import person_path
from esimctl.values.own_text import TextRefused, own_text
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.text import LongText, NotText


def read_given(path: str, most: int) -> bytes:
    """The octets of a file. UsageError (2) says why it cannot be read, and how large it is where it exceeds `most`."""
    file = person_path(path)
    try:
        if file.exists() and not file.is_file():
            raise UsageError("{path} is not a file", code="not_a_file", path=Raw(path))
        with file.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            data = b"" if size > most else stream.read(most + 1)
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None)
        why = Raw(told) if told else Sentence("the name is not one of a file")
        raise UsageError("cannot read {path}: {why}", code="cannot_read", path=Raw(path), why=why) from None
    if size > most or len(data) > most:
        raise too_large(path, most, max(size, len(data)))
    return data


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
            "{path} is not UTF-8 text: octet {place} is 0x{octet:02X}", code="not_text", path=Raw(path),
            place=why.place,
            octet=why.octet,
        ) from None  # fmt: skip


def said(text: str | None, what: str, limit: int = 500, *, code: str = "bad_text") -> str | None:
    """A person's own words as they are kept, None where there are none; UsageError names `what` and what is wrong."""
    if text is None:
        return None
    try:
        return own_text(text, limit)
    except TextRefused as why:
        raise UsageError("{what}: {why}", code=code, what=Raw(what), why=why.said) from None
