"""`--tag`: which lines a command is about, where a person keeps more than can be named one by one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from esimctl.actions.session import Session

Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG", help="Lines with this tag; repeated: with all of them.", show_default=False),
]


def lines_of(session: "Session", names: Sequence[str] | None, tags: Sequence[str] | None) -> Sequence[str]:
    """The lines that were named or are selected by tag; none of both is none, and means all where a list is shown."""
    if not tags:
        return names or ()
    from esimctl.actions.lines.tags import selected

    return selected(session, names or (), tags)
