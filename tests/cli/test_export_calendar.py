"""`transactions export --format ics`: which dates there are, that ids stay, and what makes a new version."""

import re
from pathlib import Path

import pytest

from esimctl.store.folder import Store
from tests.conftest import NOW, Runner
from tests.ledger.samples import life
from tests.own_plans import bring

PLAN = "demo-monthly-20gb"
LATER = "2026-12-15T09:00:00+07:00"


def events(run: Runner, now: str, *words: str) -> dict[str, dict[str, str]]:
    """Summary, without the mark of play money, → the properties of each event."""
    made = run("transactions", "export", "--format", "ics", *words, now=now).out.replace("\r\n ", "")
    found = {}
    for block in re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", made, re.DOTALL):
        head = block.partition("BEGIN:VALARM")[0]
        table = dict(line.split(":", 1) for line in head.strip().split("\r\n"))
        found[table["SUMMARY"].removeprefix("SANDBOX: ")] = table
    return found


def test_the_dates_of_a_line(run: Runner) -> None:
    """Its end, and seven days before it the day to renew it."""
    run("buy", PLAN, "--name", "phone", "--yes")
    run("balance", "--refresh")
    made = events(run, NOW)
    assert made["phone ends"]["DTSTART"] == "20261220T020000Z"
    assert made["renew phone now"]["DTSTART"] == "20261213T020000Z"
    assert "renew by then" in made["phone ends"]["DESCRIPTION"], "this plan carries what is left"
    assert set(made) == {"phone ends", "renew phone now"}


def test_a_short_pack_is_renewed_in_its_last_quarter(run: Runner) -> None:
    run("buy", "smart-laor-7d", "--provider", "sandbox", "--name", "trip", "--yes")
    run("balance", "--refresh")
    made = events(run, NOW)
    assert made["trip ends"]["DTSTART"] == "20261127T020000Z"
    assert made["renew trip now"]["DTSTART"] == "20261125T080000Z"


def test_an_event_keeps_its_id_and_changes_its_version_only_with_its_date(run: Runner) -> None:
    """Looking again changes nothing; a renewal moves the same event and makes it newer; so does a new name."""
    run("buy", PLAN, "--name", "phone", "--yes")
    run("balance", "--refresh")
    first = events(run, NOW)["phone ends"]
    run("sandbox", "use", "phone", "1GB", now="2026-11-21T09:00:00+07:00")
    run("balance", "--refresh", now="2026-11-21T09:00:00+07:00")
    assert events(run, "2026-11-21T10:00:00+07:00")["phone ends"] == first
    run("renew", "phone", "--yes", now=LATER)
    run("balance", "--refresh", now=LATER)
    moved = events(run, LATER)["phone ends"]
    assert moved["UID"] == first["UID"]
    assert moved["DTSTART"] > first["DTSTART"]
    assert int(moved["SEQUENCE"]) > int(first["SEQUENCE"])
    assert moved["DTSTAMP"] > first["DTSTAMP"]
    run("lines", "rename", "phone", "mobile", now=LATER)
    assert events(run, LATER)["mobile ends"]["UID"] == first["UID"]


def test_using_carried_data_changes_its_own_event_alone(run: Runner) -> None:
    """What is left of it stands in its title; the end of the line is what it was."""
    run("buy", PLAN, "--name", "phone", "--yes")
    run("renew", "phone", "--yes", now=LATER)
    now, later = "2026-12-21T09:00:00+07:00", "2026-12-22T09:00:00+07:00"
    run("balance", "--refresh", now=now)
    first = events(run, now)
    run("sandbox", "use", "phone", "1GB", now=later)
    run("balance", "--refresh", now=later)
    second = events(run, later)
    assert {title for title in first if "carried" in title} != {title for title in second if "carried" in title}
    assert second["phone ends"] == first["phone ends"]
    ((one,), (two,)) = ([made for title, made in each.items() if "carried" in title] for each in (first, second))
    assert one["UID"] == two["UID"]
    assert int(one["SEQUENCE"]) < int(two["SEQUENCE"])


