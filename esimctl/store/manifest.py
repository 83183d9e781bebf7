"""What a backup says of itself: which files it holds, with sizes and sums, and how far its journal goes.

It is checked whole, every type, time, name, size and sum, before anything that it names is read.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from esimctl.errors import ConfigurationError
from esimctl.store import attachments, evidence, own_files
from esimctl.store.files import MOST_BYTES
from esimctl.store.paths import NAME
from esimctl.values.record import record
from esimctl.values.regex import regex
from esimctl.values.sentence import Param, Raw, SaidError, Sentence
from esimctl.values.toml import Toml

FORMAT: Final = 1
FILE: Final = "manifest.json"
SETTINGS: Final = "profile.toml"
MOST_MANIFEST: Final = 32 << 20  #: octets
MOST_MEMBERS: Final = 100_000
MOST_OCTETS: Final = 16 << 30  #: of all members
SEED: Final = 32  #: octets

#: names of members → how many octets each may have; nothing else is in a backup
MEMBERS: Final = tuple(
    (re.compile(pattern, re.ASCII), most)
    for pattern, most in (
        (r"profile\.toml", 4 << 20),
        (r"seed", SEED),
        (r"paused|clock", 64),
        (r"catalogue/[a-z0-9][a-z0-9_-]*\.toml", own_files.MOST_BYTES),
        (r"journal/\d{6}\.toml|journal/torn-[\w-]+\.bin", MOST_BYTES),
        (r"vault/[A-Za-z0-9][\w-]*\.\w+", 1 << 20),
        (r"evidence/[A-Za-z0-9][\w-]*\.\w+", evidence.MOST_BYTES + (64 << 10)),
        (r"attachments/[A-Za-z0-9][A-Za-z0-9._-]*", attachments.MOST_BYTES),
    )
)
SECRET: Final = ("vault/", "evidence/")
_LONGEST_NAME: Final = 100
_SHA256: Final = regex(r"[0-9a-f]{64}", re.ASCII)
_HASH: Final = regex(r"[0-9a-f]{32}", re.ASCII)
_VERSION: Final = regex(r"\w[\w.+-]{0,39}", re.ASCII)


class Listed(NamedTuple):
    """A file of a backup."""

    size: int  #: octets
    sha256: str


@record
class Manifest:
    """A manifest that makes sense. `last_seq` and `last_hash` are of the last entry of the journal."""

    profile: str
    made_at: datetime
    last_seq: int
    last_hash: str
    with_vault: bool
    files: Mapping[str, Listed]

    def encoded(self, version: str) -> bytes:
        """As it stands in a backup that this version writes."""
        return json.dumps(
            {
                "format": FORMAT,
                "made_by": version,
                "profile": self.profile,
                "made_at": self.made_at.isoformat(),
                "last_seq": self.last_seq,
                "last_hash": self.last_hash,
                "with_vault": self.with_vault,
                "files": {name: {"sha256": file.sha256, "bytes": file.size} for name, file in self.files.items()},
            },
            indent=1,
        ).encode()

    @property
    def segments(self) -> list[str]:
        """The members that are the journal, in order."""
        return sorted(name for name in self.files if re.fullmatch(r"journal/\d{6}\.toml", name, re.ASCII))


def most_octets(name: str) -> int | None:
    """How many octets a member of that name may have, None where no backup has one."""
    if name == FILE:
        return MOST_MANIFEST
    if len(name) > _LONGEST_NAME:
        return None
    return next((most for pattern, most in MEMBERS if pattern.fullmatch(name)), None)


def decoded(data: bytes, source: str) -> Manifest:
    """The manifest in these bytes. ValueError says what is wrong with it.

    ConfigurationError (78) for a format that only a newer version knows, with that version if the manifest names it.
    """
    try:
        table = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SaidError("its manifest is no JSON: {why}", why=Raw(str(error))) from None
    if not isinstance(table, dict):
        raise SaidError("its manifest is no table")
    number = table.get("format")
    if isinstance(number, int) and number > FORMAT:
        raise _newer(source, number, table.get("made_by"))
    if number != FORMAT or isinstance(number, bool):
        raise _wrong("format", "is unknown")
    files = _files(table.get("files"))
    manifest = Manifest(
        profile=_text(table, "profile", NAME),
        made_at=_time(table.get("made_at")),
        last_seq=_count(table.get("last_seq"), "last_seq"),
        last_hash=_text(table, "last_hash", _HASH),
        with_vault=_flag(table.get("with_vault"), "with_vault"),
        files=files,
    )
    if manifest.segments != [f"journal/{number:06d}.toml" for number in range(1, len(manifest.segments) + 1)]:
        raise _wrong("files", "leaves a part of the journal out")
    if not manifest.with_vault and any(name.startswith(SECRET) for name in files):
        raise _wrong("with_vault", "is not what the files say")
    return manifest


def _files(table: Any) -> dict[str, Listed]:
    if not isinstance(table, dict) or len(table) > MOST_MEMBERS:
        raise _wrong("files", "must be a table of {most} files at most", most=MOST_MEMBERS)
    files: dict[str, Listed] = {}
    for name, each in table.items():
        most = None if name == FILE else most_octets(name)
        if most is None:
            raise _wrong("files", "names {name!r}, which has no place in a backup", name=Raw(name[:_LONGEST_NAME]))
        size, digest = (each.get("bytes"), each.get("sha256")) if isinstance(each, dict) else (None, None)
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= most:
            raise _wrong(f"files.{name}", "must say how many octets there are, {most} at most", most=most)
        if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            raise _wrong(f"files.{name}", "must have a SHA-256 sum")
        if name == "seed" and size != SEED:
            raise _wrong(f"files.{name}", "must have {size} octets", size=SEED)
        files[name] = Listed(size, digest)
    if SETTINGS not in files:
        raise _wrong("files", "has no profile.toml")
    if sum(file.size for file in files.values()) > MOST_OCTETS:
        raise _wrong("files", "comes to more than {most} octets", most=MOST_OCTETS)
    return files


def _time(value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    raise _wrong("made_at", "must be a time with an offset")


def _text(table: Mapping[str, Toml], key: str, form: re.Pattern[str]) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise _wrong(key, "is not of its form")
    return value


def _count(value: Any, key: str) -> int:
    if not _whole(value) or not 0 <= value < 1 << 63:
        raise _wrong(key, "must be a whole number")
    return int(value)


def _flag(value: Any, key: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(key, "must be true or false")
    return value


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _wrong(key: str, template: str, **params: Param) -> SaidError:
    return SaidError("its manifest: {key} {what}", key=Raw(key), what=Sentence(template, params))


def _newer(source: str, number: int, version: Any) -> ConfigurationError:
    if isinstance(version, str) and _VERSION.fullmatch(version):
        return ConfigurationError(
            "{path} is a backup of esimctl {version} (format {format}, this one knows {known})",
            hint="upgrade esimctl to {version} or newer; nothing was changed",
            code="schema_too_new", path=Raw(source), version=Raw(version), format=number, known=FORMAT,
        )  # fmt: skip
    return ConfigurationError(
        "{path} is a backup of a newer esimctl (format {format}, this one knows {known})",
        hint="upgrade esimctl; nothing was changed",
        code="schema_too_new", path=Raw(source), format=number, known=FORMAT,
    )  # fmt: skip
