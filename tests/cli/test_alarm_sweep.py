"""While the journal is not all there, no command spends, gives data away, or takes a purchase in; all others go on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Runner
from tests.machines import PACK, TOPUP, Machine, seller
from tests.own_plans import FILE
from tests.vendors.esim_access_rows import order_number

COUNTER = ("--provider", "manual", "--carrier", "smart", "--plan")
CAPPED = ("--yes", "--max-price", "10USD")

#: what must not happen twice, and may have happened in the entries that are missing
STOPPED = (
    ("buy", PACK, "--name", "new", *CAPPED),
    ("buy", "demo-monthly-5gb", "--name", "new", *CAPPED),
    ("buy", "smart-laor-7d", "--name", "new", "--paid", "R-1", "--yes"),
    ("renew", "x", "--paid", "R-2", "--yes"),
    ("topup", "phone", "--plan", TOPUP, *CAPPED),
    ("topup", "x", "--plan", "smart-own-topup", "--paid", "cash", "--yes"),
    ("topup", "x", "--amount", "5USD", "--paid", "cash", "--yes"),
    ("autotopup", "run"),
    ("lines", "gift", "x", "1GB", "--to", "y", "--yes"),
    ("lines", "gift", "mum", "1GB", "--to", "kid"),
    ("lines", "share", "x", "--with", "y"),
    ("lines", "share", "mum", "--with", "kid", "--cap", "1GB"),
    ("lines", "add", "new", *COUNTER, "smart-laor-7d", "--price", "2USD"),
    ("lines", "add", "new", *COUNTER, "smart-laor-7d"),
    ("lines", "add", "new", "--provider", "esim-access", "--order", "SOLD"),
    ("lines", "import", "ROWS", "--provider", "manual"),
)
#: what is a person's own word, or the way out
GOES_ON = (
    ("usage", "record", "x", "--remaining", "1GB"),
    ("lines", "unshare", "mum", "--with", "kid"),
    ("lines", "tag", "x", "--add", "router"),
    ("lines", "rename", "x", "z"),
    ("lines", "remove", "y", "--yes"),
    ("payments", "add", "purse", "--kind", "cash"),
    ("policy", "set", "smart", "rollover", "mode=carry", "validity=3 months", "--source", "the hotline"),
    ("autotopup", "disable", "phone"),
    ("autotopup", "pause"),
    ("profile", "backup", "FILE"),
    ("reconcile", "--acknowledge", "journal"),
)


@pytest.fixture
def machine(run: Runner, tmp_path: Path) -> Iterator[Machine]:
    """Lines at a seller, at a counter and at the embedded operator, a rule that is due, and a journal that was cut."""
    with seller() as served:
        machine = Machine(run, served, tmp_path / "a").begin()
        rule = ("--below", "4GB", "--plan", TOPUP, "--max-price", "2USD", "--max-per-month", "6USD")
        for words in (
            ("plans", "import", str(FILE)),
            ("lines", "add", "x", *COUNTER, "smart-own-family"),
            ("lines", "add", "y", *COUNTER, "smart-own-20gb"),
            ("topup", "x", "--plan", "smart-own-topup", "--paid", "cash"),
            ("buy", "demo-family-30gb", "--name", "mum", "--yes"),
            ("buy", "demo-monthly-5gb", "--name", "kid", "--yes"),
            ("topup", "mum", "--plan", "demo-topup-5gb", "--yes"),
            ("lines", "share", "mum", "--with", "kid"),
            ("autotopup", "set", "phone", *rule),
            ("autotopup", "enable", "phone", "--confirm", "6USD"),
            ("usage", "record", "y", "--remaining", "9GB"),
        ):
            done = machine(*words)
            assert done.code == 0, (words, done)
        data = machine.journal.read_bytes()
        machine.journal.write_bytes(data[: data.rindex(b"[[tx]]")])
        yield machine


def said(machine: Machine, words: tuple[str, ...], place: Path) -> tuple[str, ...]:
    rows = place / "rows.csv"
    rows.write_text("name,carrier,data,days,price\none,smart,1GB,7,1USD\n")
    given = {
        "ROWS": str(rows),
        "FILE": str(place / "saved.tar"),
        "SOLD": order_number(machine.vendor.sold()[0]),
    }
    return tuple(given.get(word, word) for word in words)


def test_what_spends_or_gives_away_is_stopped(machine: Machine, tmp_path: Path) -> None:
    before, sold = machine.journal.read_bytes(), len(machine.vendor.charges)
    for words in STOPPED:
        done = machine(*said(machine, words, tmp_path), "--json")
        assert done.code == 6, (words, done)
        assert "an older copy was put back" in done.err + done.out, words
        assert (machine.journal.read_bytes(), len(machine.vendor.charges)) == (before, sold), words


@pytest.mark.parametrize("words", GOES_ON, ids=" ".join)
def test_everything_else_goes_on(machine: Machine, words: tuple[str, ...], tmp_path: Path) -> None:
    done = machine(*said(machine, words, tmp_path))
    assert done.code in {0, 4, 20}, done
