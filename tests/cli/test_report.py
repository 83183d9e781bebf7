"""`report` from the command line: the stories of the articles, every form, wrong input, and hostile names."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests import recount
from tests.conftest import Runner, day, tree
from tests.own_plans import bring

GB = 10**9


@pytest.fixture
def wasted(run: Runner) -> Runner:
    """R-09: ten of twenty gigabytes used, the rest gone with the month."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes", now=day("11-01"))
    run("balance", "-q", now=day("11-01"))
    run("sandbox", "use", "phone", "10GB", now=day("11-20"))
    run("balance", "--refresh", "-q", now=day("11-20"))
    run("balance", "--refresh", "-q", now=day("12-05"))
    return run


def test_bought_twenty_used_ten_and_wasted_ten(wasted: Runner, tmp_path: Path) -> None:
    """One sentence says it, the money with it; the figures are the journal's to the octet and the cent."""
    told = wasted("report", "--months", "2", "-o", "table", now=day("12-05"))
    assert told.out.splitlines()[:4] == [
        "SANDBOX · Nov 2026 to Dec 2026: 9.00 USD spent, 10 GB used, 10 GB lost (cost 4.50 USD)",
        "MONTH        SPENT   USED               LOST  LOST MONEY  BOUGHT",
        "Nov 2026  9.00 USD  10 GB  ██████████    0 B           -   20 GB",
        "Dec 2026         -    0 B  ░░░░░░░░░░  10 GB    4.50 USD     0 B",
    ]
    document = wasted("report", "--months", "2", "--by", "line", "--json", now=day("12-05")).json
    (total,) = document["totals"]
    entries = recount.journal(tmp_path / "home/profiles/default")
    assert total["bought_bytes"] == recount.bought_octets(entries)["phone"] == 20 * GB
    assert (total["used_bytes"], total["wasted_bytes"], total["carried_bytes"]) == (10 * GB, 10 * GB, 0)
    last = recount.last_readings(entries)["phone"]["data"]
    assert total["wasted_bytes"] == last["forfeited_bytes"]
    assert total["spend"] == [{"amount": "9.00", "currency": "USD"}]
    assert recount.sums(recount.paid(entries)) == {"USD": 900}
    assert total["wasted_money"] == [{"amount": "4.50", "currency": "USD"}]
    assert [(row["month"], row["used_bytes"], row["wasted_bytes"]) for row in document["report"]] == [
        ("2026-11", 10 * GB, 0),
        ("2026-12", 0, 10 * GB),
    ]


