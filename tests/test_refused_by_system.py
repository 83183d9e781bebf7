"""Every error of the system has one exit code, and 1 only where nobody but us can have made it."""

import errno
import os

import pytest

from esimctl.errors import ExitCode
from esimctl.refused_by_system import failure_of
from tests.conftest import Runner

#: what a program meets by its own mistake alone
OURS = frozenset({
    errno.ENOENT, errno.EEXIST, errno.ENOTEMPTY, errno.EBADF, errno.EINVAL, errno.EFAULT, errno.ECHILD, errno.ESRCH,
})  # fmt: skip
#: what disks, file systems and crowded machines say
THEIRS = (
    "EIO", "ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EACCES", "EPERM", "ENODEV", "ENXIO", "ESTALE", "ELOOP", "EISDIR",
    "ENOTDIR", "EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "ENOLCK", "ENOSYS", "EOPNOTSUPP", "EXDEV", "EMLINK", "EBUSY",
    "ETXTBSY", "ENOTCONN", "ETIMEDOUT",
)  # fmt: skip


@pytest.mark.parametrize("name", THEIRS)
@pytest.mark.parametrize("path", [None, "/a/file"])
def test_what_is_not_ours_has_a_code_of_its_own(name: str, path: str | None) -> None:
    number = getattr(errno, name)
    failure = failure_of(OSError(number, os.strerror(number), path))
    assert failure is not None
    assert failure.exit_code is not ExitCode.INTERNAL
    assert os.strerror(number) in failure.message
    assert (path or "") in failure.message


@pytest.mark.parametrize("number", sorted(OURS))
def test_what_is_ours_is_a_crash(number: int) -> None:
    assert failure_of(OSError(number, os.strerror(number), "/a/file")) is None


def test_no_number_is_taken_for_two_things() -> None:
    from esimctl import refused_by_system as table
    from esimctl.errors import NO_ROOM

    sets = (table.CLOSED, table.FAILS, table.SCARCE, table.NAMES, NO_ROOM, OURS)
    assert sum(map(len, sets)) == len(frozenset().union(*sets))


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.EROFS, 74), (errno.EIO, 74), (errno.ENOSPC, 74), (errno.ESTALE, 74), (errno.EMFILE, 75), (errno.EBADF, 1)],
)
def test_an_error_without_a_name_of_a_file(
    run: Runner, monkeypatch: pytest.MonkeyPatch, number: int, code: int
) -> None:
    """fsync and flock have no name to tell."""
    assert run("payments", "add", "first", "--kind", "cash").code == 0

    def failing(_fd: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing)
        failed = run("profile", "create", "second", "--json")
    assert (failed.code, failed.json["error"]["exit_code"]) == (code, code), failed
