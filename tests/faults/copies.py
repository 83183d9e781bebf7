"""Two machines with one seller, and what carries files between them: nothing that cost money is missing in silence.

Thirteen pairs of things that two machines did since they were equal × thirteen ways in which their folders meet. What a
machine knew before is compared with what its journal holds after; where something is missing, every view must say so.
"""

import io
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from tests.conftest import Outcome
from tests.faults.forked import run as run_forked
from tests.faults.matrix import Cell, count
from tests.faults.report import Report
from tests.faults.scratch import renew, scratch
from tests.machines import PACK, Machine, copied, seller
from tests.vendors.broken import Fault

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger

#: what a machine did: words of a command each
Acts = tuple[tuple[str, ...], ...]
NOTHING: Acts = ()
LOOKS: Acts = (("balance", "--refresh"),) * 6
TOPUP: Acts = (("topup", "phone", "--plan", "esim-access/TOPUP_CKH002", "--yes"),)
BUY: Acts = (("buy", PACK, "--name", "second", "--yes"),)
BUY_OTHER: Acts = (("buy", PACK, "--name", "third", "--yes"),)
RENEW: Acts = (("renew", "cash", "--paid", "R-2", "--price", "2USD", "--yes"),)
COUNTER = ("--provider", "manual", "--carrier", "smart", "--data", "2GB", "--days", "30", "--price", "3USD")
CASH: Acts = (("lines", "add", "fam", *COUNTER),)
CASH_OTHER: Acts = (("lines", "add", "kid", *COUNTER),)
RULE: Acts = (("autotopup", "run"),)
LOST: Acts = (("topup", "phone", "--plan", "esim-access/TOPUP_CKH002", "--yes", "--request-id", "lost-answer"),)
RENAME: Acts = (("lines", "rename", "phone", "fon"),)
REMOVE: Acts = (("lines", "remove", "cash", "--yes"),)
PAYMENTS: Acts = (("payments", "add", "purse", "--kind", "cash"),)
PAIRS: Mapping[str, tuple[Acts, Acts]] = {
    "looks-topup": (LOOKS, TOPUP),
    "topup-topup": (TOPUP, TOPUP),
    "buy-buy": (BUY, BUY_OTHER),
    "same-name": (BUY, BUY),
    "buy-topup": (BUY, TOPUP * 2),
    "buy-rename": (BUY, RENAME),
    "topup-remove": (TOPUP, REMOVE),
    "cash-cash": (CASH, CASH_OTHER),
    "cash-payments": (CASH * 1, PAYMENTS),
    "rule-rule": (RULE, RULE),
    "renew-topup": (RENEW, TOPUP),
    "lost-looks": (LOST, LOOKS),
    "nothing-buy": (NOTHING, BUY),
}
VIEWS: Acts = (
    ("balance",), ("balance", "--json"), ("balance",), ("lines", "list"), ("transactions", "list"), ("report",),
    ("transactions", "export", "--format", "csv"), ("check",), ("check", "--plugin"), ("doctor",),
)  # fmt: skip
FILES = ("journal", "profile.toml", "vault", "evidence", "seed", "clock")

#: brings the folders of two machines together; both are given as they stood, and the home before anybody did anything
Way = Callable[[Machine, Machine, Path], None]


def newest_wins(a: Machine, b: Machine, _before: Path) -> None:
    """Ours goes over theirs, file by file."""
    b.carry(a.profile, *FILES)


def other_wins(a: Machine, b: Machine, _before: Path) -> None:
    """Theirs goes over ours."""
    a.carry(b.profile, *FILES)


def newest_of_each(a: Machine, b: Machine, _before: Path) -> None:
    """Of each file the one that was written last, on both."""
    for name in FILES:
        one, other = ((each.profile / name) for each in (a, b))
        if _written(one) >= _written(other):
            b.carry(a.profile, name)
        else:
            a.carry(b.profile, name)


def syncthing(a: Machine, b: Machine, _before: Path) -> None:
    """Ours wins; theirs is set aside beside it."""
    _aside(b, lambda stem: f"{stem}.sync-conflict-20261129-101500-ABCDEFG.toml")
    b.carry(a.profile, "profile.toml", "vault")
    copied(a.journal, b.journal)


