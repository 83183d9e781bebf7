"""The one door for what others wrote: whatever a library makes of it, nothing comes out but Malformed."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from esimctl.errors import EsimctlError
from esimctl.values.sentence import SaidError

P = ParamSpec("P")
T = TypeVar("T")


class Malformed(SaidError):
    """Bytes or fields that are not what was agreed. The message never repeats a value."""


def parsed(read: Callable[..., T], *given: object, why: str = "it is not what was agreed") -> T:
    """What `read` makes of bytes, texts or fields that somebody else wrote; Malformed with `why` where it cannot.

    Parsers raise what they like: decimal.InvalidOperation for an exponent, OverflowError for a year, RecursionError
    for a nest of lists. Failures of ours and of the disk are no reading of anybody's bytes, and pass.
    """
    try:
        return read(*given)
    except (Malformed, EsimctlError, OSError):
        raise
    except Exception as error:
        raise Malformed(why) from error


def if_told(read: Callable[P, T | None], *given: P.args, **more: P.kwargs) -> T | None:
    """What `read` makes of something that decides nothing: None where it cannot be read, so that it spoils no more.

    if_told(row.instant, "createdAt")
    """
    try:
        return parsed(lambda: read(*given, **more))
    except Malformed:
        return None
