"""Codes to scan, of an eSIM or a payment: on a terminal, as PNG or SVG. Never Micro QR: phones fail on it.

A reader wants dark on light with a light border. With colours the terminal is told so; without them nobody knows
whether its ground is dark or light, and the code is drawn once for each: a reader takes the one that fits.
"""

from collections.abc import Sequence
from io import BytesIO
from itertools import zip_longest
from typing import Final

from esimctl.documents.lines import QrDocument
from esimctl.documents.tracking import KhqrDocument, KhqrPart
from esimctl.show.amounts import local, money
from esimctl.show.styles import COMMAND, styled
from esimctl.show.terminal import Terminal
from esimctl.show.view import Columns, View, columns
from esimctl.show.words import say

BORDER: Final = 2  #: modules around a code on a terminal, where four would not leave room for it

QUIET: Final = 4  #: modules around a code in a picture, as ISO/IEC 18004 has it

#: (upper half, lower half) in the terminal's own colour → character
_HALVES: Final = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}


def draw(text: str, terminal: Terminal, instead: str | None = None, below: int = 0) -> bool:
    """Draw on the terminal if it is large enough; otherwise say how to get a picture. Returns whether it was drawn.

    `instead` makes a picture of it: a command, or the option to give. `below` rows of the screen are needed for what
    stands under it.
    """
    import segno

    if not _has_blocks(terminal):
        _picture(say("This terminal cannot show the QR code."), terminal, instead)
        return False
    code = segno.make_qr(text, error="l")
    dark = [[bool(module) for module in row] for row in code.matrix_iter(border=BORDER)]
    rows = _on_dark(dark) if terminal.colour else [
        ours + other for ours, other in zip(_on_dark(dark), _on_light(dark), strict=True)
    ]  # fmt: skip
    columns = len(dark) if terminal.colour else 2 * len(dark)
    needed = len(rows) + below
    if terminal.width is not None and (terminal.width < columns or (terminal.height or 24) < needed):
        said = say("The window is too small for the QR code: it needs {columns} columns and {rows} rows.",
                   columns=columns, rows=needed)  # fmt: skip
        _picture(said, terminal, instead)
        return False
    if terminal.colour:
        rows = [_light(row) for row in rows]
    else:
        terminal.note(say("Scan either: without colours the code is drawn for dark and for light windows."))
    terminal.write("".join(row + "\n" for row in rows))
    return True


def _picture(why: str, terminal: Terminal, instead: str | None) -> None:
    """Why the code is not drawn, and what makes a picture of it."""
    terminal.note(why)
    if instead is not None:
        terminal.note(say("A picture of it: {command}", command=styled(instead, COMMAND)))


def _has_blocks(terminal: Terminal) -> bool:
    """Whether its characters are among those that stdout can carry: others would come out as question marks."""
    try:
        "".join(_HALVES.values()).encode(getattr(terminal.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _on_dark(dark: Sequence[Sequence[bool]]) -> list[str]:
    """The terminal's own colour is light: the light modules, and the border, are drawn with it."""
    return _halves([[not module for module in row] for row in dark])


def _on_light(dark: Sequence[Sequence[bool]]) -> list[str]:
    """The terminal's own colour is dark: the dark modules are drawn with it."""
    return _halves(dark)


def _halves(drawn: Sequence[Sequence[bool]]) -> list[str]:
    """Two rows of modules as one of characters; below the last there is nothing."""
    pairs = zip_longest(drawn[::2], drawn[1::2], fillvalue=[False] * len(drawn[0]))
    return ["".join(_HALVES[pair] for pair in zip(*rows, strict=True)) for rows in pairs]


def _light(row: str) -> str:
    """White on black, whatever the terminal's own colours are."""
    back = "" if set(row) == {"▀"} else ";40"  # half a row: below it is the terminal's own ground
    return f"\x1b[97{back}m{row}\x1b[0m"


def picture(text: str, form: str) -> bytes:
    """The code as a file, `png` or `svg`: black on a white ground of its own, so that a dark page shows it too."""
    import segno

    out = BytesIO()
    code = segno.make_qr(text, error="m")
    code.save(out, kind=form, scale=8 if form == "png" else 4, border=QUIET, dark="#000", light="#fff")
    return out.getvalue()


def person(data: QrDocument, terminal: Terminal) -> None:
    """The code's text, masked unless it was asked for."""
    terminal.write(f"{data.activation.lpa}\n")


KHQR_COLUMNS: Columns[KhqrPart] = columns(
    KhqrPart, "payee=payee.name payee.city payee.account amount bill expires_at state md5 payload"
)


def khqr_card(data: KhqrDocument, terminal: Terminal) -> None:
    """Whom, where, how much, what for and until when; then the code, and its text."""
    code, put = data.khqr, terminal.tell
    put(say("pays {name}, {city}", name=code.payee.name, city=code.payee.city) + "\n")
    put(f"{code.payee.account}\n")
    asked = say("any amount in {currency}", currency=code.currency) if code.amount is None else money(code.amount)
    put(say("amount: {amount}", amount=asked) + "\n")
    if code.bill:
        put(say("bill: {bill}", bill=code.bill) + "\n")
    if code.expires_at:
        put(say("expires: {time}", time=local(code.expires_at)) + "\n")
    put(say("shown") + "\n")
    if terminal.out_is_terminal:
        draw(code.payload, terminal, "--png FILE")
        terminal.write(code.payload + "\n")


VIEWS = {
    "qr": View(columns(QrDocument, "line lpa=activation.lpa"), None, person),
    "khqr": View(KHQR_COLUMNS, lambda data: [data.khqr], khqr_card),
}
