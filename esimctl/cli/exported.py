"""Where an export goes: to stdout as it is made, or to the file that a person named."""

from typing import TYPE_CHECKING

from esimctl.cli.shared import Run

if TYPE_CHECKING:
    from esimctl.actions.records.exporting import Export


def put(run: Run, export: "Export", to: str | None) -> None:
    """Render the rows once. With `--json` the answer is one document: with `content`, or the file's `path`.

    A file is told of on a terminal alone.
    """
    from esimctl.actions.result import Result
    from esimctl.show.exports import render
    from esimctl.show.words import say
    from esimctl.store.handout import hand_out_stream

    pieces = render(export.form, export.head, export.counted())
    to_file = to not in (None, "-")
    if not to_file and run.output != "json":
        for piece in pieces:
            run.terminal.write(piece)
        for template, params in export.notes:
            run.terminal.note(say(template, **params))
        run.tell_flaws()
        return
    content = None
    if to_file:
        if run.opened is not None:
            run.opened.check_may_replace(str(to))
        hand_out_stream(str(to), (piece.encode() for piece in pieces), mode=export.mode)
    else:
        content = "".join(pieces)
    told = {**export.head, "records": export.count, "path": to if to_file else None, "content": content}
    run.show(Result("export", told, notes=export.notes), written=to_file)
