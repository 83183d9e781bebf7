"""The segments of a journal and how they are read: by frames, in order, up to what is torn or damaged."""

from collections.abc import Mapping
from pathlib import Path

from esimctl.errors import ConfigurationError, Damaged
from esimctl.ledger.entries import Entry
from esimctl.ledger.said import number
from esimctl.store import frames
from esimctl.store.files import journal_stamp, read_bytes
from esimctl.store.frames import GENESIS, Damage
from esimctl.values.record import field, record, replace
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import Toml


class JournalNotRead(Damaged, OSError):
    """A file of the journal is there and cannot be read (6): closed to us, a link, a folder, a disk that fails.

    An OSError too: `errno` says what the system said.
    """

    default_code = "journal_not_read"

    def __init__(self, error: OSError) -> None:
        super().__init__(
            "the journal cannot be read ({what}): what happened is not known, nothing is spent",
            hint="esimctl doctor",
            what=Raw(f"{error.filename}: {error.strerror}" if error.filename else str(error)),
        )
        self.errno = error.errno


@record
class Position:
    """The end of what is good: where the next record goes and what it continues."""

    segment: int = 1
    length: int = 0  #: bytes
    records: int = 0  #: in this segment
    next_seq: int = 1
    last_hash: str = GENESIS


@record(frozen=False)
class Loaded:
    """What was read. `entries` are in order up to the first damage; `torn` is a cut last append."""

    entries: list[Entry] = field(default_factory=list)
    position: Position = field(default_factory=Position)
    torn: bytes | None = None
    damage: Damage | None = None


class Segments:
    """Numbered files in a folder. Reading needs no lock and changes nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.position: Position | None = None  #: the end of what is good, known after `load`

    def load(self, since: Position | None = None, *, upto: int | None = None) -> Loaded:
        """Everything after `since` (a position that this journal gave), or all of it; no segment beyond `upto`.

        Never raises for damage. ConfigurationError (78) for a segment of a newer schema.
        """
        at = since or Position()
        loaded = Loaded(position=at)
        numbers = self.segments()
        if numbers != list(range(1, len(numbers) + 1)) or (since and since.segment > max(len(numbers), 1)):
            loaded.damage = Damage(self.folder.name, 0, Sentence("a segment is missing"))
        for segment in numbers[at.segment - 1 :]:
            if loaded.damage or loaded.torn or (upto is not None and segment > upto):
                break
            self._load_segment(loaded, segment, last=segment == numbers[-1])
        self.position = loaded.position
        return loaded

    def _load_segment(self, loaded: Loaded, segment: int, *, last: bool) -> None:
        at = loaded.position
        offset = at.length if segment == at.segment else 0
        name = self.path(segment).name
        data = read_bytes(self.path(segment))[offset:]
        seen = frames.walk(data, at.last_hash, at.next_seq, headed=offset > 0, file=name)
        if seen.head is not None:
            self._check_head(seen.head, segment)
        loaded.entries += seen.entries
        records = len(seen.entries) + (at.records if offset else 0)
        loaded.position = Position(segment, offset + seen.good_length, records, seen.next_seq, seen.last_hash)
        loaded.damage = replace(seen.damage, offset=seen.damage.offset + offset) if seen.damage else None
        if seen.torn is not None and not last:
            loaded.damage = Damage(
                name, offset + seen.good_length, Sentence("the segment is cut although another follows")
            )
        elif seen.torn is not None:
            loaded.torn = seen.torn

    def _check_head(self, head: Mapping[str, Toml], segment: int) -> None:
        if number(head, "schema") > frames.SCHEMA:
            raise ConfigurationError(
                "the journal was written by a newer esimctl (schema {schema})",
                hint="upgrade esimctl; nothing was changed",
                code="schema_too_new",
                schema=number(head, "schema"),
            )
        said = number(head, "segment")
        if said != segment:
            raise Damaged(
                "{file} is segment {segment} under another name", file=Raw(self.path(segment).name), segment=said
            )

    def segments(self) -> list[int]:
        """The numbers of the segments there are, in order."""
        try:
            names = [path.name for path in self.folder.iterdir()]
        except FileNotFoundError:
            return []
        return sorted(
            int(name[:6]) for name in names if len(name) == 11 and name[:6].isdigit() and name.endswith(".toml")
        )

    def digests_of(self, seq: int) -> set[str]:
        """The hashes that the frames of that sequence number carry, in whichever segments they stand."""
        return {
            digest
            for number in reversed(self.segments())
            for digest in frames.digests_of(read_bytes(self.path(number)), seq)
        }

    def path(self, number: int) -> Path:
        """Where a segment is."""
        return self.folder / f"{number:06d}.toml"

    def stamp(self) -> str:
        """A fingerprint of the files by their metadata alone: equal means that nothing was appended or touched."""
        return journal_stamp(self.folder)
