"""`esimctl transactions audit`: every kind of finding from the command line, its evidence, and the case for support."""

import csv
import io
import json
import tarfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from esimctl.providers.protocol import Answer, Outcome, OutgoingOrder, ProviderOrder, Reading, Tier, Verdict
from tests.conftest import Outcome as Ran
from tests.conftest import Runner
from tests.purchase.shop import CODE, TEN, Shop, closed, dearer, furnish, lying

PLAN = "demo-monthly-5gb"
KEYS = {"schema", "as_of", "profile", "since", "findings", "providers", "overage"}
FINDING = {
    "kind",
    "provider",
    "orders",
    "provider_orders",
    "line",
    "amount",
    "evidence",
    "support",
    "refund_by",
    "cancel_by",
    "next",
    "play_money",
}
KINDS = {
    "duplicate_charge", "failed_charge", "charged_not_delivered", "foreign_order", "amount_differs", "unknown_outcome",
}  # fmt: skip


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, home: Path) -> Shop:
    return furnish(monkeypatch, home)


def found(ran: Ran) -> list[dict[str, Any]]:
    """The findings; the shape of each is pinned on the way."""
    document = ran.json
    assert document.keys() - {"bundle", "rehearsal"} == KEYS
    for finding in document["findings"]:
        assert finding.keys() == FINDING
        assert finding["kind"] in KINDS
        assert finding["evidence"], "a finding without evidence convinces nobody"
        assert all(row.keys() == {"source", "at", "says"} for row in finding["evidence"])
        assert finding["support"].endswith(".")
    assert ran.code == (20 if document["findings"] else 0)
    return list(document["findings"])


def buy(run: Runner, *more: str) -> Ran:
    return run(
        "buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes", *more, env={"ESIMCTL_DEADLINE": "1"}
    )


def test_an_ordinary_journey_has_no_findings(run: Runner) -> None:
    """Bought, used, topped up, renewed: 0, and said in a sentence."""
    run("buy", PLAN, "--name", "phone", "--yes")
    run("topup", "phone", "--amount", "3USD", "--yes")
    run("renew", "phone", "--yes")
    assert found(run("transactions", "audit", "--json")) == []
    assert "No problems: every charge matches an order" in run("transactions", "audit", "-o", "table").out


def test_a_duplicate_charge(run: Runner) -> None:
    run("sandbox", "fault", "duplicate-charge")
    order = run("buy", PLAN, "--name", "phone", "--yes", "--json").json["order"]
    (finding,) = found(run("transactions", "audit", "--json"))
    assert (finding["kind"], finding["orders"], finding["line"]) == ("duplicate_charge", [order["id"]], "phone")
    assert finding["amount"] == order["price"], "what has to come back"
    assert "charged 2 times" in finding["support"]
    assert order["provider_order"] in finding["support"]
    assert {row["source"] for row in finding["evidence"]} == {"journal", "provider"}


def test_a_duplicate_charge_of_three_times(run: Runner, shop: Shop) -> None:
    def thrice(shop: Shop, order: OutgoingOrder) -> Answer:
        shop.execute(order, charges=[TEN, TEN, TEN])
        return shop.answer(order)

    shop.behave = thrice
    assert buy(run).code == 0
    (finding,) = found(run("transactions", "audit", "--json"))
    assert (finding["kind"], finding["amount"]["amount"]) == ("duplicate_charge", "20.00")


def test_one_order_of_ours_executed_as_two(run: Runner, shop: Shop) -> None:
    """Another number at the provider under the same reference is a duplicate, not a stranger."""
    assert buy(run).code == 0
    (sale,) = shop.sold.values()
    shop.strangers.append(ProviderOrder("SH-2", sale.key, "new", sale.plan, sale.iccid, (TEN,), True, sale.created_at))
    (finding,) = found(run("transactions", "audit", "--json"))
    assert (finding["kind"], finding["amount"]["amount"]) == ("duplicate_charge", "10.00")


def test_one_order_executed_as_two_where_no_charges_are_listed(run: Runner, shop: Shop) -> None:
    """A list without amounts: two orders there under one reference are enough to ask."""
    from esimctl.values.record import replace

    assert buy(run).code == 0
    ((key, sale),) = shop.sold.items()
    shop.sold[key] = replace(sale, charges=())
    shop.strangers.append(replace(sale, provider_order="SH-2", charges=()))
    (finding,) = found(run("transactions", "audit", "--json"))
    assert (finding["kind"], finding["amount"]["amount"]) == ("duplicate_charge", "10.00")
    assert run("reconcile").code == 4


