"""A case for a provider's support in one file: a tar.gz that holds no secret and no whole line or phone number."""

import gzip
import io
import re
import tarfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from esimctl.errors import UsageError
from esimctl.store.handout import hand_out
from esimctl.store.masking import without_secrets

LAST_MTIME: Final = (1 << 32) - 1  #: gzip's header has 32 bits, until February 2106
#: ICCIDs, EIDs and phone numbers: enough is left to tell two apart
_LONG: Final = re.compile(r"(?<![\w.-])(\+?\d{6})\d{2,22}(\d{4})(?![\w.-])")


def write_bundle(target: Path, members: Mapping[str, str], now: datetime) -> None:
    """Write the members (name → text), masked once more, 0600; never over an existing file (UsageError)."""
    if target.exists():
        raise UsageError("{path} exists already", hint="name another file", code="file_exists", path=str(target))
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=min(int(now.timestamp()), LAST_MTIME)) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for name, text in members.items():
            data = harmless(text).encode("utf-8", "replace")
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(data), 0o600, int(now.timestamp())
            tar.addfile(member, io.BytesIO(data))
    hand_out(str(target), buffer.getvalue())


def harmless(text: str) -> str:
    """Without codes, tokens, and the middle of long numbers."""
    return _LONG.sub(lambda found: f"{found[1]}***{found[2]}", without_secrets(text))
