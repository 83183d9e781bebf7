"""The key sets of a report and a receipt. Keys may be added with a new line here; none may go."""

from pathlib import Path

from tests.conftest import Runner

FIGURES = {
    "spend", "refunds", "perhaps", "foreign", "overage", "purchases", "topups", "triggers", "bought_bytes",
    "used_bytes", "carried_bytes", "wasted_bytes", "wasted_money", "gifts_sent_bytes", "gifts_received_bytes",
    "unlimited", "unknown", "pool_taken_bytes", "pool_lent_bytes",
}  # fmt: skip


def test_report(run: Runner) -> None:
    run("buy", "demo-monthly-5gb", "--name", "phone", "--yes")
    document = run("report", "--json").json
    assert list(document) == [
        "schema", "as_of", "profile", "zone", "by", "months", "report", "totals", "budgets", "hints",
        "rehearsal",
    ]  # fmt: skip
    assert set(document["report"][0]) == {"month", "group", "play_money", *FIGURES}
    assert set(document["totals"][0]) == {"play_money", *FIGURES}
    assert set(document["totals"][0]["triggers"][0]) == {"by", "rule", "purchases", "topups", "spend"}


def test_receipt(run: Runner, tmp_path: Path) -> None:
    order = run("buy", "demo-monthly-5gb", "--name", "phone", "--yes", "--json").json["order"]["id"]
    (tmp_path / "bill.pdf").write_bytes(b"x")
    run("transactions", "attach", order, str(tmp_path / "bill.pdf"))
    document = run("transactions", "receipt", order, "--json").json
    assert list(document) == ["schema", "as_of", "profile", "play_money", "receipt", "rehearsal"]
    assert set(document["receipt"]) == {
        "order", "carrier", "owner", "by", "rule", "amount_due", "refund", "promised", "delivered", "differs",
        "references", "steps", "attachments",
    }  # fmt: skip
    assert set(document["receipt"]["attachments"][0]) == {"file", "sha256", "size_bytes", "note", "at", "state"}
