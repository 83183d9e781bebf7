"""Terms that turn out to be others than they were bought as: from a named instant on, and never before it."""

from collections.abc import Iterable

from esimctl.charging.events import Event, Purchase, Renew, Restate
from esimctl.charging.terms import Terms, terms_from_table
from esimctl.values.record import replace
from esimctl.values.tables import TableError

#: keys that say how long a term runs: a running term keeps its length
LENGTHS = frozenset({"clock"})
#: what takes a key away
NOTHING = (None, {"mode": "none"})


def restated(terms: Terms, event: Restate, *, running: bool = False) -> Terms:
    """The terms with what the event changes; of `running` ones the length stays.

    What a newer version wrote and is not understood here changes nothing.
    """
    changed = {key: value for key, value in event.changed.items() if not (running and key in LENGTHS)}
    kept = {key: value for key, value in terms.as_table().items() if key not in changed}
    table = {**kept, **{key: value for key, value in changed.items() if value not in NOTHING}}
    try:
        made = terms_from_table(terms.name, table)
    except TableError:
        return terms
    return replace(made, word=event.word if "rollover" in event.changed and event.word is not None else terms.word)


def worked_in(story: Iterable[tuple[int, Event]]) -> list[Event]:
    """Events by the number under which they became known, with what restates them.

    A purchase that was known already when the word came, and counts from the word's instant on, is bought by its terms.
    """
    known = list(story)
    words = [(number, one) for number, one in known if isinstance(one, Restate)]
    if not words:
        return [event for _, event in known]
    found: list[Event] = []
    for number, event in known:
        for later, word in words:
            if isinstance(event, Purchase | Renew) and event.line == word.line and number < later:
                event = replace(event, terms=restated(event.terms, word)) if event.at >= word.at else event
        found.append(event)
    return found
