"""Every code that is drawn is read by zbarimg and by OpenCV: pictures on any page, terminals with any ground."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import tools
from tests.conftest import NOW, Runner
from tests.show.rasters import window

#: grounds of terminals: (colour of the text, colour of the ground)
GROUNDS = {"dark": (229, 30), "console": (170, 0), "light": (40, 250), "white": (0, 255)}
#: how a picture lies before a camera: its scale, and the degrees it is turned by
FRAMES = ((1, 0), (1, 3), (1, -7), (0.7, 0), (1.3, 5))
HEAVY = pytest.mark.skipif(os.environ.get("ESIMCTL_FOREIGN_TOOLS") != "1", reason="ESIMCTL_FOREIGN_TOOLS=1 runs it")


def by_zbar(picture: bytes, folder: Path) -> str:
    """What zbarimg reads; nothing where it finds no code."""
    path = folder / "seen.pnm"
    path.write_bytes(picture)
    words = [tools.program("zbarimg", "zbar-tools"), "-q", "--raw", "-Sdisable", "-Sqrcode.enable", str(path)]
    done = subprocess.run(words, capture_output=True, check=False)
    return done.stdout.decode().strip()


def by_opencv(picture: bytes, folder: Path) -> str:
    """What OpenCV reads in the frames that a phone held before the picture would see.

    A camera looks until a frame is read. OpenCV's first detector takes a corner for what only resembles one: modules
    of the data may lie so, at whatever scale and with whatever border, and zbarimg reads them. Its other detector
    looks at the same frames.
    """
    cv2, numpy = tools.library("cv2", "opencv-python-headless"), tools.library("numpy", "numpy")
    flat = cv2.imdecode(numpy.frombuffer(picture, numpy.uint8), cv2.IMREAD_GRAYSCALE)
    for scale, tilt in FRAMES:
        sized = cv2.resize(flat, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        high, wide = sized.shape
        turned = cv2.getRotationMatrix2D((wide / 2, high / 2), tilt, 1)
        frame = cv2.warpAffine(sized, turned, (wide, high), borderValue=int(flat[0, 0]))
        for detector in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
            if text := str(detector.detectAndDecode(frame)[0]):
                return text
    return ""


Reader = Callable[[bytes, Path], str]
reader = pytest.mark.parametrize("read", [by_zbar, pytest.param(by_opencv, marks=HEAVY)])


def on_terminal(words: list[str], home: Path, columns: int = 80, **environ: str) -> tuple[str, str]:
    """What stands on a terminal of that width and 24 rows, and what was said on stderr, which is none."""
    parent, child = pty.openpty()
    given = {
        "PATH": os.environ["PATH"], "HOME": str(home), "ESIMCTL_HOME": os.environ["ESIMCTL_HOME"], "ESIMCTL_NOW": NOW,
        "XDG_STATE_HOME": os.environ["XDG_STATE_HOME"], "TERM": "xterm", "LC_ALL": "C.UTF-8",
        "COLUMNS": str(columns), "LINES": "24", **environ,
    }  # fmt: skip
    whole = [sys.executable, "-m", "esimctl", *words]
    process = subprocess.Popen(whole, stdin=subprocess.DEVNULL, stdout=child, stderr=subprocess.PIPE, env=given)
    os.close(child)
    seen = b""
    try:
        while piece := os.read(parent, 65_536):
            seen += piece
    except OSError:  # the other end is closed: all has been said
        pass
    os.close(parent)
    assert process.stderr is not None
    said = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(timeout=30) == 0, said
    return seen.decode(), said


def drawing(text: str) -> str:
    """The lines that hold half blocks."""
    return "\n".join(line for line in text.splitlines() if any(block in line for block in "▀▄█"))


@pytest.fixture
def phone(run: Runner) -> str:
    """A line; its activation code."""
    bought = run("buy", "smart-5g-30d", "--provider", "sandbox", "--name", "phone", "--yes", "--json")
    return str(bought.json["order"]["activation"]["lpa"])


NO_COLOUR = [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {}]


@reader
@pytest.mark.parametrize("environ", NO_COLOUR, ids=["NO_COLOR", "dumb", "colour"])
def test_a_code_on_a_terminal_is_read_on_every_ground(
    phone: str, tmp_path: Path, read: Reader, environ: dict[str, str]
) -> None:
    text, said = on_terminal(["lines", "qr", "phone"], tmp_path, **environ)
    for ground, colours in GROUNDS.items():
        assert read(window(drawing(text), *colours), tmp_path) == phone, ground
    assert ("drawn for dark and for light windows" in said) == bool(environ)
    assert ("\x1b[" in text) == (not environ)
    assert max(map(len, drawing(text).splitlines())) <= 80 or not environ


@reader
@pytest.mark.parametrize("environ", NO_COLOUR, ids=["NO_COLOR", "dumb", "colour"])
def test_the_code_that_dials(run: Runner, tmp_path: Path, read: Reader, environ: dict[str, str]) -> None:
    """`lines show` of a SIM that has a code for its balance."""
    words = ("--provider", "manual", "--carrier", "smart", "--data", "5GB", "--days", "30")
    assert run("lines", "add", "sim", *words).code == 0
    text, _ = on_terminal(["lines", "show", "sim"], tmp_path, **environ)
    for ground in ("dark", "white"):
        assert read(window(drawing(text), *GROUNDS[ground]), tmp_path).startswith("tel:"), ground


def test_a_window_that_is_too_small_says_how_to_get_a_picture(phone: str, tmp_path: Path) -> None:
    text, said = on_terminal(["lines", "qr", "phone"], tmp_path, columns=60, NO_COLOR="1")
    assert not drawing(text)
    assert "The window is too small for the QR code: it needs 66 columns and 17 rows." in said
    assert "A picture of it: esimctl lines qr phone --png FILE" in said
    text, _ = on_terminal(["lines", "qr", "phone"], tmp_path, columns=60)
    assert drawing(text)


def test_a_terminal_without_blocks_says_how_to_get_a_picture(phone: str, tmp_path: Path) -> None:
    text, said = on_terminal(["lines", "qr", "phone"], tmp_path, PYTHONIOENCODING="latin-1")
    assert "?" not in text
    assert "This terminal cannot show the QR code" in said
    assert "A picture of it: esimctl lines qr phone --png FILE" in said


SELLER = "00020101021229130009dara@abaa52045999530384054042.505802KH5908Dara Sok6010Phnom Penh62230119E2611200200"
#: codes that pay somebody, where OpenCV's first detector finds a corner too many: above the lower left one
TO_PAY = [
    SELLER + rest
    for rest in (
        "005949039934001317951400000000113179514060000063045BD4",
        "008DF52E99340013179514000000001131795140600000630407F7",
    )
]


@pytest.mark.parametrize("khqr", TO_PAY, ids=["one", "other"])
@reader
@pytest.mark.parametrize("environ", NO_COLOUR, ids=["NO_COLOR", "dumb", "colour"])
def test_a_code_to_pay(khqr: str, tmp_path: Path, read: Reader, environ: dict[str, str]) -> None:
    words = ["payments", "khqr", "show", khqr]
    text, said = on_terminal(words, tmp_path, 160, LINES="40", **environ)
    for ground in ("dark", "white"):
        assert read(window(drawing(text), *GROUNDS[ground]), tmp_path) == khqr, ground
    if environ:
        text, said = on_terminal(words, tmp_path, 80, LINES="40", **environ)
        assert not drawing(text)
        assert "A picture of it: --png FILE" in said
    picture = tmp_path / "pay.png"
    on_terminal([*words, "--png", str(picture)], tmp_path, LINES="40")
    assert read(picture.read_bytes(), tmp_path) == khqr


@reader
def test_a_code_in_the_wrong_colours_is_read_by_nobody(phone: str, tmp_path: Path, read: Reader) -> None:
    """However often a reader looks: dark where light belongs is a fault of the drawing, and is found."""
    text, _ = on_terminal(["lines", "qr", "phone"], tmp_path)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", drawing(text))
    assert read(window(bare, *GROUNDS["dark"]), tmp_path) == phone
    assert read(window(bare, *GROUNDS["white"]), tmp_path) == ""


@reader
@pytest.mark.parametrize("page", ["black", "white"])
def test_a_picture_has_a_ground_of_its_own(run: Runner, phone: str, tmp_path: Path, read: Reader, page: str) -> None:
    """SVG over a page of any colour, PNG as it is: no part of either lets the page through."""
    svg, png = tmp_path / "phone.svg", tmp_path / "phone.png"
    assert run("lines", "qr", "phone", "--svg", str(svg), "--png", str(png)).code == 0
    convert = tools.program("rsvg-convert", "librsvg2-bin")
    seen = subprocess.run([convert, f"--background-color={page}", str(svg)], capture_output=True, check=True).stdout
    assert read(seen, tmp_path) == phone
    assert read(png.read_bytes(), tmp_path) == phone


@pytest.mark.parametrize("words", [("lines", "qr", "phone"), ("usage", "history", "phone")])
def test_every_edge_of_a_picture_is_white(run: Runner, phone: str, tmp_path: Path, words: tuple[str, ...]) -> None:
    """Over black: the ground reaches to the edges, four modules around a code. Plots that stand alone have one, too."""
    image = tools.library("PIL.Image", "pillow")
    svg, png = tmp_path / "x.svg", tmp_path / "x.png"
    assert run(*words, "--svg", str(svg), "--png", str(png)).code == 0
    convert = tools.program("rsvg-convert", "librsvg2-bin")
    over = tmp_path / "over.png"
    subprocess.run([convert, "--background-color=black", "-o", str(over), str(svg)], check=True)
    for path, module in ((over, 4), (png, 8)):
        with image.open(path) as opened:
            assert "transparency" not in opened.info
            grey = opened.convert("L")
        quiet = 4 * module if words[1] == "qr" else 1
        (wide, high), plain = grey.size, 255
        for box in (
            (0, 0, wide, quiet),
            (0, high - quiet, wide, high),
            (0, 0, quiet, high),
            (wide - quiet, 0, wide, high),
        ):
            assert grey.crop(box).getextrema() == (plain, plain), (path, box)
        assert grey.getextrema()[0] < 100
