"""Spending on several lines: an order each, one report, and never the same thing twice."""

from pathlib import Path

import pytest

from tests.conftest import Outcome, Runner, tree

PLAN = "smart-laor-7d"
QUICK = {"ESIMCTL_DEADLINE": "1"}


@pytest.fixture
def fleet(run: Runner) -> Runner:
    """Four lines, all of them `router`."""
    for name in "abcd":
        assert run("buy", PLAN, "--provider", "sandbox", "--name", name, "--yes").code == 0
        assert run("lines", "tag", name, "--add", "router").code == 0
    return run


def renew(run: Runner, *words: str, env: dict[str, str] | None = None) -> Outcome:
    """All of them, under one id."""
    return run("renew", "--tag", "router", "--yes", "--request-id", "dec", "--json", *words, env=env)


def orders(run: Runner, kind: str = "renew") -> list[tuple[str, str, str]]:
    """(line, state, request id) of every order of that kind in the books."""
    rows = run("transactions", "list", "--json").json["transactions"]
    return [(row["line"], row["state"], row["request_id"]) for row in rows if row["kind"] == kind]


def codes(outcome: Outcome) -> list[int | None]:
    """The exit code of each row; None: not tried."""
    return [row["exit_code"] for row in outcome.json["rows"]]


def test_each_line_has_an_order_of_its_own(fleet: Runner) -> None:
    done = renew(fleet)
    assert done.code == 0
    assert list(done.json) == [
        "schema", "command", "ok", "dry_run", "done", "failed", "not_tried", "rows", "request_id", "total", "charged",
        "unknown", "play_money", "rehearsal",
    ]  # fmt: skip
    assert (done.json["ok"], done.json["done"], done.json["failed"], done.json["not_tried"]) == (True, 4, 0, 0)
    assert [row["order"]["line"] for row in done.json["rows"]] == list("abcd")
    assert done.json["total"] == done.json["charged"] == [{"amount": "6.00", "currency": "USD"}]
    assert orders(fleet) == [(name, "settled", f"dec:{name}") for name in "abcd"]


def test_the_same_command_again_buys_nothing(fleet: Runner) -> None:
    """Also when a line has another name by then, or bears the tag only since."""
    assert renew(fleet).code == 0
    assert fleet("lines", "rename", "a", "kitchen").code == 0
    again = renew(fleet)
    assert (again.code, [row["repeated"] for row in again.json["rows"]]) == (0, [True] * 4)
    assert len(orders(fleet)) == 4
    assert fleet("buy", PLAN, "--provider", "sandbox", "--name", "e", "--yes").code == 0
    fleet("lines", "tag", "e", "--add", "router")
    more = renew(fleet)
    assert [(row["line"], row["repeated"]) for row in more.json["rows"]][-1] == ("e", False)
    assert len(orders(fleet)) == 5


def test_a_refused_row_is_reported_and_tried_again(fleet: Runner) -> None:
    """The others are bought all the same; the second run buys the missing one alone."""
    fleet("sandbox", "fault", "decline", "--times", "1")
    first = renew(fleet)
    assert (first.code, codes(first)) == (3, [3, 0, 0, 0])
    assert (first.json["rows"][0]["code"], first.json["rows"][0]["order"]["state"]) == ("declined", "rejected")
    assert first.json["charged"] == [{"amount": "4.50", "currency": "USD"}]
    second = renew(fleet)
    assert (second.code, [row["repeated"] for row in second.json["rows"]]) == (0, [False, True, True, True])
    assert [state for line, state, _ in orders(fleet) if line == "a"] == ["rejected", "settled"]


def test_an_unknown_outcome_stops_the_spending(fleet: Runner) -> None:
    """4 dominates; what stands behind it is not tried; the same command settles it and goes on."""
    assert fleet("renew", "b", "--yes", "--request-id", "dec:b").code == 0
    fleet("sandbox", "fault", "timeout-after")
    first = renew(fleet, env=QUICK)
    assert (first.code, codes(first)) == (4, [4, 0, None, None])
    assert (first.json["ok"], first.json["not_tried"]) == (False, 2)
    assert first.json["unknown"] == [{"amount": "1.50", "currency": "USD"}]
    assert [line for line, _, _ in orders(fleet)] == ["b", "a"]
    second = renew(fleet)
    assert (second.code, codes(second)) == (0, [0, 0, 0, 0])
    assert sorted(orders(fleet)) == [(name, "settled", f"dec:{name}") for name in "abcd"]


