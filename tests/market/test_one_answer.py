"""Over random claims: lists, advice, offers, books, balance and report give one answer for a plan, a line and a day."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import Runner, balance_of

GB = 10**9
EXAMPLES = 8  #: of many commands each
PLAN = "smart-laor-30d"
BUY, LOOK, AFTER = (f"2026-{day}T09:00:00+07:00" for day in ("10-20", "11-18", "12-01"))
MODES = ("none", "unknown", "promo-only", "carry", "not-applicable")
KINDS = ("person", "operator", "news", "community", "article", "testimony")


@st.composite
def said(draw: st.DrawFn) -> str:
    """The value of a claim on rollover, as TOML."""
    mode = draw(st.sampled_from(MODES))
    more = ""
    if mode == "carry":
        more += draw(st.sampled_from(("", ', validity = "1 month"', ', validity = "3 months"')))
        more += draw(st.sampled_from(("", ', max = "5GB"', ", max_percent = 50", ', cap = "unknown"')))
    return f'{{ mode = "{mode}"{more} }}'


@st.composite
def claims(draw: st.DrawFn) -> str:
    """A file of claims on the plan, its carrier, its kind or everybody, by anybody, dated or not, some later."""
    rows = []
    for number in range(draw(st.integers(0, 4))):
        plans = draw(st.sampled_from(('["smart-laor-30d"]', '["short"]', '["window"]', "[]")))
        dated = draw(st.sampled_from(("", "as_of = 2026-09-01\n")))
        begins = draw(st.sampled_from(("", "", "from = 2026-10-01\n", "from = 2027-01-01\n")))
        rows.append(
            f'[claim.c{number}]\ncarrier = "{draw(st.sampled_from(("smart", "*", "metfone")))}"\nplans = {plans}\n'
            f'topic = "rollover"\nvalue = {draw(said())}\nkind = "{draw(st.sampled_from(KINDS))}"\n'
            f'source = "somebody"\n{dated}{begins}'
        )
    return "\n".join(rows)


@st.composite
def rows(draw: st.DrawFn) -> str:
    """Perhaps a row of the person's own in the place of the plan, of any grade, with a rollover or without a word."""
    grade = draw(st.sampled_from((None, "own", "V", "S", "U")))
    if grade is None:
        return ""
    rollover = draw(
        st.sampled_from(("", 'rollover = { mode = "none" }', 'rollover = { mode = "carry", validity = "2 months" }'))
    )
    return (
        f'[plan.{PLAN}]\ncarrier = "smart"\nname = "Laor"\nprice = "6.00 USD"\nsource = "shop"\nas_of = 2026-08-01\n'
        f'grade = "{grade}"\n[plan.{PLAN}.terms]\ndata = "60GB"\nterm = "30 days"\n{rollover}\n'
    )


