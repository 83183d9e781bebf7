"""Two machines carry one profile, by chance: orders, readings, syncs in either direction, conflict copies and merges.

A model knows what each machine has had in its books. Nothing of that may be gone without a word (from a look, from
`doctor`, or because spending stops), and no purchase may stand twice; in the end everything is united, and the books
say what the seller says. It all happens in one forked child for each stretch of schedules, by the machine's own clock.
"""

import json
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from tests.faults import forked
from tests.faults.operator import sales
from tests.faults.report import Report
from tests.faults.scratch import scratch

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session

PLAN = "smart-laor-7d"
LOCAL = frozenset({"lock"})  #: what no program carries
STEPS = 12
#: act → how often
ACTS = {
    "topup": 6, "renew": 2, "buy": 3, "pay": 3, "same": 1, "lost": 2, "record": 3, "undo": 1, "rename": 1, "look": 3,
    "sync": 6, "merge": 3, "reconcile": 2,
}  # fmt: skip
Purchase = tuple[str, str]  #: provider, and the key under which it went out


class Machine:
    """One of the two: a home, a state folder, and what its books have held."""

    def __init__(self, place: Path, name: str) -> None:
        self.name, self.home = name, place / name
        self.folder = self.home / "profiles" / "default"
        self.state = place / f"{name}.state"
        self.known: set[Purchase] = set()
        self.lines = 0

    @contextmanager
    def session(self) -> "Iterator[Session]":
        """A run of the program on this machine."""
        from esimctl.purchase.opening import open_profile

        environ = {
            "PATH": "/usr/bin:/bin", "HOME": str(self.home.parent), "ESIMCTL_HOME": str(self.home),
            "XDG_STATE_HOME": str(self.state), "ESIMCTL_MACHINE": self.name,
        }  # fmt: skip
        with mock.patch.dict(os.environ, environ, clear=True):
            yield open_profile(None, environ)

    def ledger(self) -> "Ledger":
        """What the journal comes to, read without any of the program's notes."""
        from esimctl.ledger.fold import fold
        from esimctl.store.journal import Journal

        return fold(Journal(self.folder / "journal").load().entries)

    def bought(self) -> Counter[Purchase]:
        """What the books hold now."""
        return bought(self.ledger(), self.home)

    def copies(self) -> list[Path]:
        """What a sync program has set aside of the journal and of profile.toml."""
        found = (*self.folder.glob("profile.sync-conflict-*"), *self.folder.glob("journal/*.sync-conflict-*"))
        return sorted(found, key=lambda path: path.name)


def bought(ledger: "Ledger", home: Path) -> Counter[Purchase]:
    """Every purchase of the books, somebody else's included, and how often it stands there.

    An open order may be what looks like somebody else's: whoever asks the seller next finds out.
    """
    found: Counter[Purchase] = Counter()
    if ledger.foreign:
        keys = {sale.number: sale.key for sale in sales(home)}
        found.update(
            (fact.provider, keys[fact.provider_order]) for fact in ledger.foreign.values() if fact.amount_minor
        )
    orders = ledger.all_orders()
    found.update((order.provider, order.key.split("~")[0]) for order in orders if not order.open)
    return found | Counter({(order.provider, order.key.split("~")[0]): 1 for order in orders if order.open})


