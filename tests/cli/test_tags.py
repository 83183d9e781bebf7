"""Tags: words of a person's own on lines, and every command that takes lines by them."""

from pathlib import Path

import pytest

from esimctl.cli import application
from esimctl.cli.pages import pages
from tests.conftest import Runner, tree

PLAN = "smart-laor-7d"

#: every command that selects by tag, and what it is given beside the tag
SELECTING = {
    ("balance",): (),
    ("check",): (),
    ("lines", "list"): (),
    ("transactions", "list"): (),
    ("renew",): ("--dry-run",),
    ("topup",): ("--amount", "1USD", "--dry-run"),
    ("autotopup", "set"): ("--below", "1GB", "--amount", "1USD", "--max-price", "1USD", "--max-per-month", "5USD"),
}


@pytest.fixture
def three(run: Runner) -> Runner:
    """Three lines: a and b bear `router`, b and c bear `travel`."""
    for name, tags in (("a", ["router"]), ("b", ["router", "travel"]), ("c", ["travel"])):
        assert run("buy", PLAN, "--provider", "sandbox", "--name", name, "--yes").code == 0
        words = [word for tag in tags for word in ("--add", tag)]
        assert run("lines", "tag", name, *words, "--json").json["line"]["tags"] == tags
    return run


def lines(run: Runner, *words: str) -> list[str]:
    """The lines that `lines list` shows."""
    return run("lines", "list", *words, "--columns", "line").out.split()


def test_a_tag_selects_and_several_narrow(three: Runner) -> None:
    assert lines(three, "--tag", "router") == ["a", "b"]
    assert lines(three, "--tag", "router", "--tag", "travel") == ["b"]
    assert [row["line"] for row in three("balance", "--tag", "travel", "--json").json["lines"]] == ["b", "c"]
    assert [row["line"] for row in three("check", "--tag", "travel", "--json").json["lines"]] == ["b", "c"]
    orders = three("transactions", "list", "--tag", "router", "--json").json["transactions"]
    assert {order["line"] for order in orders} == {"a", "b"}


def test_putting_on_and_taking_off_is_done_once(three: Runner, tmp_path: Path) -> None:
    """The same again changes nothing, not even the file's bytes; the last tag that goes takes its key along."""
    before = tree(tmp_path / "home")
    assert three("lines", "tag", "a", "--add", "router", "--remove", "nothing").code == 0
    after = tree(tmp_path / "home")
    assert {name for name in before if after[name] != before[name]} <= {"profiles/default/lock"}
    assert three("lines", "tag", "a", "--remove", "router", "--json").json["line"]["tags"] == []
    profile = (tmp_path / "home" / "profiles" / "default" / "profile.toml").read_text("utf-8")
    assert profile.count("tags = ") == 2


def test_tags_follow_a_line_to_its_new_name(three: Runner) -> None:
    assert three("lines", "rename", "a", "kitchen").code == 0
    assert sorted(lines(three, "--tag", "router")) == ["b", "kitchen"]


def test_a_tag_written_by_hand_as_one_word_is_one_tag(three: Runner, tmp_path: Path) -> None:
    """`tags = "router"` is not six letters."""
    file = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    file.write_text(file.read_text("utf-8").replace('tags = ["router"]', 'tags = "router"'), "utf-8")
    assert three("lines", "show", "a", "--json").json["line"]["tags"] == ["router"]
    assert lines(three, "--tag", "router") == ["a", "b"]


def test_what_selects_nothing_is_never_taken_for_everything(three: Runner, tmp_path: Path) -> None:
    """A typo is exit 2 with the nearest tag; tags that no line bears together, and a name beside a tag, are refused."""
    assert three("lines", "tag", "c", "--add", "office").code == 0
    before = tree(tmp_path / "home")
    for command, more in SELECTING.items():
        wrong = three(*command, *more, "--tag", "ruter")
        assert (wrong.code, wrong.out) == (2, ""), command
        assert "did you mean router?" in wrong.err
        assert "no line bears" in three(*command, *more, "--tag", "router", "--tag", "office").err, command
        if command not in {("lines", "list"), ("transactions", "list")}:
            both = three(*command, "a", *more, "--tag", "router")
            assert (both.code, "either LINE or --tag" in both.err) == (2, True), command
    assert tree(tmp_path / "home") == before


def test_the_table_above_has_every_command_that_takes_tags() -> None:
    taking = {page.path[1:] for page in pages(application()) if any("--tag" in word.names for word in page.options)}
    assert taking == set(SELECTING) | {("lines", "add"), ("autotopup", "enable")}


def test_a_tag_is_a_name(three: Runner) -> None:
    """By the pattern of all names; what a shell would take apart never gets into completion."""
    for tag in ("", "Router", "a b", "-x", "x" * 33, "Ω", "$(id)"):
        wrong = three("lines", "tag", "a", f"--add={tag}", "--json")
        assert (wrong.code, wrong.json["error"]["code"]) == (2, "bad_name"), tag


def test_nothing_to_do_and_both_at_once_are_wrong_usage(three: Runner) -> None:
    assert three("lines", "tag", "a", "--json").json["error"]["code"] == "tag_needed"
    assert three("lines", "tag", "a", "--add", "x", "--remove", "x", "--json").json["error"]["code"] == "tag_twice"


def test_lines_of_counters_get_theirs_when_they_are_added(run: Runner) -> None:
    words = ("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--tag", "family", "--tag", "family")
    assert run(*words, "--json").json["line"]["tags"] == ["family"]


def test_tags_are_completed(three: Runner) -> None:
    assert three("__complete", "tags", "").out.split() == ["router", "travel"]
    assert three("__complete", "tags", "t").out.split() == ["travel"]


def test_a_rule_for_each_line_of_a_tag(three: Runner) -> None:
    """Each has a digest of its own: enabling one enables no other, and a line that joins later has none."""
    rule = SELECTING["autotopup", "set"]
    looked = three("autotopup", "set", "--tag", "router", *rule, "--dry-run", "--json").json
    assert ([row["rule"] for row in looked["rules"]], looked["dry_run"]) == (["a", "b"], True)
    assert three("autotopup", "show", "--json").json["rules"] == []
    made = three("autotopup", "set", "--tag", "router", *rule, "--json")
    assert [(row["rule"], row["line"], row["status"]) for row in made.json["rules"]] == [
        ("a", "a", "disabled"),
        ("b", "b", "disabled"),
    ]
    assert three("autotopup", "enable", "a", "--confirm", "5USD").code == 0
    assert three("lines", "tag", "c", "--add", "router").code == 0
    rules = three("autotopup", "show", "--json").json["rules"]
    assert [(row["rule"], row["status"]) for row in rules] == [("a", "active"), ("b", "disabled")]
    named = three("autotopup", "set", "--tag", "travel", "--rule", "more", *rule, "--json").json
    assert [row["rule"] for row in named["rules"]] == ["more-b", "more-c"]


def test_rules_of_a_tag_are_all_or_none(three: Runner) -> None:
    """A name that would be too long for one line is found before any rule is written."""
    assert three("lines", "rename", "b", "b" * 32).code == 0
    words = ("--tag", "router", "--rule", "x", *SELECTING["autotopup", "set"])
    assert three("autotopup", "set", *words).code == 2
    assert three("autotopup", "show", "--json").json["rules"] == []
