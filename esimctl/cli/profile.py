"""`esimctl profile`: profiles, each with its own lines, money and rules."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from esimctl.cli.shared import CommandGroup, DryRun, Run, Wait, Yes
from esimctl.errors import OwnRules, UsageError
from esimctl.show.words import say
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from esimctl.values.money import Money

app = CommandGroup()
Name = Annotated[str, typer.Argument(metavar="NAME", help="The profile.")]


@app.command("list", lists=True, document="profiles", codes=(77,), examples=("esimctl profile list",))
def list_profiles(run: Run) -> None:
    """List all profiles, the one in use marked."""
    from esimctl.setup import profiles

    run.show(profiles.list_profiles(run.terminal.environ, run.profile))


@app.command(
    "create", codes=(6, 75, 77), examples=("esimctl profile create family", "esimctl profile create try --rehearsal")
)
def create_profile(
    run: Run,
    name: Name,
    rehearsal: Annotated[
        bool, typer.Option("--rehearsal", help="For tries by the clock of ESIMCTL_NOW; it refuses the real clock.")
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Begin again where the journal is gone; what is left is kept beside.")
    ] = False,
) -> None:
    """Create a profile. One that is made under ESIMCTL_NOW is a rehearsal, and stays one."""
    from esimctl.setup import profiles

    run.show(profiles.create_profile(run.terminal.environ, name, rehearsal=rehearsal, anew=anew))


@app.command("use", codes=(77,), examples=("esimctl profile use family",))
def use_profile(run: Run, name: Annotated[str, typer.Argument(metavar="PROFILE", help="The profile.")]) -> None:
    """Make a profile the one that is used when nothing else is said."""
    from esimctl.setup import profiles

    run.show(profiles.use_profile(run.terminal.environ, name))


@app.command("path", codes=(77,), examples=("esimctl profile path",))
def profile_path(run: Run) -> None:
    """Print where the profile is kept."""
    from esimctl.setup import profiles

    run.show(profiles.profile_path(run.session(any_clock=True)))


@app.command(
    "backup",
    codes=(6, 74, 75, 77, 78),
    examples=("esimctl profile backup", "esimctl profile backup family.tar --with-vault"),
)
def backup_profile(
    run: Run,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A new file; default: named here.")] = None,
    with_vault: Annotated[bool, typer.Option("--with-vault", help="Activation codes too: keep it secret.")] = False,
    wait: Wait = None,
) -> None:
    """Put the whole profile into one file, with sums that prove it whole."""
    from esimctl.profile.opened import wait_seconds
    from esimctl.setup.backups import back_up_profile

    done = back_up_profile(run.session(), file, with_vault=with_vault, wait=wait_seconds(wait))
    run.show(done, written=file is not None)


@app.command(
    "restore",
    codes=(5, 6, 20, 74, 75, 77, 78),
    examples=(
        "esimctl profile restore family.tar --profile family",
        "esimctl profile restore default.tar --yes --take-along",
    ),
)
def restore_profile(
    run: Run,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup of esimctl profile backup.")],
    take_along: Annotated[
        bool, typer.Option("--take-along", help="Unite it with the orders that the backup does not know.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Make a profile from a backup: the one that is used, or --profile NAME. The present one is kept beside it.

    The restored profile spends nothing before a clean reconcile: what was bought since the backup must count.
    """
    from esimctl.setup import backups

    environ = run.terminal.environ
    name, exists = backups.restoring(environ, run.profile, file)
    if exists and not yes:
        question = say("Put the backup in the place of profile {name}? The present one is kept beside it.", name=name)
        if not run.terminal.confirm(question, instead="--yes, or another name: --profile NAME"):
            raise OwnRules("nothing was restored", code="declined_by_you")
    result = backups.restore_profile(environ, run.profile, file, over=yes or exists)
    missing = result.data.missing
    if missing and not (take_along or yes) and run.terminal.can_prompt:
        question = say("Take the {count} orders along that the backup does not know?", count=len(missing))
        take_along = run.terminal.confirm(question, instead="--take-along")
    if missing and take_along:
        backups.take_along(environ, result)
    run.show(result)


@app.command(
    "merge",
    codes=(2, 4, 5, 6, 75, 77, 78),
    examples=(
        "esimctl profile merge ~/other/profiles/default",
        "esimctl profile merge 000001.sync-conflict-20261129-101500-ABCDEFG.toml --dry-run",
    ),
)
def merge_profile(
    run: Run,
    source: Annotated[
        Path, typer.Argument(metavar="FILE|FOLDER", help="A copy that a sync program set aside, or a whole folder.")
    ],
    dry_run: DryRun = False,
    yes: Yes = False,
    wait: Wait = None,
) -> None:
    """Unite the profile with a copy of it to which another machine wrote: every order once, everything by time.

    FILE is a copy of profile.toml or of a part of the journal (000001.toml) that stands beside the original; it is
    kept in backups/ afterwards. FOLDER is the other profile, or a folder that holds its journal/. What contradicts is
    refused and nothing is changed. Where both wrote, rules run on this machine only from then on.
    """
    from esimctl.profile.opened import wait_seconds
    from esimctl.setup import merging

    session = run.session()
    found = merging.look(session, source)
    rules_here = True
    if not (dry_run or yes or found.nothing):
        question = say("Unite {path} with profile {name}?", path=str(source), name=session.store.name)
        if not run.terminal.confirm(question, instead="--yes"):
            raise OwnRules("nothing was united", code="declined_by_you")
        if merging.asks_for_machine(session, found):
            rules_here = run.terminal.confirm(
                say("Two machines write to this profile. Shall its rules run on this one, and on no other?"),
                instead="--yes",
            )
    run.show(merging.merge_profile(session, source, dry_run=dry_run, wait=wait_seconds(wait), rules_here=rules_here))


