"""Every way in which a command can fail, each with its exit code, a stable snake_case code, one sentence and one hint.

A message is an English template with named parameters, so that it can be translated where it is shown; JSON always
carries the English sentence. Raised anywhere but in `charging`, turned into words or JSON in `main` alone.
"""

from collections.abc import Mapping
from enum import IntEnum
from errno import EDQUOT, EFBIG, ENOSPC
from typing import Any, ClassVar

from esimctl.values.sentence import Param, Raw, SaidError, Sentence


class ExitCode(IntEnum):
    """What a script sees: part of the public contract. New codes may be added; an unknown one is a failure."""

    DONE = 0
    INTERNAL = 1
    USAGE = 2
    REFUSED = 3
    UNKNOWN_OUTCOME = 4
    OWN_RULES = 5
    DAMAGED = 6
    ATTENTION = 20
    UNREACHABLE = 69
    OUTPUT_FAILED = 74
    BUSY = 75
    PROTOCOL = 76
    CREDENTIALS = 77
    CONFIGURATION = 78
    INTERRUPTED = 130
    READER_GONE = 141
    TERMINATED = 143


#: code → (meaning, did money move?), for `help exit-codes`, every help page and the README.
EXIT_CODES: Mapping[ExitCode, tuple[str, str]] = {
    ExitCode.DONE: ("done, or nothing to do", "as reported"),
    ExitCode.INTERNAL: ("unexpected internal error before anything was sent", "no"),
    ExitCode.USAGE: ("wrong usage: bad option or value, unknown name, a prompt that could not be asked", "no"),
    ExitCode.REFUSED: ("refused by the provider or the payment method, definitely", "no"),
    ExitCode.UNKNOWN_OUTCOME: ("outcome unknown, unconfirmed, or a discrepancy: look before you retry", "maybe"),
    ExitCode.OWN_RULES: ("refused by your own rules: cap, max price, cool-down, clock, pause", "no"),
    ExitCode.DAMAGED: ("state damaged: reading still works, spending does not", "no"),
    ExitCode.ATTENTION: ("something needs attention", "no"),
    ExitCode.UNREACHABLE: ("provider unreachable, nothing was sent", "no"),
    ExitCode.OUTPUT_FAILED: ("a disk or a stream takes no more; said: what was done and what not", "as reported"),
    ExitCode.BUSY: ("busy or rate limited, try later", "no, or `charged` says"),
    ExitCode.PROTOCOL: ("protocol or TLS violation", "no"),
    ExitCode.CREDENTIALS: ("credentials, permissions, file modes", "no"),
    ExitCode.CONFIGURATION: ("configuration, or a schema that is too new", "no"),
    ExitCode.INTERRUPTED: ("interrupted before anything was sent (after: 4)", "no"),
    ExitCode.READER_GONE: ("the reader of stdout went away", "as reported"),
    ExitCode.TERMINATED: ("terminated before anything was sent (after: 4)", "no"),
}


#: what the system says of a full disk, a used-up quota, a file that may not grow
NO_ROOM = frozenset({ENOSPC, EDQUOT, EFBIG})
MOST_SHOWN = 1000  #: characters of one value in a message


def shortened(value: Param) -> Param:
    """A text as a message can hold it: what is too long for a line keeps its beginning."""
    return Raw(value[:MOST_SHOWN] + "…") if isinstance(value, str) and len(value) > MOST_SHOWN else value


class EsimctlError(Exception):
    """A failure that a person can act on.

    `message` is an English template, `params` fill it; `hint` is an exact command or action, a template as well.
    `order` is the order (`documents.orders.OrderRow`) that goes with the failure, if there is one. `code` overrides the
    class's code.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL
    default_code: ClassVar[str] = "internal_error"
    retry_safe: bool = True

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        code: str | None = None,
        order: Any = None,
        retry_safe: bool | None = None,
        **params: Param,
    ) -> None:
        super().__init__(message)
        self.template = message
        self.hint_template = hint
        self.params = {name: shortened(value) for name, value in params.items()}
        self.code = code or self.default_code
        self.order = order
        if retry_safe is not None:
            self.retry_safe = retry_safe

    @property
    def said(self) -> Sentence:
        """The sentence, to be said in another language or within another sentence."""
        return Sentence(self.template, self.params)

    @property
    def message(self) -> str:
        """The sentence in English."""
        return self.template.format(**self.params) if self.params else self.template

    @property
    def way(self) -> Sentence | None:
        """The hint, to be said in another language."""
        return None if self.hint_template is None else Sentence(self.hint_template, self.params)

    @property
    def hint(self) -> str | None:
        """The hint in English."""
        if self.hint_template is None:
            return None
        return self.hint_template.format(**self.params) if self.params else self.hint_template

    def __str__(self) -> str:
        return self.message


class UsageError(EsimctlError):
    """A bad option, value or name; a prompt that could not be asked. Nothing was changed or sent."""

    exit_code = ExitCode.USAGE
    default_code = "usage"


class Refused(EsimctlError):
    """The provider or the payment method said no, definitely."""

    exit_code = ExitCode.REFUSED
    default_code = "refused"


class UnknownOutcome(EsimctlError):
    """Money may have moved: look before you retry."""

    exit_code = ExitCode.UNKNOWN_OUTCOME
    default_code = "unknown_outcome"
    retry_safe = False


class OwnRules(EsimctlError):
    """The person's own limits, pause or clock forbid it."""

    exit_code = ExitCode.OWN_RULES
    default_code = "own_rules"


