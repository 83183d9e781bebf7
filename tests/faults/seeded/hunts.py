"""The layers as hunters: in their smallest form, and stopping at the first violation."""

from collections.abc import Sequence

from tests.faults import (
    bits,
    clocks,
    copies,
    crash,
    crowd,
    lint,
    lost_rows,
    matrix,
    model,
    names,
    powercut,
    two_files,
    two_machines,
)
from tests.faults.report import Report
from tests.faults.seeded import Change, Hunt


def killing(story: str) -> Hunt:
    """SIGKILL at every point of a story."""
    return lambda changes: crash.kill_layer(only=[story], required=1, changes=changes, first=True, calls=crash.WRITES)


def failing(story: str, *errors: str) -> Hunt:
    """Failing calls of a story."""
    return lambda changes: crash.error_layer(only=[story], required=1, changes=changes, errors=errors, first=True)


def writing(story: str) -> Hunt:
    """A writing command, killed and repeated."""
    return lambda changes: two_files.two_files_layer(only=[story], required=1, changes=changes, first=True, full=False)


def nesting(changes: Sequence[Change]) -> Report:
    """Crashes within recovery."""
    return crash.nested_layer(outer=4, most=4, required=1, changes=changes, first=True)


def cutting(disk: str, story: str) -> Hunt:
    """Power cuts on one kind of disk."""
    disks = [each for each in powercut.DISKS if each.name == disk]
    return lambda changes: powercut.powercut_layer(
        only=[story], most=30, required=1, disks=disks, changes=changes, first=True
    )


def linting(*only: str) -> Hunt:
    """Rules over a trace."""
    return lambda changes: lint.lint_layer(only=only, required=1, changes=changes)


def losing(changes: Sequence[Change]) -> Report:
    """Rows of the index that are lost."""
    return lost_rows.lost_rows_layer(required=1, changes=changes, first=True)


def modelling(story: str) -> Hunt:
    """Legal states of the disk."""
    return lambda changes: model.model_layer(only=[story], required=1, changes=changes, first=True)


def flipping(changes: Sequence[Change]) -> Report:
    """Prefixes and flipped bits."""
    return bits.bits_layer(every=16, required=1, changes=changes, first=True)


def racing(changes: Sequence[Change]) -> Report:
    """A race for the last of a limit."""
    return crowd.cap_layer(rounds=3, at_once=12, required=1, changes=changes, first=True)


def jumping(changes: Sequence[Change]) -> Report:
    """Clocks that jump."""
    return clocks.clock_layer(required=1, changes=changes, first=True)


def taking_back(changes: Sequence[Change]) -> Report:
    """A clock that was wrong once."""
    return clocks.taken_back_layer(changes=changes, first=True)


def naming(changes: Sequence[Change]) -> Report:
    """Names that are used again."""
    return names.names_layer(60, changes=changes)


def copying(pair: str, way: str) -> Hunt:
    """One cell of the copies."""
    return lambda changes: copies.copies_layer(only=(pair, way), required=1, changes=changes, first=True)


def matching(letters: str, *names: str) -> Hunt:
    """Cells of the matrix, and its stories."""
    faults = [fault for fault in matrix.FAULTS if fault.name in names]
    assert len(faults) == len(names)
    return lambda changes: matrix.matrix_layer(letters=letters, faults=faults, required=1, changes=changes, first=True)


def carrying(changes: Sequence[Change]) -> Report:
    """Two machines with one profile."""
    return two_machines.two_machines_layer(schedules=100, at_once=10, required=1, changes=changes, first=True)


def shortening(changes: Sequence[Change]) -> Report:
    """Short writes."""
    return crash.short_write_layer(required=1, changes=changes, first=True)


__all__ = [
    "carrying", "copying", "cutting", "failing", "flipping", "jumping", "killing", "linting", "matching", "modelling",
    "naming", "nesting", "racing", "shortening", "taking_back", "writing",
]  # fmt: skip
