"""Every command that writes, told once: what the home is before, what is said, what a repetition may answer.

None of them says what must be true afterwards: that is what the same home is after the same command undisturbed.
"""

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.forked import Act, command
from tests.faults.stories import BUY, RULE

Words = tuple[str, ...]
NUMBERS = {"ORDER": "order", "SOLD": "provider_order"}
CODE = "LPA:1$rsp.example.com$CODE-OF-THE-CARD"
ADDED: Words = ("lines", "add", "fam", "--provider", "manual", "--carrier", "smart", "--data", "2GB", "--days", "30")
PAID: Words = ("--price", "3USD", "--msisdn", "85512345678", "--note", "granny")
COUNTER: Words = ("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--plan", "smart-laor-7d")
LOGIN: Words = ("providers", "login", "airalo", "--key-stdin")
KEY = "client_id=the-id-of-the-account\nclient_secret=the-secret-of-the-account\n"
TEACHING: Words = ("usage", "learn", "sim", "--template", "You have {remaining} left", "--name", "left", "--yes")
UNREAD: Words = ("usage", "import", "sim", "OUT/sms.txt")
PLANS = """
[plan.smart-of-mine]
carrier = "smart"
name = "Mine"
price = "9.00 USD"
source = "the shop at the corner"
as_of = 2026-10-01
terms = { data = "20GB", term = "1 month" }
"""
ROWS = "name,carrier,data,days,price,note\none,smart,1GB,7,1USD,first\ntwo,metfone,2GB,30,3USD,second\n"


@dataclass(frozen=True, slots=True)
class Writing:
    """A command that writes. `given` comes from stdin; `refused` are codes with which a repetition may end when the
    first run had done all of it; `changed` are files that may differ from those of an undisturbed run.
    """

    name: str
    words: Words
    prepare: tuple[Words, ...] = ()
    given: str = ""
    typed: Mapping[int, str] = field(default_factory=dict)  #: the stdin of the commands that prepare, by their place
    next: Words = ("lines", "list", "--json")  #: what else is said after it
    full: tuple[int, ...] = (74,)  #: how it may end on a full disk
    codes: tuple[int, ...] = (0,)  #: with which the commands that prepare may end
    refused: tuple[int, ...] = ()

    def act(self, home: Path) -> Act:
        """The command, as an act of a child."""
        return saying(home, self.words, self.given)


def saying(home: Path, words: Words, given: str) -> Act:
    """A command line with a stdin of its own; `OUT` in a word is a folder for a person's own files."""
    said = [word.replace("OUT", str(home / "out")) for word in words]
    if "ORDER" in said or "SOLD" in said:  # the order that was bought before, by our number and by the operator's
        text = (home / "profiles" / "default" / "journal" / "000001.toml").read_text()
        numbers = {word: re.search(rf'^{field} = "([^"]+)"', text, re.MULTILINE) for word, field in NUMBERS.items()}
        said = [found[1] if (found := numbers.get(word)) else word for word in said]

    def act() -> int:
        fd, writing = os.pipe()
        os.write(writing, given.encode())
        os.close(writing)
        os.dup2(fd, 0)
        os.close(fd)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        return command(*said)()

    return act


def furnish(home: Path) -> None:
    """What lies on a person's machine: files that commands read, programs that they start."""
    (home / "out").mkdir(mode=0o700)
    (home / "bin").mkdir(mode=0o700)
    (home / "out" / "rows.csv").write_text(ROWS)
    (home / "out" / "mine.toml").write_text(PLANS)
    (home / "out" / "bill.txt").write_text("paid at the corner\n")
    (home / "out" / "sms.txt").write_text("You have 1.5GB left\n")
    program = home / "bin" / "systemctl"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o700)


def environment_of(home: Path) -> dict[str, str]:
    """What a child of these stories gets beside the rest."""
    return {
        "PATH": f"{home / 'bin'}:/usr/bin:/bin",
        "ESIMCTL_AIRALO_BASE_URL": "http://127.0.0.1:9",
        "XDG_CONFIG_HOME": str(home / "config"),
    }


def _lines() -> tuple[Writing, ...]:
    bought = (BUY, ("lines", "remove", "phone", "--yes"))
    return (
        Writing("lines-add", ADDED + PAID, prepare=(BUY,), refused=(2,)),
        Writing("lines-add-first", ADDED + PAID, refused=(2,)),
        Writing("lines-add-code", (*COUNTER, "--lpa-stdin", "--price", "2USD"), (BUY,), CODE + "\n", refused=(2,)),
        Writing("lines-add-plain", COUNTER, (BUY,), refused=(2,)),
        Writing("lines-add-order", ("lines", "add", "again", "--provider", "sandbox", "--order", "SOLD"), bought,
                refused=(2,)),
        Writing("lines-import", ("lines", "import", "OUT/rows.csv", "--provider", "manual"), (BUY,)),
        Writing("lines-rename", ("lines", "rename", "phone", "fon"), (BUY,), refused=(2,)),
        Writing("lines-rename-rule", ("lines", "rename", "phone", "fon"), (BUY, *RULE), refused=(2,)),
        Writing("lines-remove", ("lines", "remove", "phone", "--yes"), (BUY,), refused=(2,)),
        Writing("lines-remove-rule", ("lines", "remove", "phone", "--yes"), (BUY, *RULE), refused=(2,)),
        Writing("lines-tag", ("lines", "tag", "phone", "--add", "router"), (BUY,)),
    )  # fmt: skip


