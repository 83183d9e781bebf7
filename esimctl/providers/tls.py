"""Whom a connection trusts: the public roots, and those of the person. Nothing in the environment changes it.

What OpenSSL would read by itself is taken out of the environment where the process begins (`main`).
"""

import ssl
import sys

from esimctl.errors import ConfigurationError
from esimctl.values.sentence import Param, Raw, Sentence


def verified(ca_file: str | None = None) -> ssl.SSLContext:
    """TLS 1.2 or newer against the public roots, and those of `ca_file` of the profile's table of a provider.

    Nothing in the environment and no option changes that. ConfigurationError (78) for a file that cannot be used.
    """
    import certifi

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the default context obeys SSLKEYLOGFILE
    if sys.version_info >= (3, 13):  # as it does there
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    context.load_verify_locations(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except ssl.SSLError as error:
            raise _unusable(ca_file, Sentence("it holds no certificate in PEM form")) from error
        except OSError as error:
            raise _unusable(
                ca_file, Raw(error.strerror) if error.strerror else Sentence("it cannot be read")
            ) from error
    return context


def _unusable(path: str, why: Param) -> ConfigurationError:
    return ConfigurationError("ca_file {path} cannot be used: {why}", code="bad_ca_file", path=Raw(path), why=why)


def rootless() -> ssl.SSLContext:
    """For connections that use no TLS: it trusts nobody, and costs nothing to make."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
