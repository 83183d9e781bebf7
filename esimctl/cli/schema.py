"""`esimctl schema [NAME]`: the JSON Schema of a document, or the list of documents."""

from typing import Annotated

import typer

from esimctl.cli.shared import Run
from esimctl.cli.shared import command as declare
from esimctl.errors import UsageError
from esimctl.values.sentence import Raw, commas
from esimctl.values.text import nearest


@declare(examples=("esimctl schema", "esimctl schema balance > balance.schema.json"))
def command(
    run: Run,
    name: Annotated[str | None, typer.Argument(metavar="DOCUMENT", help="balance, order, error …")] = None,
) -> None:
    """Print the JSON Schema of a document that --json gives, or list the documents.

    A field is never removed or retyped within a schema number; new fields may appear.
    """
    from json import dumps

    from esimctl.documents.schemas import names, schema
    from esimctl.documents.setup import SchemaRow, SchemasDocument
    from esimctl.show.present import document

    if name is None:
        if run.output == "json":
            listed = [SchemaRow(name=one, schema_id=f"esimctl.{one}/1") for one in names()]
            run.terminal.write(document("schemas", SchemasDocument(schemas=listed)))
            return
        run.terminal.write("".join(f"{one}\n" for one in names()))
        return
    wanted = name.removeprefix("esimctl.").removesuffix("/1")
    if wanted not in names():
        near = nearest(wanted, names())
        raise UsageError(
            "there is no document {name!r}; did you mean {near}?" if near else "there is no document {name!r}",
            hint="esimctl schema",
            code="unknown_document",
            name=Raw(name),
            near=commas(near),
        )
    run.terminal.write(dumps(schema(wanted), indent=2) + "\n")
