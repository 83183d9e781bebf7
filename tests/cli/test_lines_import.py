"""`lines import`: fifty lines from a spreadsheet, with a report of those that could not be added."""

from pathlib import Path

import pytest

from tests.conftest import Runner, tree

GOOD = (
    "name,carrier,data,days,price,msisdn,tags,note\n"
    "s1,smart,10GB,30,3USD,010 123 456,router office,behind the bar\n"
    "s2,metfone,5GB,7,1.50 USD,,router,\n"
)


def rows(run: Runner, text: str, *words: str) -> list[tuple[str, bool, str | None, bool]]:
    """(line, ok, code, repeated) of every row of the report."""
    found = run("lines", "import", "-", *words, "--json", given=text).json["rows"]
    return [(row["line"], row["ok"], row["code"], row["repeated"]) for row in found]


def test_lines_come_with_all_that_was_said(run: Runner, tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    file.write_bytes("\ufeff".encode() + GOOD.replace(",", ";").replace("\n", "\r\n").encode())
    assert run("lines", "import", str(file)).code == 0
    line = run("lines", "show", "s1", "--show-code", "--json").json["line"]
    assert (line["carrier"], line["msisdn"], line["note"]) == ("smart", "+85510123456", "behind the bar")
    assert line["tags"] == ["router", "office"]
    assert [row["data"]["remaining_bytes"] for row in run("balance", "--json").json["lines"]] == [10**10, 5 * 10**9]
    assert [row["price"]["amount"] for row in run("transactions", "list", "--json").json["transactions"]] == [
        "3.00",
        "1.50",
    ]


def test_the_same_file_again_adds_only_what_is_missing(run: Runner) -> None:
    assert rows(run, GOOD) == [("s1", True, None, False), ("s2", True, None, False)]
    more = GOOD + "s3,cellcard,1GB,7,,,,\n"
    assert rows(run, more) == [("s1", True, None, True), ("s2", True, None, True), ("s3", True, None, False)]
    assert len(run("transactions", "list", "--json").json["transactions"]) == 2
    other = GOOD.replace("s2,metfone", "s2,smart")
    assert rows(run, other)[1] == ("s2", False, "name_taken", False)


PARTLY = (
    GOOD
    + "Bad Name,smart,1GB,7,,,,\ns4,smart,much,7,,,,\ns5,nobody,1GB,7,,,,\ns6,smart,1GB,0,,,,\ns7,smart,1GB,7,,,,\n"
)


def test_a_row_that_is_wrong_does_not_stop_the_others(run: Runner) -> None:
    done = run("lines", "import", "-", "--json", given=PARTLY)
    assert (done.code, done.json["done"], done.json["failed"]) == (2, 3, 4)
    found = {row["line"]: row["code"] for row in done.json["rows"] if not row["ok"]}
    assert (found["Bad Name"], found["s4"], found["s6"]) == ("bad_name", "bad_value", "bad_value")
    assert run("lines", "list", "--columns", "line").out.split() == ["s1", "s2", "s7"]
    said = run("lines", "import", "-", given=PARTLY)
    assert "s4: data: " in said.err
    assert said.out.splitlines()[3].split("\t")[:3] == ["4", "s4", "2"]


def test_a_dry_run_finds_the_same_and_writes_nothing(run: Runner, tmp_path: Path) -> None:
    before = tree(tmp_path)
    looked = rows(run, PARTLY, "--dry-run")
    assert tree(tmp_path) == before
    assert looked == rows(run, PARTLY)


def test_lines_at_a_provider_are_adopted(run: Runner) -> None:
    """Only its own number is needed there; a number that it does not have is the row's failure."""
    assert run("buy", "smart-laor-7d", "--provider", "sandbox", "--name", "old", "--yes").code == 0
    iccid = run("lines", "show", "old", "--show-code", "--json").json["line"]["iccid"]
    assert run("lines", "remove", "old", "--yes").code == 0
    text = f"name,iccid,tags\nnew,{iccid},x\nnot-there,8985500000000000000,\n"
    assert (
        rows(run, text, "--provider", "sandbox", "--dry-run")
        == rows(run, text, "--provider", "sandbox")
        == [
            ("new", True, None, False),
            ("not-there", False, "line_not_there", False),
        ]
    )
    assert run("lines", "list", "--tag", "x", "--columns", "line").out == "new\n"


BAD = [
    "", "name\n", "carrier\nsmart\n", "name,colour\na,red\n", "name,name\na,b\n", "name\na,b\n", "name\na\na\n",
    'name\n"a\n', "name\n\x00\n",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_a_file_that_is_no_table_of_lines_adds_nothing(run: Runner, tmp_path: Path, text: str) -> None:
    wrong = run("lines", "import", "-", "--json", given=text)
    assert wrong.code == 2
    assert not (tmp_path / "home").exists()


def test_codes_are_kept_where_codes_belong(run: Runner, tmp_path: Path) -> None:
    """An activation code in a row goes to the vault, and nowhere else, and is shown by nothing that is printed."""
    code = "LPA:1$rsp.example.com$CANARY-4711"
    done = run("lines", "import", "-", "--json", given=f"name,carrier,lpa\nsim,smart,{code}\n")
    assert done.code == 0
    assert "CANARY" not in done.out + done.err
    holding = [name for name, data in tree(tmp_path / "home").items() if b"CANARY" in data]
    assert all("/vault/" in name for name in holding)
    assert holding
