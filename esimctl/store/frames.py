"""Frames of the journal: each record is a TOML block followed by a comment line that vouches for it. Pure, over bytes.

`#! <format> <seq> <block length> <hash>`, where the hash is the first 32 hex digits of SHA-256 over the block and the
previous frame's hash. The block of a segment's first frame is its head (`schema`, `segment`, `first`, `previous`), all
others hold one `[[tx]]` each. Strings stand on one line, so the file is plain TOML and no value can look like a frame.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Final

from esimctl.ledger.entries import FIELDS, Entry
from esimctl.ledger.said import number
from esimctl.values.record import field, record
from esimctl.values.regex import regex
from esimctl.values.sentence import Param, Raw, SaidError, Sentence
from esimctl.values.toml import Toml, parse_toml

FORMAT: Final = 1
SCHEMA: Final = 1
GENESIS: Final = "0" * 32
_PLAIN: Final = regex(r"[ !#-\[\]-~\x80-\ud7ff\ue000-\U0010ffff]*")  # nothing to escape, no half of a pair
_BARE: Final = regex(r"[A-Za-z0-9_-]+")
_MINUTE: Final = timedelta(minutes=1)
_LINE: Final = 120  #: characters; what is shorter the serialiser puts on one line
_FRAME: Final = regex(rb"^#! (\d{1,4}) (\d{1,18}) (\d{1,12}) ([0-9a-f]{32})\n", re.MULTILINE)


@record
class Damage:
    """Where bytes stop making sense although there is more: not a torn tail."""

    file: str
    offset: int
    reason: Sentence

    @property
    def said(self) -> Sentence:
        """The place, and what is wrong there."""
        params: dict[str, Param] = {"file": Raw(self.file), "offset": self.offset, "reason": self.reason}
        return Sentence("{file}, byte {offset}: {reason}", params)


@record(frozen=False)
class Walk:
    """What a segment holds. `good_length` bytes are vouched for; beyond them lie `torn` or `damage` or nothing."""

    head: Mapping[str, Toml] | None = None
    entries: list[Entry] = field(default_factory=list)
    good_length: int = 0
    last_hash: str = GENESIS
    next_seq: int = 1
    torn: bytes | None = None
    damage: Damage | None = None


def encode(entry: Mapping[str, Toml], previous: str) -> bytes:
    """The framed record of an entry that has its `seq`. ValueError if it would not read back as it is."""
    block = plain_block(entry)
    if block is None:
        block = to_toml({"tx": [entry]})
        if parse(block).get("tx") != [entry]:
            raise SaidError("the entry does not read back as it was written")
    return frame(block, number(entry, "seq"), previous)


def encode_head(segment: int, first: int, previous: str) -> bytes:
    """The framed head of a segment whose first record will be `first`."""
    block = to_toml({"schema": SCHEMA, "segment": segment, "first": first, "previous": previous})
    return frame(block, first - 1, previous)


def frame(block: bytes, seq: int, previous: str) -> bytes:
    """A block and its frame line."""
    return block + f"#! {FORMAT} {seq} {len(block)} {chain(block, previous)}\n".encode()


def chain(block: bytes, previous: str) -> str:
    """The hash that a frame carries."""
    return sha256(block + previous.encode()).hexdigest()[:32]


def hash_of(framed: bytes) -> str:
    """The hash at the end of framed bytes."""
    return framed[-33:-1].decode()


def plain_block(entry: Mapping[str, Toml]) -> bytes | None:
    """What `to_toml` makes of an entry, in a tenth of the time; None where a value is not of the plainest kinds.

    Text without anything to escape, numbers, truth, instants to the minute of their zone and tables of these can only
    be read back as they are; an import writes a million of them.
    """
    lines = ["[[tx]]"]
    if not _put_plain(lines, "tx", entry):
        return None
    block = "\n".join([*lines, ""])
    return block.encode() if len(block) > _LINE else None


def _put_plain(lines: list[str], name: str, table: Mapping[str, Toml]) -> bool:
    """The lines of a table, those of the tables in it behind its own values; False where one is not plain."""
    inner: list[tuple[str, Mapping[str, Toml]]] = []
    for key, value in table.items():
        if key not in FIELDS and (key.__class__ is not str or not _BARE.fullmatch(key)):
            return False
        if isinstance(value, str) and _PLAIN.fullmatch(value):
            lines.append(f'{key} = "{value}"')
        elif isinstance(value, dict):
            inner.append((f"{name}.{key}", value))
        elif (spelled := _spelled(value)) is not None:
            lines.append(f"{key} = {spelled}")
        else:
            return False
    for deeper, within in inner:
        lines += ["", f"[{deeper}]"]
        if not _put_plain(lines, deeper, within):
            return False
    return True


def _spelled(value: Toml) -> str | None:
    """A number, truth, an instant to the minute of its zone or an empty list; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        offset = value.utcoffset()
        return None if offset is None or offset % _MINUTE else str(value)
    return "[]" if isinstance(value, list) and not value else None


