"""Why nobody was reached, as a sentence with the way on: a certificate, a refusal, a name, a time that ran out."""

import ssl
from datetime import datetime
from errno import EHOSTUNREACH, ENETDOWN, ENETUNREACH
from typing import Final

from esimctl.errors import EsimctlError, ProtocolViolation, Unreachable
from esimctl.providers.protocol import Answer
from esimctl.values.sentence import Raw

#: OpenSSL's verify codes (x509_vfy.h) → what is wrong with the certificate
_CODES: Final = {
    9: "not_yet_valid", 10: "expired", 2: "unknown_issuer", 18: "unknown_issuer", 19: "unknown_issuer",
    20: "unknown_issuer", 21: "unknown_issuer", 62: "wrong_name", 64: "wrong_name",
}  # fmt: skip

#: what stood in the way → sentence, and the way on
TEXTS: Final = {
    "tls": ("{provider}: its TLS certificate could not be verified", "look at what answers at base_url of {provider}"),
    "expired": (
        "{provider}: its TLS certificate has expired",
        "the clock of this machine says {now}; if that is right, only the provider can renew its certificate",
    ),
    "not_yet_valid": (
        "{provider}: its TLS certificate is not valid yet",
        "the clock of this machine says {now}; set it, if that is wrong",
    ),
    "unknown_issuer": (
        "{provider}: its TLS certificate is from an unknown issuer",
        'a proxy or a root of your own is trusted by ca_file = "/path/root.pem" in [provider.{provider}]',
    ),
    "wrong_name": (
        "{provider}: its TLS certificate is for another name",
        "something else answers there, such as the sign-in page of a network; or correct base_url of {provider}",
    ),
    "no_tls": (
        "{provider}: what answers there does not speak TLS",
        "something else answers there, such as the sign-in page of a network; or correct base_url of {provider}",
    ),
    "refused": ("{provider} refuses the connection", "nothing listens there: try later, or correct its base_url"),
    "no_name": ("the name of the server of {provider} was not found", "is this machine online?"),
    "no_way": ("there is no network way to {provider} from here", "is this machine online?"),
    "timeout": ("{provider} did not answer in time", "try again"),
    "connection_lost": ("{provider} broke the connection off", "try again"),
}


def cause_of_tls(error: BaseException | None) -> str | None:
    """What is wrong with TLS, `tls` where only that can be said; None for what is no failure of it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CODES.get(error.verify_code, "tls")
    if not isinstance(error, ssl.SSLError) or isinstance(error, ssl.SSLEOFError):
        return None
    return "no_tls" if error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE") else "tls"


def cause_of_socket(error: BaseException | None) -> str | None:
    """What kept a connection from being made, None for what has no sentence of its own."""
    from socket import gaierror

    if isinstance(error, gaierror):
        return "no_name"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, TimeoutError):
        return "timeout"
    return "no_way" if isinstance(error, OSError) and error.errno in (EHOSTUNREACH, ENETDOWN, ENETUNREACH) else None


def unreached(answer: Answer, name: str, now: datetime) -> EsimctlError:
    """The failure (76 for a certificate, 69 else) of an answer that has no status."""
    if answer.failure == "tls":
        template, hint = TEXTS.get(answer.cause or "tls", TEXTS["tls"])
        told = now.strftime("%Y-%m-%d %H:%M UTC")
        return ProtocolViolation(template, hint=hint, code="tls", provider=Raw(name), now=Raw(told))
    found = TEXTS.get(answer.cause or answer.failure or "")
    if found is not None:
        return Unreachable(found[0], hint=found[1], code="unreachable", provider=Raw(name))
    return Unreachable(
        "{provider} cannot be reached ({why})", code="unreachable", provider=Raw(name), why=Raw(answer.failure)
    )