@pytest.mark.parametrize(("words", "fault"), [(("--pay", "sandbox-declined"), None), ((), "decline")])
def test_a_failed_charge(run: Runner, words: tuple[str, ...], fault: str | None) -> None:
    if fault:
        run("sandbox", "fault", fault)
    assert run("buy", PLAN, "--yes", *words).code == 3
    (finding,) = found(run("transactions", "audit", "--json"))
    assert finding["kind"] == "failed_charge"
    assert "declined" in finding["support"]


def test_a_refusal_that_is_about_no_payment_is_no_finding(run: Runner) -> None:
    run("sandbox", "fault", "out-of-stock")
    assert run("buy", PLAN, "--yes").code == 3
    assert found(run("transactions", "audit", "--json")) == []


def test_charged_and_not_delivered(run: Runner) -> None:
    run("sandbox", "fault", "slow-activation")
    run("buy", PLAN, "--name", "phone", "--yes", "--no-wait")
    (finding,) = found(run("transactions", "audit", "--json"))
    assert (finding["kind"], finding["line"]) == ("charged_not_delivered", "phone")
    assert found(run("transactions", "audit", "--json", now="2026-11-20T09:30:00+07:00")) != [], "still open here"
    assert run("reconcile", now="2026-11-20T09:30:00+07:00").code == 0
    assert found(run("transactions", "audit", "--json", now="2026-11-20T09:30:00+07:00")) == []


def test_charged_although_refused_is_charged_and_not_delivered(run: Runner, shop: Shop) -> None:
    shop.behave = lying
    assert buy(run).code == 3
    kinds = [finding["kind"] for finding in found(run("transactions", "audit", "--json"))]
    assert kinds == ["failed_charge", "charged_not_delivered"]


def test_a_settled_order_that_the_provider_calls_undelivered(run: Runner, shop: Shop) -> None:
    def empty(shop: Shop, order: OutgoingOrder) -> Answer:
        shop.execute(order, delivered=False)
        return shop.answer(order)

    shop.behave = empty
    assert buy(run).code == 0
    assert [finding["kind"] for finding in found(run("transactions", "audit", "--json"))] == ["charged_not_delivered"]


def test_a_top_up_without_effect(run: Runner, shop: Shop) -> None:
    """Paid, and hours later the line shows exactly what it showed before."""
    from datetime import UTC, datetime

    shop.readings = [Reading(datetime(2026, 11, 20, tzinfo=UTC), "active", granted_bytes=10**9, remaining_bytes=5)]
    buy(run)
    run("balance", "--refresh", now="2026-11-20T10:00:00+07:00")
    assert run("topup", "phone", "--plan", "shop/ten", "--yes", now="2026-11-20T11:00:00+07:00").code == 0
    assert found(run("transactions", "audit", "--json", now="2026-11-20T12:00:00+07:00")) == []
    run("balance", "--refresh", now="2026-11-20T20:00:00+07:00")
    (finding,) = found(run("transactions", "audit", "--json", now="2026-11-20T20:00:00+07:00"))
    assert finding["kind"] == "charged_not_delivered"
    assert "no effect" in finding["support"]


def test_an_order_of_somebody_else(run: Runner) -> None:
    """Another profile on the same account; the line of it is adopted, or acknowledged, and the finding goes."""
    run("buy", PLAN, "--name", "phone", "--yes")
    run("profile", "create", "other")
    other = run("buy", PLAN, "--profile", "other", "--yes", "--json").json["order"]
    (finding,) = found(run("transactions", "audit", "--json"))
    assert (finding["kind"], finding["orders"]) == ("foreign_order", [])
    assert finding["provider_orders"] == [other["provider_order"]]
    run("reconcile")
    run("reconcile", "--acknowledge", other["provider_order"])
    assert found(run("transactions", "audit", "--json")) == []


def test_another_amount_than_agreed(run: Runner, shop: Shop) -> None:
    """Exit 4 when it happens, a finding afterwards."""
    shop.behave = dearer
    assert buy(run).code == 4
    (finding,) = found(run("transactions", "audit", "--json"))
    assert (finding["kind"], finding["amount"]["amount"]) == ("amount_differs", "12.00")
    assert "10.00 USD" in finding["support"]
    assert "12.00 USD" in finding["support"]


def test_an_unknown_outcome(run: Runner, shop: Shop) -> None:
    shop.behave = lambda _shop, _order: Answer(None, failure="timeout")
    shop.knows = lambda _shop, _order: Outcome(Verdict.AMBIGUOUS, "timeout")
    assert buy(run).code == 4
    (finding,) = found(run("transactions", "audit", "--json"))
    assert finding["kind"] == "unknown_outcome"
    assert finding["support"].startswith("Please tell me whether")


