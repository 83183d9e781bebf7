"""Two states of the catalogue compared in every kind of row."""

from pathlib import Path

from tests.conftest import Outcome, Runner

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
