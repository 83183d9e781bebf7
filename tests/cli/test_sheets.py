"""CSV files as spreadsheets write them, through every command that takes one."""

from pathlib import Path

import pytest

from tests.conftest import Runner, tree

GB = 10**9
READINGS = "At;Remaining;;\n2026-11-20 08:00;4,5 GB;;\n;;;\n2026-11-20 08:30;4,25GB;;\n;;;\n"
FORMS = {
    "semicolon": READINGS,
    "named": "sep=;\r\n" + READINGS.replace("\n", "\r\n"),
    "mark": "\ufeff" + READINGS,
    "tab": READINGS.replace(",", ".").replace(";", "\t"),
    "comma": 'AT , "REMAINING",\n2026-11-20 08:00,"4.5 GB",\n\n2026-11-20 08:30,4.25GB,\n,,\n',
}


@pytest.fixture
def sim(run: Runner) -> Runner:
    words = ("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "10GB", "--days", "30")
    run(*words, "--started", "2026-11-19")
    return run


@pytest.mark.parametrize("form", FORMS)
def test_readings_in_every_form(sim: Runner, form: str) -> None:
    done = sim("usage", "import", "sim", "-", "--json", given=FORMS[form])
    assert done.code == 0, done
    assert [row["remaining_bytes"] for row in done.json["readings"]] == [45 * GB // 10, 425 * GB // 100]
    assert ("decimal commas were read as such: 4,5 GB is 4.5 GB" in done.err) is (
        form in ("semicolon", "named", "mark")
    )


def test_a_wrong_row_is_named_by_the_spreadsheet_s_number_and_the_others_are_taken(sim: Runner) -> None:
    text = (
        'sep=,\nat,remaining\n2026-11-20 08:00,4GB\n\n2026-11-20 08:10,"much\nmore"\nnever,3GB\n2026-11-20 08:30,2GB\n'
    )
    done = sim("usage", "import", "sim", "-", "--json", given=text)
    assert done.code == 20
    assert [row["remaining_bytes"] for row in done.json["readings"]] == [4 * GB, 2 * GB]
    assert [row["row"] for row in done.json["refused"]] == [5, 6]
    assert "row 5 was not taken" in done.err
    assert sim("balance", "sim", "--json").json["lines"][0]["data"]["remaining_bytes"] == 2 * GB


def test_orders_with_semicolons_and_trailing_columns(run: Runner, tmp_path: Path) -> None:
    head = "Created-At;Line;Provider;Paid;Paid Currency;Provider_Order;;"
    rows = ("2026-10-05;phone;airalo;4,50;USD;77;;", "2026-10-06;phone;airalo;1.234,5;USD;78;;", ";;;;;;;")
    (tmp_path / "orders.csv").write_text("\ufeff" + "\n".join((head, *rows)) + "\n", "utf-8")
    done = run("transactions", "import", str(tmp_path / "orders.csv"), "--json")
    assert done.code == 0, done
    kept = run("transactions", "list", "--json").json["transactions"]
    assert [row["price"]["amount"] for row in kept] == ["4.50", "1234.50"]
    assert "4,50 is 4.50" in done.err


def test_lines_with_trailing_columns_and_one_wrong_row(run: Runner, tmp_path: Path) -> None:
    text = "NAME;Carrier;Data;Days;;\na;smart;10 GB;30;;\nb;smart;10 GB;30;x;y;z\nc;smart;5,5 GB;7;;\na;smart;1GB;1;;\n"
    (tmp_path / "lines.csv").write_text(text, "utf-16")
    done = run("lines", "import", str(tmp_path / "lines.csv"), "--json")
    assert done.code == 2
    assert [(row["row"], row["line"], row["ok"]) for row in done.json["rows"]] == [
        (2, "a", True), (3, "", False), (4, "c", True), (5, "a", False),
    ]  # fmt: skip
    assert {row["line"] for row in run("lines", "list", "--json").json["lines"]} == {"a", "c"}


@pytest.mark.parametrize("command", ["topup", "renew"])
def test_where_rows_spend_one_wrong_row_means_that_nothing_is_sent(run: Runner, tmp_path: Path, command: str) -> None:
    run("buy", "demo-monthly-20gb", "--name", "a", "--yes")
    plan = {"topup": "demo-topup-2gb", "renew": "demo-monthly-20gb"}[command]
    (tmp_path / "rows.csv").write_text(f"line;plan\na;{plan}\n;{plan}\n", "utf-8")
    before = tree(tmp_path)
    done = run(command, "--from", str(tmp_path / "rows.csv"), "--yes", "--request-id", "r1")
    assert (done.code, "row 3 has no line" in done.err) == (2, True), done
    assert tree(tmp_path) == before
