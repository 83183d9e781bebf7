"""Installing an eSIM: what was done, or the steps on a phone."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say

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
    links = {key: activation[key] or say("masked; --show-code shows it") for key in ("apple_url", "android_url")}
    for number, step in enumerate(data["steps"], 1):
        sentence = say(
            STEPS[step],
            line=data["line"],
            address=data["address"],
            matching_id=data["matching_id"],
            lpa=activation["lpa"],
            **links,
        )
        terminal.tell(f"{number}. {sentence}\n")


def done(data: Mapping[str, Any], terminal: Terminal) -> None:
    """One sentence."""
    terminal.tell(say("{line} is installed; turn it on where it is used", line=data["line"]) + "\n")


VIEWS = {
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
