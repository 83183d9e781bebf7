"""Reminders: each once per crossing, re-armed by hysteresis, held in quiet hours, together in a digest."""

import json
import time as time_module
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from esimctl.alerts.settings import is_quiet, last_clock
from tests.autotopup.conftest import World
from tests.tools import library

WHERE = ZoneInfo("Asia/Phnom_Penh")


def told(world: World) -> list[str]:
    """What one run told on stderr."""
    return world.esimctl("autotopup", "run").err.splitlines()


def test_90_and_100_per_cent_are_told_once_each(world: World) -> None:
    world.use("80GB")
    assert told(world) == []
    world.use("1GB")
    assert told(world) == ["phone: 90 % of the 90 GB granted is used, 9 GB is left"]
    assert told(world) == []
    world.use("9GB")
    assert told(world) == ["phone: 100 % of the 90 GB granted is used, 0 B is left"]
    assert told(world) == []


def test_both_thresholds_at_once_are_one_message(world: World) -> None:
    world.use("90GB")
    assert len(told(world)) == 1


def test_it_is_armed_again_only_well_below_the_threshold(world: World) -> None:
    world.use("81500MB")
    assert len(told(world)) == 1
    world.ok("topup", "phone", "--plan", "demo-topup-2gb", "--yes")  # 88.6 % used: not yet
    world.at(minutes=30)
    assert told(world) == []
    world.use("1500MB")
    world.at(minutes=30)
    assert told(world) == [], "it swung within the hysteresis"
    world.ok("topup", "phone", "--plan", "demo-topup-5gb", "--yes")
    world.ok("topup", "phone", "--plan", "demo-topup-5gb", "--yes")
    world.at(minutes=30)
    assert told(world) == []
    world.use("12GB")
    assert len(told(world)) == 1


def test_the_end_is_told_at_7_3_and_1_days(world: World) -> None:
    days = []
    for _ in range(4 * 31):
        world.at(hours=6)
        days += [(START_END - world.now).days for line in told(world) if "the plan ends on" in line]
    assert days == [7, 3, 1]
    assert world.alerts().count("expired") == 1


START_END = datetime(2026, 12, 20, 2, 0, tzinfo=UTC)


def test_a_line_that_lives_on_packs_alone_is_told_once_that_its_plan_has_ended(world: World) -> None:
    """It is active while a pack lasts and expired between two packs: that is no news."""
    world.at(days=30, hours=1)
    seen = [line for line in told(world) if "the plan has ended" in line]
    states = set()
    for _ in range(3):
        world.ok("topup", "phone", "--plan", "demo-topup-2gb", "--yes")
        for _ in range(10):
            world.at(days=1)
            seen += [line for line in told(world) if "the plan has ended" in line]
            states.add(world.ok("balance", "phone", "--json").json["lines"][0]["status"])
    assert states == {"active", "expired"}, "it really swung"
    assert len(seen) == 1
    world.ok("renew", "phone", "--plan", "smart-5g-30d", "--yes")
    world.at(days=30, hours=1)
    assert sum("the plan has ended" in line for line in told(world)) == 1, "another plan, another end"


def test_percentages_and_days_are_a_persons_own(world: World) -> None:
    world.ok("autotopup", "reminders", "--used", "50", "--used", "80", "--expiry-days", "2")
    found = world.ok("autotopup", "reminders", "--json").json["reminders"]
    assert (found["used_percent"], found["expiry_days"]) == ([50, 80], [2])
    world.use("46GB")
    assert told(world) == ["phone: 50 % of the 90 GB granted is used, 44 GB is left"]
    world.at(days=28, hours=3)
    assert [line for line in told(world) if "less than 2 days" in line] != []
    assert world.esimctl("autotopup", "reminders", "--used", "0").code == 2


def test_the_settings_are_cells_as_in_every_list(world: World) -> None:
    """An amount as `2.00 USD`, several figures with commas between them."""
    world.ok("autotopup", "reminders", "--low-balance", "2USD", "--used", "50", "--used", "80")
    rows = dict(line.split("\t") for line in world.ok("autotopup", "reminders", "-o", "tsv").out.splitlines())
    assert (rows["low_balance"], rows["used_percent"]) == ("2.00 USD", "50,80")
    assert (rows["quiet"], rows["each"], rows["stale_after"]) == ("", "no", "1 day")
    assert "low_balance,2.00 USD\r\n" in world.ok("autotopup", "reminders", "-o", "csv").out


