"""What a scheduler's runs need: checks of `doctor --cron`."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from esimctl.documents.setup import CheckRow
from esimctl.profile.credentials import ENVIRONMENT, source_of
from esimctl.setup.check_row import FAIL, OK, WARN, checked
from esimctl.setup.cron_checks import cron_checks
from esimctl.setup.provider_checks import answers_unattended
from esimctl.setup.providers import kind_of
from esimctl.values.sentence import Raw, Sentence, commas

if TYPE_CHECKING:
    from esimctl.profile.opened import Session


def _cron_paths(session: "Session") -> Iterator[CheckRow]:
    environ = session.environ
    home = environ.get("ESIMCTL_HOME")
    if home is not None and not home.startswith("/"):
        yield checked(
            "cron_home",
            FAIL,
            Sentence("ESIMCTL_HOME is not an absolute path: cron begins elsewhere"),
            "ESIMCTL_HOME=/…",
        )
    elif home is None and not environ.get("HOME"):
        yield checked(
            "cron_home",
            FAIL,
            Sentence("neither ESIMCTL_HOME nor HOME is set"),
            Sentence("set ESIMCTL_HOME in the crontab"),
        )
    else:
        yield checked("cron_home", OK, str(session.home))
    if session.clock.rehearsal:
        yield checked(
            "cron_clock", FAIL, Sentence("a schedule would stand still with ESIMCTL_NOW"), Sentence("unset ESIMCTL_NOW")
        )


def _cron_secrets(session: "Session") -> Iterator[CheckRow]:
    for name in session.section("provider"):
        kind = kind_of(session, name)
        if kind.required and source_of(session, name, kind) == ENVIRONMENT:
            detail = Sentence(
                "{provider}: from the environment, which a scheduler does not have unless you give it there",
                {"provider": Raw(name)},
            )
            yield checked("cron_secrets", WARN, detail, f"esimctl providers login {name}")


def _cron_providers(session: "Session") -> Iterator[CheckRow]:
    """Tried in a process of its own that has what cron gives, and no more."""
    for name in session.section("provider"):
        if kind_of(session, name).required:
            works, said, fix = answers_unattended(session, name)
            yield checked("cron_provider", OK if works else FAIL, f"{name}: {said}", fix)


def _cron_rules(session: "Session") -> Iterator[CheckRow]:
    rules = session.section("rule")
    if not rules:
        yield checked("cron_rules", WARN, Sentence("there is no rule to run"), "esimctl autotopup set LINE …")
        return
    enabled = [name for name, rule in rules.items() if rule.get("enabled", True)]
    yield checked(
        "cron_rules", OK, Sentence("{count} rules: {names}", {"count": len(rules), "names": commas(enabled or rules)})
    )


def _cron_schedule(session: "Session") -> Iterator[CheckRow]:
    """The schedule itself, and a rehearsal of the run the way that it starts it."""
    yield from cron_checks(session)


UNATTENDED: Final[tuple[Callable[["Session"], Iterator[CheckRow]], ...]] = (
    _cron_paths, _cron_secrets, _cron_providers, _cron_rules, _cron_schedule,
)  # fmt: skip
