"""What is done while a fault strikes: each story prepares a home, does one thing, and knows what must be true after."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import forked
from tests.faults.forked import Act, Ran, command
from tests.faults.operator import sales
from tests.faults.verdict import document, equal, opened, reader, recovered, state_of

EARLIER = "2026-11-20T09:00:00+07:00"
NOW = "2026-11-21T09:00:00+07:00"
PLAN = "smart-laor-7d"

Change = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Story:
    """`prepare` are commands that make the home, `after` further changes to it, `act` is what the fault strikes.

    `buys` is how many charges the act adds when it succeeds; None for an act that sells nothing.
    """

    name: str
    act: Callable[[Path], Act]
    prepare: tuple[tuple[str, ...], ...] = ()
    after: Callable[[Path], None] | None = None
    before: tuple[Change, ...] = ()
    buys: int | None = None
    words: tuple[str, ...] = ()
    done: Callable[[Path], bool] | None = None
    again: bool = False  #: whether the act, done again after recovery, must end well
    unites: bool = False  #: the books are whole only once it is done: it is done again before they are compared


def environment(home: Path, now: str = NOW, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The little that a child gets."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "ESIMCTL_HOME": str(home), "ESIMCTL_NOW": now, **(more or {})}


def make(story: Story, template: Path) -> Path:
    """Build a story's home; a command of it that fails is an error of the harness."""
    template.mkdir(mode=0o700)
    place = template.parent
    for words in story.prepare:
        ran = forked.run(command(*words), place, environment(template, EARLIER), before=story.before)
        if ran.code != 0:
            raise RuntimeError(f"{story.name}: {' '.join(words)} ended with {ran.code}: {ran.err}{ran.out}")
    if story.after is not None:
        story.after(template)
    return template


def judge(
    story: Story, home: Path, ran: Ran, sold_before: int, *, rerun: bool = True, changes: Sequence[Change] = ()
) -> list[str]:
    """Everything that must hold after the act ended as it did, whatever struck it.

    With `changes` (seeded bugs) whoever reads, recovers and repeats has them as well: it all happens in a child.
    """
    if not changes:
        return list(_judged(story, home, ran, sold_before, rerun=rerun))
    told = home.parent / "judged.json"

    def act() -> int:
        told.write_text(json.dumps(list(_judged(story, home, ran, sold_before, rerun=rerun))))
        return 0

    told.unlink(missing_ok=True)
    child = forked.run(act, home.parent, dict(os.environ), before=changes)
    if child.code != 0:
        return [f"judging fails: {child.err[-300:]}"]
    found: list[str] = json.loads(told.read_text())
    return found


def _judged(story: Story, home: Path, ran: Ran, sold_before: int, *, rerun: bool) -> Iterator[str]:
    environ = environment(home)
    sold = len(sales(home))
    if ran.code in {1, 99}:  # a fault of ours and nothing else: none was injected that is one
        yield f"exit {ran.code}: {ran.err[-300:]}{ran.out[-300:]}"
    yield from reader(environ)
    if story.buys is not None:
        yield from _told(story, environ, ran, sold, sold_before)
    elif ran.code == 0 and story.done is not None and not story.done(home):
        yield "exit 0, but it was not done"
    if story.unites:
        repeated = forked.run(story.act(home), home.parent, environ)
        if repeated.code != 0 or (story.done is not None and not story.done(home)):
            yield f"done again it ends with {repeated.code}: {repeated.err[:200]}{repeated.out[:200]}"
    yield from recovered(environ)
    yield from equal(environ)
    if len(sales(home)) > sold_before + (story.buys or 0):
        yield f"DOUBLED: {len(sales(home)) - sold_before} sales"
    if story.again:
        repeated = forked.run(story.act(home), home.parent, environ)
        if repeated.code != 0 or (story.done is not None and not story.done(home)):
            yield f"done again it ends with {repeated.code}: {repeated.err[:200]}{repeated.out[:200]}"
        yield from equal(environ)
    if rerun and story.words and story.buys is not None:
        yield from _repeated(story, home, environ, sold_before)


def _told(story: Story, environ: Mapping[str, str], ran: Ran, sold: int, sold_before: int) -> Iterator[str]:
    """The exit code told the truth: 0 only when it is in the journal, 4 whenever money may have moved."""
    state = state_of(environ, document(ran.out).get("id"))
    if ran.code == 0 and (state != "settled" or sold != sold_before + (story.buys or 0)):
        yield f"LOST: exit 0, the order is {state}, {sold - sold_before} sold"
    if ran.code > 0 and ran.code != 4 and sold > sold_before and story.buys:
        yield f"exit {ran.code} although {sold - sold_before} were charged: {ran.err[:200]}"