class Story:
    """One schedule."""

    def __init__(self, place: Path, template: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.violations: list[str] = []
        self.told: list[str] = []
        if place.exists():
            shutil.rmtree(place)
        shutil.copytree(template, place, symlinks=True)
        self.here, self.there = Machine(place, "a"), Machine(place, "b")
        self.base = _files(self.here.folder)
        self.number = 0
        for machine in (self.here, self.there):
            machine.known = set(machine.bought())

    def run(self) -> None:
        """The steps, a look at both after each, and the end."""
        for _ in range(STEPS):
            act = self.chance.choices(list(ACTS), list(ACTS.values()))[0]
            machine = self.chance.choice((self.here, self.there))
            self._act(act, machine)
            for each in (self.here, self.there):
                self._judge(each)
            if self.violations:
                return
        self._unite()

    def _other(self, machine: Machine) -> Machine:
        return self.there if machine is self.here else self.here

    def _act(self, act: str, machine: Machine) -> None:
        self.told.append(f"{machine.name}:{act}")
        if act == "sync":
            self.sync(machine, self._other(machine))
            self.done[act] += 1
            return
        said = bool(self._missing(machine))
        ended = self._try(machine, lambda session: getattr(self, f"_{act}")(machine, session))
        self.done[f"{act} {ended}" if ended else act] += 1
        if act == "reconcile" and said and ended != 75:  # it was said, and somebody has looked at it
            machine.known = set()
        machine.known |= set(machine.bought())

    def _try(self, machine: Machine, act: "Callable[[Session], object]") -> int:
        """The exit code of what was refused; 0 for what was done. Anything but a sentence is a violation."""
        from esimctl.errors import EsimctlError

        try:
            with machine.session() as session:
                act(session)
        except EsimctlError as error:
            if int(error.exit_code) == 1:
                self.violations.append(f"{self._where()}: {error.message}")
            return int(error.exit_code)
        except Exception as error:
            self.violations.append(f"{self._where()}: {type(error).__name__}: {error}")
        return 0

    def _where(self) -> str:
        return " ".join(self.told)

    def _line(self, session: "Session", kind: str) -> str:
        lines = [name for name, table in session.lines.items() if (table["provider"] == "manual") is (kind == "manual")]
        return self.chance.choice(sorted(lines))

    def _purchase(self, session: "Session", **words: Any) -> None:
        from esimctl.purchase.offer import Intent
        from esimctl.purchase.walk import purchase

        purchase(session, Intent(confirmed=True, **words))

    def _money(self) -> Any:
        from esimctl.values.money import Money

        return Money(self.chance.randrange(1, 6) * 100, "USD")

    def _topup(self, _machine: Machine, session: "Session") -> None:
        self._purchase(session, kind="topup", line=self._line(session, "sandbox"), amount=self._money())

    def _renew(self, _machine: Machine, session: "Session") -> None:
        self._purchase(session, kind="renew", line=self._line(session, "sandbox"))

    def _buy(self, machine: Machine, session: "Session") -> None:
        machine.lines += 1
        name = "tablet" if self.chance.random() < 0.15 else f"{machine.name}{machine.lines}"
        self._purchase(session, kind="new", line=name, plan=PLAN, provider="sandbox")

    def _pay(self, _machine: Machine, session: "Session") -> None:
        """Real money, at a counter: no seller knows of it."""
        self._purchase(session, kind="topup", line=self._line(session, "manual"), amount=self._money(), paid="")

    def _same(self, machine: Machine, session: "Session") -> None:
        """One script with one request id on both machines: one purchase."""
        from esimctl.values.money import Money

        self.number += 1
        words = {"kind": "topup", "line": "phone", "amount": Money(700, "USD"), "request_id": f"same-{self.number}"}
        other = self._other(machine)
        if "phone" in session.lines:
            self._purchase(session, **words)
        self._try(other, lambda there: self._purchase(there, **words) if "phone" in there.lines else None)
        other.known |= set(other.bought())

    def _lost(self, _machine: Machine, session: "Session") -> None:
        """The answer to an order is lost: whoever looks next, on either machine, finds out what became of it."""
        from esimctl.setup.rehearsal import arm_fault

        arm_fault(session, "timeout-after", 1)
        self._purchase(session, kind="topup", line=self._line(session, "sandbox"), amount=self._money(), no_wait=True)

    def _record(self, _machine: Machine, session: "Session") -> None:
        from esimctl.usage.record import record, typed

        line = self._line(session, "manual")
        figures, when = typed(session, line, remaining=self.chance.randrange(1, 20) * 1_000_000_000)
        record(session, line, figures, when, insisted=True)

    def _undo(self, _machine: Machine, session: "Session") -> None:
        from esimctl.usage.undoing import undo

        undo(session, self._line(session, "manual"))

    def _rename(self, machine: Machine, session: "Session") -> None:
        from esimctl.lines.lines import rename_line

        machine.lines += 1
        rename_line(session, self._line(session, "sandbox"), f"{machine.name}{machine.lines}")

    def _look(self, _machine: Machine, session: "Session") -> None:
        from esimctl.profile.mistakes import mistakes

        session.store.ledger_for_reading()
        mistakes(session)

    def _merge(self, machine: Machine, session: "Session") -> None:
        copies = machine.copies()
        other = self._other(machine).folder
        self._one(session, self.chance.choice(copies) if copies and self.chance.random() < 0.7 else other)

    def _one(self, session: "Session", source: Path) -> None:
        from esimctl.setup.merging import merge_profile

        if merge_profile(session, source).data.heads:
            self.done["parted"] += 1

    def _reconcile(self, _machine: Machine, session: "Session") -> None:
        from esimctl.purchase.reconcile import reconcile

        reconcile(session)

    def sync(self, source: Machine, target: Machine) -> None:
        """What changed on one side since the last time goes to the other; where both changed, the newest wins.

        The other one's file is set aside, or (with some programs) gone.
        """
        keeps = self.chance.random() < 0.6
        ours, theirs = _files(source.folder), _files(target.folder)
        for name in sorted(ours.keys() | theirs.keys()):
            mine, other, before = ours.get(name), theirs.get(name), self.base.get(name)
            if mine == other:
                continue
            if other == before or (mine != before and _newer(source.folder / name, target.folder / name)):
                if mine != before and other not in (None, before) and keeps:
                    self._aside(target, name)
                _put(target.folder / name, mine)
            else:
                if mine not in (None, before) and keeps:
                    self._aside(source, name)
                _put(source.folder / name, other)
        for name in self._set_aside(source, target):
            for machine in (source, target):
                _put(machine.folder / name, _files(source.folder).get(name) or _files(target.folder)[name])
        self.base = _files(target.folder)

    def _aside(self, machine: Machine, name: str) -> None:
        path = machine.folder / name
        self.number += 1
        path.rename(path.with_name(f"{path.stem}.sync-conflict-{self.number:04d}-{machine.name}{path.suffix}"))

    def _set_aside(self, *machines: Machine) -> list[str]:
        return sorted({str(path.relative_to(each.folder)) for each in machines for path in each.copies()})

    def _missing(self, machine: Machine) -> set[Purchase]:
        return machine.known - set(machine.bought())

    def _judge(self, machine: Machine) -> None:
        """Nothing is gone without a word, and nothing stands twice."""
        held = self._once(machine)
        missing = machine.known - held.keys()
        if missing and not self._said(machine):
            self.violations.append(f"{self._where()}: LOST without a word on {machine.name}: {sorted(missing)}")

    def _once(self, machine: Machine) -> Counter[Purchase]:
        held = machine.bought()
        twice = [each for each, count in held.items() if count > 1]
        if twice:
            self.violations.append(f"{self._where()}: DOUBLED on {machine.name}: {twice}")
        return held

    def _said(self, machine: Machine) -> bool:
        """Whether spending stops, or `doctor` names what is wrong with the books."""
        from esimctl.errors import EsimctlError
        from esimctl.purchase.offer import Intent
        from esimctl.purchase.walk import check, preview

        self.done["looked for a word"] += 1
        try:
            with machine.session() as session:
                line = self._line(session, "sandbox")
                offer, _ = preview(session, Intent("topup", line=line, amount=self._money(), confirmed=True))
                check(session, offer)
        except EsimctlError:
            return True
        with machine.session() as session:
            from esimctl.setup.doctor import doctor

            rows = doctor(session).data.checks
        return any(not row.ok and row.name not in ("home", "room", "schedule") for row in rows)

    def _unite(self) -> None:
        """Everything that is left anywhere, in one: the seller agrees, and nothing of it is missing."""
        from esimctl.purchase.reconcile import reconcile

        here, there = self.here, self.there
        left = set(here.bought()) | set(there.bought())
        refused = 0
        self.told.append("unite")
        for source in (there.folder, *(path for each in (there, here) for path in each.copies())):
            if source.exists():
                code = self._try(here, lambda session, source=source: self._one(session, source))  # type: ignore[misc]
                self.done[f"unite {code}" if code else "unite"] += 1
                refused += bool(code)
        if not refused and (gone := left - here.bought().keys()):
            self.violations.append(f"{self._where()}: LOST by a merge: {sorted(gone)}")
        self._judge(here)  # what no copy has any more is still said, until somebody has looked
        code = self._try(here, reconcile)
        more = {("sandbox", sale.key) for sale in sales(here.home)} - self._once(here).keys()
        if code or more:
            self.violations.append(f"{self._where()}: {code}, the seller has {more} more")
        if not refused:
            self._fits(here.ledger())
        with here.session() as session:
            wrong = [str(f.said) for f in (session.store.ledger_for_reading(), session.store.findings)[1] if f.blocking]
        if wrong:
            self.violations.append(f"{self._where()}: {wrong}")

    def _fits(self, ledger: "Ledger") -> None:
        """To the cent: what the seller took is what the books say of his orders."""
        taken = sum(minor for sale in sales(self.here.home) for minor, _ in sale.charges)
        orders = [order for order in ledger.all_orders() if order.provider == "sandbox" and order.state == "settled"]
        told = sum(order.counted.minor for order in orders)
        told += sum(fact.amount_minor or 0 for fact in ledger.foreign.values())
        if taken != told:
            self.violations.append(f"{self._where()}: the seller took {taken}, the books say {told}")


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in LOCAL and not path.name.startswith(".")
    }


