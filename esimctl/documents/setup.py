"""Documents about payment methods, profiles and the program itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from esimctl.documents.document import Document, Prose, one_of
from esimctl.documents.schemas import Either, Nullable
from esimctl.values.money import Money

METHOD = {
    "name": "text",
    "kind": "text",
    "provider": "text?",
    "reference": "text?",
    "default": "flag",
    "removed~": "flag",
}

PROFILE = {"name": "text", "path": "text", "active": "flag", "rehearsal": "flag"}

CHECK = {"name": "text", "ok": "flag", "status": "ok|warn|fail", "detail": "text", "fix": "text?"}

PROVIDER = {
    "name": "text",
    "kind": "text",
    "tier": "text?",
    "about": "text",
    "play_money": "flag",
    "experimental": "text?",
    "credentials": "text?",
    "needs_credentials": "flag",
    "base_url": "text?",
    "not_trusted": [{"key": "text", "value": "text"}],
    "payment_methods": ["text"],
    "lines": ["text"],
    "removed~": "flag",
}

PROVIDER_CHECK = {
    "provider": "text",
    "name": "text",
    "ok": "flag",
    "detail": "text",
    "fix": "text?",
    "balance": "money?",
}

#: an order of replaced books that a restored profile does not know
REQUIRED = {
    "id": "text",
    "kind": "text",
    "line": "text",
    "provider": "text",
    "plan": "text?",
    "state": "text",
    "charged": Either("flag", "unknown"),
    "price": "money",
    "paid": "money?",
    "created_at": "instant",
    "play_money": "flag",
}


class HintRow(Document):
    """What would be cheaper for a line, said with its arithmetic and the command that gives the same answer."""

    line: str
    text: Prose
    template: str
    params: Mapping[str, str | int]


class BudgetRow(Document):
    """A month's budget of the profile or of a line, and where the month ends by pace."""

    scope: Annotated[str, one_of("profile|line")]
    line: str | None
    budget: Money
    spent: Money
    reserved: Money
    left: Money
    from_: datetime
    until: datetime
    play_money: bool
    expected: Money | None


class BudgetDocument(Document, schema="budget"):
    """Every budget with what this month has done to it."""

    as_of: datetime
    budgets: Sequence[BudgetRow]


class SecondFactorPart(Document):
    """`uri` is the secret itself, shown once, when it is made; until `locked_until` no code is taken."""

    enrolled: bool
    pending: bool
    locked_until: datetime | None
    uri: str | None


class SecondFactorDocument(Document, schema="second-factor"):
    """`profile second-factor`."""

    second_factor: SecondFactorPart


DOCUMENTS: dict[str, Any] = {
    "payments": {"payments": [METHOD]},
    "payment": {"payment": METHOD},
    "profiles": {"profiles": [{**PROFILE, "exists": "flag"}]},
    "profile": PROFILE,
    "message": {"text": "text", "fault~": "text", "times~": "count"},
    "backup": {
        "name": "text",
        "path": "text",
        "made_at": "instant",
        "entries": "count",
        "files": "count",
        "with_vault": "flag",
    },
    "restore": {
        "name": "text",
        "path": "text",
        "made_at": "instant",
        "entries": "count",
        "with_vault": "flag",
        "must_reconcile": "flag",
        "kept": "text?",
        "missing": [REQUIRED],
        "taken": ["text"],
        "missing_sums": [{"money": "money", "orders": "count", "play_money": "flag"}],
        "not_trusted": [{"provider": "text", "key": "text", "value": "text"}],
    },
    "merge": {
        "name": "text",
        "path": "text",
        "source": "text",
        "dry_run": "flag",
        "nothing": "flag",
        "common": "count",
        "taken": "count",
        "orders": ["text"],
        "heads": "count",
        "added": ["text"],
        "disabled": ["text"],
        "kept": ["text"],
        "removed": ["text"],
        "codes": ["text"],
        "files": "count",
        "moved_to": ["text"],
        "machine": Nullable("this|another"),
        "must_reconcile": "flag",
    },
    "providers": {"providers": [PROVIDER]},
    "provider": {"provider": PROVIDER},
    "providers-check": {"ok": "flag", "checks": [PROVIDER_CHECK], "lines~": ["any"]},
    "doctor": {"as_of": "instant", "profile": "text", "ok": "flag", "checks": [CHECK]},
    "schemas": {"schemas": [{"name": "text", "schema_id": "text"}]},
}
