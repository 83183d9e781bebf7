"""Changes of several files that are not as one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.faults.seeded import bug
from tests.faults.seeded.hunts import writing


@bug(writing("lines-add"))
def journal_before_the_rest() -> None:
    """The entry is written, then the files one by one, and nobody is told what is still missing."""
    from esimctl.store.changes import Changes
    from esimctl.store.files import make_folder, replace

    def carry_out(changes: Changes) -> tuple[Any, ...]:
        written = changes.place.journal.append(changes.entries) if changes.entries else ()
        for path, data in changes.files.items():
            make_folder(path.parent)
            path.unlink(missing_ok=True) if data is None else replace(path, data)
        return written

    Changes.carry_out = carry_out  # type: ignore[method-assign]


@bug(writing("lines-add-code"))
def promises_are_not_kept() -> None:
    """What a stopped run had promised is thrown away by the next one."""
    from esimctl.store import changes

    def finish(place: changes.ProfilePlace) -> Mapping[str, Any] | None:
        place.unfinished.unlink(missing_ok=True)
        return None

    changes.finish = finish


@bug(writing("lines-add"))
def repetition_is_not_known() -> None:
    """The work of a stopped run is finished, and the same command then finds the name taken."""
    import os

    from esimctl.profile import books

    books.wanted = lambda *_asked: os.urandom(8).hex()


@bug(writing("providers-remove"))
def keys_stay_behind() -> None:
    """The provider goes, its secret does not go with it when the run is stopped in between."""
    from esimctl.store.changes import Changes

    late: list[Path] = []
    carry_out = Changes.carry_out

    def and_then(changes: Changes) -> tuple[Any, ...]:
        written = carry_out(changes)
        for path in late:
            path.unlink(missing_ok=True)
        return written

    Changes.remove = lambda _changes, path: late.append(path)  # type: ignore[method-assign]
    Changes.carry_out = and_then  # type: ignore[method-assign]


@bug(writing("export"))
def leftovers_of_exports_stay() -> None:
    """Who writes beside a killed export leaves what lies there."""
    from esimctl.store import output_file

    output_file.sweep = lambda *_folder, **_more: 0


@bug(writing("payments-default"))
def leftovers_in_the_profile_stay() -> None:
    """The next command does not look for what a killed one left."""
    from esimctl.store import files

    files.sweep = lambda *_folder, **_more: 0


@bug(writing("topup-by-hand"))
def word_of_a_person_forgotten() -> None:
    """A purchase by a person's word that was stopped half way stays open for ever."""
    from esimctl.purchase import pursue

    pursue.from_word = lambda _books, order, _provider: order


@bug(writing("topup-by-hand"))
def same_words_book_twice() -> None:
    """Who repeats a stopped purchase by hand is refused for the receipt that the first run has entered."""
    from esimctl.purchase import said_again

    said_again.finished = lambda _session, _intent: None


__all__: list[str] = []
