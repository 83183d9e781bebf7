"""USSD and SMS on a modem of this machine, through ModemManager's D-Bus interface; `mmcli` has no form for programs.

A menu is never answered. Source: ModemManager's interface descriptions (Modem3gpp.Ussd, Modem.Messaging, Sms, Sim).
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from esimctl.errors import Busy, ConfigurationError, CredentialsError, EsimctlError, Refused, Unreachable
from esimctl.malformed import if_told
from esimctl.values.record import record
from esimctl.values.sentence import Raw

SERVICE, ROOT = "org.freedesktop.ModemManager1", "/org/freedesktop/ModemManager1"
MODEM, USSD, MESSAGING = f"{SERVICE}.Modem", f"{SERVICE}.Modem.Modem3gpp.Ussd", f"{SERVICE}.Modem.Messaging"
SIM, SMS = f"{SERVICE}.Sim", f"{SERVICE}.Sms"
PROPERTIES, OBJECTS = "org.freedesktop.DBus.Properties", "org.freedesktop.DBus.ObjectManager"
IDLE, WAITING_FOR_US = 1, 3  #: states of a USSD session
#: states of a modem: one below `ENABLED` answers nothing; `PASSING` ends by itself
UNTOLD, LOCKED, DISABLED, ENABLED = 0, 2, 3, 6
PASSING = frozenset({1, 4, 5})  #: initializing, disabling, enabling
STORED, RECEIVED, DELIVERED = 1, 3, 1  #: states of an SMS, and the kind that was sent to us
QUICK, NETWORK = 10.0, 90.0  #: seconds for a question to the program, and for one to the network
MOST_SMS = 500

#: interface → property → its D-Bus signature, its value
Faces = dict[str, dict[str, tuple[str, Any]]]


@record
class Sms:
    """A message on the modem; `at` is None where it has no time that can be read."""

    text: str
    sender: str
    at: datetime | None


class Modem:
    """One modem. `bus` is the address of the system bus, None for the usual one."""

    def __init__(self, bus: str | None = None, *, network: float = NETWORK) -> None:
        try:
            from jeepney.io.blocking import open_dbus_connection
        except ImportError:
            raise ConfigurationError(
                "modems need an extra that is not installed",
                hint="pip install 'esimctl[modem]'",
                code="extra_missing",
            ) from None
        try:
            self._bus = open_dbus_connection(bus or "SYSTEM")
        except (OSError, RuntimeError, ValueError, KeyError) as why:
            raise unreachable("no_bus", str(why)) from why
        self._network = network
        self._path = ""

    def close(self) -> None:
        """Leave the bus."""
        self._bus.close()

    def choose(self, iccid: str | None) -> None:
        """Take the modem that holds this SIM, or the only one there is where the line's ICCID is not known."""
        found = {path: self._iccid(path, faces) for path, faces in self._modems()}
        if not found:
            raise Unreachable("ModemManager knows no modem", hint="mmcli -L", code="no_modem")
        fitting = [path for path, held in found.items() if iccid is None or same_sim(iccid, held)]
        if len(fitting) != 1:
            raise Refused(
                "none of the modems holds the SIM of this line"
                if not fitting
                else "there are several modems and the line's ICCID is not known",
                hint="mmcli -L",
                code="wrong_sim" if not fitting else "several_modems",
            )
        self._path = fitting[0]

    def dial(self, code: str) -> tuple[str, bool]:
        """(the network's reply to a USSD code, whether it is a menu). A menu is left without an answer."""
        self._awake()
        if self._get(self._path, USSD, "State") != IDLE:
            raise Busy("the modem is in another USSD session; try again in a minute", code="modem_busy")
        try:
            (reply,) = self._call(self._path, USSD, "Initiate", "s", (code,), self._network)
        except Unreachable:
            self._hang_up()
            raise
        menu = self._get(self._path, USSD, "State") == WAITING_FOR_US
        if menu:
            self._hang_up()
        return str(reply), menu

    def messages(self) -> Iterator[Sms]:
        """The SMS that came in and are still there."""
        self._awake()
        (paths,) = self._call(self._path, MESSAGING, "List")
        for path in paths[:MOST_SMS]:
            (said,) = self._call(path, PROPERTIES, "GetAll", "s", (SMS,))
            fields = {name: value for name, (_, value) in said.items()}
            came = fields.get("State") == RECEIVED or (
                fields.get("State") == STORED and fields.get("PduType") == DELIVERED
            )
            if came and fields.get("Text"):
                yield Sms(str(fields["Text"]), str(fields.get("Number", "")), stamp(str(fields.get("Timestamp", ""))))

    # -- within

    def _awake(self) -> None:
        """A modem that is disabled, locked or broken answers neither USSD nor a list of messages: say what it needs."""
        state = self._get(self._path, MODEM, "State")
        if state == UNTOLD or state >= ENABLED:
            return
        if state in PASSING:
            raise Busy("the modem is getting ready; try again in a minute", code="modem_busy")
        number = self._path.rpartition("/")[2]
        if state == DISABLED:
            raise ConfigurationError(
                "the modem is disabled", hint="mmcli -m {number} -e", code="modem_disabled", number=Raw(number)
            )
        raise ConfigurationError(
            "the SIM in the modem is locked" if state == LOCKED else "the modem is out of order",
            hint="mmcli -m {number}",
            code="sim_locked" if state == LOCKED else "modem_failed",
            number=Raw(number),
        )

    def _modems(self) -> Iterator[tuple[str, Faces]]:
        (objects,) = self._call(ROOT, OBJECTS, "GetManagedObjects")
        for path, faces in sorted(objects.items()):
            if MODEM in faces:
                yield path, faces

    def _iccid(self, path: str, faces: Faces) -> str | None:
        _, sim = faces[MODEM].get("Sim", ("o", "/"))
        try:
            return None if sim == "/" else str(self._get(sim, SIM, "SimIdentifier"))
        except EsimctlError:  # a locked or missing SIM says nothing
            return None

    def _hang_up(self) -> None:
        try:
            self._call(self._path, USSD, "Cancel")
        except EsimctlError:
            return  # it is over in either case

    def _get(self, path: str, face: str, name: str) -> Any:
        ((_, value),) = self._call(path, PROPERTIES, "Get", "ss", (face, name))
        return value

    def _call(
        self, path: str, face: str, method: str, signature: str = "", body: tuple[Any, ...] = (), seconds: float = QUICK
    ) -> tuple[Any, ...]:
        from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call

        address = DBusAddress(path, bus_name=SERVICE, interface=face)
        end = time.monotonic() + seconds
        try:
            question = new_method_call(address, method, signature or None, body)
            reply = self._bus.send_and_get_reply(question, timeout=max(0.001, end - time.monotonic()))
        except TimeoutError as why:
            raise unreachable("modem_timeout", "no reply in time") from why
        except (OSError, ValueError) as why:
            raise unreachable("no_bus", str(why)) from why
        if reply.header.message_type is MessageType.error:
            raise failure(str(reply.header.fields.get(HeaderFields.error_name, "")), reply.body)
        return tuple(reply.body)


