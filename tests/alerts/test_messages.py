"""What other people's services get: one message a run, its title, its urgency, its language; and what hangs is told."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from esimctl.alerts import deliver as rounds
from esimctl.purchase.opening import open_profile
from esimctl.show.words import say_in
from tests.autotopup.conftest import World
from tests.process.runner import run_here, start
from tests.tools import library


class Inbox:
    """A service on the loopback that keeps what is posted to it: `status` is its answer, unless it `hangs`."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.icons: list[str] = []
        self.asked, self.status, self.hangs = 0, 200, False
        self.free = threading.Event()
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                inbox.asked += 1
                if inbox.hangs:
                    inbox.free.wait(60)
                    return
                if inbox.status == 200:
                    inbox.got.append(json.loads(body))
                    inbox.icons.append(self.headers.get("X-Icon", ""))
                self.send_response(inbox.status)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.free.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    made = Inbox()
    yield made
    made.close()


@pytest.fixture
def ntfy() -> Iterator[Inbox]:
    made = Inbox()
    yield made
    made.close()


class Post:
    """A mail server on the loopback."""

    def __init__(self) -> None:
        controller = library("aiosmtpd.controller", "aiosmtpd").Controller
        mails = self.mails = []

        class Handler:
            async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
                mails.append(message_from_bytes(envelope.content, policy=policy.default))
                return "250 OK"

        with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as free:
            self.port = free.server_address[1]
        self.controller = controller(Handler(), hostname="127.0.0.1", port=self.port)
        self.controller.start()


@pytest.fixture
def post() -> Iterator[Post]:
    made = Post()
    yield made
    made.controller.stop()


def add(world: World, name: str, address: str, kind: str = "apprise", confirm: str = "127.0.0.1") -> None:
    words = ("autotopup", "targets", "--add", name, "--kind", kind, "--confirm", confirm)
    world.ok(*words, given=f"{address}\n")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing hangs, a busy machine has the time that it needs."""
    monkeypatch.setattr(rounds, "DEADLINE", 120.0)


class Told:
    """A command of the person's own: what it got, a table a message."""

    def __init__(self, world: World, folder: Path, name: str = "mine") -> None:
        self.inbox, self.script = folder / f"{name}.inbox", folder / name
        self.does("exit 0")
        add(world, name, str(self.script), "command", str(self.script))

    def does(self, then: str) -> None:
        self.script.write_text(f"#!/bin/sh\ncat >> {self.inbox}\n{then}\n")
        self.script.chmod(0o700)

    @property
    def got(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.inbox.read_text().splitlines()] if self.inbox.exists() else []


def three(world: World) -> None:
    """Three lines, each with nine tenths of its data used."""
    for name in ("trip", "home"):
        world.buy(name=name)
    for name in ("phone", "trip", "home"):
        world.use("81GB", name)


def speak(home: Path, tag: str) -> None:
    """The language of the profile."""
    profile = home / "profiles" / "default" / "profile.toml"
    profile.write_text(profile.read_text().replace("[settings]", f'[settings]\nlanguage = "{tag}"', 1))


