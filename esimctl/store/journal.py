"""The journal on disk: numbered segments of framed records, appended under the lock and never changed.

An append that returns is durable. One that fails leaves the old length behind as far as the disk lets it, and ends
writing for this run: after a failed fsync nobody knows what the disk holds, so the next run reads it again.
"""

import errno
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, NoReturn

from esimctl.errors import OutputFailed, is_no_room, reason_of
from esimctl.ledger.entries import Entry, check_entry, is_outcome, mended, without_none
from esimctl.ledger.said import number, text
from esimctl.store import frames
from esimctl.store.files import read_bytes, sync_folder, write_all
from esimctl.store.segments import Loaded, Position, Segments
from esimctl.values.record import record, replace
from esimctl.values.regex import regex
from esimctl.values.sentence import SaidError, Several
from esimctl.values.toml import Toml

SEGMENT_RECORDS: Final = 1000
_END: Final = regex(r"journal (\d{1,6}) (\d{1,18})")
_ORDER: Final = regex(rb'\border = "([0-9A-Za-z_-]{1,64})"')
_APPEND: Final = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC


class JournalNotWritten(OutputFailed, OSError):
    """The disk refused a record (74). Nothing of it counts. An OSError too: `errno` says what the disk said."""

    default_code = "journal_not_written"
    retry_safe = True


@record
class Prepared:
    """Records in their final bytes, checked, not yet written."""

    data: bytes
    entries: tuple[Entry, ...]
    base: Position
    after: Position


