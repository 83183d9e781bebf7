"""ModemManager as its interface descriptions have it, on a bus of the test's own: a modem, its SIM, USSD and SMS.

Methods keep the vendor's names, which the library reads from the functions; signatures are D-Bus types.
"""

import asyncio
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dbus_fast import BusType, DBusError, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.constants import PropertyAccess
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

SERVICE, ROOT = "org.freedesktop.ModemManager1", "/org/freedesktop/ModemManager1"
READ = PropertyAccess.READ

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>"""


class Modem(ServiceInterface):
    def __init__(self, sim: str) -> None:
        super().__init__(f"{SERVICE}.Modem")
        self.sim = sim
        self.state = 8  # registered

    @dbus_property(access=READ)
    def State(self) -> "i":  # noqa: F821
        return self.state

    @dbus_property(access=READ)
    def Sim(self) -> "o":  # noqa: F821
        return self.sim


class Sim(ServiceInterface):
    def __init__(self, iccid: str) -> None:
        super().__init__(f"{SERVICE}.Sim")
        self.iccid = iccid

    @dbus_property(access=READ)
    def SimIdentifier(self) -> "s":  # noqa: F821
        return self.iccid


class Ussd(ServiceInterface):
    """`replies` by code; a reply that is an exception is raised, a menu leaves the session waiting."""

    def __init__(self) -> None:
        super().__init__(f"{SERVICE}.Modem.Modem3gpp.Ussd")
        self.replies: dict[str, str | DBusError] = {}
        self.menu = False
        self.state = 1
        self.dialled: list[str] = []
        self.cancelled = 0
        self.delay = 0.0

    @dbus_method()
    async def Initiate(self, command: "s") -> "s":  # noqa: F821
        self.dialled.append(command)
        await asyncio.sleep(self.delay)
        reply = self.replies.get(command) or DBusError(f"{SERVICE}.Error.Core.Failed", "unknown code")
        if isinstance(reply, DBusError):
            raise reply
        self.state = 3 if self.menu else 1
        return reply

    @dbus_method()
    def Cancel(self) -> None:
        self.cancelled += 1
        self.state = 1

    @dbus_property(access=READ)
    def State(self) -> "u":  # noqa: F821
        return self.state


class Messaging(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(f"{SERVICE}.Modem.Messaging")
        self.paths: list[str] = []

    @dbus_method()
    def List(self) -> "ao":  # noqa: F821
        return self.paths


class Sms(ServiceInterface):
    def __init__(self, text: str, sender: str, stamp: str, state: int) -> None:
        super().__init__(f"{SERVICE}.Sms")
        self.fields = (text, sender, stamp, state)

    @dbus_property(access=READ)
    def Text(self) -> "s":  # noqa: F821
        return self.fields[0]

    @dbus_property(access=READ)
    def Number(self) -> "s":  # noqa: F821
        return self.fields[1]

    @dbus_property(access=READ)
    def Timestamp(self) -> "s":  # noqa: F821
        return self.fields[2]

    @dbus_property(access=READ)
    def State(self) -> "u":  # noqa: F821
        return self.fields[3]

    @dbus_property(access=READ)
    def PduType(self) -> "u":  # noqa: F821
        return 1


class Manager(ServiceInterface):
    """The root: its being there makes the library answer for all objects below it."""

    def __init__(self) -> None:
        super().__init__(SERVICE)

    @dbus_property(access=READ)
    def Version(self) -> "s":  # noqa: F821
        return "1.20.4"


class Radio:
    """One modem with a SIM. `address` is the bus's."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.ussd = Ussd()
        self.messaging = Messaging()
        self.modems: list[Modem] = []
        self._loop = asyncio.new_event_loop()
        self._bus: Any = None

    def start(self, sims: list[str]) -> None:
        ready = threading.Event()

        def work() -> None:
            asyncio.set_event_loop(self._loop)
            self._loop.run_until_complete(self._open(sims))
            ready.set()
            self._loop.run_forever()
            self._loop.run_until_complete(self._close())
            self._loop.close()

        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()
        assert ready.wait(10)

    async def _open(self, sims: list[str]) -> None:
        self._bus = await MessageBus(self.address, bus_type=BusType.SYSTEM).connect()
        self._bus.export(ROOT, Manager())
        for place, iccid in enumerate(sims):
            self._bus.export(f"{ROOT}/SIM/{place}", Sim(iccid))
            self.modems.append(Modem(f"{ROOT}/SIM/{place}"))
            self._bus.export(f"{ROOT}/Modem/{place}", self.modems[place])
            if place == 0:
                self._bus.export(f"{ROOT}/Modem/0", self.ussd)
                self._bus.export(f"{ROOT}/Modem/0", self.messaging)
        await self._bus.request_name(SERVICE)

    def receive(self, text: str, sender: str, stamp: str, state: int = 3) -> None:
        path = f"{ROOT}/SMS/{len(self.messaging.paths)}"
        self._loop.call_soon_threadsafe(self._bus.export, path, Sms(text, sender, stamp, state))
        self.messaging.paths.append(path)

    async def _close(self) -> None:
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


@contextmanager
def bus(folder: Path) -> Iterator[str]:
    """A bus of one's own: its address."""
    folder.mkdir(exist_ok=True)
    config = folder / "bus.conf"
    config.write_text(CONFIG.format(path=folder / "socket"))
    words = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        assert daemon.stdout is not None
        try:
            yield daemon.stdout.readline().strip()
        finally:
            daemon.terminate()


@contextmanager
def radio(folder: Path, *sims: str) -> Iterator[Radio]:
    """A running modem on a bus of its own."""
    with bus(folder) as address:
        made = Radio(address)
        made.start(list(sims))
        try:
            yield made
        finally:
            made.stop()


__all__ = ["SERVICE", "DBusError", "Radio", "Variant", "bus", "radio"]
