"""From a pasted text to its messages: replies of modems unpacked, parts put together, blank lines inside one kept."""

import re
from collections.abc import Callable, Iterator
from typing import Final

#: what a modem answers to a USSD code: `+CUSD: 0,"…",15`; the last number is the alphabet (3GPP TS 27.007, 7.15)
_CUSD: Final = re.compile(r'\+CUSD: ?[0-9],"(?P<text>[^"]*)"(?:, ?(?P<alphabet>[0-9]{1,3}))?')
#: UCS-2 as hexadecimal digits, four for each character (3GPP TS 23.038, 6.2.3)
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{4}){8,}")
_PART: Final = re.compile(r"^\(?(?P<number>[1-9])/(?P<of>[2-9])\)?[ :.-]*")
MOST_JOINED: Final = 4  #: paragraphs that may be one message


def parted(text: str, kind: str | None, known: Callable[[str], bool]) -> list[str]:
    """The messages of a text: a reply is one, SMS stand apart by an empty line unless `known` only together."""
    whole = "\n".join(unpacked(text)).strip()
    if kind == "ussd" or not whole:
        return [whole] if whole else []
    lines = "\n".join(line.strip() for line in whole.splitlines())
    paragraphs = [part.strip() for part in re.split(r"\n{2,}", lines) if part.strip()]
    return list(_joined(_together(paragraphs), known))


def unpacked(text: str) -> Iterator[str]:
    """The lines of a text, those of a modem as a phone would show them."""
    for line in text.splitlines():
        reply = _CUSD.search(line)
        shown = line if reply is None else reply["text"]
        yield _characters(shown.strip()) if _HEX.fullmatch(shown.strip()) else shown


def _characters(digits: str) -> str:
    """What UCS-2 digits say; digits that say nothing readable stay as they are."""
    try:
        said = bytes.fromhex(digits).decode("utf-16-be")
    except ValueError:
        return digits
    return said if said.isprintable() or "\n" in said else digits


def _together(paragraphs: list[str]) -> list[str]:
    """Parts that count themselves, `(1/2) … (2/2) …`, as one."""
    made: list[str] = []
    expected = 0
    for paragraph in paragraphs:
        part = _PART.match(paragraph)
        number = 0 if part is None else int(part["number"])
        rest = paragraph if part is None else paragraph[part.end() :]
        if part is not None and number == expected and made:
            made[-1] = f"{made[-1]} {rest}"
        else:
            made.append(rest if number == 1 else paragraph)
        expected = number + 1 if part is not None and number < int(part["of"]) else 0
    return made


def _joined(paragraphs: list[str], known: Callable[[str], bool]) -> Iterator[str]:
    """Paragraphs that are known only as one, as one; the others each for itself."""
    place = 0
    while place < len(paragraphs):
        taken = 1
        if not known(paragraphs[place]):
            for count in range(2, min(MOST_JOINED, len(paragraphs) - place) + 1):
                if known("\n".join(paragraphs[place : place + count])):
                    taken = count
                    break
        yield "\n".join(paragraphs[place : place + taken])
        place += taken