class Journal(Segments):
    """One profile's journal. All but reading needs the lock; `position` follows what is written."""

    def __init__(self, folder: Path, ballast: Path | None = None) -> None:
        super().__init__(folder)
        self.ballast = ballast
        self.poisoned = False
        self._notes: list[str] = []

    def heal(self, loaded: Loaded) -> None:
        """Set a torn tail aside (`torn-<time of the cut append>.bin`), cut it off, and have the next append say so."""
        if loaded.torn is None:
            return
        at = loaded.position
        when = datetime.fromtimestamp(self.path(at.segment).stat().st_mtime, UTC)
        aside = self.folder / f"torn-{when:%Y%m%dT%H%M%S%fZ}-{os.urandom(3).hex()}.bin"
        fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            write_all(fd, loaded.torn)
            os.fsync(fd)
        finally:
            os.close(fd)
        sync_folder(self.folder)
        fd = os.open(self.path(at.segment), _APPEND)
        try:
            os.ftruncate(fd, at.length)
            os.fsync(fd)
        finally:
            os.close(fd)
        self._notes.append(
            f"a cut append of {len(loaded.torn)} bytes after entry {at.next_seq - 1} is kept in {aside.name}"
        )
        loaded.torn = None

    def append(self, entries: Sequence[Mapping[str, Toml]]) -> tuple[Entry, ...]:
        """Prepare and write, with one fsync. Returns the entries as they are on disk, notes of ours included."""
        prepared = self.prepare(entries)
        self.write(prepared)
        return prepared.entries

    def prepare(self, entries: Sequence[Mapping[str, Toml]]) -> Prepared:
        """Number, check and encode entries (None fields dropped, `seq` given here). ValueError if one is not right.

        An outcome of an order is never refused for a text that cannot be written: the text is mended.
        """
        base = self.position
        if base is None:
            raise ValueError("the journal has not been read")
        at = base
        chunks: list[bytes] = []
        if base.records >= SEGMENT_RECORDS:
            at = Position(base.segment + 1, 0, 0, base.next_seq, base.last_hash)
        if at.length == 0:
            chunks.append(frames.encode_head(at.segment, at.next_seq, at.last_hash))
            at = replace(at, last_hash=frames.hash_of(chunks[-1]), length=len(chunks[-1]))
        written: list[Entry] = []
        for table in [*entries, *self._noted(entries)]:
            entry = without_none({"seq": at.next_seq, **{k: v for k, v in table.items() if k != "seq"}})
            if is_outcome(entry):
                entry = mended(entry)
            if problems := check_entry(entry, writing=True):
                raise SaidError("{problems}", problems=Several(tuple(problems), "{a}; {b}"))
            chunks.append(frames.encode(entry, at.last_hash))
            written.append(entry)
            at = Position(
                at.segment, at.length + len(chunks[-1]), at.records + 1, at.next_seq + 1, frames.hash_of(chunks[-1])
            )
        return Prepared(b"".join(chunks), tuple(written), base, at)

    def _noted(self, entries: Sequence[Mapping[str, Toml]]) -> list[Entry]:
        return [{"at": entries[0]["at"], "kind": "note", "text": text} for text in self._notes] if entries else []

    def write(self, prepared: Prepared) -> None:
        """Make prepared records durable with one fsync (one more for the folder when a segment begins).

        For the outcome of an order the ballast is given up if the disk is full. JournalNotWritten if that fails too.
        """
        if self.poisoned or prepared.base != self.position:
            raise JournalNotWritten("the journal cannot be written any more in this run; start again")
        outcome = any(is_outcome(entry) for entry in prepared.entries)
        try:
            self._write(prepared)
        except OSError as error:
            if not (outcome and is_no_room(error) and self.drop_ballast()):
                self._fail(error)
            try:
                self._write(prepared)
            except OSError as again:
                self._fail(again)
        self.position = prepared.after
        self._notes.clear()

    def promise(self, prepared: Prepared) -> dict[str, Toml]:
        """What `keep_promise` needs to write prepared records in a later run, as plain data."""
        base, after = prepared.base, prepared.after
        before = self._head(base.segment, base.length)
        return {
            "segment": base.segment,
            "length": base.length,
            "before": sha256(before or b"").hexdigest(),
            "into": after.segment,
            "data": prepared.data.decode(),
        }

    def keep_promise(self, promise: Mapping[str, Toml] | None) -> bool:
        """Whether promised records stand in the journal, written now where they did not yet. Needs no reading before.

        False where the journal does not continue as it stood when they were promised; OSError where the disk refuses.
        """
        if promise is None:
            return True
        segment, length, into = (number(promise, each) for each in ("segment", "length", "into"))
        data = text(promise, "data").encode()
        before = self._head(segment, length)
        if before is None or sha256(before).hexdigest() != text(promise, "before"):
            return False
        start = length if into == segment else 0
        there = (self._head(into, None) or b"")[start:]
        if there.startswith(data):
            return True
        if not data.startswith(there) or (into != segment and len(self._head(segment, None) or b"") != length):
            return False
        base = Position(segment, length)
        path = self.path(into)
        if there:
            os.truncate(path, start)
        self._write(Prepared(data, (), base, Position(into)))
        self.position = None
        return True

    def end(self) -> str:
        """Where the journal ends now, in words that `orders_since` reads: of which entries come later."""
        numbers = self.segments()
        return f"journal {numbers[-1]} {self.path(numbers[-1]).stat().st_size}" if numbers else "journal 1 0"

    def orders_since(self, end: str) -> frozenset[str]:
        """The ids of the orders that were written of since then; none where nobody knows since when."""
        found = _END.search(end)
        if found is None:
            return frozenset()
        number, size = int(found[1]), int(found[2])
        later = b"".join(self._head(each, None) or b"" for each in self.segments() if each > number)
        tail = (self._head(number, None) or b"")[size:] + later
        return frozenset(order.decode() for order in _ORDER.findall(tail))

    def _head(self, number: int, length: int | None) -> bytes | None:
        """The first octets of a segment (all of it without a length); None where there are fewer."""
        try:
            data = read_bytes(self.path(number))
        except FileNotFoundError:
            data = b""
        return data if length is None else data[:length] if len(data) >= length else None

    def _write(self, prepared: Prepared) -> None:
        base, path = prepared.base, self.path(prepared.after.segment)
        new = prepared.after.segment != base.segment or base.length == 0
        start = 0 if new else base.length
        if new and prepared.after.segment > 1:
            self.path(prepared.after.segment - 1).chmod(0o400)
        fd = os.open(path, _APPEND | os.O_CREAT if new else _APPEND, 0o600)
        try:
            if os.fstat(fd).st_size != start:
                if not new:
                    raise OSError(errno.EIO, "the journal changed although it is locked")
                os.ftruncate(fd, 0)
            try:
                os.lseek(fd, start, os.SEEK_SET)
                write_all(fd, prepared.data)
                os.fsync(fd)
            except BaseException:
                _cut(fd, start)
                raise
        finally:
            os.close(fd)
        if new:
            sync_folder(self.folder)

    def _fail(self, error: OSError) -> NoReturn:
        self.poisoned = True
        failure = JournalNotWritten(
            "the journal could not be written: {why}",
            hint="free some space or look at the disk, then: esimctl doctor",
            why=reason_of(error),
        )
        failure.errno = error.errno
        raise failure from error

    def drop_ballast(self) -> bool:
        """Make room on a full disk for the outcome of an order. Whether there was any to make."""
        if self.ballast is None or not self.ballast.exists():
            return False
        self.ballast.unlink()
        return True


def _cut(fd: int, length: int) -> None:
    try:
        os.ftruncate(fd, length)
    except OSError:  # the next reader finds a torn tail and sets it aside
        return