@pytest.mark.parametrize("tag", ["en", pytest.param("zh-CN", marks=pytest.mark.slow), "km"])
def test_one_message_a_run_and_target_with_title_type_and_language(
    world: World,
    tmp_path: Path,
    inbox: Inbox,
    ntfy: Inbox,
    post: Post,
    tag: str,
) -> None:
    """A mail, a chat, a program and a command each hear once of three lines."""
    library("apprise", "apprise")
    mine = Told(world, tmp_path)
    add(world, "chat", f"ntfy://{ntfy.place}/topic")
    add(world, "web", f"json://{inbox.place}/")
    add(world, "mail", f"mailto://127.0.0.1:{post.port}/?from=a@x.example&to=b@x.example&mode=insecure")
    three(world)
    speak(tmp_path / "home", tag)
    world.sweep()
    (told,), (chat,), (web,), (mail,) = mine.got, ntfy.got, inbox.got, post.mails
    title = told["title"]
    if tag == "en":
        assert title == "SANDBOX 3 lines: phone: 9 GB left, and 2 more"
    else:
        first = say_in(tag, "{who}: {left} left", who="phone", left="9 GB")
        assert title == "SANDBOX " + say_in(
            tag, "{count} lines: {first}, and {more} more", count=3, first=first, more=2
        )
        assert not title.isascii(), "in that language"
    assert (chat["title"], web["title"], mail["subject"]) == (title, title, title)
    assert (told["type"], web["type"]) == ("warning", "warning")
    assert "warning" in ntfy.icons[0]
    assert len(web["message"].splitlines()) == 3
    assert chat["message"] == web["message"] == told["text"]
    assert mail.get_content().splitlines() == web["message"].splitlines()
    assert [row["line"] for row in told["alerts"]] == ["phone", "trip", "home"]
    world.sweep()
    assert [len(each) for each in (mine.got, ntfy.got, inbox.got, post.mails)] == [1, 1, 1, 1]


def test_what_happened_is_the_title_and_how_urgent_it_is_the_type(low: World, tmp_path: Path) -> None:
    """Refused: a failure. Bought: a success. Running out: a warning. Figures: for information."""
    mine = Told(low, tmp_path)
    low.ok("autotopup", "reminders", "--used", "100", "--morning", "07:30")
    low.fault("decline")
    low.sweep()
    (first,) = mine.got
    rows = {row["event"]: (row["title"], row["type"]) for row in first["alerts"]}
    assert rows["failed_charge"] == ("SANDBOX phone: the order was refused", "failure")
    assert rows["morning"] == ("SANDBOX esimctl: what is left this morning", "info")
    assert (first["title"], first["type"]) == ("SANDBOX phone: the order was refused, and 1 more", "failure")
    low.at(hours=2)
    low.sweep()
    bought = mine.got[-1]
    assert (bought["title"], bought["type"], bought["line"]) == ("SANDBOX phone: topped up", "success", "phone")


def test_a_renewal_and_an_end_by_the_calendar(world: World, tmp_path: Path) -> None:
    mine = Told(world, tmp_path)
    world.at(days=27, hours=5)
    world.sweep()
    assert mine.got[-1]["title"] == "SANDBOX phone ends in 3 days"
    world.at(days=1, hours=20)  # 10:00 in Phnom Penh, of the day before
    world.sweep()
    assert (mine.got[-1]["title"], mine.got[-1]["type"]) == ("SANDBOX phone ends tomorrow", "warning")
    world.rule("--before-expiry", "2d", "--plan", "smart-5g-30d", price="6USD", month="20USD")
    world.sweep()
    assert (mine.got[-1]["title"], mine.got[-1]["type"]) == ("SANDBOX phone: renewed", "success")


def test_three_refusals_suspend_and_that_is_a_failure(low: World, tmp_path: Path) -> None:
    mine = Told(low, tmp_path)
    low.fault("decline", 3)
    for _ in range(12):
        low.sweep()
        low.at(hours=3)
    rows = [row for each in mine.got for row in each.get("alerts", [each])]
    (asleep,) = [row for row in rows if row["event"] == "suspended"]
    assert (asleep["title"], asleep["type"]) == ("SANDBOX phone: the rule is suspended", "failure")


def test_money_beside_play_money(world: World, tmp_path: Path) -> None:
    """The title is marked where all of it is play money; otherwise the lines that are."""
    mine = Told(world, tmp_path)
    began = f"{world.now - timedelta(days=27):%Y-%m-%d}"
    world.ok("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--plan", "smart-laor-30d",
             "--price", "6USD", "--started", began)  # fmt: skip
    world.use("81GB")
    world.sweep()
    (found,) = mine.got
    assert not found["title"].startswith("SANDBOX")
    assert found["play"] is False
    marked = {line.startswith("SANDBOX "): line for line in found["text"].splitlines()}
    assert "phone:" in marked[True]
    assert "sim:" in marked[False]
    assert {row["line"]: row["play"] for row in found["alerts"]} == {"phone": True, "sim": False}


