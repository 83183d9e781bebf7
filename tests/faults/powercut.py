"""Power cuts: the program works on a real file system in an image, and the image as it is then is the disk.

What was not fsynced is in the page cache only and not in the image. In variant b the file system commits its own
journal just before, so that names land without the bytes that were never synced: default ext4 hides that mistake.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tests.faults import forked
from tests.faults.forked import KILLED, Point, inject, points_of, spread
from tests.faults.operator import sales
from tests.faults.report import Report
from tests.faults.scratch import renew, scratch
from tests.faults.stories import Story, environment, judge, make, stories

_CHANGES = frozenset(
    ["write", "pwrite64", "fsync", "rename", "link", "unlink", "mkdir", "ftruncate", "openat", "exit_group"]
)


@dataclass(frozen=True, slots=True)
class Disk:
    """A kind of file system: how big its image is, how it is made and mounted."""

    name: str
    megabytes: int
    make: tuple[str, ...]
    options: str


DISKS = (
    Disk("ext4", 12, ("mkfs.ext4", "-qF"), "noauto_da_alloc,commit=300"),
    Disk("xfs", 320, ("mkfs.xfs", "-q"), "defaults"),
    Disk("btrfs", 120, ("mkfs.btrfs", "-q"), "commit=300"),
)


def unable(disks: Sequence[Disk] = DISKS) -> str | None:
    """Why this machine cannot cut power, None if it can."""
    if os.geteuid() != 0:
        return "only root can mount images"
    if forked.STRACE is None:
        return "strace is not installed"
    if not Path("/dev/loop-control").exists():
        return "there are no loop devices"
    missing = [disk.make[0] for disk in disks if shutil.which(disk.make[0], path=_path()) is None]
    if missing:
        return f"{', '.join(missing)} is not installed"
    return None


def _path() -> str:
    return os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def _do(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "PATH": _path()})
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")


@contextmanager
def _mounted(image: Path, at: Path, options: str) -> Iterator[None]:
    at.mkdir(exist_ok=True)
    _do("mount", "-o", f"loop,{options}", str(image), str(at))
    try:
        yield
    finally:
        for _ in range(50):
            try:
                _do("umount", str(at))
                break
            except RuntimeError:
                time.sleep(0.02)
        else:
            _do("umount", "-l", str(at))


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    _do("cp", "--sparse=always", str(source), str(target))


def _digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and "sandbox" not in path.parts
    }


class Bench:
    """One story on one kind of disk: a base image with the prepared home, the operator's books elsewhere."""

    def __init__(self, place: Path, disk: Disk, story: Story, changes: Sequence[Callable[[], None]] = ()) -> None:
        self.place, self.disk, self.story, self.changes = place, disk, story, (*story.before, *changes)
        self.base, self.live, self.cut = place / "base.img", place / "live.img", place / "cut.img"
        self.mount, self.books = place / "mnt", place / "books"
        self.home = self.mount / "home"
        self.lost = 0  #: cuts after which the disk held less than the program saw

    def prepare(self) -> list[Point]:
        """Make the base image; returns the points of the story."""
        template = make(self.story, self.place / "template")
        (template / "sandbox").mkdir(exist_ok=True)
        (template / "sandbox").rename(self.place / "books-before")
        (template / "sandbox").symlink_to(self.books)
        with self.base.open("wb") as file:
            file.truncate(self.disk.megabytes << 20)
        _do(*self.disk.make, str(self.base))
        with _mounted(self.base, self.mount, self.disk.options):
            shutil.copytree(template, self.home, symlinks=True)
            (self.mount / "unrelated").write_bytes(b"0")
            _do("sync", "-f", str(self.mount))
        renew(self.books, self.place / "books-before")
        _copy(self.base, self.live)
        with _mounted(self.live, self.mount, self.disk.options):
            ran, lines = forked.traced(
                self.story.act(self.home), self.place, environment(self.home), before=self.changes
            )
            if ran.code != 0:
                raise RuntimeError(f"{self.story.name} fails undisturbed: {ran}")
            points = points_of(lines, self.home)
        return [point for point in points if point.call in _CHANGES and "~/sandbox" not in point.what]

    def strike(self, point: Point, variant: str) -> tuple[bool, list[str]]:
        """Cut at a point; whether the process really died there, and what was violated."""
        renew(self.books, self.place / "books-before")
        sold = len(sales(self.place / "counted")) if (self.place / "counted").exists() else self._sold_before()
        _copy(self.base, self.live)
        with _mounted(self.live, self.mount, self.disk.options):
            ran = forked.run(
                self.story.act(self.home),
                self.place,
                environment(self.home),
                strace=inject(point, "signal=KILL"),
                before=self.changes,
            )
            if variant == "b":
                with (self.mount / "unrelated").open("r+b") as file:
                    file.write(b"1")
                    os.fsync(file.fileno())
            _copy(self.live, self.cut)
            seen = _digest(self.home)
        with _mounted(self.cut, self.mount, "defaults"):
            self.lost += seen != _digest(self.home)
            violations = judge(self.story, self.home, ran, sold, rerun=False, changes=self.changes)
        return ran.code == KILLED, violations

    def _sold_before(self) -> int:
        counted = self.place / "counted"
        counted.mkdir()
        shutil.copytree(self.place / "books-before", counted / "sandbox")
        return len(sales(counted))


def powercut_layer(
    *,
    only: Sequence[str] = ("buy", "topup", "payments-add", "lines-rename", "segment-seal"),
    most: int = 10,
    required: int = 200,
    disks: Sequence[Disk] = DISKS,
    changes: Sequence[Callable[[], None]] = (),
    first: bool = False,
) -> Report:
    """Every disk, both variants, `most` points of each story."""
    report = Report("power-cut", required)
    report.not_run = unable(disks)
    if report.not_run is not None:
        return report
    began, lost = time.monotonic(), 0
    for disk in disks:
        fired = 0
        for name in only:
            with scratch() as place:
                bench = Bench(place, disk, stories()[name], changes)
                points = bench.prepare()
                for variant in ("a", "b"):
                    for point in spread(points, most):
                        died, bad = bench.strike(point, variant)
                        report.points += 1
                        report.fired += died
                        fired += died
                        for violation in bad:
                            report.violated(f"{disk.name} {variant} {name} {point}", violation)
                        if first and report.violations:
                            return report
                lost += bench.lost
        report.figures[disk.name] = fired
    report.figures |= {"disk_behind": lost, "seconds": round(time.monotonic() - began)}
    if lost == 0:
        report.violated("harness", "no cut took anything away: these were not power cuts")
    return report


def leftovers(place: Path) -> None:
    """Unmount what a stopped run left."""
    with suppress(RuntimeError):
        _do("umount", "-l", str(place))


__all__ = ["DISKS", "Disk", "powercut_layer", "unable"]
