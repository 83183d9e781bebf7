"""Lines' documents as they were worked out before: they hold until a file changes or an instant of theirs passes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from json import loads
from typing import Any, overload

from esimctl.documents.balance import BalanceLine
from esimctl.documents.document import json_text
from esimctl.documents.reading import read
from esimctl.profile.opened import Session

STATE_FORM = 7  #: of the derived documents; another number in the file means: work them out again


def rfc3339(moment: datetime) -> str:
    """UTC with Z and without fractions."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class KeptLines(Sequence[BalanceLine]):
    """Lines as JSON that was worked out before: a program gets the text as it is, and who looks at a line a record."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, place: int) -> BalanceLine: ...
    @overload
    def __getitem__(self, place: slice) -> "KeptLines": ...
    def __getitem__(self, place: int | slice) -> "BalanceLine | KeptLines":
        if isinstance(place, slice):
            return KeptLines(self._texts[place])
        return read(BalanceLine, loads(self._texts[place]))

    def pieces(self) -> Iterator[str]:
        """The list as JSON."""
        yield f"[{', '.join(self._texts)}]"


def kept_documents(session: Session, names: Sequence[str], *, allow_stale: bool) -> KeptLines | None:
    """The lines' documents from the derived state, or None if any of them has to be worked out again."""
    state = kept_state(session)
    return None if state is None else kept_lines(session, state, names, allow_stale=allow_stale)


def kept_state(session: Session) -> dict[str, Any] | None:
    """The derived state, if it was made from the files as they are, and its budgets are of this month."""
    state = session.store.state.read()
    if state is None or state.get("form") != STATE_FORM or state.get("stamp") != session.store.stamp(state.get("mark")):
        return None
    now = rfc3339(session.clock.now())
    return state if all(row["from"] <= now < row["until"] for row in state["budget"]) else None


def kept_lines(
    session: Session, state: Mapping[str, Any], names: Sequence[str], *, allow_stale: bool
) -> KeptLines | None:
    """The lines' documents of that state."""
    lines: Mapping[str, Mapping[str, Any]] = state.get("line", {})
    for name in names:
        if name not in lines:
            return None
    now = rfc3339(session.clock.now())
    found = []
    for name in names or lines:
        kept = lines[name]
        if not (kept["from"] <= now < kept["until"]) or (not allow_stale and now >= kept["stale"]):
            return None
        found.append(kept["document"])
    return KeptLines(found)


def keep_documents(
    session: Session,
    documents: Mapping[str, tuple[BalanceLine, datetime | None, datetime]],
    beside: Mapping[str, Any] | None = None,
) -> None:
    """Put documents into the derived state; each with `until` (when its numbers change) and `stale`.

    `beside` holds the month's `budget` rows, the lines' recent `use`, and where they were worked out the `hints`, as
    JSON.
    """
    now = session.clock.now()
    far = now + timedelta(days=3650)
    table = {
        name: {
            "from": rfc3339(now),
            "until": rfc3339(until or far),
            "stale": rfc3339(stale),
            "document": json_text(document),
        }
        for name, (document, until, stale) in documents.items()
    }
    beside = beside or {"budget": [], "use": {}, "hints": "[]"}
    store = session.store
    if not store.alarms and not store.findings:  # what is wrong is said each time
        kept = {"form": STATE_FORM, "mark": store.noted.name, "line": table, **beside}
        store.state.write(kept, store.stamp(store.noted.name))
