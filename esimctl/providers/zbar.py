"""QR codes in pictures, read by `zbarimg` where it is installed. The picture is not touched by us."""

import subprocess

from esimctl.errors import ConfigurationError, UsageError

SECONDS = 20.0


def read_picture(path: str) -> str:
    """The text of the one QR code in a picture; UsageError where there is none or several."""
    command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", f"./{path}" if path[:1] == "-" else path]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL)  # noqa: S603
    except FileNotFoundError:
        raise ConfigurationError(
            "zbarimg, which reads QR codes in pictures, is not installed",
            hint="install zbar-tools, or paste the code's text",
            code="zbar_missing",
        ) from None
    except subprocess.TimeoutExpired:
        raise UsageError("{path} could not be read in time", code="cannot_read", path=path) from None
    texts = [line for line in done.stdout.decode("utf-8", "replace").splitlines() if line]
    if done.returncode != 0 or len(texts) != 1:
        what = "no QR code" if not texts else "more than one QR code"
        raise UsageError("{path} holds {what}", code="no_qr_code", path=path, what=what)
    return texts[0]
