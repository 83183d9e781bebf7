"""What is renewed: the row that was previewed, and what another plan does to what is left."""

from pathlib import Path

import pytest

from esimctl.documents.offers import OfferPart, PlanChangePart
from esimctl.values.money import Money
from tests.cli.test_what_holds import GB, OWN_ROW, PLAN, add, done
from tests.conftest import Runner, balance_of, day


@pytest.mark.parametrize("seller", ["manual", "sandbox"])
def test_renewing_books_the_row_that_was_previewed(run: Runner, tmp_path: Path, seller: str) -> None:
    """Volume, term, price and rollover of the person's own row."""
    if seller == "manual":
        add(run, day("10-20"), "--plan", PLAN)
    else:
        done(run, "buy", PLAN, "--provider", "sandbox", "--name", "sim", "--yes", now=day("10-20"))
    file = tmp_path / "own.toml"
    file.write_text(OWN_ROW)
    assert run("plans", "import", str(file), now=day("11-01")).code == 0
    offer = run("renew", "sim", "--dry-run", "--json", now=day("11-21")).json["offer"]
    assert (offer["price"]["amount"], offer["plan"]["data_bytes"], offer["plan"]["validity"]) == (
        "7.00", 70 * GB, "31 days",
    )  # fmt: skip
    assert (offer["plan"]["rollover"], offer["plan"]["rollover_by"]) == ("carry", "person")
    paid = ("--paid", "x1") if seller == "manual" else ("--yes",)
    order = done(run, "renew", "sim", *paid, "--json", now=day("11-21")).json["order"]
    assert order["price"]["amount"] == "7.00"
    after = balance_of(run, "sim", day("11-21"))
    assert after["data"]["granted_bytes"] == 70 * GB
    assert after["expires_at"] == "2026-12-22T02:00:00Z"
    assert after["rollover"]["claim"] == f"terms:{PLAN}"
    assert after["rollover"]["carry_if_renewed_bytes"] == 70 * GB


def test_another_plan_says_what_it_does_to_what_would_carry(run: Runner) -> None:
    done(run, "buy", "demo-monthly-20gb", "--name", "p", "--yes", now=day("10-20"))
    offer = run("renew", "p", "--plan", "demo-monthly-1gb", "--dry-run", "--json", now=day("10-25")).json["offer"]
    assert offer["lost_bytes"] == 20 * GB
    assert offer["plan_change"] == {
        "from": "demo-monthly-20gb", "carry_bytes": 0, "carry_if_same_bytes": 20 * GB, "lost_bytes": 20 * GB,
    }  # fmt: skip
    same = run("renew", "p", "--dry-run", "--json", now=day("10-25")).json["offer"]
    assert (same["plan_change"], same["lost_bytes"]) == (None, None)
    carrying = run("renew", "p", "--plan", "demo-monthly-5gb", "--dry-run", "--json", now=day("10-25")).json["offer"]
    assert (carrying["plan_change"]["carry_bytes"], carrying["lost_bytes"]) == (20 * GB, None)


def test_another_plan_on_a_line_of_a_counter_says_so_as_well(run: Runner) -> None:
    for topic, values in (("rollover", ("mode=carry", "validity=3 months")), ("early-renewal", ("effect=queue",))):
        done(run, "policy", "set", f"smart/{PLAN}", topic, *values, "--source", "hotline", now=day("10-01"))
    add(run, day("10-20"), "--plan", PLAN)
    done(run, "usage", "record", "sim", "--remaining", "22GB", now=day("11-18"))
    offer = run("renew", "sim", "--plan", "smart-5g-30d", "--dry-run", "--json", now=day("11-18")).json["offer"]
    assert offer["lost_bytes"] == 22 * GB
    assert offer["plan_change"]["carry_if_same_bytes"] == 22 * GB


def test_the_question_names_what_a_change_of_plan_loses() -> None:
    from esimctl.show.cards.offer import losses, question

    offer = OfferPart(
        plan=None, amount=None, price=Money(400, "USD"), payment_method="cash", play_money=False, effect="queue",
        begins_at=None, lost_bytes=20 * GB, balance_before=None, valid_until=None, needs_confirmation=False, notes=[],
        unusual_price=None,
        plan_change=PlanChangePart(from_="p1", carry_bytes=0, carry_if_same_bytes=20 * GB, lost_bytes=20 * GB),
    )  # fmt: skip
    assert question(offer, alone=True) == "Pay 4.00 USD with cash and lose 20 GB by changing the plan?"
    assert any("carries over 0 B of what is left; p1 would carry over 20 GB" in said for said in losses(offer))
