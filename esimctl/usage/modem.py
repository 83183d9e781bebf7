"""`usage modem`: the balance from the SIM in this machine: its USSD reply, or the SMS that lie on the modem.

Only codes that read something are dialled: a top-up or a gift by code is a purchase, and a person makes it.
"""

from typing import TYPE_CHECKING

from esimctl.documents.result import Result
from esimctl.errors import UsageError
from esimctl.market.counter import contacts
from esimctl.profile.own_catalogue import own_carriers
from esimctl.providers.modem import Modem, Sms
from esimctl.usage.messages import Seen, messages
from esimctl.usage.record import imported
from esimctl.values.sentence import Raw, Sentence, either
from esimctl.values.toml import text_at

if TYPE_CHECKING:
    from esimctl.documents.usage import UsageImportDocument
    from esimctl.profile.opened import Session

BUS = "DBUS_SYSTEM_BUS_ADDRESS"
READING = ("balance", "number", "registration")  #: purposes of codes that change and cost nothing
SHORT = 6  #: digits of a carrier's own sender at most; a longer number is a person's


def dial(session: "Session", line: str, code: str | None) -> "Result[UsageImportDocument]":
    """Dial the carrier's balance code, or another that only reads, and keep what the reply states."""
    table = session.line(line)
    known = readable(session, text_at(table, "carrier"))
    if not known:
        raise UsageError(
            "no code that reads the balance of {line} is known",
            hint="esimctl usage import {line} - --kind ussd",
            code="no_code",
            line=Raw(line),
        )
    if code is not None and code not in known:
        raise UsageError(
            "{dialled} is not known as a code that only reads, so it is not dialled",
            hint="--code {known}",
            code="code_not_readable",
            dialled=Raw(code),
            known=either(known),
        )
    modem = opened(session, line)
    try:
        session.progress(Sentence("dialling {code}", {"code": Raw(code or known[0])}))
        reply, menu = modem.dial(code or known[0])
    finally:
        modem.close()
    every = messages(session, line, reply, "ussd", None)
    if not every:
        raise UsageError("the network's reply is empty", code="empty")
    result = imported(session, line, every)
    if menu:
        result.note("{line}: the reply is a menu; nothing was chosen from it", line=Raw(line))
    return result


def read(session: "Session", line: str) -> "Result[UsageImportDocument]":
    """Take the SMS of the carrier that lie on the modem; those of people are passed over."""
    modem = opened(session, line)
    try:
        session.progress(Sentence("reading the messages"))
        found = list(modem.messages())
    finally:
        modem.close()
    mine = [each for each in found if from_carrier(each)]
    every: list[Seen] = [seen for each in mine for seen in messages(session, line, each.text, "sms", each.at)]
    result = imported(session, line, every, empty=True)
    if len(found) > len(mine):
        result.note("{count} messages of people were passed over", count=len(found) - len(mine))
    return result


def readable(session: "Session", carrier: str | None) -> list[str]:
    """The codes of a carrier that only read, the balance's first."""
    rows = [
        row
        for row in contacts(carrier, own_carriers(session))
        if row.purpose in READING and row.value[:1] in ("*", "#")
    ]
    rows.sort(key=lambda row: READING.index(row.purpose))
    return list(dict.fromkeys(row.value for row in rows if "PIN" not in row.value))


def opened(session: "Session", line: str) -> Modem:
    """The modem that holds the line's SIM."""
    iccid = text_at(session.line(line), "iccid")
    modem = Modem(session.environ.get(BUS))
    try:
        modem.choose(iccid)
    except BaseException:
        modem.close()
        raise
    return modem


def from_carrier(message: Sms) -> bool:
    """Whether a sender is a name or a short code; anybody can write sentences about data from a number."""
    digits = message.sender.removeprefix("+")
    return bool(message.sender) and not (digits.isdigit() and (len(digits) > SHORT or message.sender[0] == "+"))
