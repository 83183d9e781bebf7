"""QR codes: half blocks on a terminal that is wide enough, PNG and SVG as bytes. Never Micro QR: phones fail on it."""

from collections.abc import Mapping
from io import BytesIO, StringIO
from typing import Any

from esimctl.show.present import Column, View
from esimctl.show.terminal import Terminal
from esimctl.show.words import say


def draw(text: str, terminal: Terminal) -> bool:
    """Draw on the terminal if it is large enough; otherwise say how to get a picture. Returns whether it was drawn."""
    import segno

    code = segno.make_qr(text, error="l")
    side = code.symbol_size(border=2)[0]
    width, height = terminal.width, terminal.height
    if width is not None and (width < side or (height or 24) * 2 < side):
        terminal.note(
            say(
                "the window is too small for the QR code ({columns} columns, {rows} rows are needed)",
                columns=side,
                rows=-(-side // 2),
            )
        )
        return False
    out = StringIO()
    code.terminal(out=out, border=2, compact=True)
    terminal.write("".join(_light(line, terminal.colour) + "\n" for line in out.getvalue().splitlines()))
    return True


def _light(line: str, colour: bool) -> str:
    """White on black where colours may be used: on a light terminal the code would be inverted, which phones refuse."""
    if not colour:
        return line
    back = "" if set(line) == {"▀"} else ";40"  # half a row: below it is the terminal's own ground
    return f"\x1b[97{back}m{line}\x1b[0m"


def picture(text: str, form: str) -> bytes:
    """The code as a file: `png` or `svg`."""
    import segno

    out = BytesIO()
    segno.make_qr(text, error="m").save(out, kind=form, scale=8 if form == "png" else 4, border=4)
    return out.getvalue()


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """The code's text, masked unless it was asked for."""
    terminal.write(f"{data['activation']['lpa']}\n")


COLUMNS = (Column("line", lambda r: r["line"]), Column("lpa", lambda r: r["activation"]["lpa"]))
VIEWS = {"qr": View(COLUMNS, None, person)}