def _repeated(story: Story, home: Path, environ: Mapping[str, str], sold_before: int) -> Iterator[str]:
    """The person runs the same words again: never a second charge, and 0 means that it is paid once."""
    ran = forked.run(command(*story.words), home.parent, environ)
    sold = len(sales(home)) - sold_before
    if sold > 1 or (ran.code == 0 and sold != 1):
        yield f"DOUBLED: the same words again ended with {ran.code}, {sold} sold in all"
    if ran.code not in (0, 5):  # 5: it was cancelled because it had never been sent
        yield f"the same words again ended with {ran.code}: {ran.err[:200]}{ran.out[:300]}"
    yield from equal(environ)


def _spending(*words: str) -> dict[str, Any]:
    words = (*words, "--yes", "--json", "--wait", "20s", "--request-id", "story")
    return {"act": lambda _home: command(*words), "words": words, "buys": 1}


def _small_segments() -> None:
    from esimctl.store import journal, opening

    journal.SEGMENT_RECORDS = 6  # type: ignore[misc]
    opening.INDEX_EVERY = 5  # type: ignore[misc]


def _aged(home: Path) -> None:
    """The journal as schema 0 wrote it: no head, no source, no tier."""
    from esimctl.store import frames
    from esimctl.store.journal import Journal

    folder = home / "profiles" / "default"
    journal = Journal(folder / "journal")
    entries = journal.load().entries
    data, previous = b"", frames.GENESIS
    for entry in entries:
        if entry["kind"] == "order.prepared":
            entry = {key: value for key, value in entry.items() if key not in ("source", "tier")}
        data += frames.encode(entry, previous)
        previous = frames.hash_of(data[data.rindex(b"#! ") :])
    journal.path(1).write_bytes(data)
    (folder / "index.sqlite").unlink(missing_ok=True)


def _backed_up(home: Path) -> None:
    """A backup beside the profile, and then a purchase that the backup does not know."""
    from datetime import UTC, datetime

    from esimctl.store.backup import back_up

    store = opened(environment(home, EARLIER)).store
    with store.locked(5.0, "backup"):
        back_up(store, home / "saved.tar", datetime(2026, 11, 20, 3, tzinfo=UTC), with_vault=True)


def _refund(home: Path) -> Act:
    bought = opened(environment(home)).store.ledger_for_reading().all_orders()[0]
    return command("transactions", "refund", bought.id, "--yes", "--json")


def _is_refunded(home: Path) -> bool:
    session = opened(environment(home))
    states = [order.state for order in session.store.ledger_for_reading().all_orders()]
    return states == ["refunded"] and "phone" not in session.lines and [len(sale.back) for sale in sales(home)] == [1]


def _has_payment(home: Path) -> bool:
    return "purse" in opened(environment(home)).profile["payment"]


def _is_renamed(home: Path) -> bool:
    from esimctl.profile.codes import codes_of_line

    session = opened(environment(home))
    return "fon" in session.lines and "phone" not in session.lines and codes_of_line(session, "fon") is not None


def _is_settled(home: Path) -> bool:
    return not opened(environment(home)).store.ledger_for_reading().open_orders()


def _is_restored(home: Path) -> bool:
    """What stood there is a profile of its own, and nothing is bought for it."""
    (kept,) = (home / "profiles").glob("default-before-*")
    return (kept / "paused").exists() and opened(environment(home)).store.ledger_for_reading().must_reconcile


def _parted(home: Path) -> None:
    """Another machine went on with a copy of the profile, and this one with its own: each bought something."""
    folder = home / "profiles" / "default"
    ways: dict[str, tuple[tuple[str, ...], ...]] = {
        "there": (("topup", "phone", "--amount", "2USD", "--yes"), TABLET, ("lines", "rename", "phone", "fon")),
        "here": (("topup", "phone", "--amount", "3USD", "--yes"), ("payments", "add", "purse", "--kind", "cash")),
    }
    shutil.copytree(folder, home / "before")
    for machine, commands in ways.items():
        shutil.rmtree(folder)
        shutil.copytree(home / "before", folder)
        for number, words in enumerate(commands, 1 if machine == "here" else 5):
            now = f"2026-11-20T09:{number:02d}:00+07:00"
            ran = forked.run(command(*words), home.parent, environment(home, now))
            if ran.code != 0:
                raise RuntimeError(f"{machine}: {ran}")
        if machine == "there":
            shutil.copytree(folder, home / "other")
            shutil.rmtree(home / "high-water", ignore_errors=True)
    shutil.rmtree(home / "before")