def test_another_profile_says_its_name(world: World, tmp_path: Path) -> None:
    world.ok("profile", "create", "family", "--rehearsal")
    world.esimctl("profile", "use", "family")
    world.buy()
    mine = Told(world, tmp_path)
    world.use("81GB")
    world.sweep()
    (found,) = mine.got
    assert (found["title"], found["profile"]) == ("SANDBOX family/phone: 9 GB left", "family")


@pytest.fixture
def hasty(patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where something hangs: long enough for a shell on a busy machine, and no longer."""
    monkeypatch.setattr(rounds, "DEADLINE", 4.0)
    monkeypatch.setattr(rounds, "LEAST", 3.0)


@pytest.mark.usefixtures("hasty")
def test_a_target_that_hangs_keeps_no_other_one_waiting_and_is_told(world: World, tmp_path: Path) -> None:
    """By the list, by the doctor and by the next run, once a day; a message that is taken ends it."""
    stuck, mine = Told(world, tmp_path, "stuck"), Told(world, tmp_path)
    stuck.does("sleep 600")
    three(world)
    first = world.sweep()
    assert len(mine.got) == 1
    assert "stuck" not in first["err"], "it may have been the network of a moment"
    rows = {row["target"]: row for row in world.ok("autotopup", "targets", "--json").json["targets"]}
    assert (rows["stuck"]["failure"], rows["mine"]["failure"]) == ("late", None)
    assert rows["stuck"]["failing_since"] == f"{world.now:%Y-%m-%dT%H:%M:%SZ}"
    listed = world.ok("autotopup", "targets").err
    sheet = world.ok("autotopup", "targets", "-o", "csv").out.splitlines()
    assert (sheet[0].split(",")[-1], sheet[1].split(",")[-1]) == ("failure", "late")
    assert "stuck has taken no message since" in listed
    checks = world.esimctl("doctor", "--json").json["checks"]
    assert [(row["status"], row["fix"]) for row in checks if row["name"] == "target"] == [
        ("warn", "esimctl autotopup targets --test stuck")
    ]
    world.at(minutes=5)
    assert "stuck has taken no message since" in world.sweep()["err"]
    world.at(minutes=5)
    assert "stuck" not in world.sweep()["err"], "once a day"
    world.at(days=1)
    assert "stuck has taken no message since" in world.sweep()["err"]
    stuck.does("exit 0")
    stuck.inbox.unlink()
    world.use("9GB")
    assert "stuck" not in world.sweep()["err"]
    assert [row["title"] for row in stuck.got] == ["SANDBOX phone: 0 B left"]
    assert world.ok("autotopup", "targets", "--json").json["targets"][0]["failure"] is None
    assert "target" not in {row["name"] for row in world.esimctl("doctor", "--json").json["checks"]}


@pytest.mark.parametrize(
    ("then", "why"), [("exit 1", "refused"), ("kill -9 $$", "refused"), (None, "absent")], ids=["no", "killed", "gone"]
)
def test_a_command_that_takes_nothing_is_told_by_the_next_run(
    world: World,
    tmp_path: Path,
    then: str | None,
    why: str,
) -> None:
    mine = Told(world, tmp_path)
    if then is None:
        mine.script.unlink()
    else:
        mine.does(then)
    world.use("81GB")
    world.sweep()
    (row,) = world.ok("autotopup", "targets", "--json").json["targets"]
    assert row["failure"] == why
    assert "mine has taken no message since" in world.sweep()["err"]
    mine.does("exit 0")
    mine.inbox.unlink(missing_ok=True)
    world.ok("autotopup", "targets", "--test", "mine")
    assert world.ok("autotopup", "targets", "--json").json["targets"][0]["failure"] is None, "the test was taken"
    world.sweep()
    assert [row["event"] for row in mine.got] == ["test", "low_data"], "what was due stayed due"


def test_an_evening_without_a_network_costs_nobody_a_message(world: World, tmp_path: Path) -> None:
    """Three runs, then hourly for a day: neither never again nor with every run."""
    mine = Told(world, tmp_path)
    mine.does("exit 1")
    world.use("81GB")
    for _ in range(4 * 5):
        world.sweep()
        world.at(minutes=15)
    assert 6 <= len(mine.got) <= 8
    mine.does("exit 0")
    mine.inbox.unlink()
    for _ in range(5):
        world.sweep()
        world.at(minutes=15)
    assert [row["title"] for row in mine.got] == ["SANDBOX phone: 9 GB left"]


def test_a_message_that_nobody_took_for_a_day_is_given_up(world: World, tmp_path: Path) -> None:
    mine = Told(world, tmp_path)
    mine.does("exit 1")
    world.use("81GB")
    for _ in range(3):
        world.sweep()
    world.at(days=1, hours=1)
    mine.inbox.unlink()
    world.sweep()
    assert mine.got == []


@pytest.mark.parametrize("status", [404, 503])
def test_a_service_that_refuses_is_told_and_its_address_is_not(
    world: World,
    inbox: Inbox,
    status: int,
) -> None:
    library("apprise", "apprise")
    inbox.status = status
    add(world, "web", f"json://me:hushhush@{inbox.place}/deep/token")
    add(world, "beat", f"http://{inbox.place}/ping/token", "heartbeat")
    world.use("81GB")
    said = [world.sweep()["err"], world.sweep()["err"]]
    listed = world.ok("autotopup", "targets")
    asked = world.esimctl("doctor", "--json")
    assert {row["target"]: row["failure"] for row in world.ok("autotopup", "targets", "--json").json["targets"]} == {
        "web": "refused", "beat": "refused"
    }  # fmt: skip
    assert said[1].count("has taken no message since") == 2
    for text in (*said, listed.out, listed.err, asked.out, asked.err):
        assert "hushhush" not in text
        assert "token" not in text
    inbox.status = 200
    world.sweep()
    assert [row["title"] for row in inbox.got if "title" in row] == ["SANDBOX phone: 9 GB left"]


@pytest.mark.slow
@pytest.mark.usefixtures("hasty")
def test_twenty_messages_for_one_that_hangs_wait_once(world: World, tmp_path: Path) -> None:
    """With a message for each alert; what was not begun by the deadline is due with the next run, and is no try."""
    world.ok("autotopup", "reminders", "--each")
    for number in range(19):
        world.buy("demo-monthly-5gb", f"sim{number}")
        world.use("4600MB", f"sim{number}")
    world.use("81GB")
    stuck = Told(world, tmp_path, "stuck")
    stuck.does("sleep 600")
    for _ in range(2):
        world.sweep()
    assert len(stuck.got) == 2, "one message a run, and not twenty"
    stuck.does("exit 0")
    stuck.inbox.unlink()
    run_dry(stuck, world)
    assert sorted(row["line"] for row in stuck.got) == sorted(["phone", *(f"sim{number}" for number in range(19))])


def run_dry(stuck: Told, world: World) -> None:
    """Runs until nothing new comes."""
    seen = -1
    while len(stuck.got) > seen:
        seen = len(stuck.got)
        world.sweep()


def test_a_message_for_each_alert_where_a_person_wants_that(world: World, tmp_path: Path) -> None:
    mine = Told(world, tmp_path)
    assert world.ok("autotopup", "reminders", "--each", "--json").json["reminders"]["each"] is True
    three(world)
    world.sweep()
    assert sorted(row["title"] for row in mine.got) == [
        "SANDBOX home: 9 GB left", "SANDBOX phone: 9 GB left", "SANDBOX trip: 9 GB left"
    ]  # fmt: skip
    assert world.ok("autotopup", "reminders", "--no-each", "--json").json["reminders"]["each"] is False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_while_a_target_hangs_keeps_its_notices(tmp_path: Path, number: signal.Signals) -> None:
    """Nothing of what it started goes on, nothing is told as told, and what another target took is not told again."""
    began, mine = tmp_path / "began", tmp_path / "mine.inbox"
    stuck, well = tmp_path / "stuck", tmp_path / "well"
    stuck.write_text(
        f"#!/bin/sh\ncat > /dev/null\nsleep 600 &\necho $! > {began}.part\nmv {began}.part {began}\nwait\n"
    )
    well.write_text(f"#!/bin/sh\ncat >> {mine}\n")
    for script in (stuck, well):
        script.chmod(0o700)
    for words, given in (
        (["buy", "smart-5g-30d", "--provider", "sandbox", "--name", "phone", "--yes"], ""),
        (["sandbox", "use", "phone", "81GB"], ""),
        (["autotopup", "targets", "--add", "well", "--confirm", str(well)], f"{well}\n"),
        (["autotopup", "targets", "--add", "stuck", "--confirm", str(stuck)], f"{stuck}\n"),
    ):
        done = run_here(words, tmp_path, given=given)
        assert done.returncode == 0, done.stderr
    process = start(["autotopup", "run"], tmp_path)
    memory = tmp_path / "esimctl" / "profiles" / "default" / "deliveries.toml"
    until(lambda: began.exists() and memory.exists() and "done = true" in memory.read_text())
    process.send_signal(number)
    process.communicate(timeout=30)
    left = int(began.read_text())
    if number is signal.SIGKILL:
        os.kill(left, signal.SIGKILL)  # nobody is there to do it
    else:
        assert process.returncode in {130, 143}
    until(lambda: not Path(f"/proc/{left}").exists())
    stuck.write_text(f"#!/bin/sh\ncat > {tmp_path}/late\n")
    again = run_here(["autotopup", "run"], tmp_path)
    assert "phone: 90 % of the 90 GB granted is used" in again.stderr
    assert json.loads((tmp_path / "late").read_text())["title"] == "SANDBOX phone: 9 GB left"
    assert len(mine.read_text().splitlines()) == 1


def until(holds: Any) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + 40
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def test_no_thread_keeps_a_process_alive(tmp_path: Path) -> None:
    """A message that nothing ends: the round goes on without it, and so does the end of the program."""
    code = (
        "import time\n"
        "from esimctl.alerts import deliver as rounds\n"
        "rounds.DEADLINE = rounds.LEAST = rounds.GRACE = 0.2\n"
        "ways = {'stuck': [lambda limit, children: time.sleep(600)], 'well': [lambda limit, children: None]}\n"
        "print(list(rounds.Round().hand_over(ways)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[('well', 0, None)]\n"


@pytest.mark.usefixtures("hasty")
def test_a_run_that_is_kept_out_tells_the_others_though_one_hangs(low: World, tmp_path: Path) -> None:
    stuck, mine = Told(low, tmp_path, "a-stuck"), Told(low, tmp_path)
    stuck.does("sleep 600")
    with open_profile(None, os.environ).store.locked(0.0, "test"):
        for _ in range(3):
            assert low.esimctl("autotopup", "run").code == 75
            low.at(minutes=5)
    assert [(row["event"], row["title"], row["type"]) for row in mine.got] == [
        ("busy", "SANDBOX esimctl: runs are kept out", "failure")
    ]
    rows = {row["target"]: row["failure"] for row in low.ok("autotopup", "targets", "--json").json["targets"]}
    assert rows == {"a-stuck": "late", "mine": None}