def test_compacting_the_books_changes_no_event(run: Runner, tmp_path: Path) -> None:
    """The version of an event does not depend on what the snapshot has archived."""
    run("buy", PLAN, "--name", "phone", "--yes")
    words = ("--carrier", "smart", "--plan", "smart-laor-30d", "--price", "6USD")
    assert run("lines", "add", "sim", "--provider", "manual", *words).code == 0
    run("policy", "set", "smart", "refund", "allowed=yes", "within=60 days", "--source", "shop")
    run("balance", "--refresh")
    for day in range(21, 30):
        run("usage", "record", "sim", "--remaining", f"{40 - day}GB", now=f"2026-11-{day}T23:00:00+07:00")
    store = Store(tmp_path / "home", "default")
    first = events(run, LATER)
    with store.locked():
        ledger = store.ledger_for_writing()
        at = ledger.high_water
        for number in range(60):
            text = f"k{number}"
            store.append(ledger, [*life(text, at=at, line="other")])
    assert store.ledger_for_reading().archived > 0
    assert events(run, LATER) == first


def test_carried_data_lapses(run: Runner) -> None:
    bring(run)
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--plan", "smart-own-20gb", now=NOW)
    run("usage", "record", "sim", "--remaining", "8GB", now=LATER)
    run("renew", "sim", "--paid", "cash", now=LATER)
    made = events(run, "2026-12-21T09:00:00+07:00")
    (carried,) = [each for title, each in made.items() if "carried over" in title]
    assert carried["SUMMARY"].startswith("sim: 8 GB")
    assert carried["DTSTART"] > made["renew sim now"]["DTSTART"]


def test_a_day_that_was_read_is_a_day(run: Runner) -> None:
    """An SMS names a day and no time: the calendar says no more than that."""
    run("lines", "add", "found", "--provider", "manual", "--carrier", "cootel")
    sms = "CooTel data balance: 3GB; expire date: 2026-12-01."
    assert run("usage", "import", "found", "-", given=sms).code == 0
    made = events(run, NOW)["found ends"]
    assert made["DTSTART;VALUE=DATE"] == "20261201"


def test_deadlines_for_money_to_come_back(run: Runner) -> None:
    """Where a policy names one: a day, with the order's id that stays."""
    run("buy", PLAN, "--name", "phone", "--yes")
    run("policy", "set", "demo", "refund", "allowed=yes", "within=14 days", "--source", "shop")
    run("policy", "set", "demo", "cancellation", "allowed=yes", "within=3 days", "--source", "shop")
    made = events(run, NOW)
    assert made["phone: last day to ask for a refund"]["DTSTART;VALUE=DATE"] == "20261204"
    assert made["phone: last day to cancel"]["DTSTART;VALUE=DATE"] == "20261123"
    assert set(events(run, NOW, "--since", "2026-12-01")) == {"phone: last day to ask for a refund"} | set(
        events(run, NOW, "--since", "2026-12-05")
    )


def test_titles_are_in_the_persons_language(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A title is a sentence for a person; what else is in the file is not."""
    run("buy", PLAN, "--name", "phone", "--yes")
    run("balance", "--refresh")

    def say(template: str, **params: object) -> str:
        return "ទូរសព្ទ: " + template.format(**params)

    monkeypatch.setattr("esimctl.show.exports.calendar.say", say)
    assert set(events(run, NOW)) == {"ទូរសព្ទ: phone ends", "ទូរសព្ទ: renew phone now"}


def test_no_day_to_ask_for_a_refund_where_nobody_says_that_there_is_one(run: Runner) -> None:
    """Cellcard's terms name days for complaints and no refunds; a person who knows better says so."""
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "cellcard", "--data", "5GB", "--days", "30",
        "--price", "3USD")  # fmt: skip
    assert set(events(run, NOW)) == {"sim ends", "renew sim now"}
    run("policy", "set", "cellcard", "refund", "allowed=yes", "within=14 days", "--source", "shop")
    assert "sim: last day to ask for a refund" in events(run, NOW)


