"""`esimctl providers`: who sells data, and the accounts there."""

from typing import Annotated

import typer

from esimctl.cli.pages import Completes
from esimctl.cli.shared import CommandGroup, Run
from esimctl.show.words import say

app = CommandGroup()
Name = Annotated[str, typer.Argument(metavar="PROVIDER", help="A provider of the profile."), Completes("accounts")]


@app.command("list", lists=True, codes=(78,), examples=("esimctl providers list",))
def list_providers(run: Run) -> None:
    """List the providers, and where their credentials come from."""
    from esimctl.setup import providers

    run.show(providers.list_providers(run.session()))


@app.command(
    "add",
    codes=(75, 77, 78),
    examples=(
        "esimctl providers add esim-access",
        "esimctl providers add airalo --name airalo-office",
    ),
)
def add_provider(
    run: Run,
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="esim-access, airalo, celitech or sandbox."), Completes("vendors")
    ],
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Another name, for a second account.", show_default=False)
    ] = None,
) -> None:
    """Add a provider. Its credentials come from `providers login` or the environment, never from an option."""
    from esimctl.setup import providers

    run.show(providers.add_provider(run.session(), kind, name))


@app.command("remove", codes=(6, 75, 77, 78), examples=("esimctl providers remove airalo",))
def remove_provider(run: Run, name: Name) -> None:
    """Remove a provider that has no lines any more, with its kept credentials."""
    from esimctl.setup import providers

    run.show(providers.remove_provider(run.session(), name))


@app.command(
    "login",
    codes=(75, 77, 78),
    examples=(
        "esimctl providers login esim-access",
        "pass show esim-access | esimctl providers login esim-access --key-stdin",
    ),
)
def login(
    run: Run,
    name: Name,
    key_stdin: Annotated[
        bool, typer.Option("--key-stdin", help="Read the credentials from stdin, one a line: field=value.")
    ] = False,
    keyring: Annotated[
        bool, typer.Option("--keyring", help="Keep them in the desktop's keyring, not in a private file.")
    ] = False,
) -> None:
    """Keep a provider's credentials, asked for without echo or read from stdin."""
    from esimctl.setup import providers

    session = run.session()
    fields = providers.login_fields(session, name)
    if key_stdin:
        given = run.terminal.read_all(what=say("the credentials of {provider}", provider=name))
    else:
        lines = []
        for field, required in fields:
            question = say("{field}: ", field=field) if required else say("{field} (Enter: none): ", field=field)
            lines.append(f"{field}={run.terminal.ask_secret(question, instead='--key-stdin')}")
        given = "\n".join(lines)
    run.show(providers.login(session, name, given, keyring=keyring))


@app.command("trust", codes=(77, 78), examples=("esimctl providers trust esim-access",))
def trust(
    run: Run,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A provider, or a target of alerts."), Completes("trusted")
    ],
) -> None:
    """Say that what came with a backup or a copy may be used: what a provider runs, asks and believes.

    `providers list` shows what waits: key_command, base_url, ca_file, key_file. Read it first; no --yes says it.
    """
    from esimctl.setup import providers as trusted

    run.show(trusted.trust(run.session(), name))


@app.command(
    "check",
    lists=True,
    document="providers-check",
    codes=(20, 69, 75, 76, 77, 78),
    examples=("esimctl providers check", "esimctl providers check esim-access --import"),
)
def check(
    run: Run,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[PROVIDER]", help="Default: all.", show_default=False),
        Completes("accounts"),
    ] = None,
    unknown_lines: Annotated[
        bool, typer.Option("--import", help="Also list lines there that the profile does not have.")
    ] = False,
) -> None:
    """Prove credentials, clocks, coverage and credit of an account, without spending anything."""
    from esimctl.setup import provider_checks

    run.show(provider_checks.check(run.session(), name, unknown_lines=unknown_lines))
