"""Every list with as much as a household or a shop has: a table from fifty columns on, in which nothing is cut."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from esimctl.show import present
from esimctl.show.page import cells
from esimctl.show.view import OutputForm
from esimctl.values.record import replace
from tests.conftest import Runner
from tests.show.fakes import shown, terminal

#: what has happened: a plan of play money that is nearly used up, a line from a counter, a refusal, rules
STORY = (
    "buy demo-monthly-20gb --provider sandbox --name phone --yes",
    "sandbox use phone 19.9GB",
    "buy smart-laor-7d --provider sandbox --yes --pay sandbox-declined",
    "lines add sim --provider manual --plan smart-laor-30d --carrier smart --price 6USD",
    "usage record sim --remaining 4.25GB",
    "topup phone --amount 5USD --yes",
    "autotopup set phone --below 9GB --plan demo-topup-2gb --max-price 2USD --max-per-month 6USD",
    "autotopup enable phone --confirm 6USD",
    "autotopup set sim --before-expiry 3d --plan smart-laor-30d --max-price 7USD --max-per-month 14USD",
    "autotopup set phone --rule m --every weekly --from 2026-12-05 --amount 5USD --max-price 5USD --max-per-month 9USD",
    "autotopup run",
)

#: the list → its words, its first head, and how many rows it has here
LISTS: Mapping[str, tuple[str, str, int]] = {
    "balance": ("balance", "LINE", 50),
    "lines": ("lines list", "LINE", 50),
    "plans": ("plans list", "PLAN", 84),
    "transactions": ("transactions list", "ORDER", 13),
    "autotopup": ("autotopup show", "RULE", 10),
    "autotopup-run": ("autotopup run --dry-run", "RULE", 10),
    "autotopup-log": ("autotopup log", "RULE", 40),
    "report": ("report --months 12", "MONTH", 12),
    "promotions": ("promotions list", "", 0),
    "payments": ("payments list", "", 0),
    "providers": ("providers list", "", 0),
    "reminders": ("autotopup reminders", "REMINDER", 0),
}

#: the list of a document → what its rows are told apart by; repeated with long names until there are enough
NAMED = {
    "balance": "line",
    "lines": "line",
    "transactions": "line",
    "plans": "",
    "autotopup": "rule",
    "autotopup-run": "rule",
    "autotopup-log": "rule",
}
PARTS = {"balance": "lines", "autotopup": "rules", "autotopup-run": "decisions", "autotopup-log": "log"}

ELLIPSIS = re.compile("…(?=  |$)")


@pytest.fixture
def drawn(run: Runner, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], list[str]]:
    """What a list is at a width, all its rows, without colour."""
    for words in STORY:
        run(*words.split())
    caught: list[tuple[str, Any]] = []
    whole = present.present

    def catch(form: OutputForm, name: str, data: Any, *rest: Any) -> None:
        caught.append((name, data))
        whole(form, name, data, *rest)

    def draw(name: str, width: int) -> list[str]:
        monkeypatch.setattr(present, "present", catch)
        done = run(*LISTS[name][0].split(), "-o", "table")
        assert done.code in (0, 5, 20), done.err
        one = terminal(width, colour="never")
        one.every_row = True
        whole(OutputForm("table"), name, enlarged(*caught[-1], LISTS[name][2]), one)
        return shown(one).splitlines()

    return draw


def enlarged(name: str, data: Any, count: int) -> Any:
    """The document with so many rows, each under a long name of its own."""
    if name not in NAMED:
        return data
    part, key = PARTS.get(name, name), NAMED[name]
    rows: Sequence[Any] = list(getattr(data, part))
    more = [replace(rows[at % len(rows)], **({key: long_name(at)} if key else {})) for at in range(count)]
    return replace(data, **{part: more})


def long_name(at: int) -> str:
    """Thirty characters, two fewer than a name may have."""
    return f"router-in-the-old-warehouse-{at:02}"


def table_of(lines: Sequence[str], head: str) -> list[str]:
    """The rows of the first table: its head, and what follows up to an empty line."""
    start = next(at for at, line in enumerate(lines) if head in line.split() or not head)
    rest = lines[start:]
    return rest[: rest.index("")] if "" in rest else rest


@pytest.mark.parametrize("width", [50, 80])
@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_a_table_in_which_nothing_is_cut(
    drawn: Callable[[str, int], list[str]], name: str, width: int
) -> None:
    """No line is wider than the terminal, no name or figure is cut, and at most one column of free text is."""
    _, head, count = LISTS[name]
    lines = drawn(name, width)
    text = "\n".join(lines)
    assert all(cells(line) <= width for line in lines), "a line is wider than the terminal"
    rows = table_of(lines, head)
    assert not re.match(r"[A-Z][A-Z ]*: ", rows[0]), "blocks begin below fifty columns only"
    assert len(rows) > count
    if NAMED.get(name):
        assert all(long_name(at) in text for at in range(count))
    places = {cells(row[: found.start()]) for row in rows for found in ELLIPSIS.finditer(row)}
    assert len(places) <= 1, f"{len(places)} columns are cut"
    assert not re.search(r"\d…(?=  |$)", text) or places, "a figure is cut"


#: what has to stand in a list at 80 columns, and of the first priority at 50
HEADS = {
    "balance": ("LINE LEFT ENDS ATTENTION", "LINE LEFT"),
    "plans": ("PLAN PRICE", "PLAN PRICE"),
    "transactions": ("LINE PRICE STATE ORDER", "LINE ORDER"),
    "autotopup": ("RULE STATE WHEN LIMIT", "RULE STATE"),
    "autotopup-run": ("RULE DOES WHY", "RULE DOES"),
    "autotopup-log": ("RULE DID WHY", "RULE DID"),
    "report": ("MONTH SPENT USED LOST BOUGHT", "MONTH SPENT USED LOST"),
}


@pytest.mark.parametrize("name", HEADS)
def test_what_matters_most_stands_at_every_width(drawn: Callable[[str, int], list[str]], name: str) -> None:
    """Columns go by their priority."""
    for width, heads in zip((80, 50), HEADS[name], strict=True):
        found = table_of(drawn(name, width), LISTS[name][1])[0].split()
        assert [head for head in heads.split() if head not in found] == [], width