def _newer(one: Path, two: Path) -> bool:
    times = [path.stat().st_mtime_ns if path.exists() else 0 for path in (one, two)]
    return times[0] >= times[1]


def _put(path: Path, data: bytes | None) -> None:
    if data is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        path.chmod(0o600)
    path.write_bytes(data)
    path.chmod(0o600)


def prepared(place: Path) -> Path:
    """What both begin with: a line of the operator, and one that was paid at a counter, with real money."""
    place.mkdir(mode=0o700)
    a, b = Machine(place, "a"), Machine(place, "b")
    operator = place / "operator"
    for folder in (operator, a.home, b.home):
        folder.mkdir(mode=0o700)
    for machine in (a, b):
        (machine.home / "sandbox").symlink_to("../operator")
    from esimctl.lines.counter import CounterPurchase, add_line
    from esimctl.purchase.offer import Intent
    from esimctl.purchase.walk import purchase
    from esimctl.values.money import Money

    with a.session() as session:
        purchase(session, Intent("new", line="phone", plan=PLAN, provider="sandbox", confirmed=True))
        bought = CounterPurchase("sim", carrier="smart", data=20_000_000_000, days=30, price=Money(500, "USD"))
        add_line(session, bought)
    b.folder.parent.mkdir(mode=0o700)
    shutil.copytree(a.folder, b.folder)
    for machine in (a, b):
        with machine.session() as session:
            session.store.ledger_for_reading()
    return place


