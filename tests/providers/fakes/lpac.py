"""A stand-in for lpac: speaks its JSON lines, writes down how it was called, fails as it is told.

Told by a file beside it: the step at which it fails, or a way of misbehaving; more lines give the profiles on its card
(`list:ICCID …`) and its version. Run as a program of its own.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

EID = "89049032007108882600137544319616"
PROGRAM = "#!{python}\nimport sys\nsys.path.insert(0, {root!r})\nfrom tests.providers.fakes.lpac import main\nmain()\n"


def put_up(folder: Path, tells: str = "") -> Path:
    """The stand-in as an executable in a folder, and what it shall do."""
    folder.mkdir(exist_ok=True)
    program = folder / "lpac"
    root = str(Path(__file__).parent.parent.parent.parent)
    program.write_text(PROGRAM.format(python=sys.executable, root=root))
    program.chmod(0o700)
    (folder / "tells").write_text(tells)
    return program


def calls(program: Path) -> list[dict[str, object]]:
    """How it was called: words, the names of our variables that it saw, its line in the list of processes."""
    kept = program.parent / "calls"
    return [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []


def say(kind: str, code: int, message: str, data: object = None) -> None:
    print(json.dumps({"type": kind, "payload": {"code": code, "message": message, "data": data}}), flush=True)


def main() -> None:
    folder, words = Path(sys.argv[0]).parent, sys.argv[1:]
    tells, *more = (folder / "tells").read_text().split("\n")
    told = dict(line.split(":", 1) for line in more if ":" in line)
    seen = sorted(name for name in os.environ if name.startswith(("ESIMCTL_", "OPENSSL_", "SSL")))
    with (folder / "calls").open("a") as kept:
        kept.write(json.dumps({"words": words, "seen": seen}) + "\n")
    what = " ".join(words[:2])
    if "deaf" in told:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if tells == "noise":
        print("not json\n[1, 2]\n" + json.dumps({"type": "driver", "payload": {"code": 5}}), flush=True)
    misbehave(tells, what, folder)
    failing, _, why = tells.removeprefix("fail:").partition("=")
    if tells.startswith("fail:") and failing == what:
        say("lpa", -1, "es9p_authenticate_client", why)
        sys.exit(255)
    if what == "chip info":
        say("lpa", 0, "success", {"eidValue": EID, "EUICCInfo2": {}})
    elif what == "profile download":
        say("progress", 0, "es10b_get_euicc_challenge_and_info", "smdp.example")
        say("progress", 0, "es8p_metadata_parse", {"iccid": "8985599000000000013", "icon": "A" * 5000})
        say("lpa", 0, "success", {"seqNumber": 1, "iccid": tells.removeprefix("iccid:") or None, "bppCommandId": 0})
    elif what == "profile list" and "list" in told:
        say("lpa", 0, "success", [{"iccid": iccid, "profileState": "disabled"} for iccid in told["list"].split()])
    elif what == "version":
        say("lpa", 0, "success", told.get("version", "v2.3.0"))
    else:
        say("lpa", 0, "success", "")


def misbehave(tells: str, what: str, folder: Path) -> None:
    """End without a word, hang, or wait for an interrupt."""
    if tells == f"silent:{what}":
        sys.exit(0)
    if tells == f"hang:{what}":
        time.sleep(60)
    if tells == f"cancels:{what}":
        signal.signal(signal.SIGINT, lambda *_: cancelled(folder))
        say("progress", 0, "es9p_initiate_authentication", "smdp.example")
        time.sleep(60)


def cancelled(folder: Path) -> None:
    """What lpac does when it is interrupted: it cancels its session at the server, says so and ends."""
    (folder / "cancelled").touch()
    os.write(1, b'{"type": "lpa", "payload": {"code": -1, "message": "cancelled", "data": ""}}\n')
    os._exit(255)