@contextmanager
def fresh_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home for one example."""
    with TemporaryDirectory() as folder:
        monkeypatch.setenv("ESIMCTL_HOME", os.path.join(folder, "home"))  # noqa: PTH118
        yield Path(folder)


def add(run: Runner) -> None:
    words = ("--provider", "manual", "--carrier", "smart", "--plan", PLAN, "--price", "6USD")
    assert run("lines", "add", "sim", *words, now=BUY).code == 0
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "play", "--yes", now=BUY).code == 0


def of_plan(run: Runner, now: str) -> dict[str, Any]:
    """What everything that shows the plan says: (word, mode that is counted, claim), the same everywhere."""
    shown = run("plans", "show", PLAN, "--json", now=now).json["plan"]
    answer = (shown["rollover"], shown["rollover_counted"], shown["rollover_claim"])
    listed = run("plans", "list", "--carrier", "smart", "--json", now=now).json["plans"]
    [row] = [one for one in listed if one["id"] == PLAN]
    compared = run("plans", "compare", PLAN, "--json", now=now).json["plans"][0]
    for one in (row, compared):
        assert (one["rollover"], one["rollover_counted"], one["rollover_claim"]) == answer
    assert (compared["policy"], compared["disputed"]) == (answer[1], answer[0] == "disputed")
    assert run("policy", "show", f"smart/{PLAN}", "rollover", "--json", now=now).json["policy"][0]["word"] == answer[0]
    carrying = run("plans", "list", "--carrier", "smart", "--rollover", "--json", now=now).json["plans"]
    advised = run(
        "plans", "recommend", "--days", "30", "--data", "1GB", "--carrier", "smart", "--rollover", "--json", now=now
    ).json
    carries = answer[1] == "carry"
    assert (PLAN in {one["id"] for one in carrying}) is carries
    if carries:
        assert advised["candidates"] > 0
    assert (shown["terms"].get("rollover", {}).get("mode") == "carry") is carries
    offered = run("buy", PLAN, "--provider", "sandbox", "--dry-run", "--json", now=now).json["offer"]["plan"]
    assert (offered["rollover"], offered["rollover_counted"], offered["rollover_claim"]) == answer
    return {"answer": answer, "carries": carries, "policy": shown["terms"].get("rollover")}


def limit(policy: dict[str, Any] | None, left: int, granted: int) -> int:
    """What a policy carries of what is left."""
    if policy is None or policy["mode"] != "carry":
        return 0
    part = min(left, granted * policy.get("max_percent", 100) // 100)
    return min(part, 5 * GB) if "max" in policy else part


@given(claims(), rows(), st.booleans())
@settings(
    max_examples=EXAMPLES,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_everything_that_speaks_of_rollover_says_and_does_the_same(
    run: Runner, monkeypatch: pytest.MonkeyPatch, text: str, row: str, late: bool
) -> None:
    """Claims are known before the purchase or, the person's own words, come after it; both ways the books follow."""
    with fresh_home(monkeypatch) as folder:
        if late:
            text = text.replace('kind = "', 'kind = "person"\nnote = "')
        files = {"rows": row, "claims": text}
        for name, content in files.items():
            (folder / f"{name}.toml").write_text(content)
        for name in [name for name, content in files.items() if content and (name == "rows" or not late)]:
            assert run("plans", "import", str(folder / f"{name}.toml"), now=BUY).code == 0
        add(run)
        if late and text:
            assert run("plans", "import", str(folder / "claims.toml"), now=LOOK).code == 0
        said = of_plan(run, LOOK)
        assert run("usage", "record", "sim", "--remaining", "22GB", now=LOOK).code == 0
        assert run("sandbox", "use", "play", "38GB", now=LOOK).code == 0
        for name in ("sim", "play"):
            part = balance_of(run, name, LOOK)["rollover"]
            word = "disputed" if part["disputed"] else part["effective"]
            assert (word, part["effective"], part["claim"]) == said["answer"], name
            assert (part["carry_if_renewed_bytes"] > 0) is said["carries"]
        shown = run("lines", "show", "sim", "--json", now=LOOK).json["line"]["rollover"]
        assert (shown["effective"], shown["claim"]) == said["answer"][1:]
        assert run("renew", "sim", "--paid", "x1", now=LOOK).code == 0
        assert run("renew", "play", "--yes", now=LOOK).code == 0
        carried = limit(said["policy"], 22 * GB, 60 * GB)
        for name in ("sim", "play"):
            after = balance_of(run, name, AFTER)
            assert sum(b["remaining"] for b in after["buckets"] if b["category"] == "rollover") == carried
            assert after["data"]["remaining_bytes"] == 60 * GB + carried
        reports = run("report", "--month", "2026-11", "--by", "line", "--json", now=AFTER).json["report"]
        for name in ("sim", "play"):
            [mine] = [one for one in reports if one["group"] == name]
            assert (mine["carried_bytes"], mine["wasted_bytes"]) == (carried, 22 * GB - carried), name
