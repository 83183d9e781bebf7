"""The one machine on which rules run, of those that carry a profile; unset, they run wherever `autotopup run` does."""

from collections.abc import MutableMapping
from typing import TYPE_CHECKING

from esimctl.store.machine import known_machine
from esimctl.values.toml import Toml, table_in

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

HERE, ELSEWHERE = "this", "another"

TAKEOVER = "esimctl autotopup takeover"


def chosen(session: "Session") -> str | None:
    """The id of the machine on which rules run; None where nobody chose one."""
    found = session.settings.get("machine")
    return None if found is None else str(found)


def runs_on(session: "Session") -> str | None:
    """`this` or `another`: where the rules of the profile run; None where nobody chose a machine."""
    machine = chosen(session)
    if machine is None:
        return None
    return HERE if machine == known_machine(session.environ) else ELSEWHERE


def choose(doc: MutableMapping[str, Toml], machine: str) -> None:
    """Write it into the settings of a profile."""
    table_in(doc, "settings")["machine"] = machine
