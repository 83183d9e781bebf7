"""The JSON Schema of every document that `--json` gives (JSON Schema 2020-12), from the fields of its class.

Every key is always there but those that may be absent; new keys may appear within a schema number. `more` is there, and
true, where `--limit` has left rows out. `rehearsal` stands in every document of a profile: whether it goes by
ESIMCTL_NOW.
"""

from importlib import import_module
from typing import Any

from esimctl.documents.document import Document
from esimctl.documents.kinds import FieldKind, kinds

#: document → module of this folder that has its class
WHERE = {
    "balance": "balance",
    "lines": "lines",
    "line": "lines",
    "check": "balance",
    "qr": "lines",
    "install": "lines",
    "install-guide": "lines",
    "reading": "usage",
    "usage-import": "usage",
    "usage": "usage",
    "forecast": "usage",
    "pattern": "usage",
    "patterns": "usage",
    "plans": "plans",
    "plan": "plans",
    "carriers": "claims",
    "policy": "claims",
    "promotions": "claims",
    "recommendation": "advice",
    "comparison": "advice",
    "plan-changes": "advice",
    "import": "advice",
    "order": "offers",
    "transactions": "orders",
    "export": "orders",
    "transactions-import": "orders",
    "error": "orders",
    "bulk": "orders",
    "audit": "books",
    "reconcile": "books",
    "report": "records",
    "receipt": "records",
    "autotopup": "autotopup",
    "autotopup-run": "autotopup",
    "autotopup-log": "autotopup",
    "reminders": "alerts",
    "targets": "alerts",
    "schedule": "schedule",
    "simulation": "simulation",
    "what-if": "simulation",
    "payments": "setup",
    "payment": "setup",
    "providers": "setup",
    "provider": "setup",
    "providers-check": "setup",
    "second-factor": "setup",
    "profiles": "setup",
    "profile": "setup",
    "message": "setup",
    "backup": "backups",
    "restore": "backups",
    "merge": "backups",
    "budget": "setup",
    "doctor": "setup",
    "schemas": "setup",
    "device": "claims",
    "khqr": "tracking",
    "sharing": "tracking",
}

MONEY: dict[str, Any] = {
    "type": "object",
    "required": ["amount", "currency"],
    "properties": {
        "amount": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    },
    "additionalProperties": False,
}

TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "prose": {"type": "string"},
    "sentence": {
        "type": "object",
        "required": ["template", "params"],
        "properties": {"template": {"type": "string"}, "params": {"type": "object"}},
        "additionalProperties": False,
    },
    "count": {"type": "integer"},
    "octets": {"type": "integer"},
    "seconds": {"type": "integer"},
    "flag": {"type": "boolean"},
    "instant": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"},
    "day": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
    "money": MONEY,
    "any": {},
}


def document_of(name: str) -> type[Document]:
    """The class of that document."""
    module = import_module(f"esimctl.documents.{WHERE[name]}")
    found: type[Document] = next(each for each in vars(module).values() if getattr(each, "SCHEMA", None) == name)
    return found


def names() -> list[str]:
    """The names of all documents, in the order of the table."""
    return list(WHERE)


def schema(name: str, *, strict: bool = False) -> dict[str, Any]:
    """The JSON Schema of `esimctl.<name>/1`. `strict` allows no key that is not described, for tests."""
    document = document_of(name)
    whole = part_schema(document, strict)
    more = {"more": TYPES["flag"]} if any(kind.name == "rows" for kind in kinds(document).values()) else {}
    added = {"schema": {"const": f"esimctl.{name}/1"}, **whole["properties"], **more, "rehearsal": TYPES["flag"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:esimctl:{name}:1",
        "title": f"esimctl.{name}/1",
        **whole,
        "required": ["schema", *whole["required"]],
        "properties": added,
    }


def part_schema(document: type[Document], strict: bool) -> dict[str, Any]:
    """The schema of a document or a part of one; `strict` allows no key that is not described."""
    every = kinds(document)
    return {
        "type": "object",
        "required": [key for key, kind in every.items() if not kind.absent],
        "properties": {key: _kind(kind, strict) for key, kind in every.items()},
        "additionalProperties": not strict,
    }


def _kind(kind: FieldKind, strict: bool) -> dict[str, Any]:
    if kind.name == "word":
        return {"enum": [*kind.words, None] if kind.null else list(kind.words)}
    described: dict[str, Any]
    if kind.document is not None:
        described = part_schema(kind.document, strict)
    elif kind.name == "either":
        described = {"anyOf": [_kind(each, strict) for each in kind.kinds]}
    elif kind.of is not None:
        within = _kind(kind.of, strict)
        shape = ("array", "items") if kind.name == "rows" else ("object", "additionalProperties")
        described = {"type": shape[0], shape[1]: within}
    else:
        described = dict(TYPES[kind.name])
    return {"anyOf": [described, {"type": "null"}]} if kind.null and described else described