@app.command(
    "second-factor",
    codes=(5, 6, 75, 77, 78),
    examples=(
        "esimctl profile second-factor enroll",
        "esimctl profile second-factor confirm --code-stdin",
        "esimctl profile second-factor remove",
    ),
)
def second_factor(
    run: Run,
    action: Annotated[str, typer.Argument(metavar="show|enroll|confirm|remove", help="What to do.")] = "show",
    code_stdin: Annotated[bool, typer.Option("--code-stdin", help="Read the code from stdin.")] = False,
) -> None:
    """One-time codes from your phone, asked for whenever a rule is enabled or an alert gets a new target."""
    from esimctl.cli.autotopup_told import code_of
    from esimctl.profile import second_factor as factor

    session = run.session()
    if action == "show":
        run.show(factor.status(session))
    elif action == "enroll":
        run.show(factor.enroll(session))
    elif action == "confirm":
        run.show(factor.confirm(session, code_of(run, True, stdin=code_stdin) or ""))
    elif action == "remove":
        run.show(factor.remove(session, code_of(run, factor.enrolled(session), stdin=code_stdin) or ""))
    else:
        raise UsageError("say show, enroll, confirm or remove, not {action!r}", code="bad_action", action=Raw(action))


@app.command(
    "budget",
    lists=True,
    codes=(5, 6, 75, 77, 78),
    document="budget",
    examples=(
        "esimctl profile budget",
        "esimctl profile budget set 20USD/month",
        "esimctl profile budget set 5USD/month --line phone",
        "esimctl profile budget set 30USD/month --confirm 30USD",
        "esimctl profile budget remove --confirm 30USD",
    ),
)
def budget(
    run: Run,
    action: Annotated[str, typer.Argument(metavar="show|set|remove", help="What to do.")] = "show",
    amounts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[MONEY/month]...", help="The budget, one amount a currency.", show_default=False),
    ] = None,
    line: Annotated[str | None, typer.Option(metavar="LINE", help="Of this line alone.", show_default=False)] = None,
    confirm: Annotated[
        str | None,
        typer.Option(metavar="MONEY", help="Repeat what is raised or removed.", show_default=False),
    ] = None,
    code_stdin: Annotated[bool, typer.Option("--code-stdin", help="Read the code from stdin.")] = False,
    wait: Wait = None,
) -> None:
    """What you want to spend in a calendar month. Rules stop at it; your own purchases are only warned of.

    Lowering counts at once. Raising or removing is confirmed by repeating the amount, as a rule's limit is.
    """
    from esimctl.profile.opened import wait_seconds
    from esimctl.setup import budgets

    session = run.session()
    if action not in {"show", "set", "remove"}:
        raise UsageError("say show, set or remove, not {action!r}", code="bad_action", action=Raw(action))
    if bool(amounts) != (action == "set"):
        raise UsageError(
            "an amount goes with set, and with nothing else",
            hint="esimctl profile budget set 20USD/month",
            code="bad_budget",
        )
    if action == "show":
        run.show(budgets.show_budgets(session, line))
        return
    given = budgets.monthly(amounts or []) if action == "set" else ()
    confirm, code = agreed_budget(run, budgets.needs_word(session, given, line), confirm, stdin=code_stdin)
    if action == "set":
        run.show(budgets.set_budget(session, given, line, confirm, code, wait=wait_seconds(wait)))
    else:
        run.show(budgets.remove_budget(session, line, confirm, code, wait=wait_seconds(wait)))


def agreed_budget(
    run: Run, amounts: "tuple[Money, ...]", confirm: str | None, *, stdin: bool
) -> tuple[str | None, str | None]:
    """What was repeated, asked for on a terminal where it was not given, and a code where one is enrolled."""
    from esimctl.cli.autotopup_told import code_of
    from esimctl.profile.second_factor import enrolled
    from esimctl.setup.budgets import written

    if not amounts:
        return confirm, None
    if confirm is None:
        question = say("More could be spent than before. Type {amounts} to confirm: ", amounts=written(amounts))
        confirm = run.terminal.ask(question, instead=f"--confirm {written(amounts)}")
    return confirm, code_of(run, enrolled(run.session()), stdin=stdin)
