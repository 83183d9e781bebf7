"""The HTML report and receipt in a real browser: on a phone, in the dark, on paper, and cut off from everything."""

import struct
from pathlib import Path

import pytest

from tests.cli.test_report import HOSTILE
from tests.conftest import Runner
from tests.filled import fill
from tests.show.browser import CHROMIUM, browse, looked_at, served
from tests.year import year

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="foreign tool missing: chromium (apt-get install chromium)")
NOW = "2026-12-31T23:00:00+07:00"


@pytest.fixture
def page(run: Runner, monkeypatch: pytest.MonkeyPatch) -> str:
    """A year of three lines by person, one of them with the worst of names."""
    monkeypatch.setenv("ESIMCTL_NOW", NOW)
    made = year(3, seed=2)
    made.lines["line-0001"]["owner"] = HOSTILE
    fill(made)
    done = run("report", "--months", "12", "--by", "person", "--format", "html", now=NOW)
    assert done.code == 0, done.err
    return done.out


def test_on_a_phone_nothing_stands_out_and_nothing_is_fetched(page: str, tmp_path: Path) -> None:
    """360 points wide: no element beyond the edge, every row there, and the server is asked for the page alone."""
    told, paths = looked_at(page, tmp_path)
    assert (told["wide"], told["scroll"], told["over"]) == (360, 360, [])
    assert told["rows"] == 37, "twelve months of three persons, and their sum"
    assert told["charts"] >= 2
    assert told["background"] == "rgb(255, 255, 255)"
    assert set(paths) - {"/favicon.ico"} == {"/", "/page"}


def test_in_the_dark_it_is_dark(page: str, tmp_path: Path) -> None:
    """A reader who prefers dark pages gets one."""
    told, _ = looked_at(page, tmp_path, "--blink-settings=preferredColorScheme=0")
    assert told["background"] == "rgb(13, 17, 23)"
    assert told["over"] == []


def test_what_got_in_could_not_run_or_call(page: str, tmp_path: Path) -> None:
    """Were there markup of somebody else in it, the page's policy would stop it; and the measure can fail."""
    planted = (
        '<script>document.title = "it ran"</script><img src="/evil.png"><link rel="stylesheet" href="/evil.css">'
        '<iframe src="/evil.html"></iframe><div style="width:900px;height:10px">too wide</div>'
    )
    told, paths = looked_at(page.replace("</body>", planted + "</body>"), tmp_path)
    assert told["ran"] is False
    assert [path for path in paths if "evil" in path] == []
    assert told["scroll"] > 360
    assert "DIV" in told["over"]
    free = page.replace("Content-Security-Policy", "X-Nothing").replace("</body>", planted + "</body>")
    told, paths = looked_at(free, tmp_path)
    assert told["ran"] is True, "without the policy it would have run"
    assert "/evil.png" in paths


def test_on_paper_and_as_a_picture(page: str, tmp_path: Path) -> None:
    """A PDF of some pages, and a screenshot as wide as was asked for."""
    with served({"/page": page}) as seen:
        pdf, png = tmp_path / "report.pdf", tmp_path / "report.png"
        browse(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", seen.address + "/page")
        browse(tmp_path, "--window-size=600,1400", f"--screenshot={png}", seen.address + "/page")
    paper = pdf.read_bytes()
    assert paper.startswith(b"%PDF-")
    assert 2 <= paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") <= 6
    picture = png.read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == (600, 1400)
    assert len(picture) > 20_000, "something is drawn"


def test_a_receipt_fits_a_phone_as_well(run: Runner, tmp_path: Path) -> None:
    """Long keys and hashes break instead of standing out."""
    order = run("buy", "demo-monthly-20gb", "--name", "phone", "--yes", "--json").json["order"]["id"]
    run("lines", "owner", "phone", HOSTILE[:64])
    page = run("transactions", "receipt", order, "--format", "html").out
    told, paths = looked_at(page, tmp_path, width=320)
    assert (told["scroll"], told["over"]) == (320, [])
    assert set(paths) - {"/favicon.ico"} == {"/", "/page"}