def dropbox(a: Machine, b: Machine, _before: Path) -> None:
    """Theirs wins; ours is set aside beside it."""
    _aside(a, lambda stem: f"{stem} (a's conflicted copy 2026-11-29).toml")
    a.carry(b.profile, "profile.toml", "vault")
    copied(b.journal, a.journal)


def union(a: Machine, b: Machine, before: Path) -> None:
    """git merge=union: all lines of both."""
    _merged(a, b, before, "--union")


def markers(a: Machine, b: Machine, before: Path) -> None:
    """git's marks of a conflict, committed as they are."""
    _merged(a, b, before)


def only_journal(a: Machine, b: Machine, _before: Path) -> None:
    """The journal came, the profile has not yet."""
    b.carry(a.profile, "journal")


def only_profile(a: Machine, b: Machine, _before: Path) -> None:
    """The profile came, the journal has not yet."""
    b.carry(a.profile, "profile.toml")


def profile_and_vault(a: Machine, b: Machine, _before: Path) -> None:
    """Everything came but the journal."""
    b.carry(a.profile, "profile.toml", "vault", "evidence")


def half_a_journal(a: Machine, b: Machine, _before: Path) -> None:
    """Everything came, the journal to its last but 40 octets."""
    b.carry(a.profile, *FILES)
    os.truncate(b.journal, b.journal.stat().st_size - 40)


def home_brought_back(_a: Machine, b: Machine, before: Path) -> None:
    """An ordinary backup of the whole home of before."""
    copied(before, b.home)


def home_mirrored(a: Machine, b: Machine, _before: Path) -> None:
    """The whole home of the one over that of the other."""
    copied(a.home, b.home)


WAYS: tuple[Way, ...] = (
    newest_wins, other_wins, newest_of_each, syncthing, dropbox, union, markers, only_journal, only_profile,
    profile_and_vault, half_a_journal, home_brought_back, home_mirrored,
)  # fmt: skip
#: ways after which a copy of the other's journal lies beside ours: `profile merge` can unite them
CONFLICTS: Mapping[Way, str] = {syncthing: "journal/*sync-conflict*", dropbox: "journal/*conflicted copy*"}


def copies_layer(
    *,
    only: Sequence[str] = (),
    every: int = 1,
    required: int = 110,
    changes: Sequence[Callable[[], None]] = (),
    first: bool = False,
) -> Report:
    """All cells, every so many-th, or `only` those of a pair and a way.

    `fired` counts cells in which a machine lacks what it knew.
    """
    report = Report("copies", required)
    with scratch() as place:
        told, inner = place / "told", place / "inner"
        inner.mkdir()
        environ = {"PATH": os.environ["PATH"], "HOME": str(inner), "XDG_STATE_HOME": str(inner / "state")}
        ran = run_forked(lambda: _all(inner, told, every, only, first=first), place, environ, before=changes)
        if ran.code != 0:
            report.violated("harness", ran.err[-1500:])
            return report
        count(report, told)
        if (inner / "united").exists():
            report.figures["merged"] = len((inner / "united").read_text())
    report.figures["silent views"] = sum("SILENT" in each for each in report.violations)
    return report


def _all(place: Path, told: Path, every: int, only: Sequence[str], *, first: bool) -> int:
    with told.open("w", buffering=1) as out:
        for fired, bad in cells(place, every, only):
            out.write(f"cell\t{int(fired)}\n")
            out.writelines(f"bad\t{' '.join(violation.split())}\n" for violation in bad)
            if first and bad:
                return 0
    return 0


def cells(place: Path, every: int, only: Sequence[str] = ()) -> Iterator[Cell]:
    """Every so many-th of the table, taken along its diagonals: each row and each column is met."""
    for row, (pair, acts) in enumerate(PAIRS.items()):
        ways = [way for column, way in enumerate(WAYS) if (row + column) % every == 0]
        if only:
            ways = [way for way in WAYS if pair in only and way.__name__ in only]
        if not ways:
            continue
        with seller() as served:
            stage = Stage(lambda: Machine(direct, served, place / "a"), lambda: Machine(direct, served, place / "b"))
            stage.prepare(place, *acts)
            for way in ways:
                yield stage.cell(f"{pair} {way.__name__}", way)


