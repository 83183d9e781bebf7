"""Tags: words of a person's own on lines, and the lines that they select."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from esimctl.actions.lines.listing import tags_of
from esimctl.actions.naming import check_name
from esimctl.actions.result import Result
from esimctl.actions.session import unknown
from esimctl.errors import UsageError

if TYPE_CHECKING:
    from esimctl.actions.session import Session


def check_tags(tags: Sequence[str]) -> list[str]:
    """Each tag once, in order; UsageError for one that could not be a name."""
    return list(dict.fromkeys(check_name(tag, "tag") for tag in tags))


def tagged(session: "Session", tags: Sequence[str]) -> list[str]:
    """The lines that bear every one of these tags, in the profile's order; a tag that no line bears is refused."""
    known = list(dict.fromkeys(tag for table in session.lines.values() for tag in tags_of(table)))
    for tag in tags:
        if tag not in known:
            raise unknown("tag", tag, known, "esimctl lines list --columns line,tags")
    return [name for name, table in session.lines.items() if set(tags) <= set(tags_of(table))]


def selected(session: "Session", names: Sequence[str], tags: Sequence[str]) -> Sequence[str]:
    """Lines by name or by tag, not by both; empty where neither is given, which most commands take for all.

    UsageError for tags that no line bears together: what was meant for some lines must never become all of them.
    """
    if not tags:
        return names
    if names:
        raise UsageError("say either LINE or --tag, not both", code="line_or_tag")
    found = tagged(session, tags)
    if not found:
        raise UsageError(
            "no line bears all of these tags: {tags}",
            hint="esimctl lines list --columns line,tags",
            code="no_such_line",
            tags=", ".join(tags),
        )
    return found


def tag_line(session: "Session", name: str, add: Sequence[str], remove: Sequence[str]) -> Result:
    """Put tags on a line and take others off; what is there already, or is not there, is no error."""
    from esimctl.actions.books import open_books
    from esimctl.actions.lines.listing import line_entry

    if not add and not remove:
        raise UsageError("say --add TAG or --remove TAG", hint="esimctl lines tag --help", code="tag_needed")
    wanted, unwanted = check_tags(add), set(check_tags(remove))
    if unwanted & set(wanted):
        raise UsageError("a tag cannot be added and removed at once", code="tag_twice")
    session.line(name)
    with open_books(session, f"tag {name}"):
        before = tags_of(session.line(name))
        after = [tag for tag in dict.fromkeys([*before, *wanted]) if tag not in unwanted]
        if after != before:
            session.store.profile.set_table("line", name, {"tags": after or None})
            session.forget()
    return Result("line", {"line": line_entry(session, name)})
