"""The books: private files, one change at a time, whole or not at all, whoever is killed."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from esimctl.errors import Busy, ConfigurationError, CredentialsError, Damaged
from esimctl.providers.protocol import LineRef, Verdict
from esimctl.providers.sandbox.books import SCHEMA, OperatorBooks

from .conftest import Counter, opened, rows

PLAN = "demo-monthly-10gb"


def test_folder_and_file_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        shop = Counter(opened(tmp_path / "home"))
        shop.buy(PLAN)
    finally:
        os.umask(before)
    books = shop.provider.books
    assert stat.S_IMODE(books.folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in books.folder.iterdir()] == [0o600]
    assert stat.S_IMODE(books.folder.parent.stat().st_mode) == 0o700


def test_a_change_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    books = OperatorBooks(tmp_path)

    def half() -> None:
        with books.writing() as database:
            database.execute("INSERT INTO fault (kind, times, mark) VALUES ('decline', 1, 0)")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    with books.reading() as database:
        assert database.execute("SELECT * FROM fault").fetchall() == []


def test_a_second_writer_waits_and_then_says_busy(tmp_path: Path) -> None:
    books = OperatorBooks(tmp_path)
    with books.writing(), pytest.raises(Busy), OperatorBooks(tmp_path).writing(wait=0.05):
        raise AssertionError("two writers at once")


def test_books_that_are_busy_are_an_order_that_was_not_sent(tmp_path: Path) -> None:
    """Nothing of the order was handed over: it may be tried again."""
    shop = Counter(opened(tmp_path))
    order = shop.order("new", LineRef("phone"), plan=PLAN)
    with OperatorBooks(tmp_path).writing():
        answer = shop.provider.send(order, shop.provider.request(order), shop.now, deadline=0.05)
        outcome = shop.provider.interpret(order, answer)
        assert (outcome.verdict, outcome.reason) == (Verdict.NOT_SENT, "sandbox_busy")
    assert rows(shop.provider, "SELECT * FROM purchase") == []


def test_a_change_that_may_have_been_made_is_ambiguous(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit itself fails: nobody knows, so the order is looked up, not repeated blindly."""
    shop = Counter(opened(tmp_path))
    order = shop.order("new", LineRef("phone"), plan=PLAN)
    opening = OperatorBooks._open

    class Failing:
        def __init__(self, database: sqlite3.Connection) -> None:
            self.database = database

        def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
            if statement == "COMMIT":
                failure = sqlite3.OperationalError("disk I/O error")
                failure.sqlite_errorcode = sqlite3.SQLITE_IOERR
                raise failure
            return self.database.execute(statement, *values)

        def close(self) -> None:
            self.database.close()

    monkeypatch.setattr(OperatorBooks, "_open", lambda self, wait: Failing(opening(self, wait)))
    outcome = shop.send(order)
    assert outcome.verdict is Verdict.AMBIGUOUS
    assert outcome.charged is None
    monkeypatch.undo()
    assert shop.provider.look_up(order, shop.now, deadline=5).verdict is Verdict.ABSENT


def test_a_reset_empties_every_table_and_keeps_the_file(tmp_path: Path) -> None:
    """Another run that has the file open must not write into one that nobody finds any more."""
    shop = Counter(opened(tmp_path))
    shop.buy(PLAN)
    before = shop.provider.books.path.stat().st_ino
    shop.provider.reset()
    assert shop.provider.books.path.stat().st_ino == before
    for table in ("line", "purchase", "charge", "event", "fault", "wallet"):
        assert rows(shop.provider, f"SELECT * FROM {table}") == []


def test_newer_books_are_left_alone(tmp_path: Path) -> None:
    books = OperatorBooks(tmp_path)
    with books.writing() as database:
        database.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    before = books.path.read_bytes()
    with pytest.raises(ConfigurationError) as caught, books.reading():
        raise AssertionError("read")
    assert caught.value.code == "schema_too_new"
    assert books.path.read_bytes() == before