@dataclass
class Stage:
    """Two machines as they stand after a pair of acts, again and again."""

    a: Callable[[], Machine]
    b: Callable[[], Machine]

    def prepare(self, place: Path, here: Acts, there: Acts) -> None:
        """A line, another one from a counter, a rule; then each machine goes on for itself."""
        self.place = place
        for name in ("a", "b", "before", "kept-a", "kept-b"):
            shutil.rmtree(place / name, ignore_errors=True)
        a, b = self.a(), self.b()
        a.begin()
        _must(a, "lines", "add", "cash", *COUNTER, "--receipt", "R-1")
        _must(a, "autotopup", "set", "phone", "--below", "4GB", "--plan", "esim-access/TOPUP_CKH002", "--max-price",
              "2USD", "--max-per-month", "6USD")  # fmt: skip
        _must(a, "autotopup", "enable", "phone", "--confirm", "6USD")
        copied(a.home, b.home)
        _must(b, "balance", "--refresh")
        copied(b.home, place / "before")
        for machine, acts in ((a, here), (b, there)):
            for words in acts:
                if acts is LOST:
                    machine.vendor.faults.append(Fault("esim/topup", "reset", after=True))
                machine(*words)
            copied(machine.home.parent, place / f"kept-{machine.home.parent.name}")
        self.known = {"a": money(a), "b": money(b)}

    def cell(self, where: str, way: Way) -> Cell:
        """The folders meet; then both machines are looked at."""
        a, b = self._met(way)
        bad, fired = [], False
        for machine in (a, b):
            missing = self.known[machine.home.parent.name] - money(machine)
            apart = strange(machine)
            fired = fired or bool(missing or apart)
            bad += [f"{where}: {each}" for each in looked_at(machine, missing, apart, untouched=_same(machine, self))]
        if way in CONFLICTS:  # as nobody has looked yet: what a look writes down would be apart again
            bad += [f"{where}: {each}" for each in united(*self._met(way), way, self.known["a"] | self.known["b"])]
        return fired, bad

    def _met(self, way: Way) -> tuple[Machine, Machine]:
        for name in ("a", "b"):
            renew(self.place / name, self.place / f"kept-{name}")
        a, b = self.a(), self.b()
        way(a, b, self.place / "before")
        return a, b


def looked_at(machine: Machine, missing: set[str], apart: set[str], *, untouched: bool) -> Iterator[str]:
    """What every view says of orders that are `missing`, or lines that are `apart` from their orders; and that nothing
    can be bought while an order is missing.
    """
    name = machine.home.parent.name
    for words in VIEWS:
        outcome = machine(*words)
        silent = said_nothing(outcome, words)
        if "unexpected error" in outcome.out + outcome.err:
            yield f"{name}: {' '.join(words)}: {outcome.out}{outcome.err}"
        if (missing or apart) and silent:
            yield f"{name}: SILENT: {' '.join(words)}, although {sorted(missing | apart)} are missing"
        elif untouched and words == ("check",) and machine(*words).code == 6:
            yield f"{name}: an alarm although nothing was touched"
    if missing:
        sold = len(machine.vendor.charges)
        again = machine("topup", "phone", "--plan", "esim-access/TOPUP_CKH002", "--yes", "--request-id", "again")
        if again.code == 0 or len(machine.vendor.charges) != sold:
            yield f"{name}: DOUBLED: a purchase went through, although {sorted(missing)} are missing"


def said_nothing(outcome: Outcome, words: Sequence[str]) -> bool:
    """Whether a view passed over it: no word on stderr, and an exit code of a monitor or of `doctor` that is well."""
    if words[0] in {"check", "doctor"}:
        loud = ("journal", "profile", "line ", "copy")
        return outcome.code == 0 or not any(word in outcome.out + outcome.err for word in loud)
    return outcome.code == 0 and not outcome.err.strip()


def money(machine: Machine) -> set[str]:
    """The orders in a machine's journal that cost money, or may have; none where it cannot be read."""
    orders = () if (ledger := books(machine)) is None else ledger.all_orders()
    return {order.id for order in orders if order.state not in {"rejected", "cancelled", "prepared"}}


