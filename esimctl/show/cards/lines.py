"""Lines: a list, one with what is known of its carrier, and how its eSIM comes onto a phone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from esimctl.documents.balance import RolloverHeldPart, RolloverPart
from esimctl.documents.reading import read
from esimctl.show.amounts import local, octets
from esimctl.show.plan_words import of_line
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say


def seller(line: Mapping[str, Any]) -> str:
    """Who a line is from; what is only played with says so, whatever carrier's plan it is."""
    return f"{line['provider'] or '-'}" + ("  SANDBOX" if line["play_money"] else "")


def restricted(row: Mapping[str, Any]) -> str:
    """What cannot be used now; nothing where there is none."""
    endless, left = bool(row.get("restricted_unlimited")), row.get("restricted_bytes")
    return octets(left, unlimited=endless) if left or endless else ""


COLUMNS: tuple[Column[Any], ...] = (
    Column("line", lambda r: r["line"]),
    Column("provider", lambda r: r["provider"], lambda r: seller(r)),
    Column("carrier", lambda r: r["carrier"]),
    Column("plan", lambda r: r["plan"]),
    Column("iccid", lambda r: r["iccid"]),
    Column("msisdn", lambda r: r["msisdn"]),
    Column("tags", lambda r: ",".join(r["tags"])),
    Column(
        "remaining_bytes",
        lambda r: "unlimited" if r.get("unlimited") else r.get("remaining_bytes"),
        lambda r: octets(r["remaining_bytes"], unlimited=r["unlimited"]) if "unlimited" in r else "",
        right=True,
        shown=False,
    ),
    Column("restricted_bytes", lambda r: r.get("restricted_bytes"), restricted, right=True, shown=False),
    Column("expires_at", lambda r: r.get("expires_at"), lambda r: local(r.get("expires_at")), shown=False),
    Column("renew_by", lambda r: r.get("renew_by"), lambda r: local(r.get("renew_by")), shown=False),
    Column("owner", lambda r: r["owner"], shown=False),
    Column("order", lambda r: r["order"], shown=False),
    Column("note", lambda r: r["note"], shown=False),
    Column("ties", lambda r: ",".join(f"{t['role']}:{t['line']}" for t in r["ties"]) or None, shown=False),
    Column("play_money", lambda r: r["play_money"], shown=False, sheet=True),
    Column("id", lambda r: r.get("id"), shown=False),
    Column("removed_at", lambda r: r.get("removed_at"), lambda r: local(r.get("removed_at")), shown=False),
)

#: how a tie is said, by the role of the other line
TIES = {
    "owner": "may use the data of {line}: {taken} taken",
    "member": "{line} may use its data: {taken} taken",
}

CAPPED = {
    "owner": "may use the data of {line}: {taken} of {cap} taken",
    "member": "{line} may use its data: {taken} of {cap} taken",
}


def one(data: Mapping[str, Any], terminal: Terminal) -> None:
    """One line in full; the carrier's codes and hotlines with their source and date."""
    line, put = data["line"], terminal.tell
    shown = {
        **line,
        "provider": seller(line) if line.get("provider") else None,
        "tags": ", ".join(line.get("tags") or ()),
    }
    for key in ("line", "id", "provider", "carrier", "plan", "iccid", "msisdn", "owner", "order", "note", "tags"):
        if value := shown.get(key):
            put(f"{say(key)}: {value}\n")
    for tie in line.get("ties", ()):
        put(tie_sentence(tie) + "\n")
    if "status" in line:
        left_lines(line, terminal)
    code_lines(line, terminal)
    if line.get("removed_at"):
        put(say("removed: {time}", time=local(line["removed_at"])) + "\n")
    elif line.get("removed"):
        put(say("removed") + "\n")
    if line.get("rollover"):
        put(say("rollover: {rollover}", rollover=of_line(read(RolloverHeldPart, line["rollover"]))) + "\n")
    contact_lines(line, terminal)
    facts = line.get("carrier_facts", ())
    if facts:
        put("\n")
    for fact in facts:
        values = ", ".join(fact["values"])
        note = f" ({fact['note']})" if fact["note"] else ""
        put(
            f"{fact['topic']}: {values}{note}  [{fact['grade']}, {fact['as_of'] or say('undated')}, {fact['source']}]\n"
        )


def tie_sentence(tie: Mapping[str, Any]) -> str:
    """Whose data a line may use, or who may use its data, and how much of it was taken."""
    template = (TIES if tie["cap_bytes"] is None else CAPPED)[tie["role"]]
    return say(template, line=tie["line"], taken=octets(tie["taken_bytes"]), cap=octets(tie["cap_bytes"]))


def code_lines(line: Mapping[str, Any], terminal: Terminal) -> None:
    """The activation code with what belongs to it."""
    if line.get("activation") and line["activation"].lpa:
        terminal.tell(f"LPA: {line['activation'].lpa}\n")
        if line["activation"].confirmation_code_required:
            terminal.tell(say("a confirmation code is needed") + "\n")
    if line.get("confirmation_code"):
        terminal.tell(say("confirmation code: {code}", code=line["confirmation_code"]) + "\n")


