"""One profile's high-water mark in use: read before the journal, compared with it, moved up, and what it gives away."""

from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esimctl.errors import Damaged, EsimctlError
from esimctl.store.files import read_bytes
from esimctl.store.high_water import (
    OLD_FOLDER,
    Alarm,
    Mark,
    alarm,
    answered,
    contradicted,
    forget_mark,
    forget_old_mark,
    has_real_money,
    lines_lost,
    lines_without_orders,
    mark_file,
    profile_id,
    read_mark,
    read_old_mark,
    write_mark,
)
from esimctl.store.kept_by import REHEARSAL
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.state import LedgerState
    from esimctl.store.opening import Opened
    from esimctl.store.profile_folder import ProfileFolder
    from esimctl.store.segments import Position


class Noted:
    """The mark of one profile. `alarms` are of the last comparison; `adopted` where there was no mark before it."""

    def __init__(self, store: "ProfileFolder") -> None:
        self.store = store
        self.alarms: list[Alarm] = []
        self.adopted = False
        self.wanted = False  #: real money was booked by the real clock
        self.mark: Mark | None = None
        self._contradicted = False
        self._profile = b""
        self._lines: list[tuple[str, str]] = []  #: of profile.toml, each with its order, which the journal lacks

    @cached_property
    def name(self) -> str:
        """The name of the mark's file."""
        return mark_file(self.store.folder)

    @property
    def path(self) -> Path | None:
        """The mark's file; None where this machine has no place for it."""
        return None if self.store.state_folder is None else self.store.state_folder / self.name

    @property
    def _old(self) -> Path:
        return self.store.home / OLD_FOLDER / self.store.name

    def read(self) -> Mark | None:
        """The mark; one that stands in the home, as earlier versions kept it, where there is no other.

        What profile.toml says is taken along: a line is there only after its order was.
        """
        self._profile = self._read_profile()
        self.mark = read_mark(self.path) or read_old_mark(self._old)
        return self.mark

    def compare(self, mark: Mark | None, opened: "Opened") -> None:
        """Find what contradicts the journal; where nothing does, the mark moves up."""
        store, ledger, loaded = self.store, opened.ledger, opened.loaded
        self.alarms, self._contradicted, self._lines = [], False, []
        if loaded.damage is not None:  # said as what it is
            return
        found = contradicted(mark, opened, store.journal)
        self._contradicted = found is not None
        self._lines = lines = lines_without_orders(self._profile, ledger)
        if found is not None and mark is not None:
            self._raise(found, mark, loaded.position)
        elif loaded.position.next_seq == 1 and lines:
            self._add("journal_gone", text="journal_gone_by_lines", line=lines[0][0])
        elif loaded.torn is not None:
            self._add("journal_torn", stops=False)
        if loaded.position.next_seq > 1:
            for line, order in lines:
                self._add("line_without_order", line=line, order=order)
        for line, order in self._lost(ledger):
            self._add("line_lost", stops=False, line=line, order=order)
        if ledger.must_reconcile and not self.alarms:
            self._add("restored", stops=False)
        ledger.astray = any(each.stops for each in self.alarms)
        if not self._contradicted:
            self.move_up(ledger, loaded.position)

    def _raise(self, name: str, mark: Mark, at: "Position") -> None:
        ours = profile_id(self._seed())
        if name == "journal_replaced" and mark.profile not in (ours, profile_id(None)):
            name = "journal_of_another"
        self._add(name, seq=mark.seq, last=at.next_seq - 1, count=mark.seq)

    def _add(self, name: str, **more: Any) -> None:
        self.alarms.append(alarm(name, self.store.name, **more))

    def vanished(self) -> list[Alarm]:
        """The alarm of a profile that is not there at all, although it had a past."""
        mark = self.read()
        self.alarms = []
        journal = any((self.store.folder / "journal").glob("*.toml"))  # then it is profile.toml that is gone
        if mark is not None and mark.seq > 0 and not journal and not self.store.exists():
            self._add("profile_vanished", count=mark.seq)
        return self.alarms

    def check_not_vanished(self) -> None:
        """Damaged (6) where a profile that is to be created had a past."""
        self.check(self.vanished())

    def check_not_gone(self) -> None:
        """Damaged (6) where nothing is left of a journal."""
        self.check([each for each in self.alarms if each.name == "journal_gone"])

    def check(self, alarms: list[Alarm]) -> None:
        """Damaged (6) for the first of them."""
        for each in alarms:
            raise error_of(each)

    def move_up(self, ledger: "LedgerState", at: "Position") -> None:
        """Note the last record of a journal that holds what was noted, or stands for it; not of play or rehearsal."""
        store, mark = self.store, self.mark
        if mark is not None and self._contradicted and not answered((mark.seq, mark.digest), ledger.heads):
            return
        seq, known = at.next_seq - 1, read_mark(self.path)
        self.wanted = REHEARSAL not in (store.clock, store.kept_by) and (known is not None or has_real_money(ledger))
        if store.looks_only or store.closed:
            return
        if self.wanted and seq > 0 and (known is None or known.seq < seq or self._contradicted):
            of = known.profile if known is not None and not self._contradicted else profile_id(self._seed())
            fresh = Mark(of, seq, at.last_hash)
            if not write_mark(self.path, fresh, store.folder):
                return
            self.adopted = self.adopted or mark is None
            self.mark, self._contradicted = fresh, False
        forget_old_mark(self._old)

    def known_heads(self) -> list[dict[str, Toml]] | None:
        """The ends of a journal that another is about to replace: the one that is noted, and the one that is there."""
        mark = self.read()
        ends = {(mark.seq, mark.digest)} if mark is not None else set()
        with suppress(EsimctlError, OSError):  # whatever is there is about to be replaced
            at = self.store.journal.load().position
            ends.add((at.next_seq - 1, at.last_hash))
        return [{"seq": seq, "hash": digest} for seq, digest in sorted(ends) if seq > 0] or None

    def acceptance(self, why: str, **more: Any) -> list[dict[str, Toml]]:
        """Entries that answer every alarm, by a person's word or after a comparison: see `answered` for their heads."""
        mark = self.mark if self._contradicted else None
        heads = None if mark is None else [{"seq": mark.seq, "hash": mark.digest}]
        known = [{"kind": "acknowledged", "what": f"order:{order}"} for _, order in self._lines]
        return [{"kind": "restored", "from": why, "heads": heads, **more}, *known]

    def forget(self) -> None:
        """Take the mark away: the journal is about to be another one by our own hand."""
        forget_mark(self.path)
        forget_old_mark(self._old)
        self.mark, self._contradicted, self.alarms = None, False, []

    def _lost(self, ledger: "LedgerState") -> list[tuple[str, str]]:
        """Lines that were bought and are not in the profile, unless somebody is just about to put one there."""
        if not lines_lost(self._profile, ledger) or self.store.at_work():
            return []
        return lines_lost(self._read_profile(), ledger)

    def _read_profile(self) -> bytes:
        try:
            return read_bytes(self.store.profile.path)
        except OSError:
            return b""

    def _seed(self) -> bytes | None:
        try:
            return read_bytes(self.store.folder / "seed")
        except OSError:
            return None


def error_of(each: Alarm) -> Damaged:
    """An alarm as what stops a purchase (6)."""
    return Damaged(
        "{what}: reading still works, nothing is spent", hint="{way}", code=each.name, what=each.said, way=each.way
    )