def test_what_a_person_has_looked_at_is_left_out(run: Runner) -> None:
    order = run("buy", PLAN, "--pay", "sandbox-declined", "--yes", "--json").json["order"]
    assert run("transactions", "audit").code == 20
    assert run("reconcile", "--acknowledge", order["id"]).code == 0
    assert run("transactions", "audit").code == 0


def test_filters(run: Runner) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    run("topup", "phone", "--amount", "1USD", "--pay", "sandbox-declined", "--yes")
    run("buy", PLAN, "--name", "tablet", "--yes")
    assert run("transactions", "audit", "--line", "phone").code == 20
    assert run("transactions", "audit", "--line", "tablet").code == 0
    assert run("transactions", "audit", "--since", "2026-11-21").code == 0
    assert run("transactions", "audit", "--line", "nobody").code == 2


def test_old_findings_do_not_ring_for_ever(run: Runner) -> None:
    """Two months later a declined card is history; --since brings it back."""
    run("buy", PLAN, "--pay", "sandbox-declined", "--yes")
    later = "2027-02-01T09:00:00+07:00"
    assert run("transactions", "audit", now=later).code == 0
    assert run("transactions", "audit", "--since", "2026-11-01", now=later).code == 20


def test_a_provider_that_cannot_be_asked_is_said(run: Runner, shop: Shop) -> None:
    """What an earlier reconcile saw is still a finding; the note says that nothing new could be seen."""
    shop.strangers.append(ProviderOrder("SH-77", None, "new", None, None, (TEN,), True, None))
    run("reconcile")
    with closed():
        ran = run("transactions", "audit", "--json")
    assert [finding["kind"] for finding in found(ran)] == ["foreign_order"]
    assert ran.json["providers"][0]["error"] == "unreachable"
    assert "could not be asked" in ran.err


