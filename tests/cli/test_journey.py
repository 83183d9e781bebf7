"""The first journey as a script sees it: buy, look, renew, top up, and what went wrong on the way."""

import json

import pytest

from tests.conftest import Runner

PLAN = "demo-monthly-20gb"


def test_a_line_is_bought_and_looked_at(run: Runner) -> None:
    bought = run("buy", PLAN, "--name", "phone", "--yes", "--json")
    order = bought.json["order"]
    assert (bought.code, order["state"], order["charged"]) == (0, "settled", True)
    assert order["activation"]["lpa"].startswith("LPA:1$smdp.sandbox.example$")
    line = run("balance", "phone", "--json").json["lines"][0]
    assert line["data"]["remaining_bytes"] == 20 * 10**9
    assert line["expires_at"] == "2026-12-20T02:00:00Z"
    assert [bucket["category"] for bucket in line["buckets"]] == ["base"]


def test_unused_data_is_carried_by_an_early_renewal_and_lost_by_a_late_one(run: Runner) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    run("sandbox", "use", "phone", "12GB", now="2026-11-29T09:00:00+07:00")
    before = run("balance", "--json", now="2026-11-29T09:00:00+07:00").json["lines"][0]
    assert before["rollover"]["carry_if_renewed_bytes"] == 8 * 10**9
    assert before["rollover"]["lost_if_not_bytes"] == 8 * 10**9
    assert run("renew", "phone", "--yes", now="2026-12-10T09:00:00+07:00").code == 0
    after = run("balance", "--json", now="2026-12-21T09:00:00+07:00").json["lines"][0]
    assert [(b["category"], b["remaining"]) for b in after["buckets"]] == [
        ("rollover", 8 * 10**9),
        ("base", 20 * 10**9),
    ]
    late = run("balance", "--json", now="2027-01-23T09:00:00+07:00").json["lines"][0]
    assert late["status"] == "expired"
    assert run("renew", "phone", "--yes", now="2027-01-23T09:00:00+07:00").code == 0
    anew = run("balance", "--json", now="2027-01-23T09:00:00+07:00").json["lines"][0]
    assert anew["data"]["remaining_bytes"] == 20 * 10**9
    assert anew["reading"]["stale"] is False


def test_money_on_the_main_balance(run: Runner) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    assert run("topup", "phone", "--amount", "5USD", "--yes", "--json").json["order"]["paid"] == {
        "amount": "5.00",
        "currency": "USD",
    }
    assert run("balance", "--json").json["lines"][0]["main_balance"] == {"amount": "5.00", "currency": "USD"}


def test_a_declined_card_charges_nothing_and_is_listed(run: Runner) -> None:
    refused = run("buy", PLAN, "--pay", "sandbox-declined", "--yes", "--json")
    error = refused.json
    assert refused.code == 3
    assert (error["schema"], error["error"]["code"], error["order"]["charged"]) == (
        "esimctl.error/1",
        "declined",
        False,
    )
    listed = run("transactions", "list", "--json").json["transactions"]
    assert [order["state"] for order in listed] == ["rejected"]
    assert run("lines", "list", "--json").json["lines"] == []


def test_a_method_that_wants_a_confirmation(run: Runner) -> None:
    assert run("buy", PLAN, "--pay", "sandbox-confirm").code == 2
    assert run("buy", PLAN, "--pay", "sandbox-confirm", "--yes").code == 0


def test_the_activation_code_is_masked_everywhere_but_where_it_was_asked_for(run: Runner) -> None:
    code = run("buy", PLAN, "--name", "phone", "--yes", "--json").json["order"]["activation"]["lpa"]
    secret = code.split("$")[2]
    for words in (
        ("transactions", "list", "--json"), ("lines", "list", "--json"), ("lines", "show", "phone", "--json"),
        ("lines", "qr", "phone", "--json"), ("lines", "qr", "phone"), ("balance", "--json"), ("lines", "show", "phone"),
    ):  # fmt: skip
        assert secret not in run(*words).out, words
    assert secret in run("lines", "show", "phone", "--show-code", "--json").out
    assert secret in run("lines", "qr", "phone", "--show-code", "--json").out


def test_the_same_request_id_is_the_same_order(run: Runner) -> None:
    words = ("buy", PLAN, "--name", "phone", "--yes", "--json", "--request-id", "trip-1")
    first, second = run(*words), run(*words)
    assert first == second
    assert len(run("transactions", "list", "--json").json["transactions"]) == 1
    other = run("buy", "smart-laor-7d", "--provider", "sandbox", "--yes", "--json", "--request-id", "trip-1")
    assert (other.code, other.json["error"]["code"]) == (2, "request_id_conflict")


def test_a_dry_run_takes_no_lock_and_writes_nothing(run: Runner, tmp_path) -> None:
    planned = run("buy", PLAN, "--dry-run", "--json")
    assert (planned.code, planned.json["order"]["state"], planned.json["dry_run"]) == (0, "planned", True)
    assert not (tmp_path / "home" / "profiles").exists()
    assert run("buy", PLAN, "--dry-run", "--max-price", "1USD").code == 5


def test_renaming_keeps_history_and_code(run: Runner) -> None:
    code = run("buy", PLAN, "--name", "phone", "--yes", "--json").json["order"]["activation"]["lpa"]
    assert run("lines", "rename", "phone", "router").code == 0
    assert code in run("lines", "show", "router", "--show-code", "--json").out
    assert run("balance", "router", "--json").json["lines"][0]["line"] == "router"
    assert run("transactions", "list", "--line", "router", "--json").json["transactions"][0]["line"] == "router"
    assert run("lines", "remove", "router", "--yes").code == 0
    assert run("lines", "list", "--json").json["lines"] == []
    assert run("reconcile").code == 0
    assert run("lines", "list", "--json").json["lines"] == [], "a removed line is not brought back"


@pytest.mark.parametrize(
    ("fault", "code", "charged"),
    [
        ("decline", 3, False),
        ("out-of-stock", 3, False),
        ("timeout-after", 4, "unknown"),
        ("timeout-before", 4, "unknown"),
        ("rate-limit", 75, "unknown"),
        ("slow-activation", 4, True),
    ],
)
def test_armed_faults_end_with_their_code_and_reconcile_settles(
    run: Runner, fault: str, code: int, charged: object
) -> None:
    run("sandbox", "fault", fault)
    ended = run("buy", PLAN, "--yes", "--json", env={"ESIMCTL_DEADLINE": "1"})
    assert ended.code == code
    document = ended.json
    assert document["order"]["charged"] == charged
    if code in (4, 75):
        assert run("reconcile", "--json", now="2026-11-20T09:10:00+07:00").code == 0
        orders = run("transactions", "list", "--json", now="2026-11-20T09:10:00+07:00").json["transactions"]
        assert [order["state"] for order in orders] == ["settled"]
        assert len(run("lines", "list", "--json").json["lines"]) == 1


def test_nothing_is_sent_when_the_provider_cannot_be_reached(run: Runner) -> None:
    run("sandbox", "fault", "unreachable", "--times", "9")
    ended = run("buy", PLAN, "--yes", "--json", env={"ESIMCTL_DEADLINE": "1"})
    assert (ended.code, ended.json["order"]["charged"]) == (69, False)


def test_the_notes_go_to_stderr_and_quiet_silences_them(run: Runner) -> None:
    assert run("balance").out == ""
    assert "no lines yet" in run("balance").err
    assert run("balance", "-q").err == ""
    assert json.loads(run("balance", "--json").out)["lines"] == []