def test_after_nine_days_asleep_only_the_most_urgent_end_is_told(world: World) -> None:
    world.at(days=29, hours=12)
    assert [line for line in told(world) if "the plan ends" in line] == [
        "phone: the plan ends on 2026-12-20 02:00 UTC, in less than 1 days; 90 GB is lost then, renewed or not"
    ]


def test_carried_data_that_is_about_to_lapse(world: World) -> None:
    world.buy("demo-monthly-10gb", "roll")
    world.use("1GB", "roll")
    world.now = datetime(2026, 11, 28, 2, tzinfo=UTC)
    world.ok("renew", "roll", "--yes")
    seen = []
    for day in range(110):
        world.at(days=1)
        if world.now.day == 27:
            world.ok("renew", "roll", "--yes")
        if day > 80:
            seen += [line for line in told(world) if "carried data" in line]
    assert seen
    assert all("esimctl lines gift" in line for line in seen)
    assert len(seen) == len(set(seen)) or len(seen) <= 3 * 5


def test_a_low_main_balance_and_a_volume_that_a_person_named(world: World) -> None:
    world.ok("autotopup", "set", "phone", "--below", "100MB", "--plan", "demo-topup-2gb", "--max-price", "2USD",
             "--max-per-month", "6USD", "--remind", "20GB", "--remind", "2USD")  # fmt: skip
    world.ok("topup", "phone", "--amount", "1USD", "--yes")
    world.use("71GB")
    world.at(minutes=30)
    lines = told(world)
    assert "phone: 19 GB is left, at or below 20 GB" in lines
    assert "phone: 1.00 USD is left on the main balance, at or below 2.00 USD" in lines
    assert told(world) == []


def test_quiet_hours_hold_reminders_back_and_money_not(world: World) -> None:
    world.ok("autotopup", "reminders", "--quiet-hours", "22:00-07:00")
    world.rule()
    world.now = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)  # 23:00 in Phnom Penh
    world.use("89600MB")
    lines = told(world)
    assert [line.startswith("rule phone topped up") for line in lines] == [True]
    world.at(hours=7, minutes=59)
    assert [line for line in told(world) if "granted" in line] == []
    world.at(minutes=2)
    world.use("1500MB")
    assert len(told(world)) == 1


def test_a_reminder_that_is_over_before_the_morning_is_not_told(world: World) -> None:
    world.ok("autotopup", "reminders", "--quiet-hours", "22:00-07:00")
    world.now = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    world.use("81500MB")
    assert told(world) == []
    for _ in range(3):
        world.ok("topup", "phone", "--plan", "demo-topup-5gb", "--yes")
    world.at(hours=10)
    assert told(world) == []


def test_a_digest_tells_reminders_once_a_day(world: World) -> None:
    world.ok("autotopup", "reminders", "--digest", "08:00")
    world.now = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # 10:00 in Phnom Penh
    world.use("81GB")
    assert told(world) == []
    world.now = datetime(2026, 11, 21, 1, 1, tzinfo=UTC)
    assert len(told(world)) == 1
    assert told(world) == []


def test_the_morning_figure_and_the_review_of_the_month(world: World) -> None:
    world.ok("autotopup", "reminders", "--morning", "07:30", "--monthly")
    lines = []
    for _ in range(13 * 8):
        lines += [(world.now, line) for line in told(world)]
        world.at(hours=3)
    mornings = [at for at, line in lines if line.startswith("this morning")]
    assert len(mornings) == 13
    assert all(later - earlier >= timedelta(hours=22) for earlier, later in pairwise(mornings))
    assert sum(line.startswith("a new month") for _, line in lines) == 1
    assert any("last month: 6.00 USD" in line for _, line in lines)


def test_an_old_reading_is_told_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from esimctl.errors import Unreachable
    from esimctl.providers.sandbox.provider import SandboxProvider

    world.sweep()

    def away(*_a: object, **_k: object) -> None:
        raise Unreachable("nobody there")

    monkeypatch.setattr(SandboxProvider, "reading", away)
    seen = 0
    for _ in range(20):
        world.at(hours=5)
        seen += sum("the last reading is from" in line for line in told(world))
    assert seen == 1