def test_damaged_books_are_named_and_can_be_forgotten(tmp_path: Path) -> None:
    shop = Counter(opened(tmp_path))
    shop.buy(PLAN)
    shop.provider.books.path.write_bytes(b"this is no database" * 100)
    with pytest.raises(Damaged) as caught:
        shop.provider.lines(shop.now)
    assert "reset" in str(caught.value.hint)
    shop.provider.reset()
    shop.buy(PLAN)
    assert len(shop.provider.lines(shop.now)) == 1


def test_books_with_other_tables_are_damaged_and_can_be_forgotten(tmp_path: Path) -> None:
    shop = Counter(opened(tmp_path))
    shop.buy(PLAN)
    with shop.provider.books.writing() as database:
        database.execute("DROP TABLE event")
    (line,) = shop.provider.lines(shop.now)
    with pytest.raises(Damaged):
        shop.look(line)
    shop.provider.reset()
    assert shop.provider.lines(shop.now) == ()
    assert shop.look(shop.buy(PLAN)).status == "active"


def test_a_folder_without_room_for_books_says_so(tmp_path: Path) -> None:
    """A file stands where the folder should be: also root is refused."""
    (tmp_path / "sandbox").write_text("in the way")
    with pytest.raises(CredentialsError) as caught, OperatorBooks(tmp_path).writing():
        raise AssertionError("written")
    assert caught.value.code == "sandbox_unwritable"


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("")
    (tmp_path / "home" / "sandbox").mkdir(parents=True)
    (tmp_path / "home" / "sandbox" / "books.sqlite3").symlink_to(other)
    with pytest.raises(CredentialsError), OperatorBooks(tmp_path / "home").writing():
        raise AssertionError("written")
    assert other.read_text() == ""


def test_many_at_the_counter_with_one_key_buy_one_line(tmp_path: Path) -> None:
    """Eight threads with connections of their own send the same order: one charge, eight equal answers."""
    shop = Counter(opened(tmp_path))
    order = shop.order("new", LineRef("phone"), plan=PLAN)
    request = shop.provider.request(order)
    answers: list[bytes] = []
    start = threading.Barrier(8)

    def go() -> None:
        start.wait()
        answers.append(opened(tmp_path).send(order, request, shop.now, deadline=30).body)

    crowd = [threading.Thread(target=go) for _ in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert rows(shop.provider, "SELECT count(*) AS n FROM charge") == [{"n": 1}]


_BUYER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from esimctl.values.money import Money
from esimctl.providers.protocol import LineRef, OutgoingOrder, Wish
from esimctl.providers.registry import LocalSettings, open_provider

now = datetime(2026, 1, 31, 3, tzinfo=UTC)
shop = open_provider("sandbox", "sandbox", LocalSettings(Path(sys.argv[1])))
number = 0
while True:
    number += 1
    wish = Wish("new", LineRef("phone"), "sandbox-card", "credit-card", plan="demo-monthly-10gb")
    order = OutgoingOrder(f"k{number}", f"{sys.argv[2]}-{number}", wish, Money(600, "USD"), now)
    answer = shop.send(order, shop.request(order), now, deadline=5)
    print(number, answer.status, flush=True)
"""


@pytest.mark.parametrize("after", [1, 2, 3, 5, 8])
def test_a_killed_buyer_leaves_whole_orders_only(tmp_path: Path, after: int) -> None:
    """Killed at some instruction after an answer: every order has its charge, line and event, or nothing at all."""
    child = subprocess.Popen(
        [sys.executable, "-c", _BUYER, str(tmp_path), f"kill{after}"], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    told = [child.stdout.readline() for _ in range(after)]
    child.kill()
    rest = child.stdout.read()
    assert child.wait() == -signal.SIGKILL
    child.stdout.close()
    answered = len(told) + rest.count(" 200\n")
    shop = opened(tmp_path)
    counts = {name: rows(shop, f"SELECT count(*) AS n FROM {name}")[0]["n"] for name in ("purchase", "charge", "event")}
    lines = len(shop.lines(Counter(shop).now))
    assert set(counts.values()) == {lines}
    assert answered <= lines <= answered + 1
    assert rows(shop, "SELECT * FROM purchase WHERE answer = '{}'") == []
