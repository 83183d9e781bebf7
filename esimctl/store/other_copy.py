"""The other copy of a profile that two machines carry: a folder, or one file that a sync program set aside."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from esimctl.errors import ConfigurationError, Damaged, UsageError
from esimctl.ledger.entries import Entry
from esimctl.ledger.said import number
from esimctl.store import frames
from esimctl.store.frames import GENESIS, SCHEMA
from esimctl.store.migrate import read_old, schema_of, standing
from esimctl.store.paths import person_path
from esimctl.store.segments import Segments
from esimctl.store.user_file import read_given
from esimctl.values.record import field, record
from esimctl.values.sentence import Raw

MOST_BYTES: Final = 256 << 20  #: of one segment


@record(frozen=False)
class OtherJournal:
    """A journal as it was read: its entries, where each stands, and what follows the last whole one.

    `places` holds for every entry its segment, where its frame ends there, and its hash.
    """

    entries: list[Entry] = field(default_factory=list)
    places: list[tuple[int, int, str]] = field(default_factory=list)
    segments: dict[int, bytes] = field(default_factory=dict)
    torn: int = 0  #: bytes of an append that was cut

    def head(self) -> tuple[int, str]:
        """Sequence number and hash of the last record."""
        return (number(self.entries[-1], "seq"), self.places[-1][2]) if self.entries else (0, GENESIS)


@record
class OtherCopy:
    """What is to be united with a profile. `folder` has the files beside the journal, where there is one.

    `journal` is None for a copy of profile.toml, `profile` for one of a segment. `aside` are files that a sync program
    put into the profile's own folder.
    """

    source: Path
    journal: OtherJournal | None
    profile: bytes | None
    folder: Path | None = None
    aside: tuple[Path, ...] = ()


def read_chain(segments: Mapping[int, bytes], what: str) -> OtherJournal:
    """Follow the frames of segments. Damaged (6) where they stop making sense, ConfigurationError (78) if newer."""
    chain = OtherJournal(segments=dict(segments))
    last, seq = GENESIS, 1
    for segment in sorted(segments):
        seen = frames.walk(segments[segment], last, seq, file=f"{segment:06d}.toml")
        if seen.head is not None and number(seen.head, "schema") > SCHEMA:
            raise ConfigurationError(
                "the journal was written by a newer esimctl (schema {schema})",
                hint="upgrade esimctl; nothing was changed", code="schema_too_new", schema=number(seen.head, "schema"),
            )  # fmt: skip
        ends = {found[0]: found[1:] for found in frames.records(segments[segment][: seen.good_length])}
        chain.entries += seen.entries
        chain.places += [(segment, *ends[number(entry, "seq")]) for entry in seen.entries]
        last, seq = seen.last_hash, seen.next_seq
        if seen.damage is not None or (seen.torn is not None and segment != max(segments)):
            raise Damaged(
                "{what} is damaged at byte {offset} of {file}: nothing was united",
                hint="esimctl doctor", code="copy_damaged", what=Raw(what), offset=seen.good_length,
                file=Raw(f"{segment:06d}.toml"),
            )  # fmt: skip
        chain.torn = len(seen.torn or b"")
    return chain


def read_folder_chain(folder: Path, what: str) -> OtherJournal:
    """The journal in a folder, one of an older schema as today's; see `read_chain`."""
    journal = Segments(folder)
    if schema_of(journal) != SCHEMA:
        loaded = read_old(journal)
        if loaded.damage is not None:
            raise Damaged("the journal is damaged and cannot be migrated", hint="esimctl doctor")
        hashes = [(0, 0, f"schema 0, record {entry['seq']}") for entry in loaded.entries]
        return OtherJournal(loaded.entries, hashes, {}, len(loaded.torn or b""))
    return read_chain(
        {number: read_given(str(journal.path(number)), MOST_BYTES) for number in journal.segments()}, what
    )


