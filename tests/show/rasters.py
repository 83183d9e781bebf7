"""What a terminal shows of half blocks and their colours, as a picture (PGM), for readers of codes."""

import re
from collections.abc import Iterator

CELL = 6  #: pixels of a module's side: a character is one wide and two high
AROUND = 4  #: characters of the window that are empty around the text
_PIECE = re.compile(r"\x1b\[([0-9;]*)m|(.)")
_COLOURS = {"97": ("front", 255), "40": ("back", 0)}


def window(text: str, front: int, back: int) -> bytes:
    """The text in a window whose own colours are these greys (0 to 255)."""
    rows = [row for line in text.splitlines() for row in _rows(line, front, back)]
    wide = max(map(len, rows)) + 2 * AROUND
    empty = [[back] * wide] * (2 * AROUND)
    padded = [[back] * AROUND + row + [back] * (wide - AROUND - len(row)) for row in rows]
    pixels = b"".join(bytes(grey for grey in row for _ in range(CELL)) * CELL for row in (*empty, *padded, *empty))
    return b"P5 %d %d 255\n" % (wide * CELL, len(pixels) // (wide * CELL)) + pixels


def _rows(line: str, front: int, back: int) -> Iterator[list[int]]:
    """The upper and the lower halves of a line of characters."""
    now = {"front": front, "back": back}
    cells = []
    for found in _PIECE.finditer(line):
        if found[1] is not None:
            for code in found[1].split(";"):
                what = _COLOURS.get(code)
                now = {"front": front, "back": back} if what is None else {**now, what[0]: what[1]}
        else:
            cells.append([now["front" if found[2] in drawn else "back"] for drawn in ("█▀", "█▄")])
    return (list(half) for half in zip(*cells, strict=True)) if cells else iter([[back], [back]])


__all__ = ["window"]
