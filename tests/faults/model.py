"""Every legal state of the disk after a power cut, worked out from one trace (after ALICE), and each of them judged.

An operation is durable once its file (for bytes) or its folder (for names) has been fsynced. Of the others, any subset
of the last ones may be lost, and a write that is kept may have come half.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import combinations
from pathlib import Path

from tests.faults import forked
from tests.faults.forked import KILLED, Ran
from tests.faults.operator import sales
from tests.faults.report import Report
from tests.faults.scratch import renew, scratch
from tests.faults.stories import environment, judge, make, stories

_LINE = re.compile(r"\d+\s+(\w+)\((.*)\)\s+= (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_FD = re.compile(r"(\d+)<((?:\\x[0-9a-f]{2})*)>")
_TRACED = "openat,write,pwrite64,lseek,fsync,fdatasync,rename,ftruncate,unlink,link,mkdir,chmod,close"
WINDOW = 7  #: operations at the end that may each be lost or kept


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@dataclass(frozen=True, slots=True)
class Step:
    """One operation. `inode` numbers the file, `name` its path below the home, `folder` the folder of a name."""

    kind: str  #: create, write, cut, rename, link, unlink, folder, sync, post
    inode: int = -1
    name: str = ""
    other: str = ""
    offset: int = 0
    data: bytes = b""

    @property
    def on_name(self) -> bool:
        return self.kind in ("create", "rename", "link", "unlink", "folder")

    @property
    def folders(self) -> set[str]:
        return {str(Path(name).parent) for name in (self.name, self.other) if name}


@dataclass(slots=True)
class History:
    """The steps of a trace. Inodes of files that were there before are negative and known by name."""

    home: Path
    steps: list[Step] = field(default_factory=list)
    _names: dict[str, int] = field(default_factory=dict)
    _open: dict[int, tuple[int, str]] = field(default_factory=dict)
    _at: dict[int, int] = field(default_factory=dict)
    _next: int = 1

    def walk(self, lines: Sequence[str]) -> None:
        """Take a whole trace in."""
        for line in lines:
            found = _LINE.match(line)
            if found is None or int(found[3]) < 0:
                continue
            texts = [_bytes(text) for text in _TEXT.findall(found[2])]
            fd = _FD.match(found[2])
            self._call(found[1], found[2], texts, int(fd[1]) if fd else -1, int(found[3]))

    def _inside(self, path: bytes) -> str | None:
        """The path below the home, `` for the home; None for anything else, the operator's books included."""
        text = path.decode(errors="replace")
        if text != str(self.home) and not text.startswith(f"{self.home}/"):
            return None
        return text[len(str(self.home)) + 1 :]

    def inode(self, name: str) -> int:
        """The number of the file that has this name now."""
        if name not in self._names:
            self._names[name] = self._next
            self._next += 1
        return self._names[name]

    def _call(self, call: str, arguments: str, texts: list[bytes], fd: int, result: int) -> None:
        names = [self._inside(text) for text in texts]
        if call == "openat" and names and names[0] is not None:
            self._opened(names[0], arguments, result)
        elif call == "close":
            self._open.pop(fd, None)
        elif fd in self._open:
            self._on_file(call, arguments, texts, fd, result)
        elif call in ("rename", "link", "unlink", "mkdir") and names and names[-1] is not None:
            self._on_name(call, names)

    def _opened(self, name: str, arguments: str, fd: int) -> None:
        if name.startswith("sandbox/"):
            self._open[fd] = (0, name)
            return
        there = name in self._names or (self.home / name).exists()
        number = self.inode(name)
        self._open[fd], self._at[fd] = (number, name), 0
        if "O_CREAT" in arguments and not there:
            self.steps.append(Step("create", number, name))
        elif "O_TRUNC" in arguments:
            self.steps.append(Step("cut", number, name))

    def _on_file(self, call: str, arguments: str, texts: list[bytes], fd: int, result: int) -> None:
        number, name = self._open[fd]
        if name.startswith("sandbox/"):
            if call in ("write", "pwrite64") and not any(step.kind == "post" for step in self.steps):
                self.steps.append(Step("post"))
            return
        if call == "lseek":
            self._at[fd] = result
        elif call in ("write", "pwrite64"):
            offset = self._at[fd] if call == "write" else int(arguments.rsplit(",", 1)[1])
            self.steps.append(Step("write", number, name, offset=offset, data=texts[-1][:result]))
            self._at[fd] = offset + result
        elif call == "ftruncate":
            self.steps.append(Step("cut", number, name, offset=int(arguments.rsplit(",", 1)[1])))
        elif call in ("fsync", "fdatasync"):
            self.steps.append(Step("sync", number, name))

    def _on_name(self, call: str, names: list[str | None]) -> None:
        first, last = names[0] or "", names[-1] or ""
        if last.startswith("sandbox"):
            return
        if call == "rename":
            number = self.inode(first)
            self.steps.append(Step("rename", number, last, first))
            self._names[last] = number
            del self._names[first]
        elif call == "link":
            self.steps.append(Step("link", self.inode(first), last))
            self._names[last] = self.inode(first)
        elif call == "unlink":
            self.steps.append(Step("unlink", self.inode(last), last))
            self._names.pop(last, None)
        else:
            self.steps.append(Step("folder", -1, last))

    def durable(self, upto: int) -> list[bool]:
        """For every step before `upto`, whether a later fsync before `upto` covers it."""
        covered = []
        for index, step in enumerate(self.steps[:upto]):
            later = [s for s in self.steps[index + 1 : upto] if s.kind == "sync"]
            if step.kind in ("sync", "post"):
                covered.append(True)
            elif step.on_name:
                covered.append(step.folders <= {s.name for s in later})
            else:
                covered.append(any(s.inode == step.inode for s in later))
        return covered


