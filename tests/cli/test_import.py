"""`esimctl transactions import`: taken once, doubles told, nothing sent, no limit touched, and a bad row refused."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from esimctl.store.folder import Store
from tests import recount
from tests.conftest import Outcome, Runner, tree
from tests.show.exports.rows import HOSTILE

PLAN = "demo-monthly-20gb"
HEADER = "created_at,line,provider,paid,paid_currency,provider_order,plan\n"
ROW = "2026-10-01T10:00:00+07:00,phone,kiosk,5.00,USD,K-1,smart-laor-7d\n"
RESULTS = ("imported", "duplicates", "conflicts", "skipped", "refused")


def counts(done: Outcome) -> tuple[int, ...]:
    document = done.json
    return tuple(len(document[name]) for name in RESULTS)


def take(run: Runner, text: str, *words: str) -> Outcome:
    return run("transactions", "import", "-", "--json", *words, given=text)


def entries(tmp_path: Path) -> list[dict[str, Any]]:
    return recount.journal(tmp_path / "home/profiles/default")


def test_a_row_becomes_a_record_of_its_own_kind(run: Runner, tmp_path: Path) -> None:
    """Listed as settled and imported, shown, exported; the journal has one entry and no request."""
    done = take(run, HEADER + ROW)
    assert (done.code, counts(done)) == (0, (1, 0, 0, 0, 0))
    assert [each["kind"] for each in entries(tmp_path)] == ["imported"]
    (order,) = run("transactions", "list", "--json").json["transactions"]
    assert (order["state"], order["imported"], order["charged"]) == ("settled", True, True)
    assert (order["line"], order["provider"], order["provider_order"]) == ("phone", "kiosk", "K-1")
    assert order["paid"] == {"amount": "5.00", "currency": "USD"}
    assert order["settled_at"] == "2026-10-01T03:00:00Z"
    shown = run("transactions", "show", order["id"], "--json").json["order"]
    assert {**shown, "refund_by": None, "cancel_by": None} == {
        **{key: value for key, value in order.items() if key != "attention"}, "refund_by": None, "cancel_by": None,
    }  # fmt: skip
    assert "done (imported)" in run("transactions", "list", "-o", "table").out
    assert "origin: imported" in run("transactions", "export", "--format", "hledger").out


def test_the_same_file_twice_changes_nothing(run: Runner, tmp_path: Path) -> None:
    take(run, HEADER + ROW)
    before = tree(tmp_path / "home/profiles/default/journal")
    again = take(run, HEADER + ROW)
    assert (again.code, counts(again)) == (0, (0, 1, 0, 0, 0))
    assert tree(tmp_path / "home/profiles/default/journal") == before


def test_a_dry_run_says_the_same_and_writes_nothing(run: Runner, tmp_path: Path) -> None:
    dry = take(run, HEADER + ROW, "--dry-run").json
    assert not (tmp_path / "home/profiles").exists()
    real = take(run, HEADER + ROW).json
    assert dry == {**real, "dry_run": True}


@pytest.mark.parametrize("form", ["json", "csv"])
def test_everything_that_another_one_exported(run: Runner, form: str, tmp_path: Path) -> None:
    """Ids, refunds and sums survive; what was refused or is open there is left out; the second time nothing is new."""
    run("buy", PLAN, "--name", "phone", "--yes")
    run("topup", "phone", "--amount", "5USD", "--yes", "--pay", "sandbox-declined")
    bought = run("buy", PLAN, "--name", "trip", "--yes", "--json").json["order"]["id"]
    run("transactions", "refund", bought, "--yes")
    run("sandbox", "fault", "slow-activation")
    run("topup", "phone", "--amount", "2USD", "--no-wait", "--yes")
    text = run("transactions", "export", "--format", form).out
    run("profile", "create", "other")
    done = take(run, text, "--profile", "other")
    assert (done.code, counts(done)) == (0, (2, 0, 0, 2, 0))
    assert {row["reason"] for row in done.json["skipped"]} == {"open", "not_charged"}
    assert counts(take(run, text, "--profile", "other")) == (0, 2, 0, 2, 0)
    here = {order["id"]: order for order in run("transactions", "list", "--json").json["transactions"]}
    there = run("transactions", "list", "--profile", "other", "--json").json["transactions"]
    for order in there:
        for name in (
            "kind",
            "state",
            "line",
            "provider",
            "plan",
            "price",
            "paid",
            "refund",
            "provider_order",
            "created_at",
        ):
            assert order[name] == here[order["id"]][name]
    books = recount.journal(tmp_path / "home/profiles/other")
    assert recount.sums(recount.imported(books)[0]) == {"USD": 1800}
    assert recount.sums(recount.imported(books)[1]) == {"USD": 900}
    assert counts(take(run, text)) == (0, 4, 0, 0, 0), "one's own export is known here"


def test_an_import_weighs_on_no_limit_and_moves_no_data(run: Runner, tmp_path: Path) -> None:
    """Neither caps nor the balance of a line know of it, and a rule may spend what it might before."""
    run("lines", "add", "phone", "--provider", "manual", "--carrier", "smart", "--data", "5GB", "--days", "30")
    before = run("balance", "--json").json["lines"]
    rows = "".join(ROW.replace("K-1", f"K-{n}").replace("10-01T10", f"11-1{n}T10") for n in range(9))
    assert counts(take(run, HEADER + rows))[0] == 9
    assert run("balance", "--json").json["lines"] == before
    ledger = Store(tmp_path / "home", "default").ledger_for_reading()
    assert ledger.spent("USD") == 0
    assert ledger.spent("USD", source="rule") == 0
    assert ledger.balances == {}
    assert sum(order.imported for order in ledger.records()) == 9
    assert run("doctor", "--json").json["ok"]


def test_nothing_is_given_back_that_was_bought_elsewhere(run: Runner) -> None:
    take(run, HEADER.replace("\n", ",kind\n") + ROW.replace("\n", ",new\n"))
    (order,) = run("transactions", "list", "--json").json["transactions"]
    done = run("transactions", "refund", order["id"], "--yes", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "imported_order")


def test_a_provider_number_that_is_known(run: Runner) -> None:
    """The same amount: a double. Another one: told, not taken. The same number elsewhere: another purchase."""
    run("buy", PLAN, "--name", "phone", "--yes")
    (order,) = run("transactions", "list", "--json").json["transactions"]
    number = order["provider_order"]
    row = f"2026-11-20T09:00:00+07:00,phone,sandbox,9.00,USD,{number},\n"
    done = take(run, HEADER + row)
    assert (done.code, counts(done)) == (0, (0, 1, 0, 0, 0))
    assert done.json["duplicates"][0]["like"] == order["id"]
    done = take(run, HEADER + row.replace("9.00", "8.00"))
    assert (done.code, counts(done)) == (20, (0, 0, 1, 0, 0))
    assert done.json["conflicts"][0]["reason"] == "number_differs"
    done = take(run, HEADER + row.replace("sandbox", "kiosk").replace("9.00", "9.01"))
    assert (done.code, counts(done)) == (0, (1, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("change", "result"),
    [
        (("", ""), "conflicts"),
        (("2026-11-20", "2026-11-21"), "conflicts"),
        (("2026-11-20", "2026-11-18"), "imported"),
        (("9.00", "9.01"), "imported"),
        (("USD", "THB"), "imported"),
        (("phone", "tablet"), "imported"),
    ],
)
def test_what_looks_alike_is_told_and_not_taken(run: Runner, change: tuple[str, str], result: str) -> None:
    """The same amount on the same line within a day is perhaps a double; anything else is another purchase."""
    run("buy", PLAN, "--name", "phone", "--yes")
    row = "2026-11-20T08:30:00+07:00,phone,kiosk,9.00,USD,,\n".replace(*change)
    done = run("transactions", "import", "-", "--json", given=HEADER + row, now="2026-11-22T09:00:00+07:00")
    assert [name for name in RESULTS if done.json[name]] == [result]
    assert done.code == (20 if result == "conflicts" else 0)


def test_two_purchases_of_one_day_in_one_file_are_two(run: Runner) -> None:
    """A file is a list: only rows that are the same to the letter are one."""
    morning, evening = ROW.replace("K-1", ""), ROW.replace("K-1", "").replace("T10", "T20")
    assert counts(take(run, HEADER + morning + evening + morning)) == (2, 1, 0, 0, 0)


def test_an_order_of_somebody_else_is_explained_by_its_import(run: Runner) -> None:
    """Another machine bought on the same account: its export turns the strangers into records, counted once."""
    run("profile", "create", "other")
    run("buy", PLAN, "--profile", "other", "--yes")
    text = run("transactions", "export", "--format", "json", "--profile", "other").out
    assert [f["kind"] for f in run("transactions", "audit", "--json").json["findings"]] == ["foreign_order"]
    assert counts(take(run, text)) == (1, 0, 0, 0, 0)
    assert run("transactions", "audit", "--json").json["findings"] == []
    assert run("reconcile").code == 0
    made = run("transactions", "export", "--format", "hledger").out
    assert made.count(" 9.00 PLAYUSD") == 1


BAD = {
    "2026-10-01T10:00:00+07:00,phone,kiosk,five,USD,,": "amount",
    "2026-10-01T10:00:00+07:00,phone,kiosk,5.001,USD,,": "amount",
    "2026-10-01T10:00:00+07:00,phone,kiosk,-5.00,USD,,": "amount",
    "2026-10-01T10:00:00+07:00,phone,kiosk,5.00,XXX,,": "amount",
    "2026-10-01T10:00:00+07:00,phone,kiosk,,,,": "amount",
    "yesterday,phone,kiosk,5.00,USD,,": "time",
    "2027-10-01T10:00:00+07:00,phone,kiosk,5.00,USD,,": "time",
    ",phone,kiosk,5.00,USD,,": "time",
    "2026-10-01T10:00:00+07:00,../etc,kiosk,5.00,USD,,": "line",
    "2026-10-01T10:00:00+07:00,,kiosk,5.00,USD,,": "line",
    "2026-10-01T10:00:00+07:00,phone,Kiosk <b>,5.00,USD,,": "provider",
    "2026-10-01T10:00:00+07:00,phone,kiosk,5.00,USD": "columns",
}


def test_a_bad_row_is_refused_by_its_number_and_the_others_are_taken(run: Runner) -> None:
    """20, and each refusal says which row and why; the good ones before and after are there."""
    text = HEADER + ROW + "".join(f"{row}\n" for row in BAD) + ROW.replace("K-1", "K-2").replace("10-01", "10-05")
    done = take(run, text)
    assert (done.code, counts(done)) == (20, (2, 0, 0, 0, len(BAD)))
    assert [(row["row"], row["reason"]) for row in done.json["refused"]] == [
        (number, reason) for number, reason in enumerate(BAD.values(), 3)
    ]
    assert all(row["detail"] for row in done.json["refused"])
    assert f"{len(BAD)} could not be read" in done.err
    told = run("transactions", "import", "-", given=text).out
    assert "refused" in told
    assert "amount" in told


def order_line(**changes: Any) -> str:
    order = {
        "id": "261001-aaaa0001", "kind": "topup", "state": "settled", "line": "phone", "provider": "kiosk",
        "price": {"amount": "5.00", "currency": "USD"}, "paid": None, "created_at": "2026-10-01T03:00:00Z", **changes,
    }  # fmt: skip
    return json.dumps({"schema": "esimctl.order/1", "order": order}) + "\n"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (order_line(id="../x"), "id"),
        (order_line(kind="theft"), "kind"),
        (order_line(state="lost"), "state"),
        (order_line(state="refunded"), "refund"),
        (order_line(refund={"amount": "1.00", "currency": "USD"}), "refund"),
        (order_line(settled_at="2026-09-01T03:00:00Z"), "time"),
        (order_line(price={"amount": 5, "currency": None}), "amount"),
        (order_line(price=7), "amount"),
        (order_line().replace("order/1", "order/2"), "schema"),
        ('{"schema": "esimctl.order/1", "order": null}\n', "schema"),
        ("[1]\n", "schema"),
        ("{\n", "not_json"),
        ("[" * 100_000 + "\n", "not_json"),
    ],
)
def test_a_bad_line_of_json(run: Runner, line: str, reason: str) -> None:
    good = order_line(id="261001-good0001")
    done = take(run, good + line)
    assert counts(done) == (1, 0, 0, 0, 1)
    assert done.json["refused"][0]["reason"] == reason
    assert done.json["refused"][0]["row"] == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("hello\n", ()),
        ("a,b\n1,2\n", ()),
        ("created_at,line,provider,paid,paid\n", ()),
        ("{nonsense\n", ()),
        (ROW, ("--format", "json")),
        (HEADER + ROW, ("--format", "xml")),
        (HEADER + '"2026', ()),
    ],
)
def test_a_file_that_is_neither_is_refused_whole(
    run: Runner, text: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    """One line, 2, nothing written."""
    done = run("transactions", "import", "-", *words, given=text)
    assert (done.code, done.out) == (2, ""), done
    assert not (tmp_path / "home/profiles").exists()


def test_a_file_that_is_not_there(run: Runner, tmp_path: Path) -> None:
    assert run("transactions", "import", str(tmp_path / "none")).code == 2
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    assert run("transactions", "import", str(tmp_path / "bytes")).code == 2


def test_payments_unknown_there_stay_unknown_here(run: Runner) -> None:
    take(run, order_line())
    (order,) = run("transactions", "list", "--json").json["transactions"]
    assert (order["price"], order["paid"]) == ({"amount": "5.00", "currency": "USD"}, None)
    assert "payment: not told" in run("transactions", "export", "--format", "hledger").out


def test_a_change_at_the_source_is_told(run: Runner) -> None:
    """Imported as paid, refunded there since: the record here is not changed silently."""
    take(run, order_line())
    changed = order_line(
        state="refunded", refund={"amount": "5.00", "currency": "USD"}, refunded_at="2026-10-02T03:00:00Z"
    )
    done = take(run, changed)
    assert (done.code, done.json["conflicts"][0]["reason"]) == (20, "id_differs")


def test_lists_of_transactions_are_taken_too(run: Runner) -> None:
    """What `transactions list --json` printed is one document with many orders."""
    run("buy", PLAN, "--name", "phone", "--yes")
    run("topup", "phone", "--amount", "5USD", "--yes")
    text = run("transactions", "list", "--json").out
    run("profile", "create", "other")
    assert counts(take(run, text, "--profile", "other")) == (2, 0, 0, 0, 0)


def test_hostile_text_comes_through_once_and_stays_the_same(run: Runner) -> None:
    """Out, in, and out again: the second export has the text of the first."""
    lines = "".join(
        order_line(
            id=f"x{n}", plan=text, provider_order=f"{n} {text}", created_at=f"2026-10-{n % 28 + 1:02d}T03:00:00Z"
        )
        for n, text in enumerate(HOSTILE)
    )
    assert counts(take(run, lines))[0] == len(HOSTILE)
    first = run("transactions", "export", "--format", "csv").out
    run("profile", "create", "other")
    assert counts(take(run, first, "--profile", "other"))[0] == len(HOSTILE)
    second = run("transactions", "export", "--format", "csv", "--profile", "other").out
    told = [list(csv.DictReader(io.StringIO(text, newline=""))) for text in (first, second)]
    for one, other in zip(*told, strict=True):
        assert (one["id"], one["paid"] or one["price"]) == (other["id"], other["paid"] or other["price"])
        assert one["provider_order"].strip() == other["provider_order"].strip()


def test_imports_do_not_make_every_start_slower(run: Runner, tmp_path: Path) -> None:
    """Hundreds of records go to the archive like orders that have ended; they are still known and listed."""
    rows = "".join(ROW.replace("K-1", f"K-{n}").replace("T10:00", f"T10:{n % 60:02d}") for n in range(300))
    assert counts(take(run, HEADER + rows))[0] == 300
    store = Store(tmp_path / "home", "default")
    ledger = store.ledger_for_reading()
    assert len(ledger.imported) <= 50
    assert ledger.archived >= 250
    assert len(run("transactions", "list", "--json").json["transactions"]) == 300
    assert counts(take(run, HEADER + rows)) == (0, 300, 0, 0, 0)
    run("lines", "add", "phone", "--provider", "manual", "--carrier", "smart")
    run("lines", "rename", "phone", "old-phone")
    assert {o["line"] for o in run("transactions", "list", "--json").json["transactions"]} == {"old-phone"}


def test_a_report_counts_what_was_imported(run: Runner, tmp_path: Path) -> None:
    """Money when it was paid, octets where the row tells them, refunds too; apart from persons and rules."""
    header = HEADER.replace("plan", "plan,data_bytes")
    rows = [
        ROW.replace("\n", ",7000000000\n"),
        ROW.replace("K-1", "K-2").replace("phone", "other").replace("\n", ",\n"),
    ]
    assert counts(take(run, header + "".join(rows))) == (2, 0, 0, 0, 0)
    words = ("report", "--month", "2026-10", "--json")
    (total,) = run(*words).json["totals"]
    assert total["spend"] == [{"amount": "10.00", "currency": "USD"}]
    assert recount.sums(recount.imported(entries(tmp_path))[0]) == {"USD": 1000}
    assert (total["purchases"], total["bought_bytes"], total["unknown"]["bought"]) == (2, 7 * 10**9, 1)
    (trigger,) = total["triggers"]
    assert (trigger["by"], trigger["rule"], trigger["purchases"], trigger["spend"]) == (
        "imported", None, 2, total["spend"],
    )  # fmt: skip
    assert "imported: 2 purchases, 10.00 USD" in run("report", "--month", "2026-10", "--format", "markdown").out
    by_line = {row["group"]: row["bought_bytes"] for row in run(*words, "--by", "line").json["report"]}
    assert by_line == {"phone": 7 * 10**9, "other": None}
    back = "id,state,created_at,settled_at,refunded_at,line,provider,paid,refund,refund_currency,paid_currency\n"
    back += "back-1,refunded,2026-10-02,2026-10-02,2026-10-09,phone,kiosk,3.00,3.00,USD,USD\n"
    assert counts(take(run, back)) == (1, 0, 0, 0, 0)
    (total,) = run(*words).json["totals"]
    assert (total["spend"][0]["amount"], total["refunds"][0]["amount"]) == ("10.00", "3.00")


def test_a_report_counts_nothing_twice(run: Runner, tmp_path: Path) -> None:
    """A charge that the provider tells of later, under the number of an imported record, is that record."""
    take(run, HEADER + ROW)
    store = Store(tmp_path / "home", "default")
    at = datetime(2026, 10, 1, 3, tzinfo=UTC)
    charge = {"kind": "foreign", "at": at, "provider": "kiosk", "amount_minor": 500, "currency": "USD"}
    with store.locked(0.0, "test"):
        ledger = store.ledger_for_writing()
        store.append(ledger, [{**charge, "provider_order": number} for number in ("K-1", "K-9")])
    (total,) = run("report", "--month", "2026-10", "--json").json["totals"]
    assert (total["spend"][0]["amount"], total["foreign"][0]["amount"]) == ("5.00", "5.00")


def test_octets_go_round(run: Runner, tmp_path: Path) -> None:
    """What an export tells of a pack's data is taken over, from CSV and from JSON; nonsense is refused."""
    header = HEADER.replace("plan", "plan,data_bytes")
    assert counts(take(run, header + ROW.replace("\n", ",1GB\n"))) == (0, 0, 0, 0, 1)
    assert counts(take(run, header + ROW.replace("\n", ",1024\n"))) == (1, 0, 0, 0, 0)
    for form in ("csv", "json"):
        told = run("transactions", "export", "--format", form).out
        assert run("profile", "create", form).code == 0
        done = run("transactions", "import", "-", "--json", "--profile", form, given=told)
        assert counts(done) == (1, 0, 0, 0, 0)
        again = run("transactions", "export", "--format", form, "--profile", form).out
        assert again.splitlines() == told.replace("default", form).splitlines(), "it is another profile's now"
        assert "1024" in again