def test_a_provider_that_cannot_be_reached_is_left_alone(fleet: Runner) -> None:
    """Not fifty time-outs in a row; lines of other providers are still bought for."""
    fleet("sandbox", "fault", "unreachable", "--times", "50")
    first = renew(fleet, env=QUICK)
    assert (first.code, codes(first)) == (69, [69, None, None, None])
    assert "sandbox could not take" in first.json["rows"][1]["message"]


def test_a_dry_run_says_all_of_it_and_writes_nothing(fleet: Runner, tmp_path: Path) -> None:
    before = tree(tmp_path)
    looked = fleet("renew", "--tag", "router", "--dry-run", "--json")
    assert (looked.code, looked.json["dry_run"], looked.json["request_id"]) == (0, True, None)
    assert [row["price"] for row in looked.json["rows"]] == [{"amount": "1.50", "currency": "USD"}] * 4
    assert tree(tmp_path) == before


def test_limits_hold_for_the_whole(fleet: Runner, tmp_path: Path) -> None:
    """`--max-total` before anything is sent; the profile's own caps while it goes on."""
    before = tree(tmp_path / "home" / "profiles")
    much = renew(fleet, "--max-total", "5.99USD")
    assert (much.code, much.json["error"]["code"]) == (5, "total_above_max")
    other = renew(fleet, "--max-total", "20000KHR")
    assert (other.code, other.json["error"]["code"]) == (5, "total_above_max")
    assert tree(tmp_path / "home" / "profiles") == before
    file = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("[settings]", "[settings.limits]\ncount_per_day = 6\n[settings]", 1), "utf-8")
    capped = renew(fleet, "--max-total", "6USD")
    assert (capped.code, codes(capped)) == (5, [0, 0, 5, 5])


def test_the_total_counts_what_an_earlier_run_bought(fleet: Runner) -> None:
    """The same command with the same limit is the same decision, however often it is interrupted."""
    assert fleet("renew", "a", "b", "--yes", "--request-id", "dec").code == 0
    assert renew(fleet, "--max-total", "5.99USD").code == 5
    assert renew(fleet, "--max-total", "6USD").code == 0


def test_lines_at_a_counter_are_a_row_that_only_their_owner_can_pay(fleet: Runner) -> None:
    fleet("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--plan", PLAN)
    fleet("lines", "tag", "sim", "--add", "router")
    done = renew(fleet)
    assert (done.code, codes(done), done.json["rows"][-1]["code"]) == (2, [0, 0, 0, 0, 2], "paid_needed")


WRONG = [
    ("renew a nobody --yes --request-id x", "unknown_line"),
    ("renew a a --yes --request-id x", "named_twice"),
    ("renew a b --yes", "request_id_needed"),
    ("renew a b", "prompt_impossible"),
    ("renew a b --yes --request-id " + "x" * 29, "bad_request_id"),
    ("renew a b --paid R1 --yes --request-id x", "one_line_only"),
    ("renew a --max-total 5USD --yes", "usage"),
    ("renew --yes", "missing_value"),
    ("topup a b --yes --request-id x", "plan_or_amount"),
    ("topup --from - a --yes --request-id x", "line_or_tag"),
    ("topup --from nothing.csv --yes --request-id x", "cannot_read"),
]


def test_wrong_usage_buys_nothing_at_all(fleet: Runner, tmp_path: Path) -> None:
    before = tree(tmp_path / "home")
    for words, code in WRONG:
        wrong = fleet(*words.split(), "--json")
        assert (wrong.code, wrong.json["error"]["code"]) == (2, code), words
    assert tree(tmp_path / "home") == before


