"""The help pages for when something went wrong with an account: refunds and forgotten passwords (R-62, R-65, R-72)."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from esimctl.show.topics import page
from esimctl.show.words import say


class Contact(NamedTuple):
    """A carrier and how it is reached: numbers of its hotline, pages."""

    name: str
    numbers: Sequence[str]
    pages: Sequence[str]


#: what this program does about money that is to come back: command → sentence
REFUNDS: dict[str, str] = {
    "esimctl transactions show ORDER": "until when a policy lets the money come back, or the purchase be cancelled",
    "esimctl policy show CARRIER": "what the seller says about refunds and cancelling: every claim with its source",
    "esimctl transactions refund ORDER": "gives an unused line back where the seller takes lines back; for what was "
    "bought at a counter: whom to call, and what to say",
    "esimctl transactions refund ORDER --received MONEY": "books what came back at the counter; a part of the price "
    "leaves the pack where it is",
    "esimctl transactions audit --bundle case.tar.gz": "charged twice, or charged and not delivered: the case and the "
    "sentence for support, without secrets",
    "esimctl transactions attach ORDER FILE": "keeps the receipt with the order: it is what support asks for first",
}
#: account → where its password is reset, and what is to be done here afterwards
PASSWORDS: dict[str, str] = {
    "eSIM Access": "«forgot password» where you sign in to its console; make a new access code there, then: "
    "esimctl providers login esim-access",
    "Airalo": "«forgot password» where you sign in to its Partner Platform; the client secret is made anew there, "
    "then: esimctl providers login airalo",
    "CELITECH": "«forgot password» where you sign in to its dashboard; the client secret is made anew there, then: "
    "esimctl providers login celitech",
    "a carrier's app or site": "its own recovery, to the number or the address that it knows; the hotline helps where "
    "that fails",
    "a bank or a wallet": "at the bank alone, never by a link in a message; esimctl keeps no password of it",
    "esimctl": "it has no password. A lost second factor: esimctl profile second-factor --help; credentials that "
    "cannot be read: esimctl doctor",
}


def refund(width: int, contacts: Sequence[Contact]) -> str:
    """Money back: the commands, and whom to call."""
    title = (
        "Money back. Sellers differ: look at the policy before you buy, keep the receipt, and ask soon. At a counter "
        "only the seller gives it back; a reseller is asked from here."
    )
    return page(title, [("What helps", said(REFUNDS)), ("Whom to call", reached(contacts))], width, said=True)


def password(width: int, contacts: Sequence[Contact]) -> str:
    """A forgotten password: which account it is, and where it is reset."""
    title = (
        "A forgotten password is reset where the account is, never here: you renew with the account with which you "
        "bought. Nothing is lost meanwhile; what esimctl knows of a line stays."
    )
    return page(title, [("Accounts", said(PASSWORDS)), ("Whom to call", reached(contacts))], width, said=True)


def said(table: dict[str, str]) -> list[tuple[str, str]]:
    """The rows of a table in the reader's language; commands stay as they are typed."""
    return [(term if term.startswith("esimctl ") else say(term), say(sentence)) for term, sentence in table.items()]


def reached(contacts: Sequence[Contact]) -> list[tuple[str, str]]:
    """Each carrier with what is known of it."""
    return [(each.name, ", ".join((*each.numbers, *each.pages))) for each in contacts]


PAGES: dict[str, Callable[[int, Sequence[Contact]], str]] = {"refund": refund, "password": password}