def test_what_is_carried_is_not_lost(run: Runner) -> None:
    """Renewed in time: eight gigabytes go on into the next month."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes", now=day("10-01"))
    run("balance", "-q", now=day("10-01"))
    run("sandbox", "use", "phone", "12GB", now=day("10-10"))
    run("balance", "--refresh", "-q", now=day("10-30"))
    run("renew", "phone", "--yes", now=day("10-30"))
    run("balance", "--refresh", "-q", now=day("11-10"))
    (row,) = run("report", "--months", "2", "--json", now=day("11-10")).json["totals"]
    assert (row["bought_bytes"], row["used_bytes"], row["carried_bytes"]) == (40 * GB, 12 * GB, 8 * GB)
    assert (row["wasted_bytes"], row["wasted_money"]) == (0, [])


def test_a_line_from_a_counter_is_known_as_far_as_somebody_looked(run: Runner) -> None:
    """Unknown stays unknown; after a look the model says what was lost, and what it had cost."""
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "metfone", "--data", "10GB", "--days", "20",
        "--price", "5USD", now=day("11-02"))  # fmt: skip
    (row,) = run("report", "--json", now=day("11-10")).json["report"]
    assert (row["bought_bytes"], row["used_bytes"], row["wasted_bytes"]) == (10 * GB, None, 0)
    assert row["unknown"]["used"] == 1
    (row,) = run("report", "--json", now=day("11-25")).json["report"]
    assert (row["used_bytes"], row["wasted_bytes"], row["unknown"]["wasted"]) == (None, None, 1)
    told = run("report", "-o", "table", now=day("11-25")).out
    assert "Nov 2026: 5.00 USD spent, use unknown, loss unknown" in told
    assert "! use and loss are not wholly known for 1 line: no reading in time" in told
    run("usage", "record", "sim", "--remaining", "4GB", "--at", "2026-11-21", now=day("11-26"))
    (row,) = run("report", "--json", now=day("11-30")).json["report"]
    assert (row["used_bytes"], row["wasted_bytes"]) == (6 * GB, 4 * GB)
    assert row["wasted_money"] == [{"amount": "2.00", "currency": "USD"}]
    assert row["spend"] == [{"amount": "5.00", "currency": "USD"}]
    assert row["play_money"] is False


def test_gifts_are_given_and_not_used(run: Runner) -> None:
    """What is given away has not been used by the giver, and is told on both sides."""
    bring(run)
    for name in ("one", "two"):
        run("lines", "add", name, "--provider", "manual", "--carrier", "smart", "--plan", "smart-own-20gb",
            "--price", "9USD", now=day("11-01"))  # fmt: skip
    done = run("lines", "gift", "one", "1GB", "--to", "two", "--yes", now=day("11-02"))
    rows = {row["group"]: row for row in run("report", "--by", "line", "--json", now=day("11-05")).json["report"]}
    if done.code == 0:
        assert rows["one"]["gifts_sent_bytes"] == rows["two"]["gifts_received_bytes"] == GB
    else:
        assert rows["one"]["gifts_sent_bytes"] == 0, "what was refused was not given"
    assert rows["one"]["gifts_received_bytes"] == 0


def test_who_asked_for_it(wasted: Runner) -> None:
    """By hand and by rule are told apart, and the method groups the money."""
    wasted("topup", "phone", "--amount", "1USD", "--pay", "sandbox-declined", "--yes", now=day("12-05"))
    wasted("renew", "phone", "--yes", now=day("12-05"))
    document = wasted("report", "--by", "method", "--json", now=day("12-05")).json
    spent = {row["group"]: row["purchases"] for row in document["report"]}
    assert spent["sandbox-card"] == 1
    assert "sandbox-declined" not in spent, "what was refused was not bought"
    (trigger,) = document["totals"][0]["triggers"]
    assert (trigger["by"], trigger["rule"], trigger["purchases"], trigger["topups"]) == ("person", None, 1, 0)


def test_by_person(wasted: Runner) -> None:
    """The owner is said once, shown, and summed up by; nobody is nobody."""
    assert wasted("lines", "owner", "phone", "小李 <b>", now=day("12-05")).code == 0
    document = wasted("report", "--months", "2", "--by", "person", "--json", now=day("12-05")).json
    assert {row["group"] for row in document["report"]} == {"小李 <b>"}
    assert wasted("lines", "show", "phone", "--json", now=day("12-05")).json["line"]["owner"] == "小李 <b>"
    assert wasted("lines", "owner", "phone", "--none", now=day("12-05")).code == 0
    assert {row["group"] for row in wasted("report", "--by", "person", "--json", now=day("12-05")).json["report"]} == {
        None
    }


@pytest.mark.parametrize("words", [("owner", "phone"), ("owner", "phone", "x", "--none"), ("owner", "phone", "a\nb"),
                                   ("owner", "phone", " "), ("owner", "nobody", "x")])  # fmt: skip
def test_an_owner_that_is_none(wasted: Runner, tmp_path: Path, words: tuple[str, ...]) -> None:
    """Refused with 2, and nothing is written."""
    before = tree(tmp_path / "home")
    assert wasted("lines", *words, now=day("12-05")).code == 2
    assert tree(tmp_path / "home") == before


WRONG = [
    ("--month", "2026-13"), ("--month", "november"), ("--month", "2026-111"), ("--months", "0"), ("--months", "121"),
    ("--by", "colour"), ("--format", "pdf"), ("--to", "x.html"), ("--format", "html", "--json"), ("--month", "0001-01"),
    ("--month", "9999-12"), ("--month", "2026-11-01"),
]  # fmt: skip


@pytest.mark.parametrize("words", WRONG)
def test_wrong_input_is_one_line_and_nothing_is_written(run: Runner, tmp_path: Path, words: tuple[str, ...]) -> None:
    """2, a clear line, no file."""
    done = run("report", *words)
    assert done.code == 2
    assert done.err.count("\n") <= 2
    assert not (tmp_path / "home").exists()


def test_a_report_writes_nothing_and_needs_no_profile(run: Runner, wasted: Runner, tmp_path: Path) -> None:
    """It only reads; an empty month is a row of nothing."""
    before = tree(tmp_path / "home")
    for output in ("table", "tsv", "csv", "json"):
        assert run("report", "-o", output, now=day("12-05")).code == 0
    assert tree(tmp_path / "home") == before
    (row,) = run("report", "--month", "2020-01", "--json", now=day("12-05")).json["report"]
    assert (row["spend"], row["used_bytes"], row["purchases"]) == ([], 0, 0)


def test_in_a_pipe_a_row_is_a_line(wasted: Runner) -> None:
    """Tab-separated, no header, full values."""
    rows = wasted("report", "--months", "2", "--by", "line", now=day("12-05")).out.splitlines()
    assert len(rows) == 2
    assert rows[0].split("\t")[:4] == ["2026-11", "phone", "yes", "9.00 USD"]
    assert "20000000000" in rows[0].split("\t")


class Tags(HTMLParser):
    """The elements of a page and what they refer to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in {"href", "src", "action", "data", "srcset", "xlink:href", "formaction"}:
                self.addresses.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)


