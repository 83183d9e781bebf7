"""Mistakes in profile.toml: reading says line, key and what was meant, spending stops, `doctor` has the same table."""

from datetime import UTC
from pathlib import Path

import pytest

from esimctl.autotopup import rule as rules
from esimctl.errors import ConfigurationError
from esimctl.store.profile_tables import TABLES
from esimctl.values.record import fields
from esimctl.values.tables import TomlText
from tests.conftest import Runner, tree

PLAN = "smart-laor-7d"


@pytest.fixture
def profile(run: Runner, tmp_path: Path) -> Path:
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "a", "--yes").code == 0
    return tmp_path / "home" / "profiles" / "default" / "profile.toml"


MISTAKES = [
    ('\n[settings.limit]\nper_month = "1 USD"\n', "settings.limit", "settings.limit", "limits"),
    ('\n[limits]\nper_month = "1 USD"\n', "limits", "limits", "settings.limits"),
    ('\n[settings.limits]\nper_mnth = "1 USD"\n', "per_mnth", "settings.limits.per_mnth", "per_month"),
    ('\n[line.b]\nprovider = "sandbox"\nbudgt = "1 USD"\n', "budgt", "line.b.budgt", "budget"),
    ('\n[line.b]\nprovider = "sandbx"\n', 'provider = "sandbx"', "line.b.provider", "sandbox"),
    ('\n[provider.shop]\nkind = "airallo"\n', "airallo", "provider.shop.kind", "airalo"),
    ('\n[payment.visa]\nkind = "credit-card"\nprovider = "sandbos"\n', "sandbos", "payment.visa.provider", "sandbox"),
    ('\n[rule.b]\nline = "aa"\nevery = "monthly"\n', 'line = "aa"', "rule.b.line", None),
]


@pytest.mark.parametrize(("text", "where", "key", "meant"), MISTAKES)
def test_line_key_and_suggestion(
    run: Runner, profile: Path, text: str, where: str, key: str, meant: str | None
) -> None:
    profile.write_text(profile.read_text() + text)
    number = next(n for n, line in enumerate(profile.read_text().splitlines(), 1) if where in line)
    told = f"profile.toml, line {number}: "
    for words in (("balance",), ("lines", "list"), ("transactions", "list"), ("balance", "--cached")):
        read = run(*words)
        assert read.code == 0, read.err
        (line,) = [each for each in read.err.splitlines() if "profile.toml" in each]
        assert line.startswith(told)
        assert key in line
        assert line.endswith("; nothing is bought until it is mended")
        assert meant is None or f"did you mean {meant}?" in line
    before = tree(profile.parent / "journal")
    for words in (
        ("buy", PLAN, "--provider", "sandbox", "--yes"),
        ("topup", "a", "--amount", "1USD", "--yes"),
        ("renew", "a", "--yes", "-n"),
    ):
        refused = run(*words)
        assert (refused.code, told in refused.err) == (78, True), words
        assert run(*words, "--json").json["error"]["code"] == "profile_mistake"
    assert tree(profile.parent / "journal") == before
    checked = run("doctor", "--json")
    assert checked.code == 20
    assert [row["detail"].startswith(told) for row in checked.json["checks"] if row["name"] == "profile_key"] == [True]


def test_a_zone_that_is_none(run: Runner, profile: Path) -> None:
    """It crashed with exit 1; now days are counted in Phnom Penh and nothing is bought."""
    profile.write_text(profile.read_text().replace("Asia/Phnom_Penh", "Phnom Penh"))
    for words in (("balance",), ("report",), ("check",), ("transactions", "list", "--since", "2026-11-01")):
        read = run(*words)
        assert read.code in {0, 20}, read.err
        assert "settings.zone: there is no time zone 'Phnom Penh', did you mean Asia/Phnom_Penh?" in read.err
    assert run("buy", PLAN, "--provider", "sandbox", "--yes").code == 78


def test_what_set_writes_is_what_doctor_accepts(run: Runner, profile: Path) -> None:
    """`floor` and `max_unattended` were to be removed: whoever obeyed lost two brakes."""
    limits = ("--max-price", "2USD", "--max-per-month", "5USD", "--max-unattended", "3", "--floor", "1USD")
    done = run("autotopup", "set", "a", "--below", "1GB", "--amount", "1USD", *limits)
    assert done.code == 0, done.err
    text = profile.read_text()
    assert "floor" in text
    assert "max_unattended" in text
    assert not [row for row in run("doctor", "--json").json["checks"] if row["name"] == "profile_key"]
    assert run("buy", PLAN, "--provider", "sandbox", "--yes").code == 0


def test_one_table_of_keys() -> None:
    """Each key of a rule is read by its kind into the field of the rule that has its name, or the name said for it."""
    named = {rules._FIELDS.get(key, key) for key in TABLES["rule"]}
    assert named == set(fields(rules.Rule)) - {"name"}
    assert set(TABLES["rule"].values()) == set(rules._READERS)


def test_set_writes_no_key_that_is_not_declared() -> None:
    with pytest.raises(ConfigurationError) as caught:
        rules.read_rule("a", {"below": "1GB", "flour": "1 USD"}, UTC, strict=True)
    told = caught.value.params
    assert (told["key"], str(told["what"])) == ("flour", "unknown key, did you mean floor?")


def test_a_rule_goes_with_its_line(run: Runner, profile: Path) -> None:
    """Our own commands leave no mistake behind."""
    limits = ("--max-price", "2USD", "--max-per-month", "5USD")
    assert run("autotopup", "set", "a", "--below", "1GB", "--amount", "1USD", *limits).code == 0
    removed = run("lines", "remove", "a", "--yes")
    assert (removed.code, "its rules were removed with it: a" in removed.err) == (0, True)
    assert run("buy", PLAN, "--provider", "sandbox", "--yes").code == 0


@pytest.mark.parametrize(
    ("path", "line"),
    [(("settings", "zone"), 2), (("settings", "limits", "per_day"), 3), (("line", "b c", "plan"), 9), (("x",), None)],
)
def test_where_a_key_stands(path: tuple[str, ...], line: int | None) -> None:
    rows = (
        "[settings]", "zone = 'x'", "limits = { per_day = '1 USD' }", "[line.a]", 'note = """', "plan = 1", '"""',
        '[line."b c"]', 'plan = "y"',
    )  # fmt: skip
    text = "\n".join(rows)
    assert TomlText("profile.toml", text).line_of(path) == line


def test_a_line_without_a_provider_is_named(run: Runner, tmp_path: Path) -> None:
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    file = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    file.write_text(file.read_text().replace("[line.phone]", "[line.phone.x]"))
    done = run("balance")
    assert done.code == 78
    assert ": line.phone.provider: is missing" in done.err
