"""Charts: well-formed, in proportion, and inert whatever the names in them are."""

from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.show.charts import PLOT, Bar, bar_chart, stacked_chart

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "]]><!-- & &amp; --",
    "=HYPERLINK(1)",
    "\x1b[31m\u202eevil\x00",
    "ស្មាត 流量 😀",
    "a\nb\tc\u2028d",
)


def tree(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def heights(svg: str) -> list[float]:
    """The bars only: a bar has a title of its own, a legend's swatch has none."""
    return [
        float(rect.get("height", "")) for rect in tree(svg).iter(f"{SVG}rect") if rect.find(f"{SVG}title") is not None
    ]


def test_one_element_with_a_name_for_those_who_hear_it() -> None:
    root = tree(bar_chart("Spent", [Bar("May", 3, "3 USD"), Bar("June", 1, "1 USD")]))
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Spent"
    assert root.findtext(f"{SVG}title") == "Spent"
    assert root.findtext(f"{SVG}desc") == "May: 3 USD; June: 1 USD"
    assert {"May", "June", "3 USD", "1 USD"} <= {text.text for text in root.iter(f"{SVG}text")}


@given(st.lists(st.integers(0, 10**18), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_heights_are_in_proportion(values: list[int]) -> None:
    drawn = heights(bar_chart("Use", [Bar(str(at), value) for at, value in enumerate(values)]))
    above = [value for value in values if value]
    assert len(drawn) == len(above)
    for value, height in zip(above, drawn, strict=True):
        assert height == pytest.approx(PLOT * value / max(values), abs=0.02)


def test_parts_of_a_column_stand_on_each_other() -> None:
    svg = stacked_chart("Data", ["used", "wasted"], [("May", [30, 10]), ("June", [0, 20])])
    rects = [rect for rect in tree(svg).iter(f"{SVG}rect") if rect.find(f"{SVG}title") is not None]
    assert [rect.findtext(f"{SVG}title") for rect in rects] == ["May: used 30", "May: wasted 10", "June: wasted 20"]
    used, wasted, june = rects
    assert [float(rect.get("height", "")) for rect in rects] == [180, 60, 120]
    assert float(wasted.get("y", "")) + 60 == float(used.get("y", ""))
    assert float(used.get("y", "")) + 180 == float(june.get("y", "")) + 120
    assert used.get("fill") != wasted.get("fill") == june.get("fill")


def test_money_given_back_hangs_from_the_line() -> None:
    svg = bar_chart("Spent", [Bar("May", 30), Bar("June", -10)])
    line = float(tree(svg).find(f"{SVG}line").get("y1"))  # type: ignore[union-attr, arg-type]
    up, down = (rect for rect in tree(svg).iter(f"{SVG}rect"))
    assert (float(up.get("height", "")), float(down.get("height", ""))) == (180, 60)
    assert float(up.get("y", "")) + 180 == line == float(down.get("y", ""))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text(name: str) -> None:
    plain = bar_chart("t", [Bar("x", 1, "y")])
    for svg in (
        bar_chart(name, [Bar(name, 1, name)]),
        stacked_chart(name, [name], [(name, [1])]),
    ):
        found = tree(svg)
        assert {element.tag for element in found.iter()} <= {element.tag for element in tree(plain).iter()}
        names = {attribute for element in found.iter() for attribute in element.attrib}
        assert not [attribute for attribute in names if attribute.startswith("on") or "href" in attribute]
        assert not set("\x00\x1b\u202e\u2028") & set(svg)


def test_nothing_comes_from_outside() -> None:
    svg = bar_chart("t", [Bar("x", 1, "y")])
    assert "url(" not in svg
    assert "href" not in svg
    assert svg.count("http") == 1  # the name of the namespace, which nobody fetches
    assert 'fill="currentColor"' in svg


@pytest.mark.parametrize("bars", [0, 1, 3, 31, 90, 400])
def test_no_two_labels_stand_on_each_other(bars: int) -> None:
    svg = bar_chart("Use", [Bar(f"2027-01-{at:02d}", at) for at in range(bars)])
    labels = [text for text in tree(svg).iter(f"{SVG}text") if (text.text or "").startswith("2027")]
    places = [float(text.get("x", "")) for text in labels]
    assert all(two - one >= 16 for one, two in pairwise(places))
    assert bool(labels) == bool(bars)


def test_the_same_figures_give_the_same_text() -> None:
    rows = [("a", [1, 2]), ("b", [3, 4])]
    assert stacked_chart("t", ["x", "y"], rows) == stacked_chart("t", ["x", "y"], rows)


@pytest.mark.parametrize("values", [[1], [1, 2, 3], [1, -1]])
def test_a_row_that_has_no_place_is_refused(values: list[int]) -> None:
    with pytest.raises(ValueError, match="each row"):
        stacked_chart("t", ["x", "y"], [("a", values)])