def test_settings_that_cannot_be_read_are_refused(world: World) -> None:
    for words in (("--quiet-hours", "late"), ("--digest", "25:00"), ("--morning", "7")):
        found = world.esimctl("autotopup", "reminders", *words)
        assert found.code == 2, words
    world.ok("autotopup", "reminders", "--digest", "08:00")
    assert world.ok("autotopup", "reminders", "--digest", "none", "--json").json["reminders"]["digest"] is None
    world.ok("autotopup", "reminders", "--reset")


@pytest.mark.parametrize(
    ("at", "quiet"), [("21:59", False), ("22:00", True), ("03:00", True), ("06:59", True), ("07:00", False)]
)
def test_quiet_hours_span_midnight(at: str, quiet: bool) -> None:
    now = datetime.combine(date(2026, 11, 20), time.fromisoformat(at), WHERE)
    assert is_quiet((time(22), time(7)), now, WHERE) is quiet


def test_the_last_time_a_clock_showed_an_hour() -> None:
    now = datetime(2026, 11, 20, 7, 0, tzinfo=WHERE)
    assert last_clock(time(8), now, WHERE) == datetime(2026, 11, 19, 8, 0, tzinfo=WHERE)
    assert last_clock(time(7), now, WHERE) == now


# -- ways out


def command(world: World, tmp_path: Path, script: str) -> Path:
    """A target that runs a program of ours."""
    path = tmp_path / "tell"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    world.ok("autotopup", "targets", "--add", "mine", "--kind", "command", "--confirm", str(path), given=f"{path}\n")
    return path