def test_the_rest_of_a_file_that_was_stopped_is_no_double_of_its_beginning(run: Runner) -> None:
    """Rows of one file are purchases of their own, also where a stop lies between them; a row of another file is not
    believed so easily.
    """
    first, second, third = (ROW.replace("K-1", "").replace("T10", f"T{hour}") for hour in (10, 12, 14))
    assert counts(take(run, HEADER + first)) == (1, 0, 0, 0, 0)
    assert counts(take(run, HEADER + third)) == (0, 0, 1, 0, 0)
    assert counts(take(run, HEADER + first + second)) == (1, 1, 0, 0, 0)
    assert counts(take(run, HEADER + first + second + third)) == (1, 2, 0, 0, 0)


@pytest.mark.parametrize("words", [("--json",), ("--json", "--limit", "3"), ("--json", "--limit", "9"), ("-o", "csv")])
def test_a_list_too_long_to_be_held_says_the_same(
    run: Runner, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond what is kept, orders are walked over anew, and rows are made while they are written."""
    rows = "".join(ROW.replace("K-1", f"K-{n}").replace("T10", f"T{n + 10}") for n in range(9))
    assert counts(take(run, HEADER + rows)) == (9, 0, 0, 0, 0)
    whole = run("transactions", "list", *words).out
    report = run("report", "--month", "2026-10", "--by", "line", "--json").json
    monkeypatch.setattr("esimctl.profile.rows.KEPT", 4)
    assert run("transactions", "list", *words).out == whole
    again = run("report", "--month", "2026-10", "--by", "line", "--json").json
    assert {**again, "as_of": None} == {**report, "as_of": None}


def test_play_money_stays_play_money(run: Runner) -> None:
    """Whoever sold it there is nobody's sandbox here: the row says it, in CSV and in JSON; nonsense is refused."""
    header = HEADER.replace("plan", "plan,play")
    assert counts(take(run, header + ROW.replace("\n", ",perhaps\n"))) == (0, 0, 0, 0, 1)
    assert counts(take(run, header + ROW.replace("\n", ",yes\n"))) == (1, 0, 0, 0, 0)
    for form in ("csv", "json"):
        told = run("transactions", "export", "--format", form).out
        assert run("profile", "create", form).code == 0
        assert counts(run("transactions", "import", "-", "--json", "--profile", form, given=told)) == (1, 0, 0, 0, 0)
        (order,) = run("transactions", "list", "--json", "--profile", form).json["transactions"]
        assert (order["play_money"], order["provider"]) == (True, "kiosk")
        (total,) = run("report", "--month", "2026-10", "--json", "--profile", form).json["totals"]
        assert total["play_money"] is True
        assert "5.00 PLAYUSD" in run("transactions", "export", "--format", "hledger", "--profile", form).out
