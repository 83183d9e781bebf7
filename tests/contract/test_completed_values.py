"""Every parameter whose values the program knows completes, with the values that it would take there."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pytest
import typer

from esimctl.cli import application
from esimctl.cli.pages import Completes, pages
from esimctl.cli.shared import CommandGroup, Run
from esimctl.complete import KINDS
from esimctl.show.completions import SHELLS
from esimctl.show.completions.tree import FREE, Tree, takes
from tests.conftest import Runner

#: why nothing is offered for a value → what it is called
FREE_WORDS = {
    "an amount of money": {"MONEY", "MONEY/month", "1USD=4100KHR"},
    "a volume, a figure, a percentage or a limit": {"V", "VOLUME", "N", "PERCENT", "DAYS"},
    "a day, a time or a duration": {
        "DATE", "TIME", "T", "D", "DURATION", "HH:MM", "HH:MM-HH:MM", "YYYY-MM",
    },
    "a person's own words, or a word to look for": {"TEXT", "WORD"},
    "a number or word of a seller, a bank or a card, that only they know": {
        "ID", "EID", "PROVIDER_ORDER", "REFERENCE", "REASON",
    },
    "a program or host that is repeated to be sure of it": {"WHERE"},
    "pairs of a topic's own keys, which a wrong one names": {"KEY=VALUE"},
    "a new name": {"NEW-NAME"},
}  # fmt: skip
#: single ones, whose metavar means a known value elsewhere
FREE_PLACES = {
    "autotopup targets --add": "a new name",
    "buy --name": "a new name",
    "lines add NAME": "a new name",
    "payments add NAME": "a new name",
    "plans import --as": "a new name",
    "profile create NAME": "a new name",
    "providers add --name": "a new name",
    "usage learn --name": "a new name",
    "report YEAR": "a year",
    "usage modem --code": "a code to dial, whose signs no shell leaves alone",
}


@pytest.fixture(scope="module")
def tree() -> Tree:
    return Tree(pages(application()))


def parameters(tree: Tree) -> Iterator[tuple[str, str, str]]:
    """(place, metavar, how it is completed) of everything that takes a value."""
    for path in tree.pages:
        for word in (*tree.pages[path].options, *tree.pages[path].arguments):
            if word.value is not None:
                yield f"{path} {word.names[0] if word.names else word.value}".strip(), word.value, takes(word)


def test_whatever_is_not_completed_has_its_reason(tree: Tree) -> None:
    free = {(place, metavar) for place, metavar, way in parameters(tree) if way == FREE}
    words = {word for group in FREE_WORDS.values() for word in group}
    unexplained = sorted(place for place, metavar in free if metavar not in words and place not in FREE_PLACES)
    assert unexplained == []
    assert words - {metavar for _, metavar in free} == set(), "nothing is called so any more"
    assert set(FREE_PLACES) - {place for place, _ in free} == set(), "these complete by now"


def test_every_kind_is_taken_somewhere_and_every_metavar_of_it_stands_in_a_declaration(tree: Tree) -> None:
    words = [word for page in tree.pages.values() for word in (*page.options, *page.arguments)]
    assert set(KINDS) == {word.kind for word in words if word.kind}
    taken = {word.value for word in words if word.kind}
    assert {metavar for row in KINDS.values() for metavar in row.metavars} - taken == set()


def test_a_metavar_means_one_kind() -> None:
    metavars = [metavar for row in KINDS.values() for metavar in row.metavars]
    assert len(metavars) == len(set(metavars))


def test_a_declaration_is_all_that_a_new_command_needs() -> None:
    group = CommandGroup()

    @group.command("again")
    def again(
        run: Run,
        line: Annotated[str, typer.Argument(metavar="LINE", help="The line.")],
        rule: Annotated[str, typer.Option(metavar="NAME", help="The rule."), Completes("rules")],
        name: Annotated[str, typer.Option(metavar="LINE", help="A new name."), Completes(None)],
        how: Annotated[str, typer.Option(metavar="fast|slow", help="How fast.")],
        state: Annotated[str, typer.Option(metavar="STATE", help="Its state.")],
    ) -> None:
        """Do it again."""

    tree = Tree(pages(typer.main.get_group(group.app)))
    assert tree.arguments("again") == [("0", "ask lines")]
    ways = {word.names[0]: takes(word) for word in tree.options("again") if word.value and not word.common}
    assert ways.pop("--state").startswith("one prepared ")
    assert ways == {"--rule": "ask rules", "--name": FREE, "--how": "one fast slow"}
    for script in SHELLS.values():
        text = script(tree)
        assert all(word in text for word in ("fast slow", "settled", "again")), script
        assert len([line for line in text.splitlines() if " rules" in line]) == 1, script


def test_no_list_of_words_is_a_list_of_metavars(tree: Tree) -> None:
    """`FILE|FOLDER` says what a value is, and is no choice between two words."""
    for place, _, way in parameters(tree):
        assert not way.startswith("one ") or not any(word.isupper() and "--" not in place for word in way.split()[1:])


@pytest.fixture
def home(run: Runner) -> Runner:
    """Three lines: of the embedded operator, of a counter, of demo plans."""
    assert run("buy", "smart-5g-30d", "--provider", "sandbox", "--name", "phone", "--yes").code == 0
    words = ("--provider", "manual", "--carrier", "metfone", "--data", "5GB", "--days", "30")
    assert run("lines", "add", "sim", *words).code == 0
    assert run("lines", "add", "bare", "--provider", "manual", "--carrier", "cellcard").code == 0
    assert run("buy", "demo-monthly-20gb", "--yes", "--name", "demo").code == 0
    return run


def offered(run: Runner, kind: str, *before: str) -> list[str]:
    """What TAB offers behind these words."""
    done = run("__complete", kind, "", *before)
    assert (done.code, done.err) == (0, "")
    return done.out.split()


@pytest.mark.parametrize("line", ["phone", "sim", "bare", "demo"])
def test_a_plan_for_a_line_is_one_that_the_line_can_take(home: Runner, line: str) -> None:
    """Those of `plans list --line`."""
    listed = [row["id"] for row in home("plans", "list", "--line", line, "--json").json["plans"]]
    for before in (("topup", line, "--plan"), ("renew", "--yes", line, "--plan"), ("autotopup", "set", line, "--plan")):
        assert offered(home, "plans", *before) == listed
    assert offered(home, "plans", "plans", "recommend", "--line", line) == listed
    everything = offered(home, "plans", "buy")
    assert set(listed) - {"manual/own"} < set(everything)
    assert offered(home, "plans", "topup", "no-such-line", "--plan") == everything


def test_a_person_s_own_rows_are_offered(home: Runner, tmp_path: Path) -> None:
    rows = tmp_path / "mine.toml"
    rows.write_text(
        '[plan.metfone-corner-3gb]\ncarrier = "metfone"\nname = "Corner"\nprice = "1.00 USD"\nsource = "the shop"\n'
        'retrieved = 2026-11-01\ngrade = "S"\n[plan.metfone-corner-3gb.terms]\ndata = "3GB"\nterm = "7 days"\n'
    )
    assert home("plans", "import", str(rows)).code == 0
    assert "metfone-corner-3gb" in offered(home, "plans", "buy")
    assert "metfone-corner-3gb" in offered(home, "plans", "topup", "sim", "--plan")
    assert "metfone-corner-3gb" not in offered(home, "plans", "topup", "phone", "--plan")
    assert offered(home, "catalogues") == ["mine"]


def test_a_reseller_s_line_gets_that_reseller_s_plans(run: Runner) -> None:
    """As the provider keeps its list; nobody is asked."""
    import os

    from esimctl.catalogue.plan import Plan
    from esimctl.providers.price_list import PriceList, PriceRow, keep_shelf
    from esimctl.providers.reseller import Reseller
    from esimctl.purchase.opening import open_profile
    from esimctl.values.money import Money

    secrets = {"ESIMCTL_ESIM_ACCESS_ACCESS_CODE": "code", "ESIMCTL_AIRALO_CLIENT_ID": "i"}
    for vendor in ("esim-access", "airalo"):
        env = {**secrets, "ESIMCTL_AIRALO_CLIENT_SECRET": "s"}
        assert run("providers", "add", vendor, now=None, env=env).code == 0
        session = open_profile(None, {**os.environ, **env})
        provider = session.provider(vendor)
        assert isinstance(provider, Reseller)
        plan = Plan(
            id=f"{vendor}/CKH002", provider=vendor, carrier="smart", name="Cambodia", countries=("KH",),
            price=Money(500, "USD"), terms={"data": "1GB", "term": "7 days"},
        )  # fmt: skip
        shelf = PriceList.of([PriceRow(plan, {"slug": "x"})], datetime.now(UTC))
        assert keep_shelf(provider.account.offers, vendor, shelf)
    profile = session.store.folder / "profile.toml"
    profile.write_text(profile.read_text() + '\n[line.trip]\nprovider = "airalo"\ncarrier = "smart"\n')
    assert {"airalo/CKH002", "esim-access/CKH002"} < set(offered(run, "plans", "buy"))
    assert offered(run, "plans", "topup", "trip", "--plan") == ["airalo/CKH002"]


def test_names_of_every_kind(home: Runner, tmp_path: Path) -> None:
    def ok(*words: str, given: str = "") -> None:
        done = home(*words, given=given)
        assert done.code == 0, done

    ok("lines", "tag", "phone", "--add", "family")
    ok("lines", "owner", "sim", "Sokha")
    ok("autotopup", "targets", "--add", "bell", "--kind", "command", "--confirm", "/bin/true", given="/bin/true\n")
    profile = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    profile.write_text(profile.read_text() + '\n[payee.pot]\naccount = "dara@abaa"\n')
    assert offered(home, "tags") == ["family"]
    assert offered(home, "owners") == ["Sokha"]
    assert offered(home, "payees") == ["pot"]
    assert offered(home, "targets") == ["bell"]
    assert offered(home, "accounts") == ["sandbox"]
    assert offered(home, "trusted") == ["sandbox", "bell"]
    assert {"smart", "smart/smart-5g-30d"} < set(offered(home, "policies"))
    assert "apple-iphone-xr" in offered(home, "devices")
    assert offered(home, "countries")[0] == "KH"


def test_what_is_offered_is_taken(home: Runner, tree: Tree) -> None:
    """The words of the closed lists, and of those that are open, by the commands themselves."""
    words = (word for page in tree.pages.values() for word in (*page.options, *page.arguments))
    closed = {word.kind: word.choices for word in words if word.kind and word.choices}
    for state in closed["states"]:
        assert home("transactions", "list", "--state", state, "--json").code == 0
    for document in closed["documents"]:
        assert home("schema", document).code == 0
    for topic in closed["topics"]:
        assert home("policy", "show", "smart", topic, "--json").code == 0, topic
    for interval in closed["intervals"]:
        assert home("schedule", "install", "--using", "cron", "--print", "--every", interval).code == 0
    for name in closed["payment-kinds"]:
        assert home("payments", "add", f"m-{name}", "--kind", name).code == 0
    for name in closed["vendors"]:
        assert home("providers", "add", name, now=None).code in (0, 5)  # 5: a rehearsal meets the real clock
    for name in closed["commands"]:
        assert home("help", name).code == 0
    for name in [*offered(home, "policies")][:20]:
        assert home("policy", "show", name, "--json").code == 0, name
    for device in offered(home, "devices")[:5]:
        assert home("devices", "check", device, "--json").json["device"]["source"] is not None


def test_the_columns_that_are_offered_are_those_of_the_list(home: Runner, tree: Tree) -> None:
    """Of every command that looks without being told more."""
    asks_abroad = {"plans refresh", "usage modem", "plans import"}
    for path, page in tree.pages.items():
        columns = next((word.choices for word in page.options if "--columns" in word.names), ())
        if columns and path not in asks_abroad and not any(word.required for word in page.arguments):
            more = ("--days", "7", "--data", "5GB") if path == "plans recommend" else ()
            for form in ("csv", "table"):
                done = home(*path.split(), *more, "--columns", ",".join(columns), "-o", form)
                assert done.code != 2, (path, done.err)
                assert form == "table" or not done.out or done.out.splitlines()[0] == ",".join(columns), path


def test_the_profile_that_is_named_on_the_line_counts(home: Runner) -> None:
    assert home("profile", "create", "family", "--rehearsal").code == 0
    words = ("--provider", "manual", "--carrier", "metfone", "--profile", "family")
    assert home("lines", "add", "aunt", *words).code == 0
    for before in (("balance", "--profile", "family"), ("balance", "--profile=family"),
                   ("balance", "--profile", "=", "family")):  # fmt: skip
        assert offered(home, "lines", *before) == ["aunt"]
    assert "phone" in offered(home, "lines", "balance")
    assert offered(home, "lines", "balance", "--profile", "../../etc") == []
    assert offered(home, "profiles") == ["default", "family"]
