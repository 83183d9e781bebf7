"""Files that a person names to be read: scenarios and the like. Read whole, up to a limit."""

import os

from esimctl.errors import UsageError, too_large
from esimctl.store.paths import person_path


def read_given(path: str, most: int) -> bytes:
    """The octets of a file. UsageError (2) says why it cannot be read, and how large it is where it exceeds `most`."""
    file = person_path(path)
    try:
        if file.exists() and not file.is_file():
            raise UsageError("{path} is not a file", code="not_a_file", path=path)
        with file.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            data = b"" if size > most else stream.read(most + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "the name is not one of a file"
        raise UsageError("cannot read {path}: {why}", code="cannot_read", path=path, why=why) from None
    if size > most or len(data) > most:
        raise too_large(path, most, max(size, len(data)))
    return data
