"""Bugs that take a name for the line: what belonged to one is shown, used or added up for another."""

from typing import Any

from tests.faults.seeded import bug
from tests.faults.seeded.hunts import naming


@bug(naming)
def codes_kept_by_name() -> None:
    """The vault's file is named as the line, as it was before lines had an identity."""
    from esimctl.lines import adopt, counter
    from esimctl.profile import codes
    from esimctl.purchase import sending

    codes.identity = lambda _ledger, line, _order=None: line  # type: ignore[attr-defined]
    codes.of_order = lambda _order: "none"  # type: ignore[attr-defined]
    codes.owners = lambda _ledger, _kept: {}  # type: ignore[attr-defined]
    sending.identity = codes.identity  # type: ignore[attr-defined]
    for module in (adopt, counter):
        module.birth = lambda _ledger, name, **_more: name  # type: ignore[attr-defined]


@bug(naming)
def a_name_keeps_its_past() -> None:
    """A name that is used again goes on with what the earlier line had under it."""
    from esimctl.ledger import fold, lives

    fold.make_room = lives.make_room = lambda *_words: None  # type: ignore[attr-defined]


@bug(naming)
def rules_outlive_their_line() -> None:
    """A rule stays enabled when its line is removed, and buys for the next line of that name."""
    from esimctl.ledger import lives
    from esimctl.values.record import replace

    real, kept = lives.line_removed, lives.make_room

    def removed(ledger: Any, entry: Any) -> None:
        rules = dict(ledger.rules)
        real(ledger, entry)
        ledger.rules |= {key: replace(rule, disabled_at=None) for key, rule in rules.items()}

    def make_room(ledger: Any, name: str, seq: int) -> None:
        rules = dict(ledger.rules)
        kept(ledger, name, seq)
        ledger.rules |= {key: replace(rule, disabled_at=None) for key, rule in rules.items()}

    from esimctl.ledger import fold, happenings

    lives.make_room = fold.make_room = make_room  # type: ignore[attr-defined]
    happenings.HANDLERS["line.removed"] = removed  # type: ignore[index]


@bug(naming)
def the_same_card_is_a_stranger() -> None:
    """A card that comes back gets an identity of its own, and its code and history stay behind."""
    from esimctl.ledger import lives

    lives.removed_card = lambda *_words: None  # type: ignore[assignment]


@bug(naming)
def the_archive_knows_no_lives() -> None:
    """What is archived goes to whoever bears the name now."""
    from esimctl.ledger.state import LedgerState

    LedgerState.renamed = lambda _ledger, _as_of, line: line  # type: ignore[method-assign]


@bug(naming)
def a_new_name_keeps_its_past() -> None:
    """A line that is renamed to the name of a removed one takes that one's history along."""
    from esimctl.ledger import happenings, lives

    def renamed(ledger: Any, entry: Any) -> None:
        lives._hand_over(ledger, entry["seq"], entry["line"], entry["to"])

    happenings.HANDLERS["line.renamed"] = renamed  # type: ignore[index]


@bug(naming)
def ties_outlive_their_line() -> None:
    """What one line shared, the next one of that name shares."""
    from esimctl.ledger import lives

    real = lives._relabel

    def relabel(ledger: Any, old: str, new: str) -> None:
        ties = list(ledger.ties)
        real(ledger, old, new)
        ledger.ties[:] = ties

    lives._relabel = relabel
