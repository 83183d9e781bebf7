"""Bugs of what is noted outside the home, and of who is told."""

from typing import Any

from tests.faults.seeded import bug
from tests.faults.seeded.hunts import copying


@bug(copying("looks-topup", "home_brought_back"))
def mark_in_the_home() -> None:
    """How far the journal had come travels with every copy of the home."""
    from esimctl.store.noted import Noted

    Noted.path = property(lambda self: self.store.home / self.name)  # type: ignore[assignment, method-assign]


@bug(copying("buy-topup", "other_wins"))
def only_length_compared() -> None:
    """A journal that is as long as it was, or longer, is taken for the one that was written."""
    from esimctl.store import noted

    real = noted.contradicted

    def contradicted(*given: Any) -> str | None:
        found = real(*given)
        return None if found == "journal_replaced" else found

    noted.contradicted = contradicted


@bug(copying("looks-topup", "home_brought_back"))
def shorter_is_well() -> None:
    """A journal that ends before the record that was noted is taken for an earlier day."""
    from esimctl.store import noted

    real = noted.contradicted

    def contradicted(*given: Any) -> str | None:
        found = real(*given)
        return None if found == "journal_shorter" else found

    noted.contradicted = contradicted


@bug(copying("topup-topup", "newest_wins"))
def mark_moves_up_all_the_same() -> None:
    """The first look says it; then what is there counts as known."""
    from esimctl.store.noted import Noted

    real = Noted.move_up

    def move_up(self: Any, ledger: Any, at: Any) -> None:
        self._contradicted = False
        if self.mark is not None and self.path is not None:
            self.path.unlink(missing_ok=True)
        real(self, ledger, at)

    Noted.compare = _then(Noted.compare, move_up)  # type: ignore[method-assign]


def _then(compare: Any, move_up: Any) -> Any:
    def compared(self: Any, mark: Any, opened: Any) -> None:
        compare(self, mark, opened)
        move_up(self, opened.ledger, opened.loaded.position)

    return compared


@bug(copying("topup-topup", "newest_wins"))
def alarm_is_kept() -> None:
    """A balance that was worked out in an alarm is shown again, without a word."""
    from esimctl.usage import kept_documents, readings

    real = kept_documents.keep_documents

    def keep(session: Any, *given: Any) -> None:
        alarms, session.store.noted.alarms = session.store.noted.alarms, []
        real(session, *given)
        session.store.noted.alarms = alarms

    readings.keep_documents = keep


@bug(copying("topup-topup", "newest_wins"))
def check_looks_at_lines_alone() -> None:
    """A monitor hears nothing of books that are not whole."""
    from esimctl.records import check

    check.flaws = lambda _session: []


@bug(copying("buy-topup", "profile_and_vault"))
def lines_not_compared() -> None:
    """A line whose order nobody has is a line like every other."""
    from esimctl.store import noted

    noted.lines_without_orders = lambda _profile, _ledger: []


@bug(copying("nothing-buy", "only_profile"))
def lines_may_be_lost() -> None:
    """A line that was bought and that the profile does not have is none."""
    from esimctl.store import noted

    noted.lines_lost = lambda _profile, _ledger: []


@bug(copying("topup-topup", "newest_wins"))
def spends_all_the_same() -> None:
    """It is said, and the next purchase goes through."""
    from esimctl.purchase import gates
    from esimctl.store.folder import Store

    gates.GATES = tuple(gate for gate in gates.GATES if gate is not gates.reconciled)
    Store.check_alarms = lambda _self: None  # type: ignore[method-assign]
