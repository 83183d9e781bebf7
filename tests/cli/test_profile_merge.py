"""`profile merge`: two machines wrote to copies of one profile; every order of both stands once in what it becomes."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Outcome, Runner, tree
from tests.faults.virtual import Hurried

PLAN = "demo-monthly-20gb"
RULE = (
    ("autotopup", "set", "phone", "--below", "6GB", "--plan", "demo-topup-2gb", "--max-price", "2USD",
     "--max-per-month", "10USD"),
    ("autotopup", "enable", "phone", "--confirm", "10USD"),
    ("sandbox", "use", "phone", "17GB"),
)  # fmt: skip


class Machine:
    """A home of its own whose profile is carried by hand; all of them buy from one operator. Time goes on with every
    command, on whichever machine.
    """

    minute = 0

    def __init__(self, run: Runner, place: Path, name: str) -> None:
        self.run, self.name, self.home = run, name, place / name
        self.folder = self.home / "profiles" / "default"
        self.home.mkdir(mode=0o700)
        (place / "operator").mkdir(mode=0o700, exist_ok=True)
        (self.home / "sandbox").symlink_to(place / "operator")

    def __call__(self, *words: str, now: str | None = None) -> Outcome:
        Machine.minute += 1
        hour, minute = divmod(Machine.minute % 600, 60)
        state = str(self.home.parent / f"{self.name}-state")
        env = {"ESIMCTL_HOME": str(self.home), "XDG_STATE_HOME": state, "ESIMCTL_MACHINE": f"machine-{self.name}"}
        return self.run(*words, now=now or f"2026-11-20T{9 + hour:02d}:{minute:02d}:00+07:00", env=env)

    def done(self, *words: str) -> Outcome:
        """A command that must work."""
        ran = self(*words)
        assert ran.code == 0, (words, ran)
        return ran

    def topup(self, amount: str = "1USD", line: str = "phone") -> str:
        """The order's id."""
        return str(self.done("topup", line, "--amount", amount, "--yes", "--json").json["order"]["id"])

    def take(self, other: "Machine") -> None:
        """What a sync program does: the other one's profile stands in the place of ours."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(other.folder, self.folder)

    def orders(self) -> list[str]:
        """The ids of all orders, in the order of the books."""
        return [order["id"] for order in self.done("transactions", "list", "--json").json["transactions"]]

    def merge(self, source: Path) -> Outcome:
        return self("profile", "merge", str(source), "--yes", "--json")


@pytest.fixture
def two(run: Runner, tmp_path: Path) -> tuple[Machine, Machine]:
    """A line on one machine, and a second one with a copy of it."""
    Machine.minute = 0
    here, there = Machine(run, tmp_path, "here"), Machine(run, tmp_path, "there")
    here.done("buy", PLAN, "--name", "phone", "--yes")
    there.folder.parent.mkdir(mode=0o700)
    there.take(here)
    return here, there


Two = tuple[Machine, Machine]


def entries(machine: Machine) -> list[dict[str, Any]]:
    from esimctl.store.journal import Journal

    return Journal(machine.folder / "journal").load().entries


def test_orders_of_both_stand_once_and_the_seller_agrees(two: Two) -> None:
    here, there = two
    first = here.orders()
    bought = [here.topup("1USD"), there.topup("2USD"), here.topup("3USD")]
    tablet = there.done("buy", PLAN, "--name", "tablet", "--yes", "--json").json["order"]["id"]
    there.done("usage", "record", "phone", "--remaining", "7GB")
    merged = here.merge(there.folder)
    assert merged.code == 0, merged
    assert merged.json["orders"] == [bought[1], tablet]
    assert merged.json["added"] == ["line.tablet"]
    assert here.orders() == [*first, *bought, tablet], "by time"
    assert here("reconcile").code == 0
    assert here.done("lines", "qr", "tablet", "--show-code", "--json").json["activation"]["lpa"].startswith("LPA:1$")
    assert here.done("doctor", "--json").json["ok"]
    assert [entry["seq"] for entry in entries(here)] == list(range(1, len(entries(here)) + 1))
    times = [entry["at"] for entry in entries(here)]
    assert times == sorted(times)


def test_the_record_of_a_merge_names_what_it_replaces(two: Two) -> None:
    from esimctl.store.other_copy import read_folder_chain

    here, there = two
    here.topup(), there.topup()
    ends = [read_folder_chain(machine.folder / "journal", "").head() for machine in two]
    here.merge(there.folder)
    (record,) = [entry for entry in entries(here) if entry["kind"] == "merged"]
    heads = [(head["seq"], head["hash"]) for head in record["heads"]]
    assert set(ends) <= set(heads), "the last record of both"
    assert record == [entry for entry in entries(here) if entry["kind"] != "reconciled"][-1]


def test_merging_twice_finds_nothing_to_unite(two: Two) -> None:
    here, there = two
    here.topup(), there.topup()
    assert here.merge(there.folder).json["nothing"] is False
    before = tree(here.folder)
    again = here("profile", "merge", str(there.folder))
    assert (again.code, "nothing to unite" in again.err) == (0, True)
    assert tree(here.folder) == before


def test_the_other_machine_goes_on_and_is_merged_again(two: Two) -> None:
    """What an earlier merge took over is known by its record; only what came since is new."""
    here, there = two
    orders = [here.topup(), there.topup()]
    assert here.merge(there.folder).code == 0
    orders.append(there.topup())
    orders.append(here.topup())
    merged = here.merge(there.folder)
    assert merged.json["orders"] == [orders[2]]
    assert here.orders()[1:] == orders
    assert here("reconcile").code == 0


def test_both_merge_and_then_each_other(two: Two) -> None:
    here, there = two
    orders = [here.topup(), there.topup()]
    kept = here.folder.parent.parent / "kept"
    shutil.copytree(here.folder, kept)
    assert here.merge(there.folder).code == 0
    assert there.merge(kept).code == 0
    assert here.merge(there.folder).code == 0
    assert here.orders()[1:] == orders
    assert here("reconcile").code == 0


def test_a_copy_that_has_gone_on_is_followed(two: Two) -> None:
    """Nothing was written here since: the other one's entries are taken as they are, without a record of a merge."""
    here, there = two
    order = there.topup()
    merged = here.merge(there.folder)
    assert (merged.code, merged.json["orders"], merged.json["machine"]) == (0, [order], None)
    assert entries(here) == entries(there)
    assert "machine" not in (here.folder / "profile.toml").read_text()


