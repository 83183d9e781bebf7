"""What only a double can be asked: to use data of an eSIM as a phone would, and to let the next orders fail.

`curl -d iccid=89… -d volume=300MB URL/-/use` and `curl -d kind=decline -d times=2 URL/-/fault` need no credentials.
"""

from esimctl.errors import EsimctlError
from esimctl.providers.sandbox.provider import SandboxProvider
from esimctl.values.volume import parse_octets
from tests.vendors.calls import Call, Reply, count_of, text_of
from tests.vendors.counter import Counter

BASE = "/-/"


def use(counter: Counter, iccid: str, octets: int) -> None:
    """So much data is gone; an eSIM that waited for its first use begins with it."""
    SandboxProvider(counter.api, counter.books, counter.stock).use(iccid, octets, counter.clock())


def arm(counter: Counter, kind: str, times: int = 1) -> None:
    """Let the next orders or readings fail, in one of the ways that the embedded operator knows."""
    SandboxProvider(counter.api, counter.books, counter.stock).arm(kind, times)


def pulled(counter: Counter, call: Call) -> Reply:
    """The answer to a call of these: an empty document, or 400 with what is wrong."""
    try:
        fields = call.fields()
        if call.path == BASE + "use":
            use(counter, text_of(fields, "iccid") or "", parse_octets(text_of(fields, "volume") or ""))
        elif call.path == BASE + "fault":
            arm(counter, text_of(fields, "kind") or "", count_of(fields, "times", 1000) or 0)
        else:
            return Reply(404, {"message": "there are /-/use and /-/fault"})
    except (EsimctlError, ValueError) as why:
        return Reply(400, {"message": str(why)})
    return Reply(200, {})


__all__ = ["BASE", "arm", "pulled", "use"]
