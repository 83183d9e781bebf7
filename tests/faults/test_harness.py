"""The harness itself: faults strike where it says, points are counted as strace counts, models follow their rules."""

from pathlib import Path

import pytest

from tests.faults import forked
from tests.faults.forked import KILLED, Point, command, inject, points_of, spread
from tests.faults.lint import Lint
from tests.faults.model import History, Step
from tests.faults.stories import environment
from tests.tools import needs

needs_strace = needs("strace", "strace")


@needs_strace
def test_an_injected_kill_really_kills(tmp_path: Path) -> None:
    """The exit is the signal's, not the program's."""
    ran = forked.run(
        command("profile", "create", "other"),
        tmp_path,
        environment(tmp_path / "home"),
        strace=inject(Point("fsync", 1, ""), "signal=KILL"),
    )
    assert ran.code == KILLED


@needs_strace
def test_the_same_call_is_the_same_in_every_run(tmp_path: Path) -> None:
    """Two runs of one story show the same calls of the same names, in the same order."""
    seen = []
    for name in ("one", "two"):
        home = tmp_path / name
        ran, lines = forked.traced(command("payments", "add", "purse", "--kind", "cash"), tmp_path, environment(home))
        assert ran.code == 0, ran
        seen.append([(point.call, point.k) for point in points_of(lines, home)])
    assert seen[0] == seen[1]
    assert len(seen[0]) > 30


def test_points_are_counted_per_name_over_the_whole_trace() -> None:
    """Calls elsewhere count, but are no points; the pid column may be padded."""
    lines = [
        '1234 openat(AT_FDCWD, "/etc/x", O_RDONLY) = 3',
        '  99   openat(AT_FDCWD, "/h/a", O_RDONLY) = 3'.strip(),
        "1234 exit_group(0)  = ?",
        "1234 +++ exited with 0 +++",
    ]
    assert [(point.call, point.k) for point in points_of(lines, Path("/h"))] == [("openat", 2), ("exit_group", 1)]


def test_spread_keeps_first_and_last() -> None:
    """Reduced runs still see both ends."""
    points = [Point("write", k, "") for k in range(100)]
    chosen = spread(points, 7)
    assert (chosen[0], chosen[-1], len(chosen)) == (points[0], points[-1], 7)


@pytest.mark.parametrize(
    ("trace", "finding"),
    [
        (['1 openat(AT_FDCWD, "/h/profiles/d/profile.toml", O_WRONLY|O_TRUNC|O_CREAT) = 3'], "O_TRUNC"),
        (["1 write(3</h/profiles/d/journal/000001.toml>, x, 1) = 1"], "exit with bytes"),
        (
            [
                "1 write(3</h/profiles/d/journal/000001.toml>, x, 1) = 1",
                "1 pwrite64(4</h/sandbox/books.sqlite3>, x, 1, 0) = 1",
                "1 fsync(3</h/profiles/d/journal/000001.toml>) = 0",
            ],
            "sent while not fsynced",
        ),
        (['1 rename("/h/profiles/d/.p.tmp", "/h/profiles/d/profile.toml") = 0'], "exit with a name"),
    ],
)
def test_lint_sees(trace: list[str], finding: str) -> None:
    """Each rule finds what it is there for."""
    lint = Lint(Path("/h"))
    lint.walk(trace)
    assert any(finding in each for each in lint.findings), lint.findings


def test_model_knows_what_is_durable() -> None:
    """Bytes by their file's fsync, a name by its folder's, and never by the other's."""
    history = History(Path("/h"))
    history.steps = [
        Step("create", 1, "d/a"),
        Step("write", 1, "d/a", data=b"x"),
        Step("sync", 1, "d/a"),
        Step("sync", 2, "d"),
    ]
    assert history.durable(2) == [False, False]
    assert history.durable(3) == [False, True, True]
    assert history.durable(4) == [True, True, True, True]
