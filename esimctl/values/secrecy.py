"""The secrets of this run, and how they are taken out of what leaves: in every spelling that decodes to them.

Credentials and tokens are told when they are first known (`remember`), and forgotten with the command. A text may hold
one as it is, with the escapes of JSON (`\\/`, `\\u003d`, escaped again where JSON is a text within JSON), of addresses
or of pages, in hex, or in base64 of either alphabet, alone or within something longer such as `user:key`. So a text is
decoded first, looked through, and what was found is masked where it stands: what was JSON is JSON still.
"""

import re
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from esimctl.values.regex import regex

MASK: Final = "***"
SHORTEST: Final = 8  #: characters: what is shorter stands by chance in a price, an id, a word

_LAYERS: Final = 4  #: an escape within an escape within an escape, twice
_ESCAPE: Final = regex(
    r"\\u00(?P<json>[2-7][0-9a-fA-F])|\\(?P<sign>[^\w\s\0])|%(?P<percent>[2-7][0-9a-fA-F])"
    r"|&#[xX]0{0,6}(?P<page>[2-7][0-9a-fA-F]);|&#0{0,6}(?P<number>3[2-9]|[4-9][0-9]|1[01][0-9]|12[0-6]);"
    r"|&(?P<name>amp|lt|gt|quot|apos);|(?P<nothing>\0|\\u0000)"
)
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_SIGNS: Final = ("\\", "%", "&", "\0")  #: with which every escape begins
_SMALL: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_ONE_ALPHABET: Final = {ord("-"): "+", ord("_"): "/"}
#: what base64 is made of: what is joined to a part of a secret is part of the same text
_BASE64: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")

_known: tuple[str, ...] = ()


def remember(secrets: Iterable[str]) -> None:
    """From now on these are taken out of everything that leaves. Those below SHORTEST characters are left alone."""
    global _known
    _known = tuple(dict.fromkeys((*_known, *(each for each in secrets if len(each) >= SHORTEST))))


def forget() -> None:
    """A new command knows none."""
    global _known
    _known = ()
    _spelled.cache_clear()


def any_known() -> bool:
    """Whether there is anything to look for."""
    return bool(_known)


def without_known(text: str) -> str:
    """The text with every known secret masked, in whatever spelling; the rest is as it was."""
    return without(text, _known) if _known else text


def without(text: str, secrets: Iterable[str]) -> str:
    """The text without these secrets."""
    spans: list[tuple[int, int]] = []
    seen: list[Decoded] = [Decoded(text)]
    while len(seen) <= _LAYERS and (deeper := seen[-1].decoded()) is not None:
        seen.append(deeper)
    for layer in seen:
        for secret in secrets:
            spans += layer.places(secret)
    return _masked(text, sorted(spans)) if spans else text


class Decoded:
    """A text after some layers of escapes were taken off, and where each of its characters stood in the first one."""

    def __init__(self, text: str, above: "Decoded | None" = None) -> None:
        self.text = text
        self._above = above
        self._here: list[int] = [0]  #: where pieces begin in this text …
        self._there: list[int] = [0]  #: … and in the one above
        self._small: str | None = None
        self._packed: str | None = None

    def decoded(self) -> "Decoded | None":
        """One layer less; None where there is none to take off."""
        if not any(sign in self.text for sign in _SIGNS):
            return None
        pieces: list[str] = []
        inner, length, at = Decoded("", self), 0, 0
        for found in _ESCAPE.finditer(self.text):
            plain = _meant(found)
            pieces += [self.text[at : found.start()], plain]
            length += found.start() - at
            inner._here += [length, length + len(plain)]
            inner._there += [found.start(), found.end()]
            length, at = length + len(plain), found.end()
        if not pieces:
            return None
        inner.text = "".join(pieces) + self.text[at:]
        return inner

    def places(self, secret: str) -> Iterator[tuple[int, int]]:
        """Where a secret stands in the first text, the whole of a base64 that holds it included."""
        plain, figures, cores = _spelled(secret)
        for start in _each(self.text, plain):
            end = start + len(plain)
            beside = self.text[max(0, start - 1) : start] + self.text[end : end + 1]
            if not (plain.isdigit() and any(each.isdigit() for each in beside)):
                yield self.first(start), self.first(end)
        if self._small is None or self._packed is None:
            self._small, self._packed = self.text.translate(_SMALL), self.text.translate(_ONE_ALPHABET)
        for start in _each(self._small, figures):
            yield self.first(start), self.first(start + len(figures))
        for core in cores:
            last = 0
            for start in _each(self._packed, core):
                if start < last:
                    continue
                end = start + len(core)
                while start > last and self.text[start - 1] in _BASE64:
                    start -= 1
                while end < len(self.text) and self.text[end] in _BASE64:
                    end += 1
                last = end
                yield self.first(start), self.first(end)

    def first(self, place: int) -> int:
        """Where this place is in the first text; within what was one escape, at its beginning."""
        if self._above is None:
            return place
        piece = bisect_right(self._here, place) - 1
        return self._above.first(self._there[piece] + place - self._here[piece])


def _meant(found: re.Match[str]) -> str:
    """The character that an escape stands for."""
    match found.lastgroup:
        case "json" | "percent" | "page":
            return chr(int(found[found.lastgroup], 16))
        case "number":
            return chr(int(found["number"]))
        case "name":
            return _NAMED[found["name"]]
        case "sign":
            return found["sign"]
    return ""  # the empty half of a character of UTF-16


def _each(text: str, wanted: str) -> Iterator[int]:
    """Where a text begins in another one."""
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + len(wanted))


@cache
def _spelled(secret: str) -> tuple[str, str, tuple[str, ...]]:
    """(the secret, its hex, the three texts of base64 that say nothing but the secret)."""
    octets = secret.encode("utf-8", "surrogatepass")
    cores = []
    for before in range(3):  # so many octets of a group may stand before it
        packed = b64encode(bytes(before) + octets).decode()
        cores.append(packed[-(-before * 8 // 6) : (before + len(octets)) * 8 // 6])
    return secret, octets.hex(), tuple(dict.fromkeys(cores))


def _masked(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with MASK in these places; those that touch or overlap are one."""
    pieces, at = [], 0
    for start, end in spans:
        if start < at:  # a longer one began before it
            at = max(at, end)
            continue
        while start > at and text[start - 1] == "\\":  # it would escape the mask
            start -= 1
        pieces += [text[at:start], f'"{MASK}"' if _is_number(text, start, end) else MASK]
        at = end
    return "".join(pieces) + text[at:]


def _is_number(text: str, start: int, end: int) -> bool:
    """Whether it stands where JSON has a number: a mask there needs quotes."""
    return (
        text[start:end].isdigit()
        and text[max(0, start - 8) : start].rstrip()[-1:] in (":", "[", ",")
        and text[end : end + 8].lstrip()[:1] in (",", "]", "}")
    )
