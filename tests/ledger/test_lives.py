"""Lines by their identity: names that are used again, in journals of any age, and cards that come back."""

from typing import Any

from esimctl.ledger.fold import Ledger, fold
from esimctl.ledger.invariants import audited_fold
from esimctl.ledger.lives import IDENTITY, birth, identity, of_entry, of_order, owners
from esimctl.store.paths import NAME
from tests.ledger.samples import START, InMemory, life, numbered, prepared, step


def added(order: str | None = None, line: str = "phone", **more: Any) -> dict[str, Any]:
    entry = {"kind": "line.added", "at": START, "line": line, "provider": "sandbox", **more}
    return entry if order is None else {**entry, "order": order}


def removed(line: str = "phone", **more: Any) -> dict[str, Any]:
    return {"kind": "line.removed", "at": START, "line": line, **more}


def bought(order: str, line: str = "phone", **more: Any) -> list[dict[str, Any]]:
    """A new line, from intent to birth."""
    return [*life(order, order_kind="new", line=line, **more), added(order, line)]


def sound(*entries: dict[str, Any]) -> Ledger:
    """The ledger of entries to which no check objects."""
    ledger, findings = audited_fold(numbered(*entries))
    assert [finding for finding in findings if finding.blocking] == []
    return ledger


def test_an_identity_is_no_name_and_follows_from_the_order():
    for each in (of_order("261120-0a1b2c3d"), of_order("o1"), of_entry({**added(), "seq": 7})):
        assert IDENTITY.match(each)
        assert not NAME.match(each)
    assert of_order("261120-0a1b2c3d") == "L261120-0a1b2c3d"
    assert of_entry({**added("o1"), "seq": 3}) == of_order("o1")
    assert of_entry({**added(), "seq": 7}) == of_entry({**added(), "seq": 8}), "wherever a merge puts the entry"
    ledger = sound(added(), removed(), added(), removed(), added())
    assert len({fact.id for fact in ledger.lines.values()}) == 3, (
        "one of its own for every birth, by a clock that stands"
    )


def test_a_second_life_takes_nothing_of_the_first():
    ledger = sound(
        *bought("o1"),
        *life("o2", order_kind="topup"),
        removed(),
        *bought("o3"),
        *life("o4", order_kind="topup"),
    )
    first, second = of_order("o1"), of_order("o3")
    assert {key: (fact.id, fact.once) for key, fact in ledger.lines.items()} == {
        first: (first, "phone"),
        "phone": (second, None),
    }
    assert {order.id: order.line for order in ledger.orders.values()} == {
        "o1": first, "o2": first, "o3": "phone", "o4": "phone",
    }  # fmt: skip
    assert (ledger.spent("USD", line=first), ledger.spent("USD", line="phone")) == (1000, 1000)
    assert ledger.balance(f"spend:{first}", "USD") == ledger.balance("spend:phone", "USD") == 1000


def test_what_is_archived_goes_to_the_life_that_it_was_of():
    ledger = Ledger()
    numbered(*bought("o1"), *life("o2"), removed(), ledger=ledger)
    ledger.archive = archive = InMemory()

    def shrink() -> None:
        archive.compact(ledger, START, kept_orders=0)

    shrink()
    numbered(*bought("o3"), ledger=ledger)
    shrink()
    numbered({"kind": "line.renamed", "at": START, "line": "phone", "to": "fon"}, *bought("o4"), ledger=ledger)
    first = of_order("o1")
    expected = {"o1": first, "o2": first, "o3": "fon", "o4": "phone"}
    assert {order.id: order.line for order in ledger.records()} == expected
    assert {name: ledger.order(name).line for name in expected} == expected
    assert ledger.spent("USD", line=first) == 1000
    assert ledger.spent("USD", line="fon") == ledger.spent("USD", line="phone") == 500


def test_an_attempt_that_fails_takes_the_name_and_no_history():
    ledger = sound(
        *bought("o1"), removed(), prepared("o2", order_kind="new"), step("attempted", "o2", n=1),
        step("rejected", "o2", reason="refused"),
    )  # fmt: skip
    assert ledger.orders["o1"].line == of_order("o1")
    assert ledger.orders["o2"].line == "phone"
    assert identity(ledger, "phone") == of_order("o2"), "what may still come of it is its own"


def test_a_purchase_that_comes_to_life_after_its_name_was_given_away_is_a_line_of_its_own():
    lost = [prepared("o1", order_kind="new"), step("attempted", "o1", n=1), step("rejected", "o1", reason="absent")]
    after = step("reopened", "o1", reason="exists_after_all", charged=True)
    ledger = sound(*lost, *bought("o2"), after, step("settled", "o1", confirmed_by="provider"), added("o1"))
    own = of_order("o1")
    assert {key: fact.order for key, fact in ledger.lines.items()} == {"phone": "o2", own: "o1"}
    assert ledger.spent("USD", line=own) == ledger.spent("USD", line="phone") == 500
    alone = sound(*lost, after, step("settled", "o1", confirmed_by="provider"), added("o1"))
    assert list(alone.lines) == ["phone"], "where nobody has it, the name is its own"


