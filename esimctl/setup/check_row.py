"""A row of `doctor`: how a check is named, how it went, and what mends it."""

from typing import Final

from esimctl.documents.setup import CheckRow
from esimctl.values.sentence import Sentence, in_document

OK: Final = "ok"
WARN: Final = "warn"
FAIL: Final = "fail"


def checked(name: str, status: str, detail: str | Sentence, fix: str | Sentence | None = None) -> CheckRow:
    """One row: `fix` is an exact command or an act, None where nothing need be done. Texts that are not sentences are
    the same in every language."""
    return CheckRow(
        name=name,
        ok=status != FAIL,
        status=status,
        detail=in_document(detail),
        fix=None if fix is None else in_document(fix),
    )