def test_a_rehearsal_of_a_merge_writes_nothing(two: Two) -> None:
    here, there = two
    here.topup()
    order = there.topup()
    before = tree(here.home)
    looked = here("profile", "merge", str(there.folder), "--dry-run", "--json")
    assert (looked.code, looked.json["orders"], looked.json["dry_run"]) == (0, [order], True)
    assert tree(here.home) == before


def test_without_a_terminal_it_wants_a_yes(two: Two) -> None:
    here, there = two
    here.topup(), there.topup()
    before = tree(here.home)
    refused = here("profile", "merge", str(there.folder), "--json")
    assert (refused.code, refused.json["error"]["hint"]) == (2, "--yes")
    assert tree(here.home) == before


COPIES = (
    "000001.sync-conflict-20261129-101500-ABCDEFG.toml",
    "000001 (lina's conflicted copy 2026-11-29).toml",
    "000001 (1).toml",
)


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_that_a_sync_program_set_aside(two: Two, name: str) -> None:
    """It stops spending, the hint is the command that unites it, and afterwards it is out of the way."""
    here, there = two
    order, other = here.topup(), there.topup()
    copy = here.folder / "journal" / name
    shutil.copy2(there.folder / "journal" / "000001.toml", copy)
    refused = here("topup", "phone", "--amount", "1USD", "--yes", "--json")
    assert refused.code == 78
    hint = refused.json["error"]["hint"]
    assert hint.startswith("esimctl profile merge ")
    merged = here.merge(copy)
    assert (merged.code, merged.json["orders"]) == (0, [other])
    assert not copy.exists()
    assert (here.folder / "backups" / name).exists()
    assert here.orders()[1:] == [order, other]
    here.topup()
    assert here("reconcile").code == 0