def test_a_command_gets_the_event_as_json_and_none_of_our_secrets(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESIMCTL_ESIM_ACCESS_ACCESS_CODE", "topsecret")
    command(world, tmp_path, f"cat >> {tmp_path}/events; env >> {tmp_path}/environment")
    world.use("81GB")
    told(world)
    told(world)
    (event,) = [json.loads(line) for line in (tmp_path / "events").read_text().splitlines()]
    assert (event["event"], event["line"], event["class"]) == ("low_data", "phone", "reminder")
    environment = (tmp_path / "environment").read_text()
    assert "ESIMCTL" not in environment
    assert "topsecret" not in environment


def test_a_way_out_that_fails_changes_nothing_and_is_tried_three_times(low: World, tmp_path: Path) -> None:
    command(low, tmp_path, f"cat >> {tmp_path}/tries; exit 1")
    found = low.sweep()
    assert (found["code"], found["decisions"][0]["decision"]) == (0, "topup")
    for _ in range(6):
        low.sweep()
    tries = [json.loads(line) for line in (tmp_path / "tries").read_text().splitlines()]
    assert [sorted(row["event"] for row in each["alerts"]) for each in tries] == 3 * [sorted(low.alerts())]


def test_a_way_out_that_hangs_is_ended(world: World, tmp_path: Path) -> None:
    from esimctl.alerts.channels import run_command

    path = tmp_path / "hang"
    path.write_text(f"#!/bin/sh\nsleep 600 & echo $! > {tmp_path}/pid\nwait\n")
    path.chmod(0o700)
    assert run_command(str(path), {"event": "test"}, limit=2.0) == "late"
    state = Path(f"/proc/{int((tmp_path / 'pid').read_text())}/stat")
    end = time_module.monotonic() + 10
    while state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z":
        assert time_module.monotonic() < end, "what it started is left running"
        time_module.sleep(0.01)


def test_a_target_that_something_else_wrote_is_never_used(world: World, tmp_path: Path) -> None:
    command(world, tmp_path, "exit 0")
    path = Path(world.ok("profile", "path").out.strip()) / "targets.toml"
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    evil.chmod(0o700)
    path.write_text(path.read_text().replace(str(tmp_path / "tell"), str(evil)))
    world.use("81GB")
    told(world)
    assert not (tmp_path / "ran").exists()
    (row,) = world.ok("autotopup", "targets", "--json").json["targets"]
    assert (row["confirmed"], row["to"]) == (False, None)


def test_a_new_target_is_confirmed_by_a_person(world: World) -> None:
    found = world.esimctl("autotopup", "targets", "--add", "x", "--kind", "command", given="/bin/true\n")
    assert found.code == 2
    assert "--confirm /bin/true" in found.err
    wrong = world.esimctl(
        "autotopup",
        "targets",
        "--add",
        "x",
        "--kind",
        "heartbeat",
        "--confirm",
        "b.example",
        given="https://a.example/1\n",
    )
    assert wrong.code == 2
    plain = world.esimctl(
        "autotopup",
        "targets",
        "--add",
        "x",
        "--kind",
        "heartbeat",
        "--confirm",
        "a.example",
        given="http://a.example/1\n",
    )
    assert plain.code == 2
    assert world.ok("autotopup", "targets", "--json").json["targets"] == []


def test_addresses_stay_secret(world: World) -> None:
    world.ok("autotopup", "targets", "--add", "x", "--kind", "apprise", "--confirm", "host.example",
             given="json://user:pass@host.example/token\n")  # fmt: skip
    shown = world.ok("autotopup", "targets", "--json").out + world.ok("autotopup", "targets").out
    assert "pass" not in shown
    assert "token" not in shown
    path = Path(world.ok("profile", "path").out.strip()) / "targets.toml"
    assert path.stat().st_mode & 0o777 == 0o600


class Listener:
    """A healthchecks server that notes what it was asked, or answers nothing."""

    def __init__(self, *, mute: bool = False) -> None:
        import threading
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        asked = self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked.append(self.path)
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(500 if mute else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/ping/abc"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def listener() -> "object":
    made = Listener()
    yield made
    made.close()


def test_the_heartbeat_has_a_start_and_an_exit_status(low: World, listener: Listener) -> None:
    low.ok(
        "autotopup",
        "targets",
        "--add",
        "hc",
        "--kind",
        "heartbeat",
        "--confirm",
        "127.0.0.1",
        given=listener.address + "\n",
    )
    low.fault("decline")
    assert low.sweep()["code"] == 3
    start, end = listener.asked
    assert start.startswith("/ping/abc/start?rid=")
    assert end.startswith("/ping/abc/3?rid=")
    assert start.split("rid=")[1] == end.split("rid=")[1]
    low.at(hours=2)
    low.sweep()
    assert listener.asked[-1].startswith("/ping/abc/0?rid=")


def test_a_run_that_is_kept_out_is_only_logged(low: World, listener: Listener) -> None:
    import os

    from esimctl.purchase.opening import open_profile

    low.ok(
        "autotopup",
        "targets",
        "--add",
        "hc",
        "--kind",
        "heartbeat",
        "--confirm",
        "127.0.0.1",
        given=listener.address + "\n",
    )
    with open_profile(None, os.environ).store.locked(0.0, "test"):
        assert low.esimctl("autotopup", "run").code == 75
    assert listener.asked[-1].startswith("/ping/abc/log?rid=")


def test_a_heartbeat_that_nobody_hears_changes_nothing(low: World) -> None:
    low.ok(
        "autotopup",
        "targets",
        "--add",
        "hc",
        "--kind",
        "heartbeat",
        "--confirm",
        "127.0.0.1",
        given="http://127.0.0.1:9/x\n",
    )
    assert low.sweep()["code"] == 0


def test_targets_can_be_tested(world: World, tmp_path: Path, listener: Listener) -> None:
    command(world, tmp_path, "exit 0")
    world.ok("autotopup", "targets", "--test", "mine")
    (tmp_path / "tell").write_text("#!/bin/sh\nexit 1\n")
    assert world.esimctl("autotopup", "targets", "--test", "mine").code == 69
    world.ok("autotopup", "targets", "--remove", "mine")
    assert world.esimctl("autotopup", "targets", "--test", "mine").code == 2


def test_apprise_delivers_where_the_extra_is_installed(world: World, listener: Listener) -> None:
    library("apprise", "apprise")
    address = listener.address.replace("http://", "json://")
    world.ok(
        "autotopup", "targets", "--add", "chat", "--kind", "apprise", "--confirm", "127.0.0.1", given=address + "\n"
    )
    world.use("81GB")
    told(world)
    assert listener.asked == ["/ping/abc"]
    told(world)
    assert listener.asked == ["/ping/abc"]


def test_losing_the_memory_of_deliveries_repeats_nothing_old(world: World, tmp_path: Path) -> None:
    world.use("81GB")
    assert len(told(world)) == 1
    world.at(days=2)
    (tmp_path / "home" / "profiles" / "default" / "deliveries.toml").unlink()
    assert told(world) == []
