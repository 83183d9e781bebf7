"""The key sets of the documents of rules, runs and checks: a key is never taken away within a schema number."""

from tests.conftest import Runner

RULE = [
    "rule", "line", "status", "does", "trigger", "buys", "pay", "max_price", "max_per_day", "max_per_month",
    "max_count", "max_unattended", "floor", "raised", "cooldown", "until", "ask", "remind", "spent_this_month",
    "orders_this_month", "play_money", "failures", "suspended_reason",
    "confirmed_at", "last_order_at", "next_due", "last_decision",
]  # fmt: skip
DECISION = ["rule", "line", "decision", "reason", "order", "would_charge", "row", "explanation", "said"]
ALERT = ["alert", "class", "key", "line", "rule", "order", "text"]
LOGGED = ["at", "kind", "rule", "line", "decision", "reason", "order", "explanation", "said"]


def prepare(run: Runner) -> None:
    assert run("buy", "smart-5g-30d", "--provider", "sandbox", "--name", "phone", "--yes").code == 0
    words = ("--below", "500MB", "--plan", "demo-topup-2gb", "--max-price", "2USD", "--max-per-month", "6USD")
    assert run("autotopup", "set", "phone", *words).code == 0
    assert run("autotopup", "enable", "phone", "--confirm", "6USD").code == 0
    assert run("sandbox", "use", "phone", "89600MB").code == 0


def test_the_run(run: Runner) -> None:
    empty = run("autotopup", "run", "--json").json
    nothing: dict[str, list[object]] = {"decisions": [], "orders": [], "alerts": [], "resolved": []}
    assert empty == {"schema": "esimctl.autotopup-run/1", **nothing, "rehearsal": True}
    prepare(run)
    document = run("autotopup", "run", "--json").json
    assert list(document) == ["schema", "decisions", "orders", "alerts", "resolved", "rehearsal"]
    assert list(document["decisions"][0]) == DECISION
    assert list(document["alerts"][0]) == ALERT
    order = document["orders"][0]
    assert {"id", "state", "charged", "retry_safe", "price", "paid"} <= set(order)
    assert order["activation"] is None


def test_the_rules(run: Runner) -> None:
    assert run("autotopup", "show", "--json").json == {
        "schema": "esimctl.autotopup/1", "rules": [], "rehearsal": True,
    }  # fmt: skip
    prepare(run)
    document = run("autotopup", "show", "--json").json
    assert document["schema"] == "esimctl.autotopup/1"
    assert list(document["rules"][0]) == RULE
    assert document["rules"][0]["max_price"] == {"amount": "2.00", "currency": "USD"}
    assert document["rules"][0]["trigger"]["below_bytes"] == 500_000_000


def test_the_log(run: Runner) -> None:
    prepare(run)
    run("autotopup", "run")
    document = run("autotopup", "log", "--json").json
    assert document["schema"] == "esimctl.autotopup-log/1"
    assert list(document["log"][0]) == LOGGED


def test_a_run_of_a_rehearsal(run: Runner) -> None:
    prepare(run)
    document = run("autotopup", "run", "--dry-run", "--json").json
    assert document["decisions"][0]["decision"] == "would_topup"
    assert document["decisions"][0]["would_charge"] == {"amount": "1.00", "currency": "USD"}
    assert document["orders"] == []


def test_the_small_documents(run: Runner) -> None:
    prepare(run)
    for words, schema, key in (
        (("autotopup", "targets"), "targets", "targets"),
        (("autotopup", "reminders"), "reminders", "reminders"),
        (("profile", "second-factor"), "second-factor", "second_factor"),
        (("check",), "check", "lines"),
    ):
        document = run(*words, "--json").json
        assert document["schema"] == f"esimctl.{schema}/1"
        assert key in document
