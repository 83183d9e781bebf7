"""What an action gives back: one document, an exit code, and sentences for a person. It is shown once, elsewhere."""

from dataclasses import dataclass, field
from typing import Any

from esimctl.errors import ExitCode


@dataclass(slots=True)
class Result:
    """`name` is the document's schema name (`esimctl.<name>/1`), `data` its content in plain JSON types.

    Volumes are integer octets, money `{"amount", "currency"}`, instants RFC 3339 with Z, unknown is None.
    `notes` are English templates with their parameters, for stderr.
    """

    name: str
    data: dict[str, Any]
    exit_code: ExitCode = ExitCode.DONE
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def note(self, template: str, **params: object) -> None:
        """Add a sentence for the person."""
        self.notes.append((template, params))


__all__ = ["Result"]