def test_a_line_that_was_bought_there_is_followed_after_its_journal_came(two: Two) -> None:
    here, there = two
    here.topup()
    there.done("buy", PLAN, "--name", "tablet", "--yes")
    copy = here.folder / "journal" / COPIES[0]
    shutil.copy2(there.folder / "journal" / "000001.toml", copy)
    assert here.merge(copy).code == 0
    assert "tablet" in here.done("lines", "list").out


def test_a_copy_of_an_earlier_state_has_nothing_new(two: Two) -> None:
    here, there = two
    here.topup()
    copy = here.folder / "journal" / COPIES[2]
    shutil.copy2(there.folder / "journal" / "000001.toml", copy)
    merged = here.merge(copy)
    assert (merged.code, merged.json["nothing"], copy.exists()) == (0, True, False)
    here.topup()


def test_a_copy_of_profile_toml(two: Two) -> None:
    """Tables of both by their names; settings stay as they are here, and that is said."""
    here, there = two
    there.done("payments", "add", "purse", "--kind", "cash")
    there.done("profile", "budget", "set", "7USD/month")
    here.done("profile", "budget", "set", "9USD/month")
    copy = here.folder / "profile (1).toml"
    shutil.copy2(there.folder / "profile.toml", copy)
    assert here("topup", "phone", "--amount", "1USD", "--yes").code == 78
    merged = here.merge(copy)
    assert merged.json["added"] == ["payment.purse"]
    assert merged.json["kept"] == ["settings.budget"]
    assert "settings.budget" in merged.err
    assert "purse" in here.done("payments", "list").out
    assert here.done("profile", "budget", "--json").json["budgets"][0]["budget"]["amount"] == "9.00"
    assert not copy.exists()
    here.topup()


def test_what_a_copy_would_run_or_talk_to_waits_for_a_word(two: Two) -> None:
    """A provider that comes with a copy is not asked by an address or a command of its own before that."""
    here, there = two
    path = there.folder / "profile.toml"
    path.write_text(path.read_text() + '[provider.shop]\nkind = "esim-access"\nkey_command = ["touch", "/x"]\n')
    copy = here.folder / "profile (1).toml"
    shutil.copy2(path, copy)
    merged = here.merge(copy)
    assert (merged.code, merged.json["added"]) == (0, ["provider.shop"])
    assert "esimctl providers trust shop" in merged.err
    assert len((here.folder / "brought").read_text().split()) == 1


def test_rules_that_differ_are_off(two: Two) -> None:
    here, there = two
    for words in RULE[:2]:
        here.done(*words)
    there.take(here)
    there.done("autotopup", "set", "phone", "--below", "5GB", "--plan", "demo-topup-2gb", "--max-price", "2USD",
               "--max-per-month", "9USD")  # fmt: skip
    here.topup(), there.topup()
    merged = here.merge(there.folder)
    assert (merged.code, merged.json["disabled"]) == (0, ["phone"])
    assert "esimctl autotopup enable phone" in merged.err
    rule = here.done("autotopup", "show", "--json").json["rules"][0]
    assert (rule["status"], rule["trigger"]["below_bytes"]) == ("disabled", 6_000_000_000)


def refused(machine: Machine, source: Path, code: int) -> dict[str, Any]:
    """What a merge is refused with; nothing at all is changed by it."""
    before = tree(machine.home)
    ran = machine.merge(source)
    assert ran.code == code, ran
    assert tree(machine.home) == before
    error: dict[str, Any] = ran.json["error"]
    return error