def test_what_an_earlier_version_wrote_by_name_is_booked_on_the_line_that_it_was_of():
    """It knew one `phone` only: a price that was learned later, and a refund, of the first while there was a second."""
    entries = numbered(*bought("o1"), removed(), *bought("o2"))
    moved = [
        {"account": "spend:phone", "currency": "USD", "minor": -500},
        {"account": "wallet:sandbox:card", "currency": "USD", "minor": 50},
        {"account": "spend:phone", "currency": "USD", "minor": 450},
    ]
    merged = [{**moved[0], "minor": -50}, moved[1]]
    paid = step("paid", "o1", paid_minor=450, paid_currency="USD", postings=merged)
    ledger, findings = audited_fold([*entries, {"seq": len(entries) + 1, **paid}])
    assert [finding for finding in findings if finding.blocking] == []
    assert (ledger.spent("USD", line=of_order("o1")), ledger.spent("USD", line="phone")) == (450, 500)


def test_a_refund_takes_its_own_line_along_and_no_later_one():
    ledger = sound(
        *bought("o1"), removed(), *bought("o2"), step("refunding", "o1", reason="requested"),
        step("refunded", "o1", amount_minor=500, currency="USD"), removed(reason="refunded"),
    )  # fmt: skip
    assert ledger.lines["phone"].removed_at is None


def test_the_same_card_revives_its_line_whatever_it_is_called_now():
    card = "8985504000000000017F"
    ledger = sound(
        added(iccid=card), {"kind": "reading", "at": START, "line": "phone", "read_at": START, "source": "manual",
        "data": {}}, removed(), *bought("o2"), added(line="fon", iccid="8985 5040 0000 0000 017"),
    )  # fmt: skip
    fact = ledger.lines["fon"]
    assert (fact.removed_at, len(fact.births), len(ledger.readings["fon"])) == (None, 2, 1)
    assert fact.id == of_entry({**added(), "seq": 1})
    assert ledger.gone == set()


def test_an_esim_that_was_just_bought_is_never_an_earlier_one():
    """An operator that begins its numbers anew sells another eSIM under the same one."""
    card = {"iccid": "8985504000000000017"}
    first, second = (
        [*life(name, order_kind="new")[:2], {**life(name, order_kind="new")[2], **card}, added(name)]
        for name in ("o1", "o2")
    )
    ledger = sound(*first, removed(), *second)
    assert ledger.lines["phone"].id == of_order("o2")


def test_a_rule_ends_with_its_line_and_its_name_is_free():
    confirmed = {"kind": "rule.confirmed", "at": START, "rule": "phone", "line": "phone", "digest": "d"}
    entries = (*bought("o1"), confirmed, *life("o2", source="rule:phone"), removed())
    assert not sound(*entries).rule("phone").enabled
    ledger = sound(*entries, *bought("o3"))
    fact = ledger.rule("phone")
    assert (fact.enabled, fact.last_attempt_at, fact.failures) == (False, None, 0)
    assert fact.generation == 1, "keys are made of it: none is used twice"
    assert ledger.spent("USD", line="phone", source="rule:phone") == 0


def test_an_alert_of_the_earlier_line_silences_nothing_of_the_next():
    told = {"kind": "alert", "at": START, "alert": "low_data", "class": "reminder", "text": "t", "line": "phone"}
    alerts = ({**told, "key": "low_data:phone:25"}, {**told, "key": "expired:phone", "rule": "phone"})
    ledger = sound(*bought("o1"), *alerts, removed(), *bought("o2"))
    assert not {"low_data:phone:25", "expired:phone"} & ledger.alerts.keys()
    renamed = sound(*bought("o1"), alerts[0], {"kind": "line.renamed", "at": START, "line": "phone", "to": "fon"})
    assert list(renamed.alerts) == ["low_data:fon:25"], "and what was told of a line is not told again for its new name"


def test_a_line_that_somebody_wrote_by_hand_leaves_its_history_when_it_is_removed():
    ledger = sound(*life("o1"), removed(), *bought("o2"))
    (past,) = ledger.gone
    assert ledger.orders["o1"].line == past
    assert ledger.spent("USD", line="phone") == 500


def test_a_command_knows_the_identity_before_it_writes():
    """What goes into the vault first is found under the identity that the entry then has."""
    ledger = fold(numbered(added(iccid="8985504000000000017"), removed()))
    own = ledger.lines["phone"].id
    assert birth(ledger, "fon", order=None, iccid="8985504000000000017", fresh="L1") == own
    assert birth(ledger, "phone", order=None, iccid=None, fresh="L1") == "L1"
    assert birth(ledger, "phone", order="o9", iccid=None, fresh="L1") == of_order("o9")


def test_codes_that_were_kept_by_name_belong_to_one_line_each():
    card = {"iccid": "8985504000000000017"}
    delivered = [*life("o1", order_kind="new")[:2], {**life("o1", order_kind="new")[2], **card}, added("o1")]
    ledger = fold(numbered(*delivered, removed(), added()))
    assert owners(ledger, ["phone", of_order("o7"), "stranger"]) == {"phone": of_order("o1")}
    ledger = fold(numbered(added(), removed(), *delivered))
    assert owners(ledger, ["phone"]) == {"phone": of_order("o1")}, (
        "what a provider brought, an earlier file was lost to"
    )
    asked = [prepared("o2", order_kind="new"), step("attempted", "o2", n=1), step("accepted", "o2", **card)]
    assert owners(fold(numbered(added(), removed(), *asked)), ["phone"]) == {"phone": of_order("o2")}
