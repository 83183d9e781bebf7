"""Text that others wrote, made harmless: providers, pasted messages, names in files.

Used where such text enters and again where it is shown. What is taken out is replaced by something visible, so that
tampering is seen rather than hidden.
"""

import unicodedata

#: Replaces what cannot be shown: bidi and zero-width characters, tags, surrogates, private use, C1.
REPLACED = "\N{REPLACEMENT CHARACTER}"

#: Characters whose category alone does not give them away: line and paragraph separators, variation selectors that
#: carry hidden bytes, and fillers that look like nothing.
_INVISIBLE = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u2028\u2029\u2800\u3164\uffa0") | {
    chr(code) for code in range(0xE0100, 0xE01F0)
}

#: Categories that never reach a terminal: control, format (bidi, zero-width, tags), surrogate, private, unassigned.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def _visible(character: str, newlines: bool) -> str:
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
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text  # nearly every text, and an export has millions of them
    head = text[: limit * 4 + 4]
    made = "".join(_visible(character, newlines) for character in unicodedata.normalize("NFC", head))
    if len(made) > limit or len(head) < len(text):
        return made[: max(limit - 1, 0)] + "…" if limit else ""
    return made


def is_clean(text: str, limit: int = 500) -> bool:
    """Whether `clean` would change nothing: names from outside are refused rather than mended."""
    return clean(text, limit) == text


__all__ = ["REPLACED", "clean", "is_clean"]
