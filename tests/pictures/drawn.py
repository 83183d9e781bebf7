"""Screens with their escape sequences as HTML, and HTML as PNG through a headless Chromium."""

import html
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from esimctl.show.page import cells, uncertain

#: palette → background, text, and the sixteen colours that escape sequences name
DARK = "1c1c1c d75f5f 87af5f d7af5f 5f87d7 af87d7 5fafaf d0d0d0 767676 ff8787 afd787 ffd787 87afff d7afff 87d7d7 ffffff"
LIGHT = (
    "1c1c1c af0000 4e7a00 8a6200 005faf 87008f 007a7a 6c6c6c 8a8a8a d70000 5f8700 af8700 0087d7 af00af 008787 ffffff"
)
PALETTES = {"dark": ("#1c1c1c", "#d0d0d0", DARK), "light": ("#fdf6e3", "#3c4043", LIGHT)}
SEQUENCE = re.compile(r"\x1b\[([0-9;]*)m|\x1b[()][A-Z0-9]|\x1b\[[0-9;?]*[a-zA-Z]|\x0e|\x0f")
PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: {back}; color: {text}; }}
pre {{ margin: 12px; font: 15px/1.5 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', 'Noto Sans Khmer', monospace;
       width: {columns}ch; border-right: 1px dotted #888; white-space: pre; }}
b {{ font-weight: bold; }} i {{ display: inline-block; font-style: normal; width: 2ch; text-align: center; }}
</style><pre>{lines}</pre>
"""


def missing() -> str | None:
    """Why there can be no pictures here."""
    return None if shutil.which("chromium") else "chromium is not installed"


def plain(text: str) -> str:
    """The screen as text alone."""
    return SEQUENCE.sub("", text)


def page(text: str, columns: int, palette: str) -> str:
    """The screen as a page of HTML; a dotted line stands where the terminal ends."""
    back, fore, colours = PALETTES[palette]
    style: dict[str, object] = {
        "bold": False,
        "dim": False,
        "colour": None,
        "back": None,
    }  # tmux lets it last over lines
    lines = "\n".join(_line(line, style, colours.split()) for line in text.splitlines())
    return PAGE.format(back=back, text=fore, columns=columns, lines=lines)


def _line(line: str, style: dict[str, object], colours: list[str]) -> str:
    out, at = [], 0
    for found in SEQUENCE.finditer(line):
        out.append(_run(line[at : found.start()], style, colours))
        at = found.end()
        if found[1] is not None:
            _turn(found[1], style)
    out.append(_run(line[at:], style, colours))
    return "".join(out)


def _turn(codes: str, style: dict[str, object]) -> None:
    for code in (int(part or 0) for part in codes.split(";")):
        if code in (0, 22):
            style["bold"] = style["dim"] = False
        if code in (0, 39):
            style["colour"] = None
        if code in (0, 49):
            style["back"] = None
        if code in (1, 2):
            style["bold" if code == 1 else "dim"] = True
        if 40 <= code <= 47 or 100 <= code <= 107:
            style["back"] = code - 40 if code < 100 else code - 92
        if 30 <= code <= 37 or 90 <= code <= 97:
            style["colour"] = code - 30 if code < 90 else code - 82


def _run(text: str, style: dict[str, object], colours: list[str]) -> str:
    if not text:
        return ""
    made = "".join(_clusters(text))
    if style["bold"]:
        made = f"<b>{made}</b>"
    if style["dim"]:
        made = f'<span style="opacity:0.6">{made}</span>'
    for name, property_ in (("colour", "color"), ("back", "background")):
        number = style[name]
        if isinstance(number, int):
            made = f'<span style="{property_}:#{colours[number]}">{made}</span>'
    return made


def _clusters(text: str) -> Iterator[str]:
    """Characters of two cells get two cells, as a terminal gives them; all else is left to the font."""
    for character in text:
        wide = not uncertain(character) and cells(character) == 2
        yield f"<i>{html.escape(character)}</i>" if wide else html.escape(character)


def photograph(source: Path, target: Path, columns: int, rows: int) -> None:
    """A PNG of a page, as large as its text."""
    size = f"{max(columns, 20) * 10 + 60},{rows * 23 + 60}"
    subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={size}",
         f"--user-data-dir={target.parent / 'chromium'}", f"--screenshot={target}", source.as_uri()],
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip
