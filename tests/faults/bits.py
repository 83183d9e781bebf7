"""Every prefix and flipped bit of a journal of five records and a profile: healed or detected, never another value."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.faults import forked
from tests.faults.forked import command
from tests.faults.report import Report
from tests.faults.scratch import scratch
from tests.faults.stories import BUY, EARLIER, environment

RECORDS = 5


def bits_layer(
    *,
    every: int = 1,
    required: int = 20_000,
    changes: Sequence[Callable[[], None]] = (),
    first: bool = False,
) -> Report:
    """All prefixes, and the flips of every `every`-th bit (1: all)."""
    report = Report("bits", required)
    with scratch() as place:
        home = place / "home"
        home.mkdir(mode=0o700)
        ran = forked.run(command(*BUY), place, environment(home, EARLIER))
        if ran.code != 0:
            raise RuntimeError(str(ran))
        told = place / "told"
        ran = forked.run(lambda: _examine(home, every, told, first=first), place, environment(home), before=changes)
        if ran.code != 0:
            report.violated("reading", f"raises instead of answering: {ran.err[-300:]}")
        for line in told.read_text().splitlines():
            kind, _, rest = line.partition("\t")
            if kind == "bad":
                report.violations.append(rest)
            else:
                report.figures[kind] = int(rest)
        report.points = report.fired = sum(int(str(n)) for name, n in report.figures.items() if name in _TRIED)
    return report


_TRIED = ("journal_prefixes", "journal_flips", "profile_prefixes", "profile_flips")


def _examine(home: Path, every: int, told: Path, *, first: bool) -> int:
    """In a child, so that seeded bugs stay there. Writes figures and violations to `told`."""
    folder = home / "profiles" / "default"
    with told.open("w") as out:
        counted: dict[str, int] = {}
        for trial in (_journal, _profile):
            for what, verdict, bad in trial(folder, every):
                counted[what] = counted.get(what, 0) + 1
                counted[verdict] = counted.get(verdict, 0) + 1
                if bad:
                    out.write(f"bad\t{what}: {bad}\n")
                    if first:
                        return 0
        for name, number in counted.items():
            out.write(f"{name}\t{number}\n")
    return 0


def _flipped(data: bytes, every: int) -> Iterator[tuple[int, bytes]]:
    for bit in range(0, len(data) * 8, every):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << (bit % 8)
        yield bit, bytes(changed)


def _journal(folder: Path, every: int) -> Iterator[tuple[str, str, str | None]]:
    """(what was tried, verdict, violation) for a journal of five records."""
    from esimctl.store.journal import Journal

    journal = Journal(folder / "journal")
    entries = _five(journal)
    path = journal.path(1)
    whole = path.read_bytes()
    for length in range(len(whole)):
        yield "journal_prefixes", *_prefix(folder, path, whole[:length], entries)
    for bit, data in _flipped(whole, every):
        verdict, bad = _flip(folder, path, data, entries)
        yield "journal_flips", verdict, f"bit {bit}: {bad}" if bad else None
    path.write_bytes(whole)


def _five(journal: Any) -> list[dict[str, Any]]:
    """Make the journal one of exactly five records, of those that a purchase writes."""
    entries = journal.load().entries
    note = {key: entries[-1][key] for key in ("at",)} | {"kind": "note", "text": "a fifth record"}
    journal.append([note] * (RECORDS - len(entries)))
    loaded: list[dict[str, Any]] = journal.load().entries
    assert len(loaded) == RECORDS, len(loaded)
    return loaded


def _read(folder: Path) -> tuple[list[dict[str, Any]], bytes | None, list[str]]:
    """Entries, torn tail, and what forbids spending: as the program reads it."""
    from esimctl.errors import EsimctlError
    from esimctl.store.journal import Journal
    from esimctl.store.opening import open_ledger

    try:
        opened = open_ledger(folder, Journal(folder / "journal"))
    except EsimctlError as error:
        return [], None, [str(error)]
    return opened.loaded.entries, opened.loaded.torn, [str(f.said) for f in opened.findings if f.blocking]


def _prefix(folder: Path, path: Path, data: bytes, entries: list[dict[str, Any]]) -> tuple[str, str | None]:
    """A cut append: the records before it stand, the rest is set aside."""
    path.write_bytes(data)
    found, torn, blocking = _read(folder)
    if found != entries[: len(found)]:
        return "changed", f"{len(data)} bytes: other records than were written"
    if blocking:
        return "detected", None
    known = _ends(data)
    if torn is None and known != len(data):
        return "silent", f"{len(data)} bytes: the cut tail was swallowed"
    if torn is not None:
        return "healed", _heals(folder, path, data, found)
    return "whole", None


def _ends(data: bytes) -> int:
    """Where the last whole frame ends."""
    at = data.rfind(b"\n#! ")
    while at >= 0:
        end = data.find(b"\n", at + 1)
        if end >= 0:
            return end + 1
        at = data.rfind(b"\n#! ", 0, at)
    return 0


def _heals(folder: Path, path: Path, data: bytes, found: list[dict[str, Any]]) -> str | None:
    """Setting the tail aside keeps its bytes and leaves a journal that can be continued."""
    from esimctl.store.journal import Journal

    if len(data) % 16:  # enough of them
        return None
    journal = Journal(folder / "journal")
    loaded = journal.load()
    torn = loaded.torn
    journal.heal(loaded)
    aside = [piece.read_bytes() for piece in (folder / "journal").glob("torn-*.bin")]
    for piece in (folder / "journal").glob("torn-*.bin"):
        piece.unlink()
    if torn not in aside:
        return "the torn tail was thrown away"
    if Journal(folder / "journal").load().entries != found:
        return "healing changed what was good"
    return None


def _flip(folder: Path, path: Path, data: bytes, entries: list[dict[str, Any]]) -> tuple[str, str | None]:
    """A flipped bit is no cut append: nothing may be taken for torn that was once whole."""
    path.write_bytes(data)
    found, torn, blocking = _read(folder)
    if blocking:
        return "detected", None
    if found == entries and torn is None:
        return "same", "the change was not noticed"
    if torn is not None and found == entries[: len(found)]:
        return "taken_for_torn", f"record {len(found) + 1} was taken for a cut append"
    return "changed", "a value changed without a word"


def _profile(folder: Path, every: int) -> Iterator[tuple[str, str, str | None]]:
    """A profile that was damaged is refused, or said to be changed by somebody else, so that rules stay inert."""
    path = folder / "profile.toml"
    whole = path.read_bytes()
    for length in range(len(whole)):
        yield "profile_prefixes", *_profile_verdict(path, whole, whole[:length], f"{length} bytes")
    for bit, data in _flipped(whole, every):
        yield "profile_flips", *_profile_verdict(path, whole, data, f"bit {bit}")
    path.write_bytes(whole)


def _profile_verdict(path: Path, whole: bytes, data: bytes, where: str) -> tuple[str, str | None]:
    from esimctl.errors import ConfigurationError
    from esimctl.store.profile import parse_profile

    original = parse_profile(whole).doc
    try:
        profile = parse_profile(data, path.name)
    except ConfigurationError:
        return "detected", None
    if profile.by_hand:
        return "noticed", None
    if profile.doc == original:
        return "same", None
    return "changed", f"{where}: another profile, and it says that we wrote it"


__all__ = ["bits_layer"]
