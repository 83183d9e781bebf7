"""Text that others wrote, made harmless: providers, pasted messages, names in files.

Used where such text enters and again where it is shown. What is taken out is replaced by something visible, so that
tampering is seen rather than hidden.
"""

import io
import unicodedata
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from typing import Final

#: Replaces what cannot be shown: bidi and zero-width characters, tags, surrogates, private use, C1.
REPLACED = "\N{REPLACEMENT CHARACTER}"

#: Characters whose category alone does not give them away: line and paragraph separators, variation selectors that
#: carry hidden bytes, and fillers that look like nothing.
_INVISIBLE = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u2028\u2029\u2800\u3164\uffa0") | {
    chr(code) for code in range(0xE0100, 0xE01F0)
}

#: Categories that never reach a terminal: control, format (bidi, zero-width, tags), surrogate, private, unassigned.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def visible(character: str, newlines: bool) -> str:
    """A character as it may be shown: itself, or what stands for it."""
    code = ord(character)
    if 0x20 <= code < 0x7F:
        return character
    if code == 0x0A and newlines:
        return character
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    if character in _INVISIBLE or unicodedata.category(character) in _UNSAFE:
        return REPLACED
    return character


def clean(text: str, limit: int = 500, *, newlines: bool = False) -> str:
    """The text in NFC with every control, bidi, zero-width, tag, surrogate and private character made visible.

    C0 controls become their symbols (ESC is shown as `␛`), all others U+FFFD. At most `limit` characters come back,
    the last of them an ellipsis where something was cut. Cleaning twice gives what cleaning once gave. Source:
    CWE-150; R-113 (what is kept must be readable later).
    """
    if len(text) <= limit and text.isprintable() and (text.isascii() or _is_plain(text)):
        return text  # nearly every text, and an export has millions of them
    head = text[: limit * 4 + 4]
    made = "".join(visible(character, newlines) for character in unicodedata.normalize("NFC", head))
    if len(made) > limit or len(head) < len(text):
        return made[: max(limit - 1, 0)] + "…" if limit else ""
    return made


def _is_plain(text: str) -> bool:
    """Whether what can be printed is shown as it is: a Khmer or Chinese name as quickly as an English one."""
    return _INVISIBLE.isdisjoint(text) and unicodedata.is_normalized("NFC", text)


_PIECE: Final = 1 << 20  #: octets that are decoded at once


class NotText(ValueError):
    """Bytes that are no text: the place of the first wrong octet, counted from 1, and its value."""

    def __init__(self, place: int, octet: int) -> None:
        super().__init__(f"octet {place} (0x{octet:02X}) is not UTF-8")
        self.place, self.octet = place, octet


class LongText:
    """Text from a file or a pipe as its octets, decoded line by line: one of 64 MiB costs little more than they do.

    UTF-8, with or without a mark, or UTF-16 with one. Raises NotText.
    """

    def __init__(self, data: bytes) -> None:
        self.data: Final = data
        self._codec: Final = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        self._start: Final = 3 if data[:3] == b"\xef\xbb\xbf" else 0
        self._check()

    def whole(self) -> str:
        """All of it."""
        return str(memoryview(self.data)[self._start :], self._codec)

    def lines(self, most: int = -1) -> Iterator[str]:
        """Its lines with their ends, of Unix, Windows or old Macs; with `most` in parts of so many characters each."""
        octets = io.BytesIO(self.data)
        octets.seek(self._start)
        stream = io.TextIOWrapper(octets, self._codec, newline="")
        while line := stream.readline(most):
            yield line

    def _check(self) -> None:
        decoder = getincrementaldecoder(self._codec)()
        view = memoryview(self.data)
        for start in range(self._start, len(view) or 1, _PIECE):
            part = view[start : start + _PIECE]
            try:
                decoder.decode(part, final=start + _PIECE >= len(view))
            except UnicodeDecodeError as error:
                place = start + error.start - (len(error.object) - len(part))  # what was left of the part before
                raise NotText(place + 1, self.data[place]) from None


def is_clean(text: str, limit: int = 500) -> bool:
    """Whether `clean` would change nothing: names from outside are refused rather than mended."""
    return clean(text, limit) == text


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The known names closest to a mistyped one, best first; difflib is loaded only on this path."""
    from difflib import get_close_matches

    return get_close_matches(name, list(known), n=count, cutoff=0.6)