def test_the_journal_of_another_profile_is_refused(two: Two, run: Runner, tmp_path: Path) -> None:
    here, _ = two
    stranger = Machine(run, tmp_path, "stranger")
    stranger.done("buy", PLAN, "--name", "phone", "--yes")
    assert refused(here, stranger.folder, 2)["code"] == "another_profile"
    copy = here.folder / "journal" / COPIES[0]
    shutil.copy2(stranger.folder / "journal" / "000001.toml", copy)
    assert refused(here, copy, 2)["code"] == "another_profile"


@pytest.mark.parametrize("name", ["notes.txt", "journal", "profiles/default", "profiles/default/journal/000001.toml"])
def test_what_is_no_copy_is_refused_with_a_sentence(two: Two, name: str) -> None:
    here, _ = two
    (here.home / "notes.txt").write_text("x")
    (here.home / "journal").mkdir()
    error = refused(here, here.home / name, 2)
    assert error["code"] in ("not_a_copy", "itself")
    assert error["hint"]


def test_a_damaged_copy_is_refused(two: Two) -> None:
    here, there = two
    there.topup(), there.topup()
    segment = there.folder / "journal" / "000001.toml"
    segment.write_bytes(segment.read_bytes().replace(b"topup", b"topap", 1))
    assert refused(here, there.folder, 6)["code"] == "copy_damaged"


def test_a_cut_append_of_the_copy_is_left_out_and_said(two: Two) -> None:
    here, there = two
    here.topup()
    order = there.topup()
    segment = there.folder / "journal" / "000001.toml"
    segment.write_bytes(segment.read_bytes() + b"[[tx]]\nseq = 9")
    merged = here.merge(there.folder)
    assert (merged.json["orders"], "left out" in merged.err) == ([order], True)


@pytest.fixture
def doubtful(two: Two, monkeypatch: pytest.MonkeyPatch) -> tuple[Machine, Machine, str]:
    """An order whose answer was lost before the two parted."""
    monkeypatch.setattr("esimctl.profile.deadline.time", Hurried())
    here, there = two
    here.done("sandbox", "fault", "timeout-after")
    lost = here("topup", "phone", "--amount", "2USD", "--yes", "--json", "--no-wait")
    assert (lost.code, lost.json["order"]["state"]) == (4, "unknown"), lost
    there.take(here)
    return here, there, str(lost.json["order"]["id"])


def given_up(machine: Machine, order: str) -> None:
    """The books of a machine on which somebody said that it was not charged, and the seller could not be asked."""
    from esimctl.store.folder import Store

    store = Store(machine.home, "default")
    with store.locked(0.0, "test"):
        ledger = store.ledger_for_writing()
        at = ledger.high_water
        store.append(ledger, [{"at": at, "kind": "order.rejected", "order": order, "reason": "resolved_by_a_person"}])


def test_settled_here_and_rejected_there_is_refused_by_name(doubtful: tuple[Machine, Machine, str]) -> None:
    """Until one side has asked the seller since, whose word decides."""
    here, there, order = doubtful
    given_up(there, order)
    assert here("reconcile").code == 0
    rewound = [entry for entry in entries(here) if entry["kind"] != "reconciled"]
    rewritten(here, lambda entry: entry, rewound)
    there.topup()
    error = refused(here, there.folder, 4)
    assert error["code"] == "orders_contradict"
    assert f"order {order} is settled here and rejected there" in error["message"]
    assert error["hint"].startswith("esimctl reconcile")
    assert f"order {order} is rejected here and settled there" in refused(there, here.folder, 4)["message"]
    here("reconcile")
    assert here.merge(there.folder).code == 0
    states = {each["id"]: each["state"] for each in here.done("transactions", "list", "--json").json["transactions"]}
    assert (states[order], set(states.values())) == ("settled", {"settled"})
    assert here("reconcile").code == 0


def test_the_same_order_settled_on_both_stands_once(doubtful: tuple[Machine, Machine, str]) -> None:
    here, there, order = doubtful
    here("reconcile")
    there("reconcile")
    other = there.topup()
    assert here.merge(there.folder).code == 0
    assert here.orders()[1:] == [order, other]
    assert here("reconcile").code == 0


