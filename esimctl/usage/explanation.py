"""The story of a line's data, sentence by sentence, as `balance --explain` shows it."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from esimctl.documents.balance import StoryRow
from esimctl.errors import EsimctlError
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.charging.explain import StoryStep
    from esimctl.profile.opened import Session

#: reasons of movements whose sentence names another line
TELLS_LINES = frozenset({"shares", "left", "used-by", "gift-sent", "gift-received"})


def explanation(session: "Session", name: str, table: Mapping[str, Toml]) -> list[StoryRow]:
    """The story of the line's data in order, where its provider can tell it."""
    from esimctl.profile.naming import line_ref

    try:
        provider = session.provider(str(table["provider"]))
        tell = getattr(provider, "explain", None)
        steps: Sequence[StoryStep] = () if tell is None else tell(line_ref(name, table), session.clock.now())
    except EsimctlError:  # what is left was told; only the story is missing
        return []
    return [story_row(step, lambda line: called(session, line)) for step in steps]


def story_row(step: "StoryStep", owner_of: "Callable[[str | None], str | None]" = lambda line: line) -> StoryRow:
    """A sentence of the story; one that speaks of another line says its name and never its ICCID."""
    params = dict(step.params)
    if step.reason in TELLS_LINES:
        params["other"] = owner_of(params["other"]) or "?"
    text = step.template.format(**params) if params else step.template
    return StoryRow(at=step.at, reason=step.reason, text=text, template=step.template, params=params)


def called(session: "Session", line: str | None) -> str | None:
    """The name of a line that a provider names by its ICCID; the ICCID masked where no line here has it."""
    if line is None or line in session.lines:
        return line
    from esimctl.providers.lpa import mask

    return next((name for name, table in session.lines.items() if table.get("iccid") == line), mask(line))
