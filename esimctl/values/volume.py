"""Volumes: whole octets, written by people in units of 1000 or 1024 (IEC 80000-13; operators differ)."""

import re
from enum import Enum
from functools import lru_cache
from typing import Final, Literal

from esimctl.values.regex import regex
from esimctl.values.sentence import Raw, SaidError


class VolumeError(SaidError):
    """A text that is not a volume, or one that does not come to whole octets."""


class Unlimited(Enum):
    """The type of `UNLIMITED`: data without a number."""

    UNLIMITED = "unlimited"

    def __str__(self) -> str:
        return "unlimited"


UNLIMITED: Final[Literal[Unlimited.UNLIMITED]] = Unlimited.UNLIMITED

#: More than any line can hold (10^18 octets); beyond it a number is a slip of the pen.
MOST: Final = 10**18

_WRITTEN = regex(r"([0-9]{1,21})(?:\.([0-9]{1,21}))? ?([KMGT]i?B|B)", re.ASCII)
_POWERS = {"B": 0, "K": 1, "M": 2, "G": 3, "T": 4}


def unit_size(unit: str, base: int = 1000) -> int:
    """Octets in one `B`, `KB`, `MB`, `GB`, `TB` (by `base`) or `KiB`, `MiB`, `GiB`, `TiB` (by 1024)."""
    step: int = 1024 if unit[1:2] == "i" else base
    size: int = step ** _POWERS[unit[0]]
    return size


def _canonical(text: str) -> str:
    """Units as people type them (`gb`, `Gib`, `kB`) in the one spelling that is read."""
    upper = text.upper()
    return upper.replace("IB", "iB") if upper.endswith("IB") else upper


def parse_octets(text: str, base: int = 1000, *, strict: bool = False) -> int:
    """Read a volume such as `500MB`, `1.5 GB` or `2GiB` as octets; `strict` takes the units' exact spelling only."""
    if not isinstance(text, str):
        raise VolumeError("a volume is a text like '500MB'")
    return _octets(text, base, strict)


@lru_cache(maxsize=256)
def _octets(text: str, base: int, strict: bool) -> int:
    """A market has a few sizes, and asks for each of them with every plan, more than once."""
    found = _WRITTEN.fullmatch(text.strip(" ") if strict else _canonical(text.strip()))
    if found is None:
        raise VolumeError("{text} is not a volume like '500MB', '1.5GB' or '2GiB'", text=Raw(f"{text!r:.60}"))
    whole, part, unit = found.groups()
    part = part or ""
    scale: int = 10 ** len(part)
    octets, rest = divmod(int(whole + part) * unit_size(unit, base), scale)
    if rest:
        raise VolumeError("{text} does not come to whole octets", text=Raw(f"{text!r:.60}"))
    if octets > MOST:
        raise VolumeError("{text} is more than any line holds", text=Raw(f"{text!r:.60}"))
    return octets


def parse_volume(text: str, base: int = 1000, *, strict: bool = False) -> int | Unlimited:
    """Read a volume or the word `unlimited`; raises VolumeError with a reason of one line."""
    if isinstance(text, str) and (text if strict else text.strip().lower()) == "unlimited":
        return UNLIMITED
    return parse_octets(text, base, strict=strict)


def format_volume(octets: int | Unlimited, base: int = 1000) -> str:
    """A volume for people: `4.2 GB`, at most two decimals and never more than there is; `unlimited` as a word."""
    if isinstance(octets, Unlimited):
        return "unlimited"
    sign, size = ("-", -octets) if octets < 0 else ("", octets)
    unit = "B"
    for bigger in ("KB", "MB", "GB", "TB"):
        if size < unit_size(bigger, base):
            break
        unit = bigger
    whole, rest = divmod(size, unit_size(unit, base))
    hundredths = rest * 100 // unit_size(unit, base)
    decimals = f".{hundredths:02d}".rstrip("0").rstrip(".")
    return f"{sign}{whole}{decimals} {unit}"


def exact_volume(octets: int | Unlimited, base: int = 1000) -> str:
    """The shortest exact spelling, readable again with the same base: `16000MB` is `16GB`, 201 octets are `201B`."""
    if isinstance(octets, Unlimited):
        return "unlimited"
    for unit in ("TB", "GB", "MB", "KB"):
        size = unit_size(unit, base)
        if octets and octets % size == 0:
            return f"{octets // size}{unit}"
    return f"{octets}B"
