"""Two states of the catalogue compared in every kind of row, and sellers' lists of devices, row by row."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Outcome, Runner, tree

ROWS = """
[carrier.lyca]
name = "Lyca KH"
aliases = ["莱卡"]
home_country = "KH"
[[carrier.lyca.fact]]
topic = "ussd-balance"
values = ["*555#"]
source = "their leaflet"
as_of = 2026-11-01
[[carrier.lyca.fact]]
topic = "prefix"
values = ["19"]
source = "their leaflet"
as_of = 2026-11-01

[carrier.smart]
name = "Smart"
[[carrier.smart.fact]]
topic = "hotline"
values = ["889"]
source = "sticker on the card"
as_of = 2026-11-02

[plan.lyca-week]
carrier = "lyca"
name = "Week"
price = "1.00 USD"
source = "leaflet"
as_of = 2026-11-01
terms = { data = "2GB", term = "7 days" }

[device.nokia-xr21]
brand = "Nokia"
name = "XR21"
esim = "yes"
source = "EID seen"
as_of = 2026-11-01
"""


def taken(run: Runner, folder: Path, text: str = ROWS) -> Outcome:
    """Import rows from a file of that text."""
    file = folder / "mine.toml"
    file.write_text(text, "utf-8")
    return run("plans", "import", str(file), "--json")


def changed(outcome: Outcome) -> list[tuple[str, str, str]]:
    """(kind, id, change) of every row of the answer."""
    return [(row["of"], row["plan"], row["change"]) for row in outcome.json["changes"]]


def test_two_states_differ_in_every_kind_of_row(run: Runner, tmp_path: Path) -> None:
    """`plans diff` sees promotions, carriers and devices too; a kept list of plans is compared by plans alone."""
    kept = tmp_path / "kept.json"
    kept.write_text(run("plans", "list", "--json").out, "utf-8")
    assert taken(run, tmp_path).code == 0
    assert {kind for kind, _, _ in changed(run("plans", "diff", "--json"))} == {"plan", "carrier", "device"}
    assert changed(run("plans", "diff", str(kept), "--json")) == [("plan", "lyca-week", "added")]
    later = tmp_path / "later.toml"
    later.write_text(ROWS.replace('"889"', '"890"').replace('price = "1.00 USD"', 'price = "2.00 USD"'), "utf-8")
    rows = run("plans", "diff", str(tmp_path / "mine.toml"), str(later), "--json").json["changes"]
    assert [(row["of"], row["plan"], row["field"]) for row in rows] == [
        ("plan", "lyca-week", "price"),
        ("carrier", "smart", "facts"),
    ]
    assert "890" in rows[1]["after"]


LIST: list[Any] = [
    {"brand": "Apple", "model": "iPhone99,1", "name": "iPhone 99", "os": "ios", "deviceType": "phone"},
    {"brand": "Apple", "model": "iPhone99,2", "name": "iPhone 99", "os": "ios", "deviceType": "phone"},
    {"brand": "Samsung", "model": "b9q", "name": "Galaxy Watch 99", "deviceType": "Smartwatch"},
]


@pytest.mark.parametrize(
    "wrapped", [LIST, {"data": LIST}, {"devices": LIST, "meta": None}], ids=["bare", "data", "devices"]
)
def test_a_sellers_list_of_devices(run: Runner, wrapped: object) -> None:
    """Rows of one name are one device with all of its codes; the answer says that a seller says so."""
    told = run("devices", "import", "-", "--json", given=json.dumps(wrapped))
    assert (told.code, told.json["imported"]["devices"]) == (0, 2)
    for code in ("iphone99,1", "iPhone99,2", "apple iphone 99"):
        device = run("devices", "check", code, "--json").json["device"]
        assert (device["answer"], device["grade"]) == ("yes", "own")
        assert device["source"] == "list of a seller, stdin"
    assert run("devices", "check", "galaxy watch 99", "--json").json["device"]["kind"] == "watch"
    again = run("devices", "import", "-", "--json", given=json.dumps(wrapped))
    assert again.json["changes"] == []


def test_what_cannot_be_a_device_is_refused_by_its_place(run: Runner) -> None:
    rows = [*LIST, {"model": "z"}, 7, {"brand": "Evil\x1b[2J", "name": "Z"}]
    told = run("devices", "import", "-", "--json", given=json.dumps(rows))
    assert (told.code, [row["key"] for row in told.json["refused"]]) == (20, ["[4]", "[5]", "[6]"])
    assert "\x1b" not in told.out


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"data": 3}', "7", "[" * 100_000, "device = 3", "[device"])
def test_what_is_no_list_changes_nothing(run: Runner, tmp_path: Path, text: str) -> None:
    assert (
        run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "1GB", "--days", "7").code
        == 0
    )
    before = tree(tmp_path)
    told = run("devices", "import", "-", given=text)
    assert told.code == 2
    assert len(told.err.splitlines()) <= 2
    assert tree(tmp_path) == before
