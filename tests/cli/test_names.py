"""A line is not its name: what belonged to one is never shown, used or added up for another that bears its name."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW, Outcome, Runner

PLAN = "demo-monthly-20gb"
CARD, OTHER = "8985504000000000017", "8985504000000000025"
COUNTER = ("--provider", "manual", "--carrier", "smart")
PACK = (*COUNTER, "--plan", "smart-laor-7d", "--price", "1.50USD")
RULE = ("--below", "30GB", "--plan", "demo-topup-2gb", "--max-price", "2USD", "--max-per-month", "6USD")


def code(word: str) -> str:
    return f"LPA:1$rsp.example.com${word}\n"


def shown(run: Runner, line: str) -> Outcome:
    return run("lines", "qr", line, "--show-code")


def removed(run: Runner) -> list[Any]:
    lines: list[Any] = run("lines", "list", "--removed", "--json").json["lines"]
    return lines


def orders(run: Runner, *words: str) -> list[Any]:
    rows: list[Any] = run("transactions", "list", "--json", *words).json["transactions"]
    return rows


def buy(run: Runner, name: str) -> Any:
    return run("buy", PLAN, "--name", name, "--yes", "--json").json["order"]


def test_a_name_that_is_used_again_shows_no_code_of_the_earlier_line(run: Runner) -> None:
    run("lines", "add", "trip", *PACK, "--lpa-stdin", given=code("FIRST"))
    run("lines", "remove", "trip", "--yes")
    run("lines", "add", "trip", *PACK)
    assert (shown(run, "trip").code, shown(run, "trip").out) == (2, "")
    run("lines", "remove", "trip", "--yes")
    run("lines", "add", "trip", *PACK, "--lpa-stdin", given=code("THIRD"))
    assert shown(run, "trip").out.endswith("$THIRD\n")
    first, second = removed(run)
    assert (first["removed_at"], first["ties"]) == ("2026-11-20T02:00:00Z", [])
    assert shown(run, first["id"]).out.endswith("$FIRST\n"), "and FIRST is where it was"
    assert shown(run, second["id"]).code == 2
    told = run("lines", "show", first["id"], "--show-code", "--json").json["line"]
    assert (told["line"], told["removed"], told["activation"]["lpa"]) == ("trip", True, code("FIRST").strip())
    masked = run("lines", "show", first["id"], "--json").out + run("lines", "list", "--removed", "--json").out
    assert "FIRST" not in masked


def test_neither_does_a_purchase_overwrite_it(run: Runner) -> None:
    first = buy(run, "phone")
    run("lines", "remove", "phone", "--yes")
    second = buy(run, "phone")
    assert shown(run, "phone").out.split()[-1] == second["activation"]["lpa"]
    (past,) = removed(run)
    assert shown(run, past["id"]).out.split()[-1] == first["activation"]["lpa"]


def test_what_was_removed_is_reached_by_its_identity_alone(run: Runner) -> None:
    own = run("lines", "add", "trip", *PACK, "--json").json["line"]["id"]
    assert run("lines", "show", own, "--json").json["line"]["line"] == "trip"
    run("lines", "rename", "trip", "fare")
    assert run("lines", "show", "fare", "--json").json["line"]["id"] == own, "a name is a label"
    out = run("lines", "remove", "fare", "--yes")
    assert own in out.err
    refused = run("lines", "show", "fare", "--json")
    assert (refused.code, refused.json["error"]["hint"]) == (2, f"esimctl lines show {own}")
    assert run("lines", "list", "--removed").out.split("\t")[:2] == [own, "fare"]
    assert run("lines", "list", "--removed", "--tag", "x").code == 2
    assert run("lines", "remove", own, "--yes").code == 2, "it is only looked at"


def test_orders_and_sums_of_two_lines_of_one_name_stay_apart(run: Runner) -> None:
    first = buy(run, "phone")
    run("topup", "phone", "--amount", "1USD", "--yes")
    run("lines", "remove", "phone", "--yes")
    second = buy(run, "phone")
    (past,) = removed(run)
    assert [row["id"] for row in orders(run, "--line", "phone")] == [second["id"]]
    mine = orders(run, "--line", past["id"])
    assert [row["kind"] for row in mine] == ["new", "topup"]
    assert mine[0]["id"] == first["id"]
    assert {row["line"] for row in mine} == {past["id"]}
    rows = {row["group"]: row["spend"] for row in run("report", "--by", "line", "--json").json["report"]}
    assert {line: spend[0]["amount"] for line, spend in rows.items()} == {"phone": "9.00", past["id"]: "10.00"}
    assert run("transactions", "show", first["id"], "--json").json["order"]["line"] == past["id"]
    assert run("reconcile").code == 0
    assert run("transactions", "audit").code == 0


def test_readings_of_the_earlier_line_are_none_of_the_next(run: Runner) -> None:
    run("lines", "add", "sim", *PACK)
    assert run("usage", "record", "sim", "--remaining", "300MB").code == 0
    run("lines", "remove", "sim", "--yes")
    run("lines", "add", "sim", *PACK)
    told = run("balance", "sim", "--json").json["lines"][0]
    assert told["figures"]["data"]["kind"] == "modelled", "nobody has looked at this one"
    assert run("usage", "history", "sim", "--json").json["used_bytes"] in (None, 0)


def test_a_renamed_line_may_take_the_name_of_a_removed_one(run: Runner) -> None:
    old, kid = buy(run, "old"), buy(run, "kid")
    run("lines", "remove", "old", "--yes")
    assert run("lines", "rename", "kid", "old").code == 0
    assert shown(run, "old").out.split()[-1] == kid["activation"]["lpa"]
    assert [row["id"] for row in orders(run, "--line", "old")] == [kid["id"]]
    assert run("topup", "old", "--amount", "1USD", "--yes").code == 0
    (past,) = removed(run)
    assert shown(run, past["id"]).out.split()[-1] == old["activation"]["lpa"]
    assert [row["id"] for row in orders(run, "--line", past["id"])] == [old["id"]]
    buy(run, "kid")
    assert run("lines", "rename", "kid", "old").code == 2, "a line that is there keeps its name"


def test_a_name_that_a_rename_set_free_begins_anew_as_well(run: Runner) -> None:
    first = buy(run, "phone")
    run("lines", "rename", "phone", "fon")
    second = buy(run, "phone")
    assert shown(run, "fon").out.split()[-1] == first["activation"]["lpa"]
    assert shown(run, "phone").out.split()[-1] == second["activation"]["lpa"]
    assert [row["id"] for row in orders(run, "--line", "phone")] == [second["id"]]


def later(hours: int) -> str:
    return (datetime.fromisoformat(NOW) + timedelta(hours=hours)).isoformat()


@pytest.fixture
def ruled(run: Runner, home: Path) -> tuple[Runner, str]:
    """A line with an enabled rule that is due, removed by hand-back: the rule stands in the profile again."""
    buy(run, "phone")
    run("autotopup", "set", "phone", *RULE)
    run("autotopup", "enable", "phone", "--confirm", "6USD")
    text = (home / "profiles/default/profile.toml").read_text()
    table = text[text.index("[rule.phone]") : text.index("#! profile")]
    run("lines", "remove", "phone", "--yes")
    return run, table


def put_back(home: Path, table: str) -> None:
    from esimctl.store.profile import sealed

    path = home / "profiles/default/profile.toml"
    text = path.read_text()
    path.write_bytes(sealed(text[: text.index("#! profile")] + "\n" + table, by_hand=False))


def test_the_rule_of_a_removed_line_never_buys_for_the_next_one(ruled: tuple[Runner, str], home: Path) -> None:
    """As a version did that left rules behind: confirmed word for word, and for another eSIM."""
    run, table = ruled
    buy(run, "phone")
    (past,) = removed(run)
    assert run("autotopup", "log", "phone", "--json").json["log"] == [], "nothing has happened to a rule of this line"
    assert [row["kind"] for row in run("autotopup", "log", past["id"], "--json").json["log"]] == [
        "confirmed",
        "disabled",
    ]
    put_back(home, table)
    told = run("autotopup", "run", "--json", now=later(2)).json
    assert told["orders"] == []
    assert [row["decision"] for row in told["decisions"]] == ["skip"]
    assert "an earlier line phone" in told["decisions"][0]["explanation"]
    shown = run("autotopup", "show", "--json", now=later(2))
    assert shown.json["rules"][0]["status"] == "disabled"
    assert shown.json["rules"][0]["spent_this_month"]["amount"] == "0.00"
    assert "an earlier line phone" in run("autotopup", "show", now=later(2)).err
    assert "an earlier line phone" in run("doctor", now=later(2)).out
    assert run("autotopup", "enable", "phone", "--confirm", "6USD", now=later(2)).code == 0
    assert len(run("autotopup", "run", "--json", now=later(3)).json["orders"]) == 1, "enabled for this line, it buys"


def test_a_rule_whose_line_is_gone_says_so(ruled: tuple[Runner, str], home: Path) -> None:
    run, table = ruled
    put_back(home, table)
    told = run("autotopup", "run", "--json", now=later(2)).json["decisions"][0]
    assert (told["decision"], "was removed" in told["explanation"]) == ("skip", True)
    assert "its line phone was removed" in run("autotopup", "show", now=later(2)).err
    assert "its line phone was removed" in run("doctor", now=later(2)).out


def test_limits_and_cooldowns_of_a_rule_begin_anew_with_the_line(run: Runner) -> None:
    buy(run, "phone")
    words = (*RULE, "--max-count", "1")
    run("autotopup", "set", "phone", *words)
    run("autotopup", "enable", "phone", "--confirm", "6USD")
    assert len(run("autotopup", "run", "--json").json["orders"]) == 1
    assert run("autotopup", "run", "--json", now=later(30)).json["orders"] == []
    run("lines", "remove", "phone", "--yes", now=later(31))
    run("buy", PLAN, "--name", "phone", "--yes", now=later(31))
    run("autotopup", "set", "phone", *words, now=later(31))
    fresh = run("autotopup", "show", "--json", now=later(31)).json["rules"][0]
    assert [fresh[key] for key in ("orders_this_month", "last_order_at")] == [0, None]
    assert fresh["spent_this_month"]["amount"] == "0.00"
    run("autotopup", "enable", "phone", "--confirm", "6USD", now=later(31))
    assert len(run("autotopup", "run", "--json", now=later(32)).json["orders"]) == 1, "its own month and its own wait"


def test_ties_end_with_the_line(run: Runner) -> None:
    for name in ("a", "b"):
        run("buy", "demo-family-30gb", "--name", name, "--yes")
    assert run("lines", "share", "a", "--with", "b", "--cap", "3GB").code == 0
    run("lines", "remove", "b", "--yes")
    run("buy", "demo-family-30gb", "--name", "b", "--yes")
    assert [line["ties"] for line in run("lines", "list", "--json").json["lines"]] == [[], []]


def test_the_same_card_brings_identity_code_and_history_back(run: Runner) -> None:
    own = run("lines", "add", "trip", *PACK, "--iccid", CARD, "--lpa-stdin", "--json", given=code("FIRST")).json["line"]
    run("usage", "record", "trip", "--remaining", "300MB")
    run("lines", "remove", "trip", "--yes")
    run("lines", "add", "trip", *PACK, "--iccid", OTHER)
    back = run("lines", "add", "again", *COUNTER, "--iccid", f"{CARD[:10]} {CARD[10:]}", "--json").json["line"]
    assert back["id"] == own["id"]
    assert shown(run, "again").out.endswith("$FIRST\n")
    assert [row["id"] for row in orders(run, "--line", "again")] == [own["order"]]
    assert run("balance", "again", "--json").json["lines"][0]["figures"]["data"]["kind"] == "observed"
    assert removed(run) == []
    assert shown(run, "trip").code == 2


def test_a_line_moves_from_manual_to_its_provider_and_its_rule_stays_off(run: Runner) -> None:
    bought = buy(run, "phone")
    iccid = bought["activation"]["iccid"]
    run("autotopup", "set", "phone", *RULE)
    run("autotopup", "enable", "phone", "--confirm", "6USD")
    own = run("lines", "show", "phone", "--json").json["line"]["id"]
    run("lines", "remove", "phone", "--yes")
    assert run("lines", "add", "phone", *COUNTER, "--iccid", iccid, "--json").json["line"]["id"] == own
    run("lines", "remove", "phone", "--yes")
    assert run("lines", "add", "fon", "--provider", "sandbox", "--iccid", iccid, "--json").json["line"]["id"] == own
    assert shown(run, "fon").out.split()[-1] == bought["activation"]["lpa"]
    assert [row["id"] for row in orders(run, "--line", "fon")] == [bought["id"]]
    run("autotopup", "set", "fon", *RULE, "--rule", "phone")
    assert run("autotopup", "show", "--json").json["rules"][0]["status"] == "disabled"
    assert run("autotopup", "run", "--json", now=later(2)).json["orders"] == []


@pytest.mark.parametrize("words", [("lines", "add", "trip", *PACK), ("buy", PLAN, "--name", "trip", "--yes")])
def test_a_line_that_was_taken_out_of_the_profile_by_hand_is_removed(
    run: Runner, home: Path, words: tuple[str, ...]
) -> None:
    run("lines", "add", "trip", *COUNTER, "--lpa-stdin", given=code("FIRST"))
    profile = home / "profiles/default/profile.toml"
    text = profile.read_text()
    profile.write_text(text[: text.index("[line.trip]")])
    assert run(*words).code == 0
    assert not shown(run, "trip").out.endswith("$FIRST\n")
    (past,) = removed(run)
    assert shown(run, past["id"]).out.endswith("$FIRST\n")


def test_the_same_request_id_gives_the_line_of_then(run: Runner) -> None:
    words = ("buy", PLAN, "--name", "phone", "--request-id", "r1", "--yes", "--json")
    first = run(*words).json["order"]
    run("lines", "remove", "phone", "--yes")
    buy(run, "phone")
    again = run(*words).json["order"]
    assert (again["id"], again["activation"]["lpa"]) == (first["id"], first["activation"]["lpa"])
    assert len(orders(run)) == 2


# homes of earlier versions ---------------------------------------------------------------------------------------


def as_before(home: Path) -> None:
    """The home as an earlier version left it: codes under names, entries without identities, no derived files."""
    profile = home / "profiles/default"
    for name in ("index.sqlite", "state.toml"):
        (profile / name).unlink(missing_ok=True)


def by_name(home: Path, **names: str) -> None:
    """Give each code back the name under which it was kept: name → identity."""
    vault = home / "profiles/default/vault"
    for name, own in names.items():
        (vault / f"{own}.toml").rename(vault / f"{name}.toml")


def test_codes_that_were_kept_by_name_are_found_and_moved(run: Runner, home: Path) -> None:
    bought = buy(run, "phone")
    run("lines", "add", "trip", *PACK, "--lpa-stdin", given=code("FIRST"))
    lines = {line["line"]: line["id"] for line in run("lines", "list", "--json").json["lines"]}
    by_name(home, **lines)
    as_before(home)
    assert shown(run, "trip").out.endswith("$FIRST\n"), "a look needs no lock"
    assert shown(run, "phone").out.split()[-1] == bought["activation"]["lpa"]
    assert run("transactions", "show", bought["id"], "--json").json["order"]["activation"]["lpa"] is not None
    run("lines", "rename", "trip", "fare")
    kept = {path.stem for path in (home / "profiles/default/vault").iterdir()}
    assert kept == set(lines.values())
    assert shown(run, "fare").out.endswith("$FIRST\n")


def test_a_code_that_two_lines_may_have_had_is_not_shown_as_the_newer_ones(run: Runner, home: Path) -> None:
    """An earlier version kept one file for both: nobody knows whose it is, so it is the first one's."""
    first = run("lines", "add", "trip", *PACK, "--lpa-stdin", "--json", given=code("FIRST")).json["line"]["id"]
    run("lines", "remove", "trip", "--yes")
    run("lines", "add", "trip", *PACK)
    by_name(home, trip=first)
    as_before(home)
    assert shown(run, "trip").code == 2
    assert shown(run, first).out.endswith("$FIRST\n")