class Damaged(EsimctlError):
    """Files of the profile are damaged; nothing is spent until they are mended."""

    exit_code = ExitCode.DAMAGED
    default_code = "state_damaged"


class Attention(EsimctlError):
    """A finding rather than a failure: see exit code 20."""

    exit_code = ExitCode.ATTENTION
    default_code = "attention"


class Unreachable(EsimctlError):
    """No byte of an order left this machine."""

    exit_code = ExitCode.UNREACHABLE
    default_code = "unreachable"


class Busy(EsimctlError):
    """Another run holds the lock, or the provider limits the rate."""

    exit_code = ExitCode.BUSY
    default_code = "busy"


class ProtocolViolation(EsimctlError):
    """The other side does not speak the agreed language, or TLS could not be verified."""

    exit_code = ExitCode.PROTOCOL
    default_code = "protocol_violation"


class CredentialsError(EsimctlError):
    """Credentials are wrong or missing, or files are open to others or closed to us."""

    exit_code = ExitCode.CREDENTIALS
    default_code = "credentials"


class ConfigurationError(EsimctlError):
    """The profile cannot be used as it is written, or was written by a newer version."""

    exit_code = ExitCode.CONFIGURATION
    default_code = "configuration"


class OutputFailed(EsimctlError):
    """stdout is full or broken; whatever the command did before stays done."""

    exit_code = ExitCode.OUTPUT_FAILED
    default_code = "output_failed"
    retry_safe = False


class NoRoom(EsimctlError):
    """A disk that takes no more. The sentence says what was done and what was not."""

    exit_code = ExitCode.OUTPUT_FAILED
    default_code = "disk_full"


class ReaderGone(EsimctlError):
    """The reader of stdout went away (`| head`): no noise, exit 141."""

    exit_code = ExitCode.READER_GONE
    default_code = "reader_gone"


class Interrupted(EsimctlError):
    """Ctrl-C before anything was sent."""

    exit_code = ExitCode.INTERRUPTED
    default_code = "interrupted"


class Stopped(EsimctlError):
    """SIGTERM before anything was sent."""

    exit_code = ExitCode.TERMINATED
    default_code = "terminated"


def is_no_room(error: BaseException) -> bool:
    """Whether the system says that a disk, a quota or a file takes no more."""
    return isinstance(error, OSError) and error.errno in NO_ROOM


def too_large(what: str, most: int, size: int | None = None) -> UsageError:
    """What is said (2) of a file or stream of more than `most` octets; `size` where it is known."""
    if size is None:
        return UsageError(
            "{what} holds more than {most}: no more is read", code="too_large", what=Raw(what), most=Raw(_size(most))
        )
    return UsageError(
        "{what} holds {size}: at most {most} is read",
        code="too_large",
        what=Raw(what),
        size=Raw(_size(size)),
        most=Raw(_size(most)),
    )


def _size(octets: int) -> str:
    unit, name = (1 << 20, "MiB") if octets >= 1 << 20 else (1 << 10, "KiB")
    return f"{octets // unit if octets % unit == 0 else round(octets / unit, 1)} {name}"


def reason_of(error: BaseException) -> Sentence | Raw:
    """What went wrong as people say it: no name of a class of this program or of Python."""
    if isinstance(error, EsimctlError | SaidError):
        return error.said
    if not isinstance(error, Exception):
        return Sentence("it was stopped")
    if type(error).__name__ == "TimeoutExpired":
        return Sentence("it did not end in time")
    if isinstance(error, MemoryError):
        return Sentence("there is not enough memory")
    if isinstance(error, OSError) and error.strerror:
        return Raw(error.strerror)
    return Sentence("the program met something that it does not expect")