def rewritten(
    machine: Machine, change: Callable[[dict[str, Any]], dict[str, Any]], told: list[dict[str, Any]] | None = None
) -> None:
    """The journal with its entries changed, as a whole one."""
    from esimctl.store import frames

    data, last = frames.encode_head(1, 1, frames.GENESIS), frames.hash_of(frames.encode_head(1, 1, frames.GENESIS))
    for entry in entries(machine) if told is None else told:
        data += frames.encode(change(entry), last)
        last = frames.hash_of(data)
    (machine.folder / "journal" / "000001.toml").write_bytes(data)


def test_one_id_with_two_prices_is_refused(two: Two) -> None:
    here, there = two
    order = here.topup()
    there.take(here)
    rewritten(there, lambda entry: {**entry, "price_minor": 999} if entry.get("price_minor") == 100 else entry)
    error = refused(here, there.folder, 4)
    assert order in error["message"]
    assert "price" in error["message"]


def test_a_name_that_is_two_lines_is_refused_until_one_is_renamed(two: Two) -> None:
    here, there = two
    mine = here.done("buy", PLAN, "--name", "tablet", "--yes", "--json").json["order"]["id"]
    other = there.done("buy", PLAN, "--name", "tablet", "--yes", "--json").json["order"]["id"]
    error = refused(here, there.folder, 2)
    assert (error["code"], error["hint"]) == (
        "lines_contradict", "esimctl lines rename tablet NAME, then the same again",
    )  # fmt: skip
    here.topup("2USD", "tablet")
    here.done("lines", "rename", "tablet", "pad")
    here.topup("1USD", "pad")
    assert here.merge(there.folder).code == 0
    lines = {line: here.done("lines", "show", line, "--show-code", "--json").json["line"] for line in ("pad", "tablet")}
    assert lines["pad"]["iccid"] != lines["tablet"]["iccid"]
    assert lines["pad"]["activation"]["lpa"] != lines["tablet"]["activation"]["lpa"]
    made = here.done("transactions", "list", "--json").json["transactions"]
    spent = {line: sum(float(each["paid"]["amount"]) for each in made if each["line"] == line) for line in lines}
    assert spent == {"pad": 12.0, "tablet": 9.0}
    assert {mine, other} <= {each["id"] for each in made}
    assert here("reconcile").code == 0


def test_a_line_that_was_renamed_there_has_its_name_here(two: Two) -> None:
    """What was bought for it here afterwards, under its old name, belongs to it."""
    here, there = two
    here.topup()
    there.done("lines", "rename", "phone", "fon")
    here.topup(), there.topup("1USD", "fon"), here.topup()
    assert here.merge(there.folder).code == 0
    made = here.done("transactions", "list", "--json").json["transactions"]
    assert [each["line"] for each in made] == ["fon"] * 5
    assert [line["line"] for line in here.done("lines", "list", "--json").json["lines"]] == ["fon"]
    assert here.done("lines", "qr", "fon", "--show-code", "--json").json["activation"]["lpa"]
    assert here("reconcile").code == 0


def test_a_line_that_was_removed_there_is_removed_here(two: Two) -> None:
    here, there = two
    there.done("buy", PLAN, "--name", "tablet", "--yes")
    here.take(there)
    there.done("lines", "remove", "phone", "--yes")
    here.topup("1USD", "tablet")
    merged = here.merge(there.folder)
    assert merged.json["removed"] == ["phone"]
    assert [line["line"] for line in here.done("lines", "list", "--json").json["lines"]] == ["tablet"]