def test_a_provider_without_an_order_list_is_said(run: Runner, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    furnish(monkeypatch, home, tier=Tier.NOTHING, lists=False)
    assert "no order list" in run("transactions", "audit").err


def test_the_audit_writes_nothing(run: Runner, home: Path) -> None:
    from tests.conftest import tree

    run("sandbox", "fault", "duplicate-charge")
    run("buy", PLAN, "--yes")
    before = tree(home / "profiles")
    run("transactions", "audit", "--json")
    assert tree(home / "profiles") == before


def test_the_bundle_is_a_whole_case_without_a_secret(run: Runner, tmp_path: Path) -> None:
    """Sentence, orders, journal, evidence, listing and terms; no code, no whole ICCID or number, mode 0600."""
    run("sandbox", "fault", "duplicate-charge")
    order = run("buy", PLAN, "--name", "phone", "--yes", "--json").json["order"]
    target = tmp_path / "case.tar.gz"
    ran = run("transactions", "audit", "--bundle", str(target), "--json")
    assert (ran.code, ran.json["bundle"]) == (20, str(target))
    assert target.stat().st_mode & 0o777 == 0o600
    with tarfile.open(target) as tar:
        members = {member.name: tar.extractfile(member).read().decode() for member in tar}  # type: ignore[union-attr]
    assert {"support.txt", "findings.json", "orders.json", "journal.json", "listing.json"} < members.keys()
    assert f"evidence/{order['id']}.1.json" in members
    assert f"terms/{order['id']}.json" in members
    assert [entry["kind"] for entry in json.loads(members["journal.json"])][:2] == ["order.prepared", "order.attempted"]
    assert len(json.loads(members["listing.json"])[0]["charges"]) == 2
    everything = "".join(members.values())
    matching = order["activation"]["lpa"].rsplit("$", 1)[1]
    assert matching not in everything
    assert "LPA:1$" not in everything.replace("LPA:1$smdp.sandbox.example$***", "")
    assert order["activation"]["iccid"] not in everything
    again = run("transactions", "audit", "--bundle", str(target))
    assert again.code == 2, "never over an existing file"
    assert run("transactions", "audit", "--bundle", "/nowhere/case.tar.gz").code == 74


def test_a_person_reads_the_same(run: Runner) -> None:
    run("sandbox", "fault", "duplicate-charge")
    run("buy", PLAN, "--yes")
    out = run("transactions", "audit", "-o", "table").out
    assert "charged more than once" in out
    assert "Please refund 4.00 USD." in out
    assert run("transactions", "audit").out.split("\t")[0] == "duplicate_charge"


def test_the_code_never_reaches_evidence_or_journal(run: Runner, shop: Shop, home: Path) -> None:
    """After a purchase, and after one whose answer could not be read: the code is in the vault alone."""

    def garbled(shop: Shop, order: OutgoingOrder) -> Answer:
        shop.execute(order)
        return Answer(200, shop.answer(order).body[:-1])

    shop.behave = garbled
    shop.window = timedelta(0)
    assert buy(run).code == 0
    profile = home / "profiles" / "default"
    files = [path for path in profile.rglob("*") if path.is_file()]
    holders = {path.relative_to(profile).parts[0] for path in files if b"CODE-4711" in path.read_bytes()}
    assert holders == {"vault"}
    assert run("lines", "qr", "phone", "--show-code").out.count(CODE) == 1


def test_findings_as_a_sheet_say_whose_money_it_is(run: Runner) -> None:
    run("sandbox", "fault", "duplicate-charge")
    run("buy", PLAN, "--name", "phone", "--yes")
    done = run("transactions", "audit", "-o", "csv", "--header")
    (row,) = csv.DictReader(io.StringIO(done.out))
    assert (done.code, row["kind"], row["play_money"]) == (20, "duplicate_charge", "yes")


def test_a_finding_says_until_when_and_what_to_do(run: Runner) -> None:
    """The deadline that a policy names, from the payment on, and the exact command that goes on from here."""
    run("sandbox", "fault", "duplicate-charge")
    order = run("buy", PLAN, "--name", "phone", "--yes", "--json").json["order"]["id"]
    (finding,) = found(run("transactions", "audit", "--json"))
    assert (finding["refund_by"], finding["cancel_by"]) == (None, None), "nobody names one"
    run("policy", "set", "demo", "refund", "allowed=unknown", "within=14 days", "--source", "shop")
    run("policy", "set", "demo", "cancellation", "allowed=yes", "within=1 month", "--source", "shop")
    (finding,) = found(run("transactions", "audit", "--json"))
    assert finding["refund_by"] == "2026-12-04T02:00:00Z"
    assert finding["cancel_by"] == "2026-12-20T02:00:00Z"
    assert finding["next"] == "esimctl transactions audit --line phone --bundle case.tar.gz"
    shown = run("transactions", "show", order, "--json").json["order"]
    assert (shown["refund_by"], shown["cancel_by"]) == ("2026-12-04T02:00:00Z", "2026-12-20T02:00:00Z")
    told = run("transactions", "audit", "-o", "table").out
    assert "refund before Fri 4 Dec" in told
    assert "  esimctl transactions audit --line phone --bundle case.tar.gz" in told
    shown_to_a_person = run("transactions", "show", order, "-o", "table").out
    assert "Refund before   Fri 4 Dec" in shown_to_a_person
    assert "Cancel before   Sun 20 Dec" in shown_to_a_person


@pytest.mark.parametrize(
    ("pairs", "topic"),
    [(("allowed=no", "within=14 days"), "refund"), (("allowed=yes", "within=before it is installed"), "cancellation")],
)
def test_a_policy_without_a_date_gives_none(run: Runner, pairs: tuple[str, ...], topic: str) -> None:
    """What is not allowed has no deadline, and from a sentence no instant follows."""
    order = run("buy", PLAN, "--name", "phone", "--yes", "--json").json["order"]["id"]
    assert run("policy", "set", "demo", topic, *pairs, "--source", "shop").code == 0
    shown = run("transactions", "show", order, "--json").json["order"]
    assert (shown["refund_by"], shown["cancel_by"]) == (None, None)


def test_the_command_for_each_kind(run: Runner, tmp_path: Path) -> None:
    """It is there to be copied: for a stranger, a refusal and an unknown outcome another one, and each one runs."""
    run("buy", PLAN, "--name", "phone", "--yes")
    run("topup", "phone", "--amount", "1USD", "--pay", "sandbox-declined", "--yes")
    run("profile", "create", "other")
    run("buy", PLAN, "--profile", "other", "--yes")
    run("sandbox", "fault", "timeout-after", "--times", "9")
    run("topup", "phone", "--amount", "2USD", "--yes", env={"ESIMCTL_DEADLINE": "1"})
    commands = {row["kind"]: row["next"] for row in found(run("transactions", "audit", "--json"))}
    assert commands["failed_charge"].startswith("esimctl transactions audit --line phone --bundle")
    assert commands["foreign_order"].startswith("esimctl reconcile --acknowledge SB-")
    for command in commands.values():
        words = command.replace("case.tar.gz", str(tmp_path / "case.tar.gz")).split()[1:]
        assert run(*words).code != 2, command
