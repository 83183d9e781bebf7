"""The help pages that belong to no command: environment, exit codes, formats, whom to call."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from esimctl.environment import VARIABLES
from esimctl.errors import EXIT_CODES
from esimctl.show.page import WIDEST, Word, described, rows, wrap
from esimctl.show.words import say

#: What `help formats` says: term → sentence.
FORMATS: dict[str, str] = {
    "-o table": "for people: the default on a terminal; blocks instead of a table where it is too narrow",
    "-o tsv": "the default in a pipe: one record a line, tab-separated, full values, no header unless --header",
    "-o csv": "RFC 4180 with a header; text that a spreadsheet would run as a formula gets an apostrophe",
    "-o json": "exactly one document, on success and on failure; `esimctl schema` describes every one",
}

VALUES: dict[str, str] = {
    "500MB, 1.5GB, 2GiB": "volumes, or unlimited: MB is 10^6 octets, MiB 2^20; in JSON octets, in fields ending _bytes",
    "5USD, 5.00USD, 20000KHR": 'money: in JSON {"amount": "5.00", "currency": "USD"}',
    "12h, 7d, 3 months": "durations",
    "2026-11-20, 2026-11-20T09:00+07:00": "times: a date in the line's zone, or RFC 3339; in JSON RFC 3339 UTC with Z",
    "null": "in JSON what is not known is null, never 0",
}


def environment(width: int) -> str:
    """Every environment variable that is looked at."""
    title = "Environment variables that esimctl looks at. An option wins over the environment, it over the profile."
    return page(title, [("Environment", list(VARIABLES.items()))], width)


def exit_codes(width: int) -> str:
    """Every exit code, what it means, and whether money moved."""
    pairs = [
        (f"{int(code):>3}", f"{say(meaning)} ({say('money moved')}: {say(moved)})")
        for code, (meaning, moved) in EXIT_CODES.items()
    ]
    title = (
        "What a script sees. 4 dominates: whatever goes wrong after an order may have left is 4, never 1. "
        "Only 69 and 75 are worth a retry by a scheduler; new codes may be added, an unknown one is a failure."
    )
    return page(title, [("Exit codes", pairs)], width, said=True)


def formats(width: int) -> str:
    """The forms of output, and how values are written."""
    title = "The form of an answer (-o, or ESIMCTL_OUTPUT), and how values are written in options and in answers."
    return page(title, [("Output", list(FORMATS.items())), ("Values", list(VALUES.items()))], width)


def page(title: str, sections: list[tuple[str, list[tuple[str, str]]]], width: int, *, said: bool = False) -> str:
    """A page of a title and sections of terms with their sentences; `said`: in the reader's language already."""
    width = max(min(width, WIDEST), 40)
    lines = wrap(say(title), width)
    for heading, pairs in sections:
        shown = pairs if said else [(term, say(sentence)) for term, sentence in pairs]
        lines += ["", f"{say(heading)}:", *rows(shown, width)]
    return "\n".join(lines) + "\n"


TOPICS: dict[str, Callable[[int], str]] = {"environment": environment, "exit-codes": exit_codes, "formats": formats}


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


def options(width: int, every: Sequence[Word], lists: Sequence[Word], spends: Sequence[Word]) -> str:
    """The options that many commands have in common: those of every command, of lists, of purchases."""
    title = "Options that many commands have in common, in any position after the command."
    sections = [
        ("Every command", [described(word) for word in every]),
        ("Commands that show a list", [described(word) for word in lists]),
        ("Commands that spend money or change rules", [described(word) for word in spends]),
    ]
    return page(title, sections, width, said=True)


OPTIONS = "options"

#: every page that belongs to no command
NAMES = (*TOPICS, OPTIONS, *PAGES)