def test_readings_that_were_taken_back_stay_taken_back(run: Runner, tmp_path: Path) -> None:
    """Entries get new numbers; what points at one by its number still does."""
    here, there = Machine(run, tmp_path, "here"), Machine(run, tmp_path, "there")
    here.done("lines", "add", "phone", "--provider", "manual", "--carrier", "smart", "--data", "20GB", "--days", "30",
              "--started", "2026-11-19")  # fmt: skip
    there.folder.parent.mkdir(mode=0o700)
    there.take(here)
    here.done("usage", "record", "phone", "--remaining", "19GB")
    there.done("usage", "record", "phone", "--remaining", "18GB")
    there.done("usage", "record", "phone", "--remaining", "3GB")
    there.done("usage", "undo", "phone")
    here.done("usage", "record", "phone", "--remaining", "17GB")
    assert here.merge(there.folder).code == 0
    assert [entry["data"]["remaining_bytes"] for entry in entries(here) if entry["kind"] == "reading"] == [
        19_000_000_000, 18_000_000_000, 3_000_000_000, 17_000_000_000,
    ]  # fmt: skip
    assert here.done("balance", "phone", "--json").json["lines"][0]["data"]["remaining_bytes"] == 17_000_000_000


def test_a_request_id_that_was_used_on_both_for_the_same_thing_is_one_order(two: Two) -> None:
    """Both sent it under one key, which this seller keeps apart: one purchase, one order."""
    here, there = two
    words = ("topup", "phone", "--amount", "1USD", "--yes", "--json", "--request-id", "x")
    bought = [machine.done(*words).json["order"] for machine in two]
    assert bought[0]["provider_order"] == bought[1]["provider_order"]
    assert bought[0]["id"] != bought[1]["id"]
    merged = here.merge(there.folder)
    assert merged.code == 0, merged
    assert "are one purchase" in merged.err
    assert len(here.orders()) == 2
    assert here("reconcile").code == 0
    again = here.done(*words)
    assert again.json["order"]["id"] in (bought[0]["id"], bought[1]["id"])
    assert here.merge(there.folder).json["nothing"]


def test_a_request_id_that_was_used_on_both_for_different_things(two: Two) -> None:
    """Two purchases: both stand, and the one that keeps the id answers to it."""
    here, there = two
    mine = here.done("topup", "phone", "--amount", "1USD", "--yes", "--json", "--request-id", "x").json["order"]["id"]
    other = there.done("topup", "phone", "--amount", "2USD", "--yes", "--json", "--request-id", "x").json["order"]["id"]
    assert here.merge(there.folder).code == 0
    assert here.orders()[1:] == [mine, other]
    again = here("topup", "phone", "--amount", "1USD", "--yes", "--json", "--request-id", "x")
    assert (again.code, again.json["order"]["id"]) == (0, mine)
    assert here.merge(there.folder).json["nothing"]


def test_a_stranger_s_order_that_turns_out_to_be_ours_is_counted_once(two: Two) -> None:
    """Reconciled before it was merged, the other machine's order looked like somebody else's."""
    here, there = two
    there.topup("2USD")
    assert here("reconcile").code == 20
    here.topup("1USD")
    assert here.merge(there.folder).code == 0
    assert here("reconcile").code == 0
    told = here("reconcile", "--json").json["foreign"]
    assert [(row["reason"], row["amount"]["amount"], row["acknowledged"]) for row in told] == [("ours", "0.00", True)]


def test_limits_count_the_orders_of_both(two: Two) -> None:
    here, there = two
    for machine in two:
        path = machine.folder / "profile.toml"
        path.write_text(path.read_text().replace("[settings]", '[settings]\nlimits = {per_day = "12.00 USD"}', 1))
    here.topup("1USD"), there.topup("2USD")
    assert here.merge(there.folder).code == 0
    over = here("topup", "phone", "--amount", "1USD", "--yes", "--json")
    assert (over.code, over.json["error"]["code"]) == (5, "limit_reached")


def test_evidence_comes_along(two: Two) -> None:
    here, there = two
    here.topup()
    order = there.topup()
    names = [path.name for path in (there.folder / "evidence").glob(f"{order}.*")]
    assert names
    assert here.merge(there.folder).json["files"] >= len(names)
    assert all((here.folder / "evidence" / name).exists() for name in names)


def short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("esimctl.store.journal.SEGMENT_RECORDS", 4)
    monkeypatch.setattr("esimctl.store.merge.SEGMENT_RECORDS", 4)