def test_rows_from_a_file(fleet: Runner) -> None:
    """What a row does not say is what the options say; semicolons as spreadsheets write them."""
    rows = "line;plan;amount\na;;2USD\nb;demo-topup-2gb;\nc;;\n"
    words = ("topup", "--from", "-", "--amount", "1USD", "--yes", "--request-id", "f", "--json")
    done = fleet(*words, given=rows)
    assert done.code == 0
    assert [(row["plan"], row["price"]["amount"]) for row in done.json["rows"]][::2] == [(None, "2.00"), (None, "1.00")]
    assert done.json["rows"][1]["plan"] == "demo-topup-2gb"


BAD_FILES = ["", "line\n", "name\na\n", "line,colour\na,red\n", "line\na,b\n", "line,amount\na,five\n", "line\na\na\n",
             "line,plan\n,x\n", 'line\n"a\n', "line,plan,amount\na,p,1USD\n"]  # fmt: skip


def test_a_file_that_is_wrong_anywhere_buys_nothing(fleet: Runner, tmp_path: Path) -> None:
    before = tree(tmp_path / "home")
    for rows in BAD_FILES:
        wrong = fleet("topup", "--from", "-", "--yes", "--request-id", "f", "--json", given=rows)
        assert (wrong.code, wrong.json["error"]["exit_code"]) == (2, 2), rows
    assert tree(tmp_path / "home") == before


def test_what_a_pipe_gets_is_a_row_a_line(fleet: Runner) -> None:
    """Row, line, code, price, order, outcome, and why; what happens meanwhile stands on stderr."""
    done = fleet("renew", "a", "b", "--yes", "--request-id", "x")
    assert [line.split("\t")[:4] for line in done.out.splitlines()] == [
        ["1", "a", "0", "1.50 USD"],
        ["2", "b", "0", "1.50 USD"],
    ]
    assert done.err.splitlines()[0].startswith("a: done: order ")


def test_an_interruption_between_two_orders_is_told_as_what_it_is(
    fleet: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """130 where nothing was sent; afterwards 4 with the whole report, and the same command goes on."""
    from esimctl.purchase import many

    real, calls = many.purchase, []

    def interrupted(session: object, intent: object) -> object:
        calls.append(intent)
        if len(calls) == at:
            raise KeyboardInterrupt
        return real(session, intent)  # type: ignore[arg-type]

    monkeypatch.setattr(many, "purchase", interrupted)
    at = 1
    assert renew(fleet).code == 130
    assert orders(fleet) == []
    calls.clear()
    at = 3
    stopped = renew(fleet)
    assert (stopped.code, codes(stopped)) == (4, [0, 0, None, None])
    assert "interrupted" in stopped.json["rows"][3]["message"]
    monkeypatch.setattr(many, "purchase", real)
    assert codes(renew(fleet)) == [0, 0, 0, 0]
    assert len(orders(fleet)) == 4


def test_a_person_is_asked_once_for_all(fleet: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row and the sum stand before the question; Enter buys nothing; the id to go on with is told."""
    from tests.show.fakes import Tty

    def answered(text: str) -> tuple[int, str]:
        import sys

        from esimctl.main import main

        err = Tty()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", Tty(text))
            patch.setattr(sys, "stdout", Tty())
            patch.setattr(sys, "stderr", err)
            patch.setenv("ESIMCTL_NOW", "2026-11-20T09:00:00+07:00")
            return main(["renew", "a", "b"]), err.getvalue()

    code, asked = answered("\n")
    assert (code, orders(fleet)) == (5, [])
    assert (
        "a: smart-laor-7d 1.50 USD\nb: smart-laor-7d 1.50 USD\nOrders: 2. Pay 3.00 USD SANDBOX in all? [y/N]" in asked
    )
    code, asked = answered("y\n")
    assert code == 0
    (again,) = [line for line in asked.splitlines() if "--request-id many-" in line]
    request_id = again.split()[-1]
    assert [
        row["repeated"] for row in fleet("renew", "a", "b", "--yes", "--request-id", request_id, "--json").json["rows"]
    ]
    assert len(orders(fleet)) == 2
