"""`esimctl profile`: profiles, each with its own lines, money and rules."""

from typing import Annotated

import typer

from esimctl.cli.shared import Group, Run

app = Group()
Name = Annotated[str, typer.Argument(metavar="NAME", help="The profile.")]


@app.command("list", lists=True, codes=(77,), examples=("esimctl profile list",))
def list_profiles(run: Run) -> None:
    """List all profiles, the one in use marked."""
    from esimctl.actions import profiles

    run.show(profiles.list_profiles(run.terminal.environ, run.profile))


@app.command("create", codes=(77,), examples=("esimctl profile create family",))
def create_profile(run: Run, name: Name) -> None:
    """Create a profile."""
    from esimctl.actions import profiles

    run.show(profiles.create_profile(run.terminal.environ, name))


@app.command("use", codes=(77,), examples=("esimctl profile use family",))
def use_profile(run: Run, name: Annotated[str, typer.Argument(metavar="PROFILE", help="The profile.")]) -> None:
    """Make a profile the one that is used when nothing else is said."""
    from esimctl.actions import profiles

    run.show(profiles.use_profile(run.terminal.environ, name))


@app.command("path", codes=(77,), examples=("esimctl profile path",))
def profile_path(run: Run) -> None:
    """Print where the profile is kept."""
    from esimctl.actions import profiles

    run.show(profiles.profile_path(run.session()))
