"""What the operating system refuses, as a failure with its exit code: the one place where an OSError gets one.

Exit 1 means a fault of ours: no disk, no closed place, no name of a person's and no crowded machine ends in it.
"""

import errno
from typing import Final

from esimctl.errors import NO_ROOM, Busy, CredentialsError, EsimctlError, NoRoom, OutputFailed, UsageError
from esimctl.values.sentence import Raw, Sentence

#: a place that is closed, or that is something else than a file of ours
CLOSED: Final = frozenset({
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENXIO,
})  # fmt: skip
#: a disk that is broken or gone, also one at the other end of a network, or one that cannot do what files need
FAILS: Final = frozenset(
    number
    for name in (
        "EIO", "ENODEV", "ESTALE", "EREMOTEIO", "ENOMEDIUM", "EMEDIUMTYPE", "EUCLEAN", "EBADMSG", "ENOTCONN",
        "ETIMEDOUT", "EHOSTDOWN", "ENOLINK", "ENOLCK", "EOPNOTSUPP", "ENOTSUP", "ENOSYS", "EXDEV", "EMLINK", "EBUSY",
        "ETXTBSY", "EOVERFLOW",
    )
    if (number := getattr(errno, name, None)) is not None
)  # fmt: skip
#: no more files, processes or memory now
SCARCE: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN})
#: names that no file can have: only a person gives such
NAMES: Final = frozenset({errno.ENAMETOOLONG, errno.EILSEQ})


def failure_of(error: OSError) -> EsimctlError | None:
    """The failure that an OSError is, None where it is a fault of ours."""
    number = error.errno
    why = Raw(error.strerror) if error.strerror else Sentence("it failed")
    path = None if error.filename is None else str(error.filename)
    at = Sentence("{path}: {why}", {"path": Raw(path), "why": why}) if path else why
    if number in NO_ROOM:
        return NoRoom(
            "the disk takes no more ({why}): what was done before stays done, the rest was not done",
            hint="free some space, then the same command again",
            code="disk_full",
            why=at,
        )
    if number in FAILS or (number in CLOSED and path is None):
        return OutputFailed(
            "the disk fails ({why}): what was done before stays done, the rest was not done",
            hint="esimctl doctor",
            code="file_failed",
            why=at,
        )
    if number in SCARCE:
        return Busy(
            "this machine has none left ({why}): what was done before stays done, the rest was not done",
            hint="the same command again, later",
            code="nothing_left",
            why=at,
        )
    if path is None:
        return None
    if number in NAMES:
        return UsageError("{path}: {why}", code="bad_name", path=Raw(path), why=why)
    if number in CLOSED:
        return CredentialsError(
            "cannot use {path}: {why}; nothing was sent",
            hint="esimctl doctor",
            code="file_not_usable",
            path=Raw(path),
            why=why,
        )
    return None