def _is_united(home: Path) -> bool:
    session = opened(environment(home))
    orders = session.store.ledger_for_reading().all_orders()
    names = {"fon", "tablet"}
    ledger = session.store.ledger_for_reading()
    kept = all(name in ledger.lines and session.store.vault.read(ledger.lines[name].id) for name in names)
    paid = "purse" in session.profile["payment"] and "machine" in session.profile["settings"]
    return len(orders) == 4 and set(session.lines) == names and kept and paid


def _is_backed_up(home: Path) -> bool:
    """All that the program shows is in it."""
    from esimctl.store.backup import check_backup

    return (
        check_backup(home / "saved.tar").last_seq == opened(environment(home)).store.ledger_for_reading().next_seq - 1
    )


BUY = ("buy", PLAN, "--provider", "sandbox", "--name", "phone", "--yes", "--json")
EARLIER_BUY = ("buy", PLAN, "--provider", "sandbox", "--name", "tablet", "--yes", "--json", "--request-id", "earlier")
RULE = (
    ("autotopup", "set", "phone", "--below", "5GB", "--plan", "demo-topup-2gb", "--max-price", "2USD",
     "--max-per-month", "10USD"),
    ("autotopup", "enable", "phone", "--confirm", "10USD"),
    ("sandbox", "use", "phone", "12GB"),
)  # fmt: skip
TABLET = ("buy", PLAN, "--provider", "sandbox", "--name", "tablet", "--yes")
LOST_ANSWER = ("sandbox", "fault", "error-500", "--times", "1")


def stories() -> dict[str, Story]:
    """Every story by name."""
    told = (
        Story("buy", **_spending("buy", PLAN, "--provider", "sandbox", "--name", "phone"), prepare=(EARLIER_BUY,)),
        Story("first-buy", **_spending("buy", PLAN, "--provider", "sandbox", "--name", "phone")),
        Story("renew", **_spending("renew", "phone"), prepare=(BUY,)),
        Story("topup", **_spending("topup", "phone", "--plan", "demo-topup-2gb"), prepare=(BUY,)),
        Story("lost-answer", **_spending("topup", "phone", "--amount", "2USD"), prepare=(BUY, LOST_ANSWER)),
        Story(
            "segment-seal", **_spending("topup", "phone", "--amount", "2USD"), prepare=(BUY,), before=(_small_segments,)
        ),
        Story("migrate", **_spending("topup", "phone", "--amount", "2USD"), prepare=(BUY,), after=_aged),
        Story(
            "reconcile",
            lambda _home: command("reconcile", "--json"),
            prepare=(BUY,),
            after=_left_open,
            done=_is_settled,
        ),
        Story(
            "autotopup-run",
            lambda _home: command("autotopup", "run", "--json"),
            prepare=(BUY, *RULE),
            words=("autotopup", "run", "--json"),
            buys=1,
        ),
        Story("refund", _refund, prepare=(BUY,), done=_is_refunded, again=True),
        Story(
            "payments-add",
            lambda _home: command("payments", "add", "purse", "--kind", "cash"),
            prepare=(BUY,),
            done=_has_payment,
        ),
        Story(
            "lines-rename", lambda _home: command("lines", "rename", "phone", "fon"), prepare=(BUY,), done=_is_renamed
        ),
        Story(
            "restore",
            lambda home: command("profile", "restore", str(home / "saved.tar"), "--yes"),
            prepare=(BUY,),
            after=_backed_up,
            done=_is_restored,
        ),
        Story(
            "backup",
            lambda home: command("profile", "backup", str(home / "saved.tar"), "--with-vault"),
            prepare=(BUY,),
            done=_is_backed_up,
        ),
        Story(
            "profile-merge",
            lambda home: command("profile", "merge", str(home / "other"), "--yes"),
            prepare=(BUY,),
            after=_parted,
            done=_is_united,
            unites=True,
        ),
        Story(
            "backup-old",
            lambda home: command("profile", "backup", str(home / "saved.tar")),
            prepare=(BUY,),
            after=_aged,
            done=_is_backed_up,
        ),
    )
    return {story.name: story for story in told}


def _left_open(home: Path) -> None:
    """A top-up whose process died while its answer was on the way."""
    died = command("topup", "phone", "--amount", "2USD", "--yes", "--json")
    ran = forked.run(died, home.parent, environment(home, EARLIER), before=(die_after_sending,))
    if ran.code != forked.KILLED:
        raise RuntimeError(f"it should have died: {ran}")


def die_after_sending() -> None:
    """In a child: the machine goes off when the operator has done its part."""
    import signal

    from esimctl.providers.sandbox.provider import SandboxProvider

    real = SandboxProvider.send

    def send(*words: object, **more: object) -> object:
        real(*words, **more)
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    SandboxProvider.send = send  # type: ignore[method-assign, assignment]


__all__ = ["NOW", "RULE", "Story", "die_after_sending", "environment", "judge", "make", "stories"]