def to_toml(table: Mapping[str, Toml]) -> bytes:
    """TOML by a serialiser, strings on one line each. ValueError for what UTF-8 or TOML cannot hold."""
    from tomli_w import dumps

    try:
        return dumps(table, multiline_strings=False).encode()
    except (UnicodeEncodeError, TypeError, RecursionError) as error:
        raise SaidError("the entry cannot be written: {why}", why=Raw(str(error))) from None


def parse(block: bytes) -> dict[str, Toml]:
    """A table from its octets; SaidError for everything that is wrong with it, however deep or large."""
    try:
        return parse_toml(block.decode())
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise SaidError("not TOML: {why}", why=Raw(str(error))) from None


def walk(data: bytes, previous: str = GENESIS, next_seq: int = 1, *, headed: bool = False, file: str = "") -> Walk:
    """Follow the frames from the start of `data`; `headed` says that the segment's head has been seen already.

    Never raises: what does not fit ends up in `torn` (an append that was cut) or `damage` (anything else).
    """
    seen = Walk(last_hash=previous, next_seq=next_seq)
    while seen.good_length < len(data):
        reason = _step(seen, data, headed=headed or seen.head is not None)
        if reason is not None:
            _classify(seen, data, reason, file)
            break
    return seen


def digests_of(data: bytes, seq: int) -> set[str]:
    """The hashes in the frames of that sequence number: of a record, and of the head of a segment that follows it."""
    return {found[4].decode() for found in _FRAME.finditer(data) if int(found[2]) == seq}


def ends(data: bytes) -> tuple[str, str] | None:
    """The hash that a segment's head continues, and that of its last frame; None where it has no head."""
    found = list(_FRAME.finditer(data))
    try:
        previous = parse(data[: found[0].start()])["previous"] if found else None
    except (ValueError, KeyError):
        return None
    return (previous, found[-1][4].decode()) if isinstance(previous, str) else None


def records(data: bytes) -> Iterator[tuple[int, int, str]]:
    """(sequence number, where its frame ends, hash) of every record of a segment, without the head's.

    Of a segment that `walk` has vouched for: nothing is verified here.
    """
    for found in islice(_FRAME.finditer(data), 1, None):
        yield int(found[2]), found.end(), found[4].decode()


def _step(seen: Walk, data: bytes, *, headed: bool) -> Sentence | None:
    """Take the next frame in, or say why it cannot be taken."""
    start = seen.good_length
    found = _FRAME.search(data, start)
    if found is None:
        return Sentence("no frame ends here")
    form, seq, length, digest = found.groups()
    block = data[start : found.start()]
    expected = seen.next_seq if headed else seen.next_seq - 1
    if int(form) != FORMAT or len(block) != int(length) or chain(block, seen.last_hash) != digest.decode():
        return Sentence("the frame does not vouch for its record")
    if int(seq) != expected:
        return Sentence("record {seq} stands where {wanted} should", {"seq": int(seq), "wanted": expected})
    try:
        table = parse(block)
    except SaidError as error:
        return error.said
    if not headed:
        if table.keys() != {"schema", "segment", "first", "previous"} or table["first"] != seen.next_seq:
            return Sentence("the head of the segment is not one")
        seen.head = table
    else:
        records = table.get("tx")
        if (
            table.keys() != {"tx"}
            or not isinstance(records, list)
            or len(records) != 1
            or records[0].get("seq") != int(seq)
        ):
            return Sentence("the record is not one")
        seen.entries.append(records[0])
        seen.next_seq += 1
    seen.last_hash = digest.decode()
    seen.good_length = found.end()
    return None


def _classify(seen: Walk, data: bytes, reason: Sentence, file: str) -> None:
    tail = data[seen.good_length :]
    if _complete(tail) or _good_frame_within(tail):
        seen.damage = Damage(file, seen.good_length, reason)
    else:
        seen.torn = tail


def _complete(tail: bytes) -> bool:
    """The tail ends in what was a frame line: all of it was written, so what is wrong was not a cut.

    Only a frame line begins with `#!`, only it ends in 32 hex digits; one character may be the wrong one. Lost sectors
    leave more than one zero.
    """
    if tail.count(b"\0") > 1:
        return False
    if not tail.endswith(b"\n"):  # a cut leaves nothing behind the hash: here the newline became something else
        tail = tail[:-1] + b"\n"
        return any(found.end() == len(tail) for found in _FRAME.finditer(tail))
    last = tail[:-1].rpartition(b"\n")[2]
    digits = sum(byte in b"0123456789abcdef" for byte in last[-32:])
    return len(last) > 38 and (last[:1] == b"#" or last[1:2] == b"!" or (digits >= 31 and not last.endswith(b'"')))


def _good_frame_within(tail: bytes) -> bool:
    """Some later frame vouches for its block, given the hash that stands before that block."""
    for found in _FRAME.finditer(tail):
        start = found.start() - int(found[3])
        if start <= 0:
            continue
        before = _FRAME.fullmatch(tail[tail.rfind(b"\n", 0, start - 1) + 1 : start])
        if before and chain(tail[start : found.start()], before[4].decode()) == found[4].decode():
            return True
    return False
