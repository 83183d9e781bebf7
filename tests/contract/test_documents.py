"""Every JSON document against its schema: what a program is promised is what it gets, and nothing undescribed comes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from esimctl.documents.schemas import WHERE, names, schema
from esimctl.show.present import VIEWS
from tests.conftest import Runner
from tests.process.runner import ROOT
from tests.validation import validate

PLAN = "demo-monthly-20gb"

#: One line with a history: bought, used, renewed, topped up, refused, shown in every way.
JOURNEY = [
    f"buy {PLAN} --dry-run",
    f"buy {PLAN} --name phone --yes",
    "sandbox use phone 1GB",
    "balance",
    "balance phone --refresh --explain",
    "plans list",
    "plans list --rollover --sort per-gb --limit 3",
    f"plans show {PLAN}",
    "renew phone --yes",
    "topup phone --amount 5USD --yes",
    "topup phone --amount 5USD --dry-run",
    f"buy {PLAN} --yes --pay sandbox-declined",
    "buy no-such-plan --yes",
    "sandbox fault timeout-after",
    "topup phone --amount 1USD --yes",
    "reconcile",
    "lines list",
    "lines show phone --show-code",
    "lines qr phone --show-code",
    "lines rename phone mobile",
    "payments list",
    "payments add visa --kind credit-card --reference blue",
    "payments default visa",
    "payments remove visa",
    "transactions list",
    "transactions audit",
    "report",
    "report --months 3 --by line",
    "profile list",
    "profile path",
    "profile create family",
    f"autotopup set mobile --below 1GB --plan {PLAN} --max-price 10USD --max-per-month 20USD",
    "autotopup show",
    "autotopup enable mobile --confirm 20USD",
    "autotopup run",
    "autotopup log",
    "autotopup reminders",
    "autotopup targets",
    "schedule show",
    "check",
    "providers list",
    "providers check",
    "profile second-factor show",
    f"simulate --plan {PLAN} --per-day 300MB --months 2",
    "simulate tests/scenarios/bo-01.toml --explain",
    "doctor --cron --providers",
    "schema",
    "nonsense",
    "lines add counter --provider manual --carrier metfone --data 5GB --days 30 --price 3USD",
    "usage record counter --remaining 4GB",
    "lines remove mobile --yes",
    "sandbox reset --yes",
]


def test_a_whole_journey_is_as_described(run: Runner) -> None:
    """Every answer, also the failures, is one document with exactly the keys of its schema, the schema first."""
    seen = set()
    for words in JOURNEY:
        outcome = run(*words.split(), "--json")
        assert next(iter(outcome.json)) == "schema", words
        try:
            validate(outcome.json)
        except Exception as error:
            raise AssertionError(f"{words}: {error}") from error
        seen.add(outcome.json["schema"])
    assert len(seen) >= 18


def test_no_float_is_anywhere_in_a_document(run: Runner) -> None:
    """Money and octets are exact: a JSON number with a point would be read as a float."""

    def refuse(text: str) -> Any:
        raise AssertionError(f"a float: {text}")

    for words in ("buy " + PLAN + " --yes --name phone", "balance", "plans list", "transactions list"):
        json.loads(run(*words.split(), "--json").out, parse_float=refuse)


@pytest.mark.parametrize("name", names())
def test_a_schema_is_one(name: str) -> None:
    """Valid itself, named after its document, open to new keys, and each type of the notation known."""
    made = schema(name)
    Draft202012Validator.check_schema(made)
    assert made["properties"]["schema"] == {"const": f"esimctl.{name}/1"}
    assert made["required"][0] == "schema"
    assert made["additionalProperties"] is True
    for word in re.findall(r'"enum": \["(\w+)"\]', json.dumps(made)):
        assert word in {"unknown", "shown"}, f"{word} is taken for a word, it may be a mistyped type"


def test_every_document_has_a_schema() -> None:
    """Whatever an action answers with, and whatever a view shows."""
    answered = set()
    for path in (ROOT / "esimctl").rglob("*.py"):
        answered |= set(re.findall(r'Result\(\s*"([a-z-]+)"', path.read_text("utf-8")))
    assert answered - set(WHERE) == set()
    assert answered - set(VIEWS) == set()


def test_the_list_and_the_schema_are_printed(run: Runner) -> None:
    """One name a line; a schema as a document of its own; an unknown name is refused with the nearest."""
    assert run("schema").out.split() == names()
    assert json.loads(run("schema", "esimctl.balance/1").out)["title"] == "esimctl.balance/1"
    wrong = run("schema", "balanse")
    assert wrong.code == 2
    assert "did you mean balance" in wrong.err


def test_the_schema_needs_no_profile(run: Runner, tmp_path: Path) -> None:
    """Nothing is read or written."""
    run("schema", "order")
    assert not (tmp_path / "home").exists()
