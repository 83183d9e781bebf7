"""Rules over a trace of system calls: what a power cut could undo although the program has gone on."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath

from tests.faults import forked
from tests.faults.report import Report
from tests.faults.scratch import scratch
from tests.faults.stories import Story, environment, make, stories

_LINE = re.compile(r"\d+\s+(\w+)\((.*)\)\s+= (-?\d+)")  # \s+: the pid column is padded
_FD = re.compile(r"\d+<([^>]*)>")

#: derived files, or such whose old version does no harm: their names may wait for the file system
WAITS = re.compile(
    r"/(state\.toml|deliveries\.(toml|lock)|last-run\.toml|index\.(sqlite(\.new)?(-journal)?|checked)|reserve|lock|seed|active-profile)\Z|/state/esimctl(/|\Z)|/backups/|/evidence/|\.tmp\Z"
)
#: files whose content may wait: the note of how far we came, and the name of the lock's holder
LOOSE = re.compile(r"/(lock|deliveries\.lock|state/esimctl/[0-9a-f]{32})\Z")


class Lint:
    """One walk over a trace. `findings` are sentences."""

    def __init__(self, home: Path, *, lenient: frozenset[str] = frozenset()) -> None:
        self.state, self.operator = str(home), str(home / "sandbox")
        self.lenient = lenient  #: names whose entry in the folder may wait: the journal brings them back
        self.dirty: dict[str, int] = {}
        self.unnamed: set[str] = set()
        self.findings: list[str] = []
        self.seen = 0  #: calls that concerned our files
        self.posts = 0

    def walk(self, lines: Sequence[str]) -> None:
        """Take the whole trace in."""
        for number, line in enumerate(lines, 1):
            found = _LINE.match(line)
            if found is None or int(found[3]) < 0:
                continue
            call, arguments = found[1], found[2]
            fd = _FD.match(arguments)
            self._call(number, call, arguments, fd[1] if fd else None)
        self.findings += [f"exit with bytes that were not fsynced: {path}" for path in self.dirty]
        self.findings += [f"exit with a name that was not fsynced: {path}" for path in sorted(self.unnamed)]

    def _call(self, number: int, call: str, arguments: str, path: str | None) -> None:
        ours = path is not None and path.startswith(self.state) and not path.startswith(self.operator)
        if call in ("write", "pwrite64") and path is not None and path.startswith(self.operator):
            self._post(number)
        elif call in ("write", "pwrite64", "writev", "ftruncate") and ours and path is not None:
            self.seen += 1
            if not LOOSE.search(path):
                self.dirty[path] = number
        elif call in ("fsync", "fdatasync") and ours and path is not None:
            self.seen += 1
            self.dirty.pop(path, None)
            self.unnamed = {name for name in self.unnamed if str(PurePath(name).parent) != path}
        elif call == "openat" and "O_CREAT" in arguments:
            self._created(number, arguments)
        elif call.startswith(("rename", "link", "mkdir")):
            self._named(call, arguments)

    def _created(self, number: int, arguments: str) -> None:
        name = re.search(r'"([^"]+)"', arguments)
        if name is None or not self._mine(name[1]):
            return
        self.seen += 1
        if "O_TRUNC" in arguments:
            self.findings.append(f"line {number}: O_TRUNC on a live file: {name[1]}")
        if "/journal/0" in name[1] or "O_EXCL" in arguments:
            self._wait_for_name(name[1])

    def _named(self, call: str, arguments: str) -> None:
        names = re.findall(r'"([^"]+)"', arguments)
        if not names or not self._mine(names[-1]):
            return
        self.seen += 1
        if call.startswith("rename"):
            source, target = names[0], names[-1]
            if source in self.dirty:
                self.findings.append(f"rename of a file that was not fsynced: {source}")
            self.dirty.pop(source, None)
            self.unnamed.discard(source)
            self._wait_for_name(target)
        else:
            self._wait_for_name(names[-1])

    def _wait_for_name(self, name: str) -> None:
        if not WAITS.search(name) and PurePath(name).name not in self.lenient:
            self.unnamed.add(name)

    def _post(self, number: int) -> None:
        """The operator begins to write: our request has arrived there."""
        self.posts += 1
        if self.posts == 1:
            self.findings += [f"line {number}: sent while not fsynced: {path}" for path in self.dirty]
            self.findings += [f"line {number}: sent while its name is not fsynced: {path}" for path in self.unnamed]

    def _mine(self, path: str) -> bool:
        return path.startswith(self.state) and not path.startswith(self.operator)


def lint_layer(
    *, only: Sequence[str] = (), required: int = 100, changes: Sequence[Callable[[], None]] = (), first: bool = False
) -> Report:
    """Every story's trace against the rules. `fired` counts the calls that the rules looked at."""
    report = Report("trace-lint", required)
    if forked.STRACE is None:
        report.not_run = "strace is not installed"
        return report
    for story in [stories()[name] for name in only] if only else stories().values():
        with scratch() as place:
            findings = _look(story, place, changes)
            report.points += 1
            report.fired += findings.seen
            for finding in findings.findings:
                report.violated(story.name, finding.replace(findings.state, "~"))
            if story.buys and not findings.posts:
                report.violated(story.name, "the sending was not seen: the lint is blind")
    return report


def _look(story: Story, place: Path, changes: Sequence[Callable[[], None]]) -> Lint:
    home = make(story, place / "home")
    ran, lines = forked.traced(story.act(home), place, environment(home), before=(*story.before, *changes))
    if ran.code != 0:
        raise RuntimeError(f"{story.name} fails undisturbed: {ran}")
    keeps = story.buys is not None  # a bought line is brought back into the profile from the journal
    lint = Lint(home, lenient=frozenset({"profile.toml"}) if keeps else frozenset())
    lint.walk(lines)
    return lint


__all__ = ["Lint", "lint_layer"]