def states(history: History) -> Iterator[tuple[int, list[Step]]]:
    """(prefix, steps that reached the disk) of every state that the disk may be in."""
    for upto in range(1, len(history.steps) + 1):
        covered = history.durable(upto)
        floating = [index for index, sure in enumerate(covered) if not sure][-WINDOW:]
        for count in range(len(floating) + 1):
            for lost in combinations(floating, count):
                kept = [step for index, step in enumerate(history.steps[:upto]) if index not in lost]
                yield upto, kept
                for half in (index for index in floating if index not in lost):
                    torn = history.steps[half]
                    if torn.kind == "write" and len(torn.data) > 1:
                        cut = Step(
                            "write", torn.inode, torn.name, offset=torn.offset, data=torn.data[: len(torn.data) // 2]
                        )
                        yield upto, [cut if step is torn else step for step in kept]


def materialise(home: Path, template: Path, steps: Sequence[Step]) -> None:  # noqa: C901 (a branch for each kind)
    """Make `home` what the disk would hold: the template, and the steps that reached it."""
    renew(home, template)
    content: dict[int, bytearray] = {}
    named: dict[str, int] = {}

    def bytes_of(number: int, name: str) -> bytearray:
        if number not in content:
            path = template / name
            content[number] = bytearray(path.read_bytes() if path.is_file() else b"")
        return content[number]

    for step in steps:
        if step.kind == "folder":
            (home / step.name).mkdir(mode=0o700, exist_ok=True)
        elif step.kind == "create":
            content.setdefault(step.inode, bytearray())
            named[step.name] = step.inode
        elif step.kind in ("write", "cut"):
            data = bytes_of(step.inode, step.name)
            if step.kind == "cut":
                del data[step.offset :]
            else:
                data.extend(b"\0" * (step.offset - len(data)))
                data[step.offset : step.offset + len(step.data)] = step.data
            if (template / step.name).exists():
                named.setdefault(step.name, step.inode)
        elif step.kind == "rename":
            _gone(home, named, step.other)
            named[step.name] = step.inode
            bytes_of(step.inode, step.other)
        elif step.kind == "link":
            bytes_of(step.inode, "profiles/default/profile.toml")
            named[step.name] = step.inode
        elif step.kind == "unlink":
            _gone(home, named, step.name)
    for name, number in named.items():
        path = home / name
        if path.parent.is_dir():
            path.unlink(missing_ok=True)
            path.write_bytes(content.get(number, b""))
            path.chmod(0o600)


def _gone(home: Path, named: dict[str, int], name: str) -> None:
    named.pop(name, None)
    (home / name).unlink(missing_ok=True)


def model_layer(
    *,
    only: Sequence[str] = ("topup", "payments-add", "segment-seal", "lost-answer"),
    required: int = 100,
    changes: Sequence[Callable[[], None]] = (),
    first: bool = False,
) -> Report:
    """Judge every legal state once. `fired` counts states that differ from each other."""
    report = Report("model", required)
    if forked.STRACE is None:
        report.not_run = "strace is not installed"
        return report
    for name in only:
        _model(name, report, changes, first=first)
        if first and report.violations:
            break
    return report


def _model(name: str, report: Report, changes: Sequence[Callable[[], None]], *, first: bool) -> None:
    story = stories()[name]
    with scratch() as place:
        template = make(story, place / "template")
        home = renew(place / "home", template)
        log = place / "trace"
        options = ["-y", "-xx", "-s", "400000", "-o", str(log), "-e", f"trace={_TRACED}"]
        ran = forked.run(story.act(home), place, environment(home), strace=options, before=(*story.before, *changes))
        if ran.code != 0:
            raise RuntimeError(f"{name} fails undisturbed: {ran}")
        shutil.copytree(home / "sandbox", place / "sold")
        renew(home, template)  # what was there before is told from what the trace created
        history = History(home)
        history.walk(log.read_text().splitlines())
        sold, seen = len(sales(template)), set()
        for upto, kept in states(history):
            posted = any(step.kind == "post" for step in history.steps[:upto])
            materialise(home, template, kept)
            digest = _digest(home, posted=posted)
            if digest in seen:
                continue
            seen.add(digest)
            if posted and story.buys:
                shutil.rmtree(home / "sandbox", ignore_errors=True)
                shutil.copytree(place / "sold", home / "sandbox")
            report.points += 1
            report.fired += 1
            for violation in judge(story, home, Ran(KILLED, "", ""), sold, rerun=False, changes=changes):
                report.violated(f"{name} after step {upto} of {len(history.steps)}, {len(kept)} kept", violation)
            if first and report.violations:
                return
        report.figures[name] = len(seen)


def _digest(home: Path, *, posted: bool) -> str:
    total = sha256(b"posted" if posted else b"")
    for path in sorted(path for path in home.rglob("*") if path.is_file() and "sandbox" not in path.parts):
        if path.name != "lock":
            total.update(f"{path.relative_to(home)}\0".encode() + path.read_bytes() + b"\0")
    return total.hexdigest()


__all__ = ["History", "Step", "materialise", "model_layer", "states"]
