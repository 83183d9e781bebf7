"""`lpac`, which puts eSIM profiles on a card or a modem: run as a program of its own, its JSON lines read.

It writes any number of `progress` lines, then one of type `lpa` that decides; unknown lines are passed over. The code
can be given to it as an argument only. Source: lpac's documentation of its command line, head of June 2026.
"""

import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from signal import SIGINT
from threading import Timer

from esimctl.environment import TLS
from esimctl.errors import ConfigurationError, ProtocolViolation, UnknownOutcome, reason_of
from esimctl.malformed import Malformed, if_told
from esimctl.providers.strict_json import JsonObject, read_object
from esimctl.values.record import record
from esimctl.values.sentence import Raw
from esimctl.values.text import clean

LONGEST_LINE = 1 << 20  #: octets; a profile's icon is in one
QUICK, DOWNLOAD = 30.0, 300.0  #: seconds
GRACE = 10.0  #: seconds that it has to take its leave of the server after an interrupt
OLDEST = (2, 0, 2)  #: the first version that takes an activation code in one piece


@record
class Said:
    """The last word of a run: `code` 0 is success; otherwise `message` is the step that failed, `detail` why."""

    code: int
    message: str
    detail: str
    data: JsonObject | None = None
    rows: Sequence[JsonObject] = ()
    listed: bool = False  #: whether it answered with a list, which `rows` holds

    @property
    def ok(self) -> bool:
        return self.code == 0


class Lpac:
    """The program at `path` (a name is looked for in PATH). None of our own variables reach it."""

    def __init__(self, path: str, environ: Mapping[str, str]) -> None:
        self.path = path
        self.environ = {
            name: value for name, value in environ.items() if not name.startswith("ESIMCTL_") and name not in TLS
        }

    def eid(self) -> str | None:
        """The number of the eUICC that it reaches; raises ConfigurationError where it reaches none."""
        said = self.run(("chip", "info"))
        if not said.ok:
            raise ConfigurationError(
                "lpac reaches no eUICC: {step} {detail}",
                hint="card in the reader? LPAC_APDU and LPAC_HTTP choose how it is reached",
                code="no_euicc",
                step=Raw(said.message),
                detail=Raw(said.detail),
            )
        return None if said.data is None else said.data.maybe_text("eidValue", 40)

    def download(self, code: str, confirmation: str | None, imei: str | None, progress: Callable[[str], None]) -> Said:
        """Fetch the profile of an activation code. UnknownOutcome where it ends without a word."""
        words = ["profile", "download", "-a", code]
        words += [] if confirmation is None else ["-c", confirmation]
        words += [] if imei is None else ["-i", imei]
        return self.run(words, seconds=DOWNLOAD, progress=progress, changes=True)

    def profiles(self) -> frozenset[str] | None:
        """The ICCIDs of the profiles on the eUICC, without padding; None where it does not say."""
        try:
            said = self.run(("profile", "list"))
            found = [row.maybe_text("iccid", 40) for row in said.rows]
        except (ProtocolViolation, Malformed):
            return None
        return frozenset(iccid.rstrip("Ff") for iccid in found if iccid) if said.ok and said.listed else None

    def too_old(self) -> str | None:
        """Its version if that is one before 2.0.2, which knows no `-a`; None for a later one or an untold one."""
        try:
            said = self.run(("version",))
        except ProtocolViolation:
            return None
        found = re.search(r"(\d+)\.(\d+)\.(\d+)", said.detail)
        return None if found is None or tuple(map(int, found.groups())) >= OLDEST else found[0]

    def notify(self) -> bool:
        """Tell the servers what was done, all of it, and forget what they have heard."""
        try:
            return self.run(("notification", "process", "-a", "-r"), seconds=2 * QUICK).ok
        except (ProtocolViolation, UnknownOutcome):
            return False

    def run(
        self,
        words: Sequence[str],
        *,
        seconds: float = QUICK,
        progress: Callable[[str], None] | None = None,
        changes: bool = False,
    ) -> Said:
        """Run it to its end and return its last word. `changes`: ending without one leaves the outcome unknown."""
        try:
            process = subprocess.Popen(  # noqa: S603 (no shell, words of our own)
                [self.path, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self.environ,
            )
        except OSError as error:
            raise _missing(self.path, error) from None
        last: Said | None = None
        timer = Timer(seconds, _interrupt, (process,))
        timer.start()
        out = process.stdout
        assert out is not None
        try:
            while line := out.readline(LONGEST_LINE):
                kind, said = _read(line)
                if kind == "progress" and said is not None and progress is not None:
                    progress(said.message)
                last = said if kind == "lpa" else last
            process.wait()
        except BaseException:  # Ctrl-C: what it says on its way out decides, where something may have changed
            _interrupt(process)
            last = _last_of(out.read(), last)
            if not changes or (last is not None and not last.ok):
                raise
        finally:
            timer.cancel()
            _interrupt(process)
            out.close()
        if last is None:
            if changes:
                raise no_word()
            raise ProtocolViolation(
                "lpac ended without an answer to {what}", code="lpac_silent", what=Raw(" ".join(words[:2]))
            )
        return last


def _interrupt(process: "subprocess.Popen[bytes]") -> None:
    """End it as Ctrl-C does, so that it cancels its session at the server; killed only if it does not end by itself."""
    if process.poll() is None:
        process.send_signal(SIGINT)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _last_of(rest: bytes, last: Said | None) -> Said | None:
    """The last word in what it still said."""
    for line in rest.splitlines():
        kind, said = _read(line)
        last = said if kind == "lpa" else last
    return last


def _read(line: bytes) -> tuple[str | None, Said | None]:
    """The type of a line and what it says; nothing for lines that are none of ours."""
    return if_told(_said, line) or (None, None)


def _said(line: bytes) -> tuple[str | None, Said]:
    found = read_object(line)
    payload = found.inner("payload")
    code, detail, data = if_told(payload.integer, "code"), payload.exact("data"), payload.maybe("data")
    rows = if_told(payload.rows, "data") if payload.has("data") and data is None else None
    said = Said(
        code=-1 if code is None else code,
        message=payload.maybe_text("message", 80) or "",
        detail=clean(detail or "", 200),
        data=data,
        rows=rows or (),
        listed=rows is not None,
    )
    return found.identifier("type"), said


def _missing(path: str, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        "lpac cannot be run: {why}",
        hint="install lpac, or ESIMCTL_LPAC=/path/to/lpac; for a phone: esimctl lines install LINE --on ios",
        code="lpac_missing",
        why=reason_of(error),
    )


def no_word() -> UnknownOutcome:
    """It ended without saying whether the eSIM was installed, and nothing else says it either."""
    return UnknownOutcome(
        "lpac ended without saying whether the eSIM was installed; look before you try again",
        hint="lpac profile list",
        code="install_unknown",
    )
