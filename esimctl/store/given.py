"""Files that a person names to be read: scenarios and the like. Read whole, up to a limit."""

from esimctl.errors import UsageError
from esimctl.store.paths import person_path


def read_given(path: str, most: int) -> bytes:
    """The bytes of a file, at most `most` of them and one more; UsageError says why it cannot be read."""
    file = person_path(path)
    try:
        if file.exists() and not file.is_file():
            raise UsageError("{path} is not a file", code="not_a_file", path=path)
        with file.open("rb") as stream:
            return stream.read(most + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "the name is not one of a file"
        raise UsageError("cannot read {path}: {why}", code="cannot_read", path=path, why=why) from None


__all__ = ["read_given"]
