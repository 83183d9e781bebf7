"""A sentence that is said later, perhaps in another language: an English template with its parameters.

It travels through documents and the journal as a table of `template` and `params`; parameters may be sentences again.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

from esimctl.values.money import Money
from esimctl.values.record import field, record
from esimctl.values.text import clean


class Raw(str):
    """A name, a figure or somebody's text: it stands as it is, made harmless to show, in every language."""

    __slots__ = ()


Param: TypeAlias = "int | Money | datetime | date | Raw | Sentence"


@record
class Sentence:
    """`str()` gives it in English, harmless to show."""

    template: str
    params: Mapping[str, Param] = field(default_factory=dict)

    def __str__(self) -> str:
        if not self.params:
            return self.template
        safe = {name: clean(value) if isinstance(value, str) else value for name, value in self.params.items()}
        return self.template.format(**safe)

    def as_table(self) -> dict[str, Any]:
        """Text, integers and tables only."""
        return {"template": self.template, "params": {name: _plain(value) for name, value in self.params.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, Sentence):
        return value.as_table()
    return value if isinstance(value, str | int) else str(value)


def from_table(table: Any) -> Sentence | None:
    """The inverse of `as_table`; None for anything else, such as what an older journal holds."""
    if not isinstance(table, Mapping) or not isinstance(table.get("template"), str):
        return None
    params = table.get("params", {})
    if not isinstance(params, Mapping):
        return None
    return Sentence(table["template"], {name: from_table(value) or value for name, value in params.items()})
