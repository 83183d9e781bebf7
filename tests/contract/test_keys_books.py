"""The documents that compare books with providers, with all that can be in them, against their schemas."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from esimctl.documents.schemas import schema
from tests.conftest import Runner

PLAN = "demo-monthly-5gb"


def valid(document: dict[str, Any]) -> bool:
    """Whether a document is what its schema promises; raises with the place where it is not."""
    name = document["schema"].removeprefix("esimctl.").removesuffix("/1")
    Draft202012Validator(schema(name)).validate(document)
    return True


@pytest.fixture
def busy(run: Runner) -> Runner:
    """A duplicate charge, a declined card, an open order, a stranger and a line that lost its code."""
    run("sandbox", "fault", "duplicate-charge")
    run("buy", PLAN, "--name", "phone", "--yes")
    run("topup", "phone", "--amount", "1USD", "--pay", "sandbox-declined", "--yes")
    run("profile", "create", "other")
    run("buy", PLAN, "--profile", "other", "--yes")
    run("sandbox", "fault", "slow-activation")
    run("topup", "phone", "--amount", "2USD", "--no-wait", "--yes")
    return run


def test_reconcile(busy: Runner, tmp_path: Path) -> None:
    order = busy("lines", "show", "phone", "--json").json["line"]["order"]
    (tmp_path / f"home/profiles/default/vault/L{order}.toml").unlink()
    told = busy("reconcile", "--json").json
    assert valid(told)
    assert [len(told[key]) for key in ("orders", "balances", "foreign", "healed")] == [1, 1, 2, 1]


def test_audit_with_and_without_a_bundle(busy: Runner, tmp_path: Path) -> None:
    told = busy("transactions", "audit", "--json").json
    assert valid(told)
    assert {finding["kind"] for finding in told["findings"]} == {
        "duplicate_charge", "failed_charge", "charged_not_delivered", "foreign_order",
    }  # fmt: skip
    assert valid(busy("transactions", "audit", "--json", "--bundle", str(tmp_path / "case.tar.gz")).json)


def test_backup_and_restore(busy: Runner, tmp_path: Path) -> None:
    assert valid(busy("profile", "backup", str(tmp_path / "b.tar"), "--json").json)
    assert valid(busy("profile", "restore", str(tmp_path / "b.tar"), "--yes", "--json").json)


def test_failures_and_decisions(busy: Runner) -> None:
    (order,) = busy("transactions", "list", "--state", "accepted", "--json").json["transactions"]
    assert valid(busy("transactions", "resolve", order["id"], "--json").json)
    decided = busy("transactions", "resolve", order["id"], "--charged", "SB-1", "--yes", "--json").json
    assert valid(decided)
    (bought,) = busy("transactions", "list", "--profile", "other", "--json").json["transactions"]
    assert valid(busy("transactions", "refund", bought["id"], "--profile", "other", "--yes", "--json").json)
