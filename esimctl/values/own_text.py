"""Text that a person typed, as it is kept: names, notes, owners, references."""

import unicodedata

from esimctl.values.sentence import Raw, SaidError
from esimctl.values.text import visible

#: What keyboards of South-East Asia put between words, joiners, marks of the byte order: no reader sees them.
_HARMLESS = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
#: What turns the direction of writing, and so can make a name look like another one (CWE-1007).
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class TextRefused(SaidError):
    """Text of a person that cannot be kept."""


def own_text(text: str, limit: int = 500) -> str:
    """Text that a person typed, as it is kept: NFC, without blanks at its ends and what is invisible and harmless.

    TextRefused names what cannot be kept: a line break, a control character, one that turns the direction of writing,
    or more than `limit` characters. What comes back is clean.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text.strip()  # nearly every text
    made = unicodedata.normalize("NFC", text.translate(_HARMLESS)).strip()
    for place, character in enumerate(made, 1):
        if character in "\r\n\u2028\u2029":
            raise TextRefused("it has more than one line")
        if character in _TURNING:
            raise TextRefused("character {place} turns the direction of writing", place=place)
        if visible(character, newlines=False) != character:
            raise TextRefused(
                "character {place} cannot be shown (U+{point})", place=place, point=Raw(f"{ord(character):04X}")
            )
    if len(made) > limit:
        raise TextRefused("it has {count} characters, at most {limit} are kept", count=len(made), limit=limit)
    return made