def strange(machine: Machine) -> set[str]:
    """Orders of lines that only the journal or only the profile has."""
    try:
        doc = tomllib.loads((machine.profile / "profile.toml").read_text())
    except tomllib.TOMLDecodeError:
        return set()
    ledger = books(machine)
    if ledger is None:
        return set()
    profile = {table["order"] for table in doc.get("line", {}).values() if "order" in table}
    born = {fact.order for fact in ledger.lines.values() if fact.order is not None and fact.removed_at is None}
    return profile - {order.id for order in ledger.all_orders()} | born - profile


def books(machine: Machine) -> "Ledger | None":
    """What the journal comes to, without a word about marks."""
    from esimctl.errors import EsimctlError
    from esimctl.store.folder import Store

    try:
        store = Store(machine.home, "default", environ={"XDG_STATE_HOME": str(machine.home.parent / "nowhere")})
        store.looks_only = True
        return store.ledger_for_reading()
    except (EsimctlError, OSError):
        return None


def united(a: Machine, b: Machine, way: Way, known: set[str]) -> Iterator[str]:
    """Where this version can merge: the copies that were set aside are taken in, and nobody is alarmed any more."""
    from esimctl.cli.profile import app

    if "merge" not in app.declared:
        return
    machine, other = (b, a) if way is syncthing else (a, b)
    for copy in [*machine.profile.glob(CONFLICTS[way]), *machine.profile.glob("profile*conflict*")]:
        ended = machine("profile", "merge", str(copy), "--yes")
        if ended.code != 0:  # what contradicts is a person's matter, and stays said
            if machine("check").code == 0:
                yield f"{machine.home.parent.name}: SILENT: it was not merged: {ended.err}"
            return
    if missing := known - money(machine):
        yield f"{machine.home.parent.name}: after the merge {sorted(missing)} are missing"
    other.carry(machine.profile, *FILES)
    for each in (machine, other):
        if each("check").code == 6:
            yield f"{each.home.parent.name}: still alarmed after the merge: {each('balance').err}"
    with (machine.home.parent.parent / "united").open("a") as out:
        out.write(".")


def direct(*words: str, now: str | None = None, given: str = "", env: dict[str, str] | None = None) -> Outcome:
    """The program in this process, as the fixture `run` of the tests has it, by the real clock."""
    from esimctl.main import main

    assert now is None
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, env or {}),
        mock.patch.object(sys, "stdin", io.StringIO(given)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = main(list(words))
    return Outcome(code, out.getvalue(), err.getvalue())


def _must(machine: Machine, *words: str) -> None:
    ended = machine(*words)
    if ended.code != 0:
        raise RuntimeError(f"{' '.join(words)} ended with {ended.code}: {ended.err}{ended.out}")


def _written(path: Path) -> float:
    files = [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path]
    return max((each.stat().st_mtime for each in files if each.exists()), default=0.0)


def _aside(machine: Machine, named: Callable[[str], str]) -> None:
    for path in (machine.journal, machine.profile / "profile.toml"):
        path.rename(path.with_name(named(path.stem)))


def _merged(a: Machine, b: Machine, before: Path, *options: str) -> None:
    for name in ("journal/000001.toml", "profile.toml"):
        base = before / "profiles" / "default" / name
        command = ["git", "merge-file", "-p", *options]
        command += [str(each) for each in (a.profile / name, base, b.profile / name)]
        text = subprocess.run(command, capture_output=True, check=False).stdout
        for machine in (a, b):
            (machine.profile / name).write_bytes(text)


def _same(machine: Machine, stage: Stage) -> bool:
    kept = stage.place / f"kept-{machine.home.parent.name}" / "home" / "profiles" / "default"
    names = ("journal/000001.toml", "profile.toml")
    beside = [path.name for path in machine.journal.parent.iterdir()]
    return beside == ["000001.toml"] and all(
        (machine.profile / name).read_bytes() == (kept / name).read_bytes() for name in names
    )


__all__ = ["PAIRS", "VIEWS", "WAYS", "copies_layer"]
