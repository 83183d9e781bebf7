"""Two files: every command that writes is killed, or finds a full disk, at each call that matters; then it is repeated.

What must be true in the end is what the same command does undisturbed: the same settings, entries, codes, keys and
files, nothing twice, nothing missing, nothing left behind. Half of the points see another command first: whoever comes
next finishes the work, and the repetition then does nothing a second time.
"""

import json
import re
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from tests.faults import forked
from tests.faults.forked import KILLED, Point, Ran, inject, spread
from tests.faults.report import Report
from tests.faults.scratch import renew, scratch
from tests.faults.stories import EARLIER, NOW, environment
from tests.faults.two_files_stories import Writing, environment_of, furnish, saying, writings

Change = Callable[[], None]
State = dict[str, Any]

#: where a kill may leave one file changed and another not
KILLS: Final = frozenset({"rename", "link", "linkat", "unlink", "unlinkat", "write", "pwrite64", "fsync", "exit_group"})
#: calls that need room
FILLS: Final = frozenset({"openat", "rename", "link", "linkat", "write", "pwrite64", "fsync", "mkdir"})
#: below a home: what is derived, or says when and in which order it was written
_DERIVED: Final = re.compile(
    r"(.*/)?(lock|stopped\.toml|state\.toml|reserve|last-run\.toml|index\.(sqlite(\.new)?(-journal)?|checked)|credentials)\Z"
    r"|profiles/[\w.-]+/(backups|cache|offers|evidence)(/.*)?\Z|(sandbox|\.local|bin)(/.*)?\Z"
    r"|profiles/\w+\.before-[^/]+(/.*)?\Z|profiles/\w+/(seed|attachments|catalogue)\Z"
)
_CHANCE: Final = re.compile(
    r"\bL?\d{6}-[0-9a-f]{8}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{64}\b"
)  #: ids of orders, keys, digests
_ELSEWHERE: Final = re.compile(r"/(out|user)/[^/]+\Z|/\.second\.restoring(/|\Z)")
_WITHOUT: Final = frozenset({"seq", "head", "undoes"})


def two_files_layer(
    *, only: Sequence[str] = (), most: int | None = None, required: int = 700, changes: Sequence[Change] = (),
    first: bool = False, full: bool = True,
) -> Report:  # fmt: skip
    """Every story, killed at every point, and (`full`) with a full disk at every call that needs room."""
    report = Report("two-files", required)
    if forked.STRACE is None:
        report.not_run = "strace is not installed"
        return report
    began = time.monotonic()
    sys.dont_write_bytecode = True  # a child that writes what it loaded makes other calls than the next one
    told = writings()
    codes: dict[int, int] = {}
    for story in [told[name] for name in only] if only else told.values():
        with scratch() as place:
            trial = Trial(story, place, changes)
            points = [(point, "signal=KILL") for point in spread(trial.points(KILLS), most)]
            report.figures["kills"] = int(str(report.figures.get("kills", 0))) + len(points)
            if full:
                points += [(point, "error=ENOSPC") for point in spread(trial.points(FILLS), most)]
            for number, (point, what) in enumerate(points):
                ran, bad = trial.strike(point, what, other_first=number % 2 == 1)
                report.points += 1
                report.fired += ran.code == KILLED if what == "signal=KILL" else ran.code >= 0
                codes[ran.code] = codes.get(ran.code, 0) + 1
                for violation in bad:
                    report.violated(f"{story.name} {what.partition('=')[2]} {point}", violation)
                if first and report.violations:
                    return report
    report.figures |= {"stories": len(only or told), "codes": dict(sorted(codes.items()))}
    report.figures["seconds"] = round(time.monotonic() - began)
    if report.fired < 0.95 * report.points:
        report.violated("harness", f"{report.points - report.fired} of {report.points} faults did not happen")
    return report


