"""Rows of the index that are lost, changed or not found: what was bought with a request id is not bought again.

An order that has ended is in the index alone. Somebody else's hand, or a page that rotted, takes its row away,
and the very words that bought it are said once more.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

from tests.faults import forked
from tests.faults.forked import command
from tests.faults.operator import sales
from tests.faults.report import Report
from tests.faults.scratch import renew, scratch
from tests.faults.stories import BUY, EARLIER, environment
from tests.faults.verdict import document, equal, reader, recovered

Change = Callable[[], None]

WORDS: Final = ("topup", "phone", "--amount", "2USD", "--yes", "--json", "--request-id", "story")
LATER: Final = ("topup", "phone", "--amount", "1USD", "--yes", "--json")
#: what becomes of the row, as somebody with a tool of their own would do it
LOSSES: Final = {
    "gone": "DELETE FROM orders WHERE request_id = 'story'",
    "all gone": "DELETE FROM orders",
    "another request": "UPDATE orders SET request_id = 'stOry' WHERE request_id = 'story'",
    "never known": "DROP INDEX order_of_request; DELETE FROM orders WHERE request_id = 'story'",
    "no table": "DROP TABLE orders",
}
#: a bit of the row and of the index that finds it, flipped in the file itself
ROTTEN: Final = (0, -1)


def small() -> None:
    """The index is kept all the time, and almost nothing stays in the ledger."""
    from esimctl.store import index_writing, opening

    opening.INDEX_EVERY = 3  # type: ignore[misc]
    index_writing.compact = partial(index_writing.compact, kept_orders=1, kept_readings=1)


def lost_rows_layer(*, required: int = 7, changes: Sequence[Change] = (), first: bool = False) -> Report:
    """Every loss in a fresh copy of one home."""
    report = Report("lost-rows", required)
    with scratch() as place:
        template, bought = made(place)
        for what in (*LOSSES, *ROTTEN):
            home = renew(place / "home", template)
            path = home / "profiles" / "default" / "index.sqlite"
            lose(path, what) if isinstance(what, str) else rot(path, what)
            report.points += 1
            for violation in repeated(home, bought, changes, report):
                report.violated(str(what), violation)
            if first and report.violations:
                break
    return report


def made(place: Path) -> tuple[Path, str]:
    """A home whose first top-up is in the index alone; its id."""
    home = place / "template"
    home.mkdir(mode=0o700)
    told = ""
    for words in (BUY, WORDS, *[LATER] * 5):
        ran = forked.run(command(*words), place, environment(home, EARLIER), before=(small,))
        if ran.code != 0:
            raise RuntimeError(f"{' '.join(words)} ended with {ran.code}: {ran.err}")
        told = str(document(ran.out)["id"]) if words is WORDS else told
    with closing(sqlite3.connect(home / "profiles" / "default" / "index.sqlite")) as database:
        if database.execute("SELECT id FROM orders WHERE request_id = 'story'").fetchall() != [(told,)]:
            raise RuntimeError("the order is not in the index")
    return home, told


def lose(path: Path, what: str) -> None:
    """Take a row away."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(LOSSES[what])


def rot(path: Path, which: int) -> None:
    """Flip a bit of the request id, in one of the places where the file has it."""
    data = bytearray(path.read_bytes())
    places = [at for at in range(len(data)) if data.startswith(b"story", at)]
    data[places[which]] ^= 1
    path.write_bytes(bytes(data))


def repeated(home: Path, bought: str, changes: Sequence[Change], report: Report) -> list[str]:
    """The words once more: the answer of then, no sale, and books that are the operator's."""
    before = len(sales(home))
    ran = forked.run(command(*WORDS), home.parent, environment(home), before=(small, *changes))
    found = []
    if ran.code == 0 and document(ran.out).get("id") == bought:
        report.fired += 1
    else:
        found.append(f"exit {ran.code}, and another answer than before: {ran.err[-200:]}")
    if len(sales(home)) != before:
        found.append(f"DOUBLED: {len(sales(home)) - before} sales")
    environ = environment(home)
    return [*found, *reader(environ), *recovered(environ), *equal(environ)]


__all__ = ["lost_rows_layer"]