def test_a_rename_that_an_earlier_version_left_half_done_is_finished(run: Runner, home: Path) -> None:
    """It had journalled the rename, and found a code under the new name: that of a line that was removed."""
    old, kid = buy(run, "old"), buy(run, "kid")
    run("lines", "remove", "old", "--yes")
    profile = home / "profiles/default/profile.toml"
    before = profile.read_bytes()
    run("lines", "rename", "kid", "old")
    profile.write_bytes(before)
    by_name(home, old=f"L{old['id']}", kid=f"L{kid['id']}")
    as_before(home)
    assert run("reconcile").code == 0
    run("topup", "old", "--amount", "1USD", "--yes")
    assert [line["line"] for line in run("lines", "list", "--json").json["lines"]] == ["old"]
    assert shown(run, "old").out.split()[-1] == kid["activation"]["lpa"]
    assert shown(run, f"L{old['id']}").out.split()[-1] == old["activation"]["lpa"]
    assert {row["line"] for row in orders(run)} == {"old", f"L{old['id']}"}


def test_the_identity_of_a_line_follows_from_the_entries_alone(run: Runner, home: Path) -> None:
    run("lines", "add", "sim", *COUNTER)
    journal = home / "profiles/default/journal/000001.toml"
    assert json.dumps(run("lines", "show", "sim", "--json").json["line"]["id"])[1:-1] in journal.read_text()
    bought = buy(run, "phone")
    assert run("lines", "show", "phone", "--json").json["line"]["id"] == f"L{bought['id']}"
    as_before(home)
    assert run("lines", "show", "phone", "--json").json["line"]["id"] == f"L{bought['id']}"