class Trial:
    """One story in one place: its home before, and what it comes to undisturbed."""

    def __init__(self, story: Writing, place: Path, changes: Sequence[Change]) -> None:
        self.story, self.place, self.changes = story, place, changes
        self.home = place / "home"
        self._made = self._template()
        renew(self.home, self._made)
        self.before = state_of(self.home)
        self._load()
        renew(self.home, self._made)
        log = ["-y", "-s", "80", "-o", str(place / "trace"), "-e", f"trace={forked.CALLS}"]
        ran = self.run(self._act(), strace=log)
        if ran.code != 0:
            raise RuntimeError(f"{story.name} fails undisturbed: {ran}")
        self.trace = (place / "trace").read_text(errors="replace").splitlines()
        self.run(saying(self.home, story.next, ""))
        self.after = state_of(self.home)
        self.run(self._act())
        self.twice = state_of(self.home)

    def _load(self) -> None:
        """Have in this process what the act loads, so that every child makes the same calls, and few of them."""
        told = self.place / "loaded"

        def act() -> int:
            code = self._act()()
            told.write_text("\n".join(name for name in sys.modules if name.startswith("esimctl")))
            return code

        self.run(act)
        for name in told.read_text().split():
            import_module(name)

    def points(self, calls: frozenset[str]) -> list[Point]:
        """The calls of the program itself (no scheduler's) that concern its home."""
        own = self.trace[0].split()[0]
        return [
            point
            for point in forked.points_of([line for line in self.trace if line.split()[0] == own], self.home)
            if point.call in calls and (point.call != "openat" or "O_CREAT" in point.what)
            if not point.what.startswith(("1<", "2<")) and "~/sandbox" not in point.what
        ]

    def strike(self, point: Point, what: str, *, other_first: bool) -> tuple[Ran, list[str]]:
        """One fault in a fresh home, and what was violated in the end."""
        renew(self.home, self.place / "template")
        ran = self.run(self._act(), strace=inject(point, what))
        return ran, list(self._judged(ran, other_first=other_first))

    def run(self, act: forked.Act, *, strace: Sequence[str] | None = None) -> Ran:
        """An act in this home."""
        environ = environment(self.home, NOW, environment_of(self.home))
        return forked.run(act, self.place, environ, strace=strace, before=self.changes)

    def _judged(self, ran: Ran, *, other_first: bool) -> Iterator[str]:
        yield from _told(self.story, ran, self.before, state_of(self.home))
        if other_first:
            other = self.run(saying(self.home, self.story.next, ""))
            if other.code != 0:
                yield f"the next command ends with {other.code}: {other.err[-200:]}"
            yield from _left(self.home, handed_out=False)
        was_done = not list(_differing(self.after, state_of(self.home)))
        again = self.run(self._act())
        if again.code != 0 and not (again.code in self.story.refused and (was_done or other_first)):
            yield f"repeated, it ends with {again.code}: {again.err[-300:]}"
        other = self.run(saying(self.home, self.story.next, ""))
        if other.code != 0:
            yield f"afterwards reading ends with {other.code}: {other.err[-200:]}"
        found = state_of(self.home)
        if not (was_done and found == self.twice):  # a command that ended well is a second one when it is said again
            yield from _differing(self.after, found)
        yield from _left(self.home)

    def _act(self) -> forked.Act:
        return self.story.act(self.home)

    def _template(self) -> Path:
        template = self.place / "template"
        template.mkdir(mode=0o700)
        furnish(template)
        for number, words in enumerate(self.story.prepare):
            environ = environment(template, EARLIER, environment_of(template))
            ran = forked.run(saying(template, words, self.story.typed.get(number, "")), self.place, environ)
            if ran.code not in self.story.codes:
                raise RuntimeError(f"{self.story.name}: {' '.join(words)} ends with {ran.code}: {ran.err}")
        return template


def _told(story: Writing, ran: Ran, before: State, now: State) -> Iterator[str]:
    """A run that ended told the truth: 0 and 74 are the only codes of a full disk, and 74 says what was done."""
    if ran.code == 99 or "unexpected error" in ran.err:
        yield f"a traceback: {ran.err[-300:]}"
    if ran.code > 0 and ran.code not in story.full:
        yield f"exit {ran.code} for a full disk: {ran.err[-200:]}"
    if ran.err.startswith("esimctl: nothing was") and "profiles/default" in before and list(_differing(before, now)):
        yield f"it says {ran.err.strip()[:120]!r}, but something was done"


def _differing(wanted: State, found: State) -> Iterator[str]:
    for name in sorted(wanted.keys() | found.keys()):
        there, here = wanted.get(name), found.get(name)
        if isinstance(there, list) and isinstance(here, list) and there != here:
            missing, more = [each for each in there if each not in here], [each for each in here if each not in there]
            yield f"ENTRIES: {name}: {len(here)} of {len(there)}, missing {_short(missing)}, more {_short(more)}"
        elif there != here:
            kind = "MISSING" if here is None else "TOO MUCH" if there is None else "DIFFERENT"
            yield f"{kind}: {name}: {_short(here)} instead of {_short(there)}"


def _short(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) < 400 else f"{text[:200]} … {text[-180:]}"


def _left(home: Path, *, handed_out: bool = True) -> Iterator[str]:
    """Nothing of ours lies about; in folders that are no profile's (`handed_out`) until something is written there."""
    for path in home.rglob("*"):
        name = path.name
        ours = name.startswith(".") and name.endswith((".tmp", ".restoring", ".restored"))
        if (ours or name == "unfinished.toml") and (handed_out or not _ELSEWHERE.search(str(path))):
            yield f"LEFT: {path.relative_to(home)}"


def state_of(home: Path) -> State:
    """What a home holds: settings and entries by their content, every other file by its own."""
    found: State = {}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if _DERIVED.match(name) or path.name.endswith(".tmp") or path.name == "unfinished.toml":
            continue
        if path.name == "profile.toml":
            found[name] = _CHANCE.sub("…", json.dumps(tomllib.loads(path.read_text()), default=str))
        elif path.parent.name == "journal":
            entries = found.setdefault(f"{path.parent.relative_to(home)}", [])
            entries += _entries(path.read_text(errors="replace")) if path.suffix == ".toml" else []
        elif path.is_file():
            data = path.read_bytes()
            found[name] = data.decode() if len(data) < 400 and data.isascii() else sha256(data).hexdigest()
        elif path.name != "journal":
            found[name] = "folder"
    return {
        _CHANCE.sub("…", name): _plain(value) if isinstance(value, list) else value for name, value in found.items()
    }


def _entries(text: str) -> list[dict[str, Any]]:
    """The entries of a segment as far as it can be read, without their places."""
    for end in range(text.count("\n") + 1):
        lines = text.splitlines()
        try:
            table = tomllib.loads("\n".join(lines[: len(lines) - end]))
        except tomllib.TOMLDecodeError:
            continue
        return [entry for name, rows in table.items() if isinstance(rows, list) for entry in rows]
    return []


def _plain(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Entries without chance: no numbers of their own, and without orders that never left."""
    never = {entry["order"] for entry in entries if entry.get("kind") == "order.cancelled"}
    kept = [entry for entry in entries if entry.get("order") not in never and entry.get("kind") != "note"]
    texts = (json.dumps({k: v for k, v in e.items() if k not in _WITHOUT}, default=str, sort_keys=True) for e in kept)
    return [_CHANCE.sub("…", text) for text in texts]


__all__ = ["FILLS", "KILLS", "state_of", "two_files_layer"]