def _accounts() -> tuple[Writing, ...]:
    known, logged_in = ("providers", "add", "airalo"), (("providers", "add", "airalo"), LOGIN)
    other = "client_id=another\nclient_secret=another-secret\n"
    purse = ("payments", "add", "purse", "--kind", "cash")
    return (
        Writing("providers-add", known, (BUY,)),
        Writing("providers-login", LOGIN, (known,), KEY),
        Writing("providers-login-again", LOGIN, logged_in, other, typed={1: KEY}),
        Writing("providers-remove", ("providers", "remove", "airalo"), logged_in, typed={1: KEY}, refused=(2,)),
        Writing("payments-add", purse, (BUY,), refused=(2,)),
        Writing("payments-remove", ("payments", "remove", "purse"), (purse,), refused=(2,)),
        Writing("payments-default", ("payments", "default", "sandbox-confirm"), (BUY,)),
    )


def _rules() -> tuple[Writing, ...]:
    lower = ("autotopup", "set", "phone", "--below", "5GB", "--plan", "demo-topup-2gb", "--max-price", "2USD",
             "--max-per-month", "4USD")  # fmt: skip
    return (
        Writing("autotopup-set", RULE[0], (BUY,)),
        Writing("autotopup-set-lower", lower, (BUY, *RULE)),
        Writing("autotopup-enable", RULE[1], (BUY, RULE[0])),
        Writing("autotopup-disable", ("autotopup", "disable", "phone"), (BUY, *RULE)),
        Writing("autotopup-remove", ("autotopup", "remove", "phone", "--yes"), (BUY, *RULE), refused=(2,)),
    )


def _words() -> tuple[Writing, ...]:
    claim = ("policy", "set", "smart", "rollover", "mode=carry", "validity=3 months", "--source", "the hotline")
    return (
        Writing("policy-set", claim, (BUY,)),
        Writing("policy-set-from", (*claim, "--from", "2026-11-20"), (BUY,)),
        Writing("policy-reset", ("policy", "reset", "smart", "rollover"), (BUY, claim)),
        Writing("usage-record", ("usage", "record", "sim", "--remaining", "1GB"), (COUNTER,)),
        Writing("usage-learn", TEACHING, (COUNTER, UNREAD), codes=(0, 20)),
        Writing("patterns-forget", ("usage", "patterns", "forget", "left"), (COUNTER, UNREAD, TEACHING), refused=(2,),
                codes=(0, 20)),
        Writing("plans-import", ("plans", "import", "OUT/mine.toml"), (BUY,)),
        Writing("plans-import-remove", ("plans", "import", "--remove", "mine"),
                (BUY, ("plans", "import", "OUT/mine.toml")), refused=(2,)),
    )  # fmt: skip


def _purchases() -> tuple[Writing, ...]:
    paid, may = ("--paid", "R-17", "--price", "2USD", "--yes"), (74, 4)
    sim = (*COUNTER, "--price", "2USD")
    return (
        Writing("topup-by-hand", ("topup", "sim", "--plan", "smart-laor-7d", *paid), (sim,), refused=(2,), full=may),
        Writing("renew-by-hand", ("renew", "sim", *paid), (sim,), refused=(2,), full=may),
        Writing("buy-by-hand", ("buy", "smart-laor-7d", "--name", "new", *paid), (sim,), refused=(2,), full=may),
        Writing(
            "topup-cash",
            ("topup", "sim", "--amount", "5USD", "--paid", "cash", "--yes"),
            (sim,),
            refused=(2,),
            full=may,
        ),
        Writing("refund-by-hand", ("transactions", "refund", "ORDER", "--received", "2USD", "--yes"), (sim,)),
        Writing("attach", ("transactions", "attach", "ORDER", "OUT/bill.txt", "--note", "kiosk"), (BUY,)),
    )


def _profiles() -> tuple[Writing, ...]:
    saved = ("profile", "backup", "OUT/saved.tar", "--with-vault")
    return (
        Writing("profile-create", ("profile", "create", "second"), (BUY,), refused=(2,),
                next=("payments", "default", "sandbox-card")),
        Writing("profile-restore", ("profile", "restore", "OUT/saved.tar", "--yes"), (BUY, saved)),
        Writing("profile-restore-new", ("profile", "restore", "OUT/saved.tar", "--profile", "second"), (BUY, saved),
                refused=(2,), next=("payments", "default", "sandbox-card")),
        Writing("profile-backup", saved, (BUY,), refused=(2,)),
        Writing("schedule-install", ("schedule", "install", "--using", "systemd"), (BUY,)),
        Writing("schedule-remove", ("schedule", "remove", "--using", "systemd"),
                (BUY, ("schedule", "install", "--using", "systemd"))),
    )  # fmt: skip


def _handed_out() -> tuple[Writing, ...]:
    return (
        Writing("export", ("transactions", "export", "--format", "csv", "--to", "OUT/all.csv"), (BUY,)),
        Writing("report-page", ("report", "--format", "html", "--to", "OUT/report.html"), (BUY,)),
        Writing("lines-qr", ("lines", "qr", "phone", "--png", "OUT/phone.png"), (BUY,)),
        Writing("usage-plot", ("usage", "history", "phone", "--svg", "OUT/use.svg"), (BUY,)),
    )


def writings() -> dict[str, Writing]:
    """Every story by name."""
    rooms: tuple[Callable[[], tuple[Writing, ...]], ...] = (
        _lines, _accounts, _rules, _words, _purchases, _profiles, _handed_out,
    )  # fmt: skip
    return {story.name: story for room in rooms for story in room()}


__all__ = ["Writing", "environment_of", "furnish", "saying", "writings"]