def test_long_journals_keep_their_beginning_byte_for_byte(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    short_segments(monkeypatch)
    here, there = two
    here.topup(), here.topup()
    there.take(here)
    first = {name: data for name, data in tree(here.folder / "journal").items() if name < "000003"}
    mine, other = here.topup(), there.topup()
    assert here.merge(there.folder).code == 0
    assert here.orders()[-2:] == [mine, other]
    assert len(first) == 2
    assert tree(here.folder / "journal").items() >= first.items()
    assert here("reconcile").code == 0


@pytest.mark.parametrize("named", [0, 1])
def test_copies_of_several_segments_belong_together(two: Two, monkeypatch: pytest.MonkeyPatch, named: int) -> None:
    """One of them is named: the one that it follows, or that follows it, comes along."""
    short_segments(monkeypatch)
    here, there = two
    here.topup(), here.topup()
    there.take(here)
    mine, other = here.topup(), there.topup()
    copies = set_aside(there, here)
    assert len(copies) == 2
    assert here.merge(copies[named]).json["orders"] == [other]
    assert not [copy for copy in copies if copy.exists()]
    assert here.orders()[-2:] == [mine, other]
    here.topup()
    assert here("reconcile").code == 0


def test_a_copy_that_comes_later_continues_one_that_was_merged(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    short_segments(monkeypatch)
    here, there = two
    here.topup(), here.topup()
    there.take(here)
    mine, other = here.topup(), there.topup()
    late = set_aside(there, here)[1]
    late.rename(here.home / "late")
    assert here.merge(late.with_name("000003 (1).toml")).json["orders"] == [other]
    (here.home / "late").rename(late)
    assert here.merge(late).json["orders"] == [other], "it is settled by it"
    assert here.orders()[-2:] == [mine, other]
    assert here("reconcile").code == 0


def set_aside(there: Machine, here: Machine) -> list[Path]:
    """Copies of the segments that are not the same here, as a sync program names them."""
    copies = []
    for path in sorted((there.folder / "journal").glob("*.toml")):
        if path.read_bytes() != (here.folder / "journal" / path.name).read_bytes():
            copies.append(here.folder / "journal" / f"{path.stem} (1).toml")
            shutil.copy2(path, copies[-1])
    return copies


def test_on_a_terminal_it_asks_and_then_for_the_machine(two: Two, tmp_path: Path) -> None:
    """A no changes nothing; and whoever wants the rules elsewhere is told how."""
    from tests.cli.test_guided import talk

    here, there = two
    order, other = here.topup(), there.topup()
    where = {"ESIMCTL_HOME": str(here.home), "ESIMCTL_MACHINE": "here", "ESIMCTL_NOW": "2026-11-20T20:00:00+07:00",
             "COLUMNS": "400"}  # fmt: skip
    before = tree(here.home)
    code, _ = talk(["profile", "merge", str(there.folder)], ["n"], tmp_path, **where)
    assert (code, tree(here.home) == before) == (5, True)
    code, seen = talk(["profile", "merge", str(there.folder)], ["y", "n"], tmp_path, **where)
    assert (code, "esimctl autotopup takeover" in seen) == (0, True)
    assert here.orders()[1:] == [order, other]
    assert "machine" not in (here.folder / "profile.toml").read_text()


def test_a_merge_answers_the_marks_of_both_machines(run: Runner, tmp_path: Path) -> None:
    """Real money: each machine has noted how far its journal had come, and neither raises an alarm afterwards."""
    from tests.machines import Machine as Bought
    from tests.machines import copied, seller

    with seller() as served:
        here = Bought(run, served, tmp_path / "a").begin()
        there = Bought(run, served, tmp_path / "b")
        copied(here.profile, there.profile)
        assert [here.topup("one").code, there.topup("two").code] == [0, 0]
        assert here("profile", "merge", str(there.profile), "--yes").code == 0
        for machine in (here, there):
            if machine is there:
                there.carry(here.profile)
            assert not {"journal_replaced", "journal_shorter"} & machine.checks().keys()
            assert machine.topup("here" if machine is here else "there").code == 0
