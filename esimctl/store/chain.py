"""The chain of a journal's frames, followed over pieces of bytes: what vouches for a record is looked at, the record
itself is not read. For journals that are only carried, however long they are.
"""

from typing import Final

from esimctl.store import frames
from esimctl.values.regex import regex
from esimctl.values.sentence import SaidError

MOST_BLOCK: Final = 64 << 20  #: octets of one record: a text has a million characters, a record a few of them
_FRAME: Final = regex(rb"#! (\d{1,4}) (\d{1,18}) (\d{1,12}) ([0-9a-f]{32})\n")


class Chain:
    """Feed it the pieces of one segment after the other; SaidError for a frame that does not follow.

    A segment may end in a cut append: it counts for nothing, and another segment may not follow it.
    """

    def __init__(self) -> None:
        self.next_seq = 1
        self.last_hash = frames.GENESIS
        self.schema = frames.SCHEMA
        self._headed = False
        self._rest = b""
        self._block: list[bytes] = []
        self._size = 0

    def begin(self) -> None:
        """The next pieces are of a new segment."""
        if self._rest or self._block:
            raise SaidError("a segment of the journal is cut although another follows")
        self._headed = False

    def feed(self, piece: bytes) -> None:
        """Follow the frames that end in this piece."""
        lines = (self._rest + piece).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            self._line(line + b"\n")
        if self._size + len(self._rest) > MOST_BLOCK:
            raise SaidError("a record of the journal does not end")

    def _line(self, line: bytes) -> None:
        found = _FRAME.fullmatch(line)
        if found is None:
            self._block.append(line)
            self._size += len(line)
            return
        block = b"".join(self._block)
        self._block, self._size = [], 0
        if self.next_seq == 1 and not self._headed and block.startswith(b"[[tx]]\n"):
            self.schema = 0  # frames without a head
        head = self.schema != 0 and not self._headed
        self._headed = True
        form, seq, length, digest = found.groups()
        expected = self.next_seq - 1 if head else self.next_seq
        if int(seq) != expected:
            raise SaidError("record {seq} of the journal stands where {wanted} should", seq=int(seq), wanted=expected)
        whole = int(form) == frames.FORMAT and int(length) == len(block)
        if not whole or frames.chain(block, self.last_hash) != digest.decode():
            raise SaidError("the frame of the journal's record {seq} does not vouch for it", seq=int(seq))
        self.last_hash = digest.decode()
        self.next_seq = int(seq) + 1