def test_nothing_is_due_before_the_purchase(run: Runner) -> None:
    """An end that was read and lies near: the renewal is due within the term, and no alarm rings before it began."""
    run("buy", PLAN, "--name", "phone", "--yes")
    run("usage", "record", "phone", "--remaining", "1GB", "--expires", "2026-11-20T21:00:00+07:00")
    text = run("transactions", "export", "--format", "ics").out
    assert "TRIGGER:-P1D" not in text
    assert events(run, NOW)["renew phone now"]["DTSTART"] == "20261120T110000Z", "three quarters of twelve hours"
    run("usage", "record", "phone", "--remaining", "1GB", "--expires", "2026-11-23T09:00:00+07:00")
    text = run("transactions", "export", "--format", "ics").out
    assert "TRIGGER:-P1D" in text
    assert events(run, NOW)["renew phone now"]["DTSTART"] == "20261122T080000Z"


def test_a_pack_that_outlives_the_plan_moves_the_end_with_time_alone(run: Runner) -> None:
    """Nobody writes anything when the plan lapses: the version follows all the same, whenever it is counted."""
    words = ("--provider", "manual", "--carrier", "connect", "--data", "5GB", "--days", "7", "--price", "1USD")
    run("lines", "add", "sim", *words)
    topup = ("topup", "sim", "--plan", "connect-topup-3gb-30d", "--paid", "x", "--yes")
    assert run(*topup, now="2026-11-26T09:00:00+07:00").code == 0
    first = events(run, "2026-11-26T10:00:00+07:00")["sim ends"]
    assert first["DTSTART"] == "20261127T020000Z"
    assert events(run, "2026-11-27T08:59:59+07:00")["sim ends"] == first
    then = events(run, "2026-11-27T09:00:00+07:00")["sim ends"]
    assert (then["DTSTART"], then["DTSTAMP"]) == ("20261226T020000Z", "20261127T020000Z")
    assert int(then["SEQUENCE"]) > int(first["SEQUENCE"])
    assert events(run, "2026-12-20T09:00:00+07:00")["sim ends"] == then


def test_profiles_do_not_collide_and_play_money_is_marked(run: Runner) -> None:
    """The same doings in two profiles, at one instant: other ids, another name of the calendar, no message."""
    made = {}
    for name in ("home", "work"):
        mine = ("--profile", name)
        assert run("profile", "create", name).code == 0
        run("buy", PLAN, "--name", "phone", "--yes", *mine)
        run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "5GB", "--days", "30", *mine)
        text = run("transactions", "export", "--format", "ics", *mine).out
        assert f"X-WR-CALNAME:esimctl {name}\r\n" in text
        assert "METHOD" not in text
        titles = set(re.findall(r"SUMMARY:(.*)\r", text))
        assert titles == {"SANDBOX: phone ends", "SANDBOX: renew phone now", "sim ends", "renew sim now"}
        made[name] = set(re.findall(r"UID:(.*)\r", text))
    assert not made["home"] & made["work"]


def test_what_time_alone_changes_is_a_new_version_too(run: Runner) -> None:
    """A plan that carries, and its one purchase: after its end nothing is saved any more by renewing."""
    bring(run)
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--plan", "smart-own-20gb", now=NOW)
    first, then = (events(run, now)["sim ends"] for now in (NOW, "2027-01-25T09:00:00+07:00"))
    assert ("renew by then" in first["DESCRIPTION"], "renew by then" in then["DESCRIPTION"]) == (True, False)
    assert then["UID"] == first["UID"]
    assert (int(then["SEQUENCE"]) > int(first["SEQUENCE"]), then["DTSTAMP"] > first["DTSTAMP"]) == (True, True)
