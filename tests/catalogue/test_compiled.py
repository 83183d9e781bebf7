"""What is loaded is what the data files say, and a wrong row of theirs is refused with its file, key and reason."""

import json
import re
import subprocess
import sys

import pytest

from esimctl.catalogue import carriers, claims, devices, patterns, plans, promotions, shipped
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

    def table(name: str) -> tuple[dict[str, object], str]:
        return shipped.table(f"{name}.toml"), f"{name}.toml"

    assert list(plans.plans()) == list(plans.read(*table("plans"))[0].values())
    assert promotions.shipped_promotions() == promotions.read(*table("promotions"))[0]
    assert claims.shipped_claims() == claims.read(*table("claims"))[0]
    assert devices.devices() == devices.read(*table("devices"))[0]
    known, countries, _ = carriers.read(*table("carriers"))
    assert list(carriers.carriers()) == list(known.values())
    assert {code: carriers.country_facts(code) for code in countries} == countries
    rows = shipped.table("patterns.toml")["pattern"].items()
    assert list(patterns.patterns()) == [patterns.read_pattern(name, row, "patterns.toml") for name, row in rows]


def test_loading_checks_nothing() -> None:
    """Neither the TOML nor a reader of rows is touched by a run that has no rows of a person's own."""
    code = """
import sys
from esimctl.catalogue import carriers, claims, devices, glossary, patterns, plans, promotions, renamed, tips
from esimctl.values.checking import TableRow
del TableRow.__init__, TableRow.text
loads = (carriers.carriers, claims.shipped_claims, devices.devices, glossary.words, patterns.patterns, plans.plans)
assert all(load() for load in (*loads, promotions.shipped_promotions, tips.tips))
assert renamed.present("plan", "smart-payg") == "demo-payg"
assert not {name for name in sys.modules if name.startswith(("tomllib", "esimctl.charging"))}
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=FOLDER.parent.parent)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("plans", 'term = "7 days"', 'term = "7 dais"', r"plans\.toml: plan\.smart-laor-7d\.terms\.term: "),
        ("plans", 'grade = "S"', 'grade = "T"', r"plans\.toml: plan\.smart-laor-7d\.grade: is none of V, S"),
        ("plans", "[plan.smart-laor-7d]", "[plans.smart-laor-7d]", r"plans\.toml: plans: means nothing here"),
        ("promotions", "until = 2028-01-01", "until = 2025-01-01", r"promotion\.demo-double-data\.until: is not after"),
        ("claims", 'mode = "none"', 'mode = "nothing"', r"claims\.toml: claim\.article-s0-clear\.value\.mode: is none"),
        ("carriers", 'topic = "network"', "topic = 3", r"carriers\.toml: carrier\.smart\.fact\[1\]\.topic: is not a"),
        ("devices", 'brand = "Apple"\n', "", r"devices\.toml: device\.apple-iphone-xr\.brand: is missing"),
        ("patterns", "{remaining} of", "{remainig} of", r"pattern\.smart-data-left\.template: there is no place"),
        ("renamed", '"demo-monthly-1gb"', "1", r"renamed\.toml: plan\.smart-monthly-1gb: is not a text"),
        ("glossary", "words = [", "word = [", r"glossary\.toml: filler\.word: means nothing here"),
        ("tips", "source = ", "sauce = ", r"tips\.toml: tip\.wifi\.source: is missing"),
        ("tips", "[tip.wifi]", "[tip.wifi", r"tips\.toml: .*\(at line 3, column \d+\)"),
        ("tips", "[tip.", "[tips.", r"tips\.toml: \.tip: is missing"),
    ],
)
def test_a_wrong_row_is_named(name: str, old: str, new: str, said: str) -> None:
    text = shipped.text(f"{name}.toml")
    assert old in text
    with pytest.raises(WrongData, match=said):
        compiled(name, text.replace(old, new, text.count(old) if old.endswith(".") else 1))


def test_every_fault_of_a_file_is_said_at_once() -> None:
    text = shipped.text("devices.toml").replace('esim = "yes"', 'esim = "maybe"')
    with pytest.raises(WrongData) as caught:
        compiled("devices", text)
    faults = str(caught.value).splitlines()
    assert len(faults) == shipped.text("devices.toml").count('esim = "yes"')
    assert all(
        re.fullmatch(r"devices\.toml: device\.[a-z0-9-]+\.esim: is none of yes, no, variant", one) for one in faults
    )


def test_a_row_takes_one_line() -> None:
    """A difference in the compiled form shows the row that it is in."""
    for name, kind in (("plans", "plan"), ("claims", "claim"), ("devices", "device")):
        lines = compiled(name).splitlines()[1:-1]
        assert [json.loads(line.removesuffix(","))["id"] for line in lines] == list(
            shipped.headings(f"{name}.toml", kind)
        )