def left_lines(line: Mapping[str, Any], terminal: Terminal) -> None:
    """What is left, until when, and by when to renew, as far as it is known."""
    from esimctl.show.cards.balance import outlook

    if line["unlimited"] or line["remaining_bytes"] is not None:
        left = octets(line["remaining_bytes"], unlimited=line["unlimited"])
        terminal.tell(say("can be used now: {volume}", volume=left) + "\n")
    if line["used_bytes"]:
        terminal.tell(say("used: {volume}", volume=octets(line["used_bytes"])) + "\n")
    if restricted(line):
        terminal.tell(say("{volume} more in its hours, apps or later", volume=restricted(line)) + "\n")
    if line["expires_at"]:
        terminal.tell(say("expires: {time}", time=local(line["expires_at"])) + "\n")
    held = {"effective": "unknown", "disputed": False, "claim": None, "by": None}
    ends = None if line["expires_at"] is None else datetime.fromisoformat(line["expires_at"])
    for sentence in outlook(read(RolloverPart, held | dict(line)), ends):
        terminal.tell(sentence + "\n")


#: purpose of a contact → how it is said
PURPOSES = {
    "balance": "check the balance: dial {value}",
    "topup": "top up by voucher: dial {value}",
    "unsubscribe": "unsubscribe from services: dial {value}",
    "number": "your own number: dial {value}",
    "registration": "who it is registered to: dial {value}",
    "roaming": "roaming: dial {value}",
    "gift": "give data away: {value}",
    "share": "share data: {value}",
    "call": "call customer care: {value}",
    "website": "website: {value}",
}


def contact_lines(line: Mapping[str, Any], terminal: Terminal) -> None:
    """What to dial for what, and a code for the phone's camera that dials the balance."""
    contacts = line.get("contacts", ())
    guess = line.get("prefix_guess")
    if guess:
        terminal.tell(
            say("by its prefix the number may be {guess}'s: a guess, no fact", guess=" / ".join(guess)) + "\n"
        )
    for row in contacts:
        tel = f"  {row['tel']}" if row["tel"] else ""
        said = say(PURPOSES[row["purpose"]], value=row["value"])
        terminal.tell(f"- {said}{tel}  [{row['grade']}, {row['as_of'] or say('undated')}]\n")
    first = next((row for row in contacts if row["purpose"] == "balance" and row["tel"]), None)
    if first is not None and terminal.out_is_terminal:
        from esimctl.show.cards import qr

        terminal.tell(say("scan it with the phone to dial {value}:", value=first["value"]) + "\n")
        qr.draw(first["tel"], terminal)


#: the name of a step → what to do
STEPS: dict[str, str] = {
    "wifi": "Connect the phone to Wi-Fi. The code works once: do not begin where the network may break off.",
    "qr": "Show the QR code on another screen: esimctl lines qr {line}",
    "ios-scan": "On the iPhone: Settings, Mobile Service, Add eSIM, Use QR Code. Point the camera at it.",
    "by-hand": "Without a camera: Enter Details Manually. SM-DP+ address {address}, activation code {matching_id}.",
    "ios-link": "Or open this on the iPhone (iOS 17.4 and later): {apple_url}",
    "android-scan": "On the phone: Settings, Network & internet, SIMs, Add eSIM (Samsung: Connections, SIM manager).",
    "android-by-hand": "Without a camera: choose to enter it by hand and type {lpa}",
    "android-link": "Or open this on the phone; not every model knows it: {android_url}",
    "confirmation": "It will ask for the confirmation code: esimctl lines show {line} --show-code",
    "ios-roaming": "Turn the line on for mobile data, and Data Roaming for it if the seller says so.",
    "android-roaming": "Turn mobile data on for the new SIM, and roaming for it if the seller says so.",
}


def guide(data: Mapping[str, Any], terminal: Terminal) -> None:
    """Numbered steps, one a line."""
    activation = data["activation"]
    masked = say("masked; --show-code shows it")
    for number, step in enumerate(data["steps"], 1):
        sentence = say(
            STEPS[step],
            line=data["line"],
            address=data["address"],
            matching_id=data["matching_id"],
            lpa=activation.lpa,
            apple_url=activation.apple_url or masked,
            android_url=activation.android_url or masked,
        )
        terminal.tell(f"{number}. {sentence}\n")


def done(data: Mapping[str, Any], terminal: Terminal) -> None:
    """One sentence."""
    terminal.tell(say("{line} is installed; turn it on where it is used", line=data["line"]) + "\n")


VIEWS = {
    "lines": View(COLUMNS, lambda data: data["lines"]),
    "line": View(COLUMNS, lambda data: [data["line"]], one),
    "install": View(
        (
            Column("line", lambda r: r["line"]),
            Column("installed", lambda r: r["installed"]),
            Column("iccid", lambda r: r["iccid"]),
            Column("eid", lambda r: r["eid"]),
            Column("notified", lambda r: r["notified"]),
        ),
        None,
        done,
    ),
    "install-guide": View(
        (Column("line", lambda r: r["line"]), Column("on", lambda r: r["on"]), Column("step", lambda r: r["step"])),
        lambda data: [{**data, "step": step} for step in data["steps"]],
        guide,
    ),
}