def read_other(source: Path, own: Path) -> OtherCopy:
    """What a person named: FILE or FOLDER. UsageError (2) where it is neither a copy of a profile nor of its parts.

    `own` is the folder of the profile with which it is to be united.
    """
    path = person_path(str(source))
    if path.is_dir():
        return _folder(path, own)
    if not path.exists():
        raise UsageError("there is no file {path}", code="no_file", path=Raw(str(source)))
    found = re.match(r"(profile|\d{6})\b", path.name)
    if found is None or path.suffix != ".toml":
        raise UsageError(
            "{path} is neither a profile's folder nor a copy of its profile.toml or of a part of its journal",
            hint="esimctl profile merge --help", code="not_a_copy", path=Raw(str(source)),
        )  # fmt: skip
    real = path.resolve()
    if real in (own.resolve() / "profile.toml", own.resolve() / "journal" / f"{found[1]}.toml"):
        raise _itself(source)
    if found[1] == "profile":
        aside = (path,) if real.parent == own.resolve() else ()
        return OtherCopy(path, None, read_given(str(path), MOST_BYTES), aside=aside)
    if real.parent == own.resolve() / "journal":
        path = own / "journal" / path.name
    chain, used = _with_copies(own, int(found[1]), path)
    return OtherCopy(path, chain, None, aside=tuple(each for each in used if each.name != f"{each.name[:6]}.toml"))


def _folder(path: Path, own: Path) -> OtherCopy:
    journal = path / "journal" if (path / "journal").is_dir() else path
    if not Segments(journal).segments():
        raise UsageError(
            "{path} holds no journal", hint="name the folder of a profile: esimctl profile path", code="not_a_copy",
            path=Raw(str(path)),
        )  # fmt: skip
    if journal.resolve() == own.resolve() / "journal":
        raise _itself(path)
    profile = journal.parent / "profile.toml"
    data = read_given(str(profile), MOST_BYTES) if profile.exists() else None
    return OtherCopy(path, read_folder_chain(journal, str(path)), data, folder=journal.parent)


def _with_copies(own: Path, number: int, path: Path) -> tuple[OtherJournal, list[Path]]:
    """The other journal that a copy of a segment belongs to, and the copies of which it is put together.

    Before it stand our segments or copies of them, behind it further copies, each where its head says what it follows.
    """
    journal = Segments(standing(own))
    copies = [
        each
        for place in (own / "journal", own / "backups")
        for each in (sorted(place.iterdir()) if place.is_dir() else ())
        if re.match(r"\d{6}\b.+\.toml\Z", each.name) and each.name[6:] != ".toml" and each.is_file() and each != path
    ]
    files = {number: path}
    data = {number: read_given(str(path), MOST_BYTES)}
    for step, end in ((-1, 0), (1, 10**6)):
        at = number + step
        while at != end:
            around = data[at - step]
            ours = [journal.path(at)] if step < 0 and at in journal.segments() else []
            fits = (
                (each, found)
                for each in (*ours, *(copy for copy in copies if int(copy.name[:6]) == at))
                if (found := read_given(str(each), MOST_BYTES)) and _follows(*((found, around)[::step]))
            )
            each, found = next(fits, (None, b""))
            if each is None:
                break
            files[at], data[at] = each, found
            at += step
        if step < 0 and at:
            raise UsageError(
                "{path} does not follow the journal that stands here", hint="name the other copy's whole folder",
                code="not_this_journal", path=Raw(str(path)),
            )  # fmt: skip
    return read_chain(data, str(path)), [each for each in files.values() if each.parent == own / "journal"]


def _follows(later: bytes, earlier: bytes) -> bool:
    """Whether a segment's head continues the last record of another one."""
    before, after = frames.ends(earlier), frames.ends(later)
    return before is not None and after is not None and after[0] == before[1]


def _itself(source: Path) -> UsageError:
    return UsageError("{path} is the profile itself", hint="esimctl doctor", code="itself", path=Raw(str(source)))
