"""The journal of another copy united with a profile's own: planned without a write, then written beside and swapped.

A stop at any point leaves the old journal or the new one, whole; doing it again does what is missing.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from esimctl.errors import Damaged, UsageError
from esimctl.ledger import said
from esimctl.ledger.fold import Ledger, fold
from esimctl.ledger.uniting import United, common, unite
from esimctl.store.attachments import MOST_BYTES as MOST_ATTACHED
from esimctl.store.files import make_folder, replace, sync_folder
from esimctl.store.folder import Store
from esimctl.store.index import forget
from esimctl.store.journal import SEGMENT_RECORDS, Journal
from esimctl.store.migrate import begin_next, change_places, finish, standing
from esimctl.store.other_copy import OtherCopy, OtherJournal, read_folder_chain
from esimctl.store.paths import open_private
from esimctl.store.user_file import read_given
from esimctl.store.vault import Vault, VaultedCodes
from esimctl.values.record import record
from esimctl.values.sentence import Raw, said_of
from esimctl.values.toml import Toml

KEPT_AS: Final = "journal-before-merge"
_TAKEN: Final = {
    "evidence": re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.\d{1,6}\Z"),
    "attachments": re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z"),
}


@record(frozen=False)
class MergePlan:
    """What a merge would do to the journal. `united` is None where there is nothing to do, or only to follow.

    `follows`: ours is the beginning of theirs, whose entries are taken as they are. `heads` are the records that get
    another place.
    """

    ours: OtherJournal
    theirs: OtherJournal
    before: int  #: entries that both begin with
    ledger: Ledger  #: what the profile's books come to afterwards
    united: United | None = None
    follows: bool = False

    @property
    def changes(self) -> bool:
        """Whether the journal becomes another one."""
        return self.follows or self.united is not None

    def heads(self) -> list[dict[str, Toml]]:
        """Sequence number and hash of every record that gets another place: a mark that names one is answered."""
        return [
            {"seq": said.number(entry, "seq"), "hash": place[2]}
            for chain in (self.ours, self.theirs)
            for entry, place in zip(chain.entries[self.before :], chain.places[self.before :], strict=True)
        ]


def plan_journal(store: Store, other: OtherCopy, now: datetime) -> MergePlan:
    """What uniting the journals comes to; writes nothing. UsageError (2) for the journal of another profile."""
    ours = read_folder_chain(standing(store.folder), "the journal")
    theirs = other.journal
    if theirs is None:
        return MergePlan(ours, ours, len(ours.entries), fold(ours.entries))
    before = common(ours.entries, theirs.entries)
    _same_profile(store, other, ours, theirs, before)
    mine, more = ours.entries[before:], theirs.entries[before:]
    if not mine and more:
        return MergePlan(ours, theirs, before, fold(theirs.entries), follows=True)
    plan = MergePlan(ours, theirs, before, fold(ours.entries))
    known = _taken_over(ours, theirs, before)
    if known == len(more):
        return plan
    united = unite(ours.entries[:before], mine, more, now, known)
    if united.entries != mine:
        plan.united, plan.ledger = united, united.ledger
    return plan


def _taken_over(ours: OtherJournal, theirs: OtherJournal, before: int) -> int:
    """How many entries behind the common beginning of theirs an earlier merge took over, as a record of it says."""
    heads = {
        (head["seq"], head["hash"])
        for entry in ours.entries
        if said.text(entry, "kind") == "merged"
        for head in said.tables(entry, "heads")
    }
    tail = zip(theirs.entries[before:], theirs.places[before:], strict=True)
    return max(
        (count for count, (entry, place) in enumerate(tail, 1) if (said.number(entry, "seq"), place[2]) in heads),
        default=0,
    )


def _same_profile(store: Store, other: OtherCopy, ours: OtherJournal, theirs: OtherJournal, before: int) -> None:
    seeds = [_seed(store.folder), None if other.folder is None else _seed(other.folder)]
    if None not in seeds and seeds[0] != seeds[1]:
        raise _another(other.source)
    if not before and ours.entries and theirs.entries and None in seeds:
        raise _another(other.source)


def _another(path: Path) -> UsageError:
    return UsageError(
        "{path} is a copy of another profile: nothing was united",
        hint="esimctl profile list",
        code="another_profile",
        path=Raw(str(path)),
    )


def _seed(folder: Path) -> bytes | None:
    try:
        fd = open_private(folder / "seed")
    except FileNotFoundError:
        return None
    with os.fdopen(fd, "rb") as file:
        return file.read(64)


def write_journal(store: Store, plan: MergePlan, entries: Sequence[Mapping[str, Toml]]) -> None:
    """Put the united journal, and `entries` behind it, in the journal's place. Only inside `locked`.

    The old one is kept in backups/. Damaged (6), with nothing changed, where the new one does not read back.
    """
    finish(store.folder)
    place = begin_next(store.folder)
    stay = plan.theirs if plan.follows else plan.ours
    count = len(stay.entries) if plan.follows else plan.before
    for number, data in _beginning(stay, count):
        replace(place / f"{number:06d}.toml", data)
    journal = Journal(place)
    if journal.load().position.next_seq != count + 1:
        raise Damaged("the united journal does not read back; nothing was changed", code="not_united")
    told = [*(plan.united.entries if plan.united is not None else ()), *entries]
    try:
        for start in range(0, len(told), SEGMENT_RECORDS):
            journal.append(told[start : start + SEGMENT_RECORDS])
    except ValueError as error:
        raise Damaged("the two journals cannot be united: {what}", code="not_united", what=said_of(error)) from None
    again = Journal(place).load()
    if again.damage is not None or again.torn is not None or len(again.entries) != count + len(told):
        raise Damaged("the united journal does not read back; nothing was changed", code="not_united")
    for number in Journal(place).segments()[:-1]:
        journal.path(number).chmod(0o400)
    forget(store.folder)
    change_places(store.folder, KEPT_AS)


def _beginning(chain: OtherJournal, count: int) -> Iterator[tuple[int, bytes]]:
    """The segments that hold the first entries, byte for byte as they are."""
    if not count:
        return
    last, end, _ = chain.places[count - 1]
    for number in sorted(chain.segments):
        if number <= last:
            yield number, chain.segments[number] if number < last else chain.segments[number][:end]


def lines_with_codes(other: OtherCopy) -> list[str]:
    """The lines of which the other copy has codes, by their names there."""
    return [] if other.folder is None else Vault(other.folder / "vault").lines()


def missing_codes(store: Store, other: OtherCopy, names: Mapping[str, str]) -> dict[str, VaultedCodes]:
    """Line → the codes that the other copy has and the profile has not. UsageError (2) where the two differ."""
    if other.folder is None:
        return {}
    theirs, found = Vault(other.folder / "vault"), {}
    for name in lines_with_codes(other):
        line, values = names.get(name, name), theirs.read(name) or VaultedCodes({})
        ours = store.vault.read(line) or VaultedCodes({})
        if any(ours.get(key, value) != value for key, value in values.items()):
            raise UsageError(
                "the activation code of {line} is one here and another there: nothing was united",
                hint="esimctl lines rename {line} NAME, then the same again", code="codes_contradict", line=Raw(line),
            )  # fmt: skip
        if values.keys() - ours.keys():
            found[line] = values
    return found


def missing_files(store: Store, other: OtherCopy) -> list[str]:
    """Raw answers and attached files that the other copy has and the profile has not, by their path in a profile."""
    if other.folder is None:
        return []
    return [
        f"{place}/{path.name}"
        for place, name in _TAKEN.items()
        for path in (sorted((other.folder / place).iterdir()) if (other.folder / place).is_dir() else ())
        if name.match(path.name) and path.is_file() and not (store.folder / place / path.name).exists()
    ]


def take_files(store: Store, other: OtherCopy, names: Sequence[str]) -> None:
    """Copy them. Durable when it returns."""
    assert other.folder is not None or not names
    for name in names:
        make_folder((store.folder / name).parent)
        replace(store.folder / name, read_given(str(other.folder / name), MOST_ATTACHED))  # type: ignore[operator]


def set_aside(store: Store, path: Path) -> Path:
    """Move a file that a sync program put into the profile into its backups/; where it is now."""
    make_folder(store.folder / "backups")
    target, number = store.folder / "backups" / path.name, 1
    while target.exists():
        target, number = store.folder / "backups" / f"{path.name}.{number}", number + 1
    path.rename(target)
    sync_folder(target.parent)
    sync_folder(path.parent)
    return target
