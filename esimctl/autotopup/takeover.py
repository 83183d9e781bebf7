"""`autotopup takeover`: from now on rules run on this machine, and on no other."""

from typing import TYPE_CHECKING

from esimctl.autotopup.machine import choose, chosen
from esimctl.autotopup.rules import show_rules
from esimctl.documents.result import Result
from esimctl.profile.books import open_books
from esimctl.store.machine import this_machine

if TYPE_CHECKING:
    from esimctl.documents.autotopup import RulesDocument
    from esimctl.profile.opened import Session


def take_over(session: "Session", *, wait: float = 0.0) -> "Result[RulesDocument]":
    """From now on rules run on this machine, and on no other."""
    machine = this_machine(session.environ)
    with open_books(session, "autotopup takeover", wait) as books:
        if chosen(session) != machine:
            books.write({"kind": "rules.moved", "machine": machine})
            session.store.profile.edit(lambda doc: choose(doc, machine))
            session.forget()
    return show_rules(session)
