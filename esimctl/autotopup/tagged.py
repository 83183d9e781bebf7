"""One rule for each line of a tag: a confirmation covers one rule of one line, so a tag never spends by itself.

A line that gets the tag later gets no rule by it, and one that loses it keeps its own: what was agreed to stays what is
done.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from esimctl.autotopup.rules import set_rule
from esimctl.documents.autotopup import RulesDocument
from esimctl.documents.document import ABSENT
from esimctl.documents.result import Result
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.profile.opened import Session


def set_rules(
    session: "Session", lines: Sequence[str], values: Mapping[str, Toml], name: str | None = None, *,
    dry_run: bool = False, wait: float = 0.0,
) -> "Result[RulesDocument]":  # fmt: skip
    """Write the same rule for each line, named after it (`NAME-LINE` with a name); none before all are checked."""
    named = {line: line if name is None else f"{name}-{line}" for line in lines}
    looked = [set_rule(session, line, values, rule, dry_run=True) for line, rule in named.items()]
    made = looked if dry_run else [set_rule(session, line, values, rule, wait=wait) for line, rule in named.items()]
    rules = [rule for each in made for rule in each.data.rules]
    whole = Result("autotopup", RulesDocument(rules=rules, dry_run=True if dry_run else ABSENT))
    for each in made:
        whole.notes.extend(each.notes)
    return whole
