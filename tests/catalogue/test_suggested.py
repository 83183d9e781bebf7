"""The corpus through pattern, suggestion, teaching and correction: no wrong figure, and what ends right by itself."""

import re
import shlex
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from esimctl.catalogue.patterns import Figures, Pattern, readings, understand
from esimctl.catalogue.suggesting import suggestion
from esimctl.values.moments import zone
from tests.conftest import Runner

WHERE = zone("Asia/Phnom_Penh")
ROWS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent.parent / "corpus" / "messages.toml").read_text("utf-8")
)["message"]
#: with what a person reads off them; the others of the file prove shipped patterns, or that nothing is read
READ = [row for row in ROWS if "person" in row]
#: the part of these texts whose figures all end right without a person; it may only rise
RIGHT = 0.87
SIZES = {"KB": 10**3, "MB": 10**6, "GB": 10**9}


def octets(text: str) -> int:
    figure, unit = re.fullmatch(r"([0-9.]+)([KMG]B)", text).groups()  # type: ignore[union-attr]
    return round(float(figure) * SIZES[unit])


def expected(row: dict[str, Any]) -> dict[str, Any]:
    """What a person reads, in the units of figures."""
    found: dict[str, Any] = {}
    for name, value in row["person"].items():
        if name in ("remaining", "used", "granted"):
            found[name] = octets(value)
        elif name == "until":
            found["expires"] = datetime.fromisoformat(value).replace(tzinfo=WHERE).astimezone(UTC)
        else:
            found[name] = value
    return found


def stated(figures: Figures) -> dict[str, Any]:
    names = ("remaining", "used", "granted", "balance", "minutes", "percent_used", "expires", "bonus")
    found = {name: getattr(figures, name) for name in names if getattr(figures, name) is not None}
    return {name: str(value) if name in ("balance", "bonus") else value for name, value in found.items()}


def tried(template: str, text: str) -> Figures:
    pattern = Pattern("tried", (), ("sms", "ussd"), template, "balance", "dmy", "en", "", "", "own")
    (found,) = readings(text, None, None, WHERE, (pattern,))
    return found.figures


def test_the_corpus_holds_enough() -> None:
    assert len(ROWS) >= 150
    assert len(READ) >= 75
    scripts = ("[\u1780-\u17ff]", "[\u4e00-\u9fff]", "[\u0e00-\u0e7f]", "[\u0400-\u04ff]", "[ăđơưạế]", "[éàü]")
    for script in scripts:
        assert any(re.search(script, row["text"]) for row in READ), script


@pytest.mark.parametrize("row", READ, ids=[row["text"][:40].replace("\n", " ") for row in READ])
def test_no_suggestion_reads_a_wrong_figure(row: dict[str, Any]) -> None:
    """It may leave a figure out; what it reads is what a person reads."""
    template = suggestion(row["text"], WHERE)
    if template is None:
        return
    wanted, found = expected(row), stated(tried(template, row["text"]))
    assert {name: value for name, value in found.items() if wanted.get(name) != value} == {}, template


def ends_right(row: dict[str, Any]) -> bool:
    """Whether all that a person reads is read without one, or nothing where there is nothing to read."""
    template = suggestion(row["text"], WHERE)
    found = {} if template is None else stated(tried(template, row["text"]))
    return found == expected(row)


def test_the_share_that_ends_right_without_a_person_only_rises(capsys: pytest.CaptureFixture[str]) -> None:
    share = sum(map(ends_right, READ)) / len(READ)
    with capsys.disabled():
        print(f"\n{share:.0%} of {len(READ)} foreign texts end right without a person (at least {RIGHT:.0%})")
    assert share >= RIGHT


@pytest.mark.parametrize("row", [row for row in ROWS if "person" not in row and not row.get("unknown")][:40],
                         ids=lambda row: row["text"][:40].replace("\n", " "))  # fmt: skip
def test_a_suggestion_never_contradicts_a_shipped_pattern(row: dict[str, Any]) -> None:
    """Two ways to the same text: what the suggestion reads of it, the pattern reads too."""
    reading, template = understand(row["text"], row.get("carrier"), row["kind"], WHERE), suggestion(row["text"], WHERE)
    if reading is None or template is None or row.get("event"):
        return
    known, found = stated(reading.figures), stated(tried(template, row["text"]))
    assert {name: value for name, value in found.items() if name in known and known[name] != value} == {}, template


def correctable() -> list[tuple[str, str, int]]:
    """(text, its suggestion, what is left) of texts that can be taught the wrong way round first."""
    found = []
    for row in READ:
        template = suggestion(row["text"], WHERE)
        if (
            template is not None
            and "{remaining}" in template
            and "{used}" not in template
            and "{granted}" not in template
        ):
            found.append((row["text"], template, expected(row)["remaining"]))
    return found[::3]


@pytest.mark.parametrize(("text", "template", "left"), correctable(), ids=lambda value: str(value)[:30])
def test_taught_wrongly_and_corrected(run: Runner, text: str, template: str, left: int) -> None:
    """A person who took what is left for what was used says it again, and the right template replaces the wrong one."""
    added = run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "20GB", "--days", "30",
                "--started", "2026-11-10")  # fmt: skip
    assert added.code == 0
    imported = run("usage", "import", "sim", "-", given=text)
    assert imported.code == 20
    printed = re.search(r"^teach it: (esimctl usage learn .*)$", imported.err, re.MULTILINE)
    assert printed is not None
    assert shlex.split(printed[1])[-1] == template or template in shlex.split(printed[1])
    wrong = template.replace("{remaining}", "{used}")
    assert run("usage", "learn", "sim", "-", "--template", wrong, "--name", "wrong", given=text).code == 0
    right = run("usage", "learn", "sim", "-", "--template", template, "--name", "right", "--json", given=text)
    assert right.json["pattern"]["replaces"] == ["wrong"]
    read = run("usage", "import", "sim", "-", "--json", given=text)
    assert (read.json["readings"][0]["remaining_bytes"], read.json["readings"][0]["pattern"]) == (left, "right")


def test_every_text_without_a_right_suggestion_has_a_template_of_a_person() -> None:
    assert [row["text"] for row in READ if not ends_right(row) and "template" not in row] == []


@pytest.mark.parametrize("row", [row for row in READ if "template" in row], ids=lambda row: row["text"][:40])
def test_taught_by_a_person(run: Runner, row: dict[str, Any]) -> None:
    """`learn` accepts the template as a person writes it, and the message gives all that is read off it."""
    added = run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "20GB", "--days", "30",
                "--started", "2026-11-10")  # fmt: skip
    assert added.code == 0
    learnt = run("usage", "learn", "sim", "-", "--template", row["template"], "--json", given=row["text"])
    assert learnt.code == 0, learnt.err
    assert stated(tried(row["template"], row["text"])) == expected(row)
    read = run("usage", "import", "sim", "-", "--json", given=row["text"])
    assert read.code == 0, read.err
