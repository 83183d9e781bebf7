"""What is loaded is what the data files say, and a wrong row of theirs is refused with its file, key and reason."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from esimctl.catalogue import carriers, claims, devices, patterns, plans, promotions, shipped
from esimctl.values.tables import Table, TableProblem, TomlText, read_rows
from tests.compiled import FILES, FOLDER, WrongData, compiled


@pytest.mark.parametrize("name", FILES)
def test_the_compiled_form_is_what_the_data_say(name: str) -> None:
    """To mend: `python -m tests.write_generated`."""
    assert (FOLDER / "compiled" / f"{name}.json").read_text("utf-8") == compiled(name)


def test_every_data_file_is_compiled_and_nothing_else() -> None:
    assert {path.stem for path in (FOLDER / "data").iterdir()} == set(FILES)
    assert {path.name for path in (FOLDER / "compiled").iterdir()} == {f"{name}.json" for name in FILES}


@pytest.mark.parametrize("name", FILES)
def test_its_first_line_says_that_nobody_edits_it(name: str) -> None:
    first = (FOLDER / "compiled" / f"{name}.json").read_text("utf-8").splitlines()[0]
    assert f"from data/{name}.toml" in first
    assert "never this one" in first


def test_what_is_loaded_equals_what_the_readers_make_of_the_data() -> None:
    """Tuples, money and dates come back as they were, in every field of every row and in their order."""

    def read(name: str, kind: str, reader: Callable[[str, Table], Any]) -> list[Any]:
        problems: list[TableProblem] = []
        found = read_rows(table(name), kind, reader, problems)
        assert problems == []
        return list(found.values())

    def table(name: str) -> Table:
        return TomlText(f"{name}.toml", shipped.text(f"{name}.toml")).table()

    assert list(plans.plans()) == list(plans.read_plans(table("plans"), []).values())
    assert list(promotions.shipped_promotions()) == read("promotions", "promotion", promotions.read_promotion)
    assert list(claims.shipped_claims()) == read("claims", "claim", claims.read_claim)
    assert list(devices.devices()) == read("devices", "device", devices.read_device)
    assert list(carriers.carriers()) == read("carriers", "carrier", carriers.read_carrier)
    codes = table("carriers").inner("country").table
    assert [carriers.country_facts(code) for code in codes] == read("carriers", "country", carriers.read_country)
    assert list(patterns.patterns()) == read("patterns", "pattern", patterns.read_pattern)


def test_loading_checks_nothing() -> None:
    """Neither the TOML nor a reader of rows is touched by a run that has no rows of a person's own."""
    code = """
import sys
from esimctl.catalogue import carriers, claims, devices, glossary, patterns, plans, promotions, renamed, tips
from esimctl.values.tables import Table
del Table.__init__, Table.text
loads = (carriers.carriers, claims.shipped_claims, devices.devices, glossary.words, patterns.patterns, plans.plans)
assert all(load() for load in (*loads, promotions.shipped_promotions, tips.tips))
assert renamed.present("plan", "smart-payg") == "demo-payg"
assert not {name for name in sys.modules if name.startswith(("tomllib", "esimctl.charging"))}
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=FOLDER.parent.parent)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("plans", 'term = "7 days"', 'term = "7 dais"', r"plan\.smart-laor-7d\.terms\.term: "),
        (
            "plans",
            'grade = "S"',
            'grade = "T"',
            r"plan\.smart-laor-7d\.grade: 'T' is none of V, S",
        ),
        (
            "plans",
            "[plan.smart-laor-7d]",
            "[plans.smart-laor-7d]",
            r"plans: unknown key, did you mean plan\?",
        ),
        ("promotions", "until = 2028-01-01", "until = 2025-01-01", r"promotion\.demo-double-data\.until: is not after"),
        (
            "claims",
            'mode = "none"',
            'mode = "nothing"',
            r"claim\.article-s0-clear\.value\.mode: 'nothing' is none",
        ),
        (
            "carriers",
            'topic = "network"',
            "topic = 3",
            r"carrier\.smart\.fact\[1\]\.topic: must be a text, not a whole number",
        ),
        ("devices", 'brand = "Apple"\n', "", r"device\.apple-iphone-xr\.brand: is missing"),
        ("patterns", "{remaining} of", "{remainig} of", r"pattern\.smart-data-left\.template: there is no place"),
        (
            "renamed",
            '"demo-monthly-1gb"',
            "1",
            r"plan\.smart-monthly-1gb: must be a text, not a whole number",
        ),
        (
            "glossary",
            "words = [",
            "word = [",
            r"filler\.word: unknown key, did you mean words\?",
        ),
        ("tips", "source = ", "sauce = ", r"tip\.wifi\.source: is missing"),
        ("tips", "[tip.wifi]", "[tip.wifi", r"is not TOML: "),
        ("tips", "[tip.", "[tips.", r"tips: unknown key, did you mean tip\?"),
    ],
)
def test_a_wrong_row_is_named(name: str, old: str, new: str, said: str) -> None:
    text = shipped.text(f"{name}.toml")
    assert old in text
    with pytest.raises(WrongData, match=rf"^{name}\.toml, line \d+(, column \d+)?: .*{said}"):
        compiled(name, text.replace(old, new, text.count(old) if old.endswith(".") else 1))


def test_every_fault_of_a_file_is_said_at_once() -> None:
    text = shipped.text("devices.toml").replace('esim = "yes"', 'esim = "maybe"')
    with pytest.raises(WrongData) as caught:
        compiled("devices", text)
    faults = str(caught.value).splitlines()
    assert len(faults) == shipped.text("devices.toml").count('esim = "yes"')
    assert all(
        re.fullmatch(r"devices\.toml, line \d+: device\.[a-z0-9-]+\.esim: 'maybe' is none of yes, no, variant", one)
        for one in faults
    )


def test_a_row_takes_one_line() -> None:
    """A difference in the compiled form shows the row that it is in."""
    for name, kind in (("plans", "plan"), ("claims", "claim"), ("devices", "device")):
        lines = compiled(name).splitlines()[1:-1]
        assert [json.loads(line.removesuffix(","))["id"] for line in lines] == list(
            shipped.headings(f"{name}.toml", kind)
        )
