"""Data between lines: shared, taken back, given away; asked of the operator, or stated for lines of a counter."""

from pathlib import Path

import pytest

from tests.cli.test_counter_gifts import left
from tests.conftest import Runner, tree
from tests.own_plans import bring

GB = 10**9


@pytest.fixture
def two(run: Runner) -> Runner:
    """Two lines of the embedded operator, the first with a pack to share and five gigabytes that may be given away."""
    run("buy", "demo-family-30gb", "--name", "a", "--yes")
    run("buy", "demo-monthly-20gb", "--name", "b", "--yes")
    run("topup", "a", "--plan", "demo-topup-5gb", "--yes")
    return run


def test_a_gift_moves_data_and_no_money(two: Runner) -> None:
    done = two("lines", "gift", "a", "1GB", "--to", "b", "--json")
    assert done.json["sharing"] == {"what": "gifted", "line": "a", "with": "b", "bytes": GB}
    assert (left(two, "a"), left(two, "b")) == (34 * GB, 21 * GB)
    gift = two("transactions", "list", "--json").json["transactions"][-1]
    assert (gift["kind"], gift["state"], gift["paid"]["amount"]) == ("gift", "settled", "0.00")
    assert two("reconcile").code == 0
    assert two("transactions", "audit").code == 0


def test_more_than_may_be_given_is_refused_and_moves_nothing(two: Runner) -> None:
    assert two("lines", "gift", "a", "9GB", "--to", "b").code == 3
    assert (left(two, "a"), left(two, "b")) == (35 * GB, 20 * GB)
    assert two("transactions", "list", "--json").json["transactions"][-1]["state"] == "rejected"


def test_sharing_is_seen_by_the_member_and_ends(two: Runner) -> None:
    assert two("lines", "share", "a", "--with", "b", "--cap", "3GB").code == 0
    shared = [b for b in two("balance", "b", "--json").json["lines"][0]["buckets"] if b["shared"]]
    assert [b["remaining"] for b in shared] == [3 * GB]
    assert two("lines", "unshare", "a", "--with", "b").code == 0
    assert not [b for b in two("balance", "b", "--json").json["lines"][0]["buckets"] if b["shared"]]
    assert two("lines", "unshare", "a", "--with", "b").code == 3


def test_lines_of_a_counter_share_by_the_persons_word(run: Runner) -> None:
    bring(run)
    for name in ("x", "y"):
        run("lines", "add", name, "--provider", "manual", "--carrier", "smart", "--plan", "smart-own-20gb")
    run("topup", "x", "--plan", "smart-own-topup", "--paid", "cash")
    assert run("lines", "gift", "x", "2GB", "--to", "y", "--yes").code == 0
    assert (left(run, "x"), left(run, "y")) == (23 * GB, 22 * GB)
    assert run("lines", "gift", "y", "2GB", "--to", "x").code == 3, "a gift cannot be given on"
    run("lines", "rename", "y", "z")
    assert (left(run, "x"), left(run, "z")) == (23 * GB, 22 * GB)


@pytest.mark.parametrize(
    "words",
    [
        ("gift", "a", "1GB", "--to", "a"),
        ("gift", "a", "0MB", "--to", "b"),
        ("gift", "a", "1GB", "--to", "nobody"),
        ("share", "a", "--with", "counter"),
        ("share", "a", "--with", "b", "--cap", "much"),
    ],
)
def test_wrong_input(two: Runner, tmp_path: Path, words: tuple[str, ...]) -> None:
    two("lines", "add", "counter", "--provider", "manual", "--carrier", "smart")
    before = tree(tmp_path)
    done = two("lines", *words)
    assert (done.code, done.out) == (2, "")
    assert tree(tmp_path) == before


def test_a_line_bought_elsewhere_at_the_operator_is_adopted(two: Runner) -> None:
    """By its ICCID or its order; the same line is not followed twice."""
    order = two("buy", "demo-monthly-5gb", "--name", "c", "--yes", "--json").json["order"]
    iccid = order["activation"]["iccid"]
    assert two("lines", "add", "again", "--provider", "sandbox", "--iccid", iccid).code == 2
    two("lines", "remove", "c", "--yes")
    assert two("lines", "add", "d", "--provider", "sandbox", "--order", order["provider_order"]).code == 0
    assert left(two, "d") == 5 * GB
    assert two("lines", "add", "e", "--provider", "sandbox", "--iccid", "8985500000000000000").code == 2
    assert two("lines", "add", "e", "--provider", "nobody", "--iccid", iccid).code == 2
    assert two("lines", "add", "e", "--provider", "sandbox").code == 2