def failure(name: str, body: tuple[Any, ...]) -> EsimctlError:
    """What an error of the bus, of ModemManager or of the network stands for."""
    last = name.rpartition(".")[2]
    said = str(body[0])[:200] if body else last
    if last in {"ServiceUnknown", "NameHasNoOwner", "NoReply", "Disconnected"}:
        return unreachable("no_modemmanager", said)
    if last in {"NetworkTimeout", "Timeout", "NoNetwork"}:
        return unreachable("network_timeout", said)
    if last in {"AccessDenied", "Unauthorized"}:
        return CredentialsError("ModemManager does not let you: {said}", code="modem_denied", said=Raw(said))
    if last in {"InProgress", "WrongState", "Retry"}:
        return Busy("the modem is busy: {said}", code="modem_busy", said=Raw(said))
    return Refused("the modem refuses: {said}", code="modem_refused", said=Raw(said))


def unreachable(code: str, why: str) -> Unreachable:
    """Nobody answers there."""
    return Unreachable("the modem cannot be asked: {why}", hint="mmcli -L", code=code, why=Raw(why))


def same_sim(iccid: str, held: str | None) -> bool:
    """Whether a SIM's number is the line's: some modems add the padding, some leave the last digit out."""
    if held is None:
        return False
    one, other = iccid.rstrip("Ff"), held.rstrip("Ff")
    return one == other or (
        abs(len(one) - len(other)) == 1 and min(len(one), len(other)) >= 18 and one[:18] == other[:18]
    )


def stamp(text: str) -> datetime | None:
    """The time of an SMS, `2026-11-20T10:00:00+07`; None for anything without an offset."""
    found = if_told(datetime.fromisoformat, text)
    return None if found is None or found.tzinfo is None else if_told(found.astimezone, UTC)
