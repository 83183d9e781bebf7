"""The recount against the program's own books: both come to the same, on a story and on random histories."""

from pathlib import Path

from hypothesis import given, settings

from esimctl.ledger.fold import fold
from tests import recount
from tests.conftest import Runner
from tests.ledger.samples import History, histories

PLAN = "demo-monthly-20gb"


def test_a_story(run: Runner, tmp_path: Path) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    run("topup", "phone", "--amount", "5USD", "--yes")
    run("topup", "phone", "--amount", "7USD", "--yes", "--pay", "sandbox-declined")
    run("lines", "rename", "phone", "mobile")
    entries = recount.journal(tmp_path / "home/profiles/default")
    assert recount.sums(recount.paid(entries)) == {"USD": 1400}
    assert recount.sums_by(recount.paid(entries), lambda row: row.line) == {("mobile", "USD"): 1400}
    assert recount.posted(entries, "spend:") == {"USD": 1400}
    assert recount.bought_octets(entries) == {"mobile": 20 * 10**9}
    assert recount.reserved(entries) == []
    run("balance", "--refresh")
    left = recount.last_readings(recount.journal(tmp_path / "home/profiles/default"))
    assert left["mobile"]["data"]["remaining_bytes"] == 20 * 10**9


@given(histories())
@settings(max_examples=60, deadline=None)
def test_random_histories(history: History) -> None:
    """The orders, their postings, and the ledger's own sums."""
    entries, ledger = history.entries, fold(history.entries)
    paid, back = recount.sums(recount.paid(entries)), recount.sums(recount.refunds(entries))
    assert recount.net(paid) == recount.posted(entries, "spend:")
    assert recount.net({}, less=back) == recount.posted(entries, "refunds")
    assert recount.net(recount.sums(recount.fees(entries))) == recount.posted(entries, "fees")
    told = recount.net(paid, recount.sums(recount.foreign(entries)), recount.sums(recount.reserved(entries)), less=back)
    assert told == {c: m for c in ("USD", "KHR", "THB") if (m := ledger.spent(c))}