def two_machines_layer(
    *,
    schedules: int = 1000,
    at_once: int = 100,
    required: int | None = None,
    changes: Sequence[Callable[[], None]] = (),
    first: bool = False,
) -> Report:
    """So many schedules, each by its own number. `fired` counts those in which the two really parted."""
    report = Report("two-machines", schedules // 2 if required is None else required)
    began, done = time.monotonic(), Counter[str]()
    with scratch() as place:
        for start in range(0, schedules, at_once):
            told = place / "told.json"
            told.unlink(missing_ok=True)

            def act(start: int = start, told: Path = told) -> int:
                told.write_text(json.dumps(_stretch(place, range(start, min(start + at_once, schedules)), first=first)))
                return 0

            ran = forked.run(act, place, {"PATH": "/usr/bin:/bin", "HOME": str(place)}, before=changes)
            if ran.code != 0:
                raise RuntimeError(ran.err[-2000:])
            found = json.loads(told.read_text())
            report.points += found["points"]
            report.fired += found["parted"]
            done.update(found["done"])
            for each in found["violations"]:
                report.violated(*each)
            if first and report.violations:
                break
    refused = sum(count for name, count in done.items() if name.startswith(("merge ", "unite ")))
    report.figures |= {
        "orders": sum(done[name] for name in ("topup", "renew", "buy", "pay", "same")), "syncs": done["sync"],
        "merges": done["merge"] + done["unite"], "refused": refused, "words": done["looked for a word"],
        "seconds": round(time.monotonic() - began),
    }  # fmt: skip
    return report


def _stretch(place: Path, seeds: Sequence[int], *, first: bool) -> dict[str, Any]:
    template = place / "template"
    if not template.exists():
        prepared(template)
    done: Counter[str] = Counter()
    violations: list[tuple[str, str]] = []
    points = parted = 0
    for seed in seeds:
        story = Story(place / "story", template, seed)
        story.run()
        points += 1
        parted += story.done["parted"] > 0
        done.update(story.done)
        violations += [(f"schedule {seed}", each) for each in story.violations]
        if first and violations:
            break
    return {"points": points, "parted": parted, "done": dict(done), "violations": violations}


__all__ = ["Machine", "Story", "two_machines_layer"]