#: words of others at their worst
HOSTILE = "<script>alert(1)</script>|`x`*_[a](http://evil.example)&amp;\"'=1+1 https://evil.example 小李 ខ្មែរ 🙂"


def test_hostile_names_are_inert_on_the_page_and_in_markdown(wasted: Runner, tmp_path: Path) -> None:
    """No element, no address and no handler of theirs; Markdown shows them as they are."""
    from markdown_it import MarkdownIt

    name = HOSTILE[:64]
    assert wasted("lines", "owner", "phone", name, now=day("12-05")).code == 0
    page = tmp_path / "page.html"
    done = wasted("report", "--months", "2", "--by", "person", "--format", "html", "--to", str(page), now=day("12-05"))
    assert done.code == 0
    assert done.out == ""
    assert page.stat().st_mode & 0o777 == 0o600
    seen = Tags()
    seen.feed(page.read_text("utf-8"))
    assert seen.tags <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "span", "dl", "div", "dt", "dd",
        "figure", "svg", "desc", "text", "rect", "line", "ul", "li", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    assert (seen.addresses, seen.handlers) == ([], [])
    assert "&lt;script&gt;" in page.read_text("utf-8")
    text = wasted("report", "--months", "2", "--by", "person", "--format", "markdown", now=day("12-05")).out
    made = MarkdownIt("commonmark").enable("table").render(text)
    parsed = Tags()
    parsed.feed(made)
    assert parsed.tags <= {"h1", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "code"}
    assert parsed.addresses == []
    assert len({line.count("</td>") for line in made.split("<tr>") if "</td>" in line}) <= 2


@pytest.mark.parametrize("language", ["en", "zh-CN", "km"])
def test_the_page_speaks_three_languages(wasted: Runner, language: str) -> None:
    """The page says its language, and nothing of it is left in another."""
    page = wasted("report", "--format", "html", now=day("12-05"), env={"ESIMCTL_LANG": language}).out
    assert f'<html lang="{language}">' in page
    assert ("Bought" in page) is (language == "en")
    assert "default-src 'none'; style-src 'unsafe-inline'" in page


def test_json_and_a_page_at_once(wasted: Runner, tmp_path: Path) -> None:
    """The document on stdout, the page in the file; a page that cannot be written is 74."""
    done = wasted("report", "--format", "markdown", "--to", str(tmp_path / "r.md"), "--json", now=day("12-05"))
    assert done.json["schema"] == "esimctl.report/1"
    assert (tmp_path / "r.md").read_text("utf-8").startswith("# Data and spending, Dec 2026")
    assert wasted("report", "--format", "html", "--to", str(tmp_path / "no/r.html"), now=day("12-05")).code == 74


def test_no_float_is_in_the_document(wasted: Runner) -> None:
    """Money and octets are exact."""

    def refuse(text: str) -> None:
        raise AssertionError(f"a float: {text}")

    json.loads(wasted("report", "--months", "3", "--by", "line", "--json", now=day("12-05")).out, parse_float=refuse)
