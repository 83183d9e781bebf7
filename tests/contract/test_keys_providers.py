"""The key sets of the documents of `providers` and `plans list` of a reseller: nothing is taken away or renamed."""

from tests.conftest import Runner

ROW = {
    "name", "kind", "tier", "about", "play_money", "experimental", "credentials", "needs_credentials", "base_url",
    "not_trusted", "payment_methods", "lines",
}  # fmt: skip


def test_providers_list(run: Runner) -> None:
    """A new profile has the sandbox; what was added follows."""
    assert run("providers", "add", "celitech", now=None).code == 0
    listed = run("providers", "list", "--json", now=None).json
    assert list(listed) == ["schema", "providers", "rehearsal"]
    assert listed["schema"] == "esimctl.providers/1"
    assert [row["name"] for row in listed["providers"]] == ["sandbox", "celitech"]
    assert all(set(row) == ROW for row in listed["providers"])


def test_providers_add_may_be_repeated_and_brings_its_credit(run: Runner) -> None:
    """Exit 0 both times; the payment method is the default for its plans."""
    for _ in range(2):
        added = run("providers", "add", "esim-access", "--json", now=None)
        assert (added.code, added.json["schema"]) == (0, "esimctl.provider/1")
    methods = {row["name"]: row for row in run("payments", "list", "--json", now=None).json["payments"]}
    assert methods["esim-access-balance"] == {
        "name": "esim-access-balance", "kind": "provider-balance", "provider": "esim-access", "reference": None,
        "default": True,
    }  # fmt: skip


def test_providers_remove_takes_its_credit_along(run: Runner) -> None:
    """What has lines stays; what has none goes."""
    run("providers", "add", "airalo", "--name", "office", now=None)
    gone = run("providers", "remove", "office", "--json", now=None)
    assert (gone.code, gone.json["provider"]["removed"]) == (0, True)
    assert "office-balance" not in run("payments", "list", now=None).out
    assert run("providers", "remove", "office", "--json", now=None).code == 2


def test_providers_check(run: Runner) -> None:
    """The sandbox needs nothing and works."""
    checked = run("providers", "check", "--json")
    assert checked.code == 0, checked
    assert list(checked.json) == ["schema", "ok", "checks", "rehearsal"]
    assert checked.json["schema"] == "esimctl.providers-check/1"
    assert all(set(row) == {"provider", "name", "ok", "detail", "fix", "balance"} for row in checked.json["checks"])


def test_unknown_kinds_and_names_are_2_with_the_nearest(run: Runner) -> None:
    """One line, and a command that helps."""
    for words in (
        ("add", "airallo"),
        ("check", "sandbix"),
        ("login", "nobody"),
        ("add", "airalo", "--name", "No Name"),
    ):
        outcome = run("providers", *words, "--json", now=None)
        assert outcome.code == 2, words


def test_a_rehearsal_clock_and_a_short_proof_are_for_this_machine_only(run: Runner) -> None:
    """78 for both where the provider spends real money; nothing is asked."""
    run("providers", "add", "esim-access", now=None)
    assert run("plans", "list", "--json").json["error"]["code"] == "rehearsal_refused"
    given = {"ESIMCTL_SETTLE_WINDOW": "1"}
    outcome = run("plans", "list", "--provider", "esim-access", "--json", now=None, env=given)
    assert (outcome.code, outcome.json["error"]["code"]) == (78, "settle_window_refused")
    near = {**given, "ESIMCTL_ESIM_ACCESS_BASE_URL": "http://127.0.0.1:9"}
    assert run("plans", "list", "--provider", "esim-access", "--json", env=near).code == 77
    spoof = {"ESIMCTL_ESIM_ACCESS_BASE_URL": "http://127.0.0.1.evil.example"}
    assert run("plans", "list", "--json", env=spoof).code == 78
