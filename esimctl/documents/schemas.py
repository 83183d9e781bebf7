"""The JSON Schema of every document that `--json` gives (JSON Schema 2020-12), from the fields of its class.

Every key is always there but those that may be absent; new keys may appear within a schema number. `more` is there, and
true, where `--limit` has left rows out. `rehearsal` stands in every document of a profile: whether it goes by
ESIMCTL_NOW.
"""

from importlib import import_module

from esimctl.documents.document import JSON, Document
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
    "budget": "balance",
    "doctor": "setup",
    "schemas": "setup",
    "device": "claims",
    "khqr": "tracking",
    "sharing": "tracking",
}

MONEY: dict[str, JSON] = {
    "type": "object",
    "required": ["amount", "currency"],
    "properties": {
        "amount": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    },
    "additionalProperties": False,
}

TYPES: dict[str, dict[str, JSON]] = {
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


def schema(name: str, *, strict: bool = False) -> dict[str, JSON]:
    """The JSON Schema of `esimctl.<name>/1`. `strict` allows no key that is not described, for tests."""
    document = document_of(name)
    more = {"more": TYPES["flag"]} if any(kind.name == "rows" for kind in kinds(document).values()) else {}
    added = {
        "schema": {"const": f"esimctl.{name}/1"},
        **_properties(document, strict),
        **more,
        "rehearsal": TYPES["flag"],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:esimctl:{name}:1",
        "title": f"esimctl.{name}/1",
        **_object(["schema", *_required(document)], added, strict),
    }


def part_schema(document: type[Document], strict: bool) -> dict[str, JSON]:
    """The schema of a document or a part of one; `strict` allows no key that is not described."""
    return _object(_required(document), _properties(document, strict), strict)


def _object(required: list[str], properties: dict[str, JSON], strict: bool) -> dict[str, JSON]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": not strict}


def _required(document: type[Document]) -> list[str]:
    return [key for key, kind in kinds(document).items() if not kind.absent]


def _properties(document: type[Document], strict: bool) -> dict[str, JSON]:
    return {key: _kind(kind, strict) for key, kind in kinds(document).items()}


def _kind(kind: FieldKind, strict: bool) -> dict[str, JSON]:
    if kind.name == "word":
        return {"enum": [*kind.words, None] if kind.null else list(kind.words)}
    described: dict[str, JSON]
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
