"""The words of a command line before their values are read: what is missing, given twice, or no value at all.

All that is missing is told at once. On a terminal the line may be left out where it is all that a command takes:
the only one that is followed is meant, of several one is chosen.
"""

from collections.abc import Sequence
from typing import Any, Final

from esimctl.errors import UsageError
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw, either
from esimctl.values.text import nearest

#: options of which the last one counts, so that an alias can be overridden: they change no figure
OVERRIDDEN: Final = frozenset({"output", "json", "color", "columns", "header", "limit", "quiet", "verbose"})

#: commands that want their line named: what they do to a wrong one is not undone
NAMED: Final = frozenset({"remove", "rename", "gift", "share", "unshare"})

_DASHED: Final = regex(r"[—–－―−‒]+-?(?=\w)")


class ReadWords:
    """A parser of Typer's that looks at what it has read; it stands in its place."""

    def __init__(self, parser: Any, command: Any, ctx: Any) -> None:
        self._parser, self._command, self._ctx = parser, command, ctx

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parser, name)

    def parse_args(self, args: list[str]) -> Any:
        """What was given by parameter, the words that are left, and the order; UsageError for what cannot be meant."""
        given, rest, order = self._parser.parse_args(args=list(args))
        if self._ctx.resilient_parsing or "help" in given:
            return given, rest, order
        parameters = self._command.get_params(self._ctx)
        for parameter in order:
            refuse_twice(parameter, order.count(parameter), args)
        names = [name for each in parameters if each.param_type_name == "option" for name in each.opts]
        for parameter in parameters:
            _refuse_option_as_value(parameter, given.get(parameter.name), names)
            _refuse_other_dashes(parameter, given.get(parameter.name), names, self._ctx.command_path)
        missing = [each for each in parameters if each.required and each.name not in _said(given)]
        if missing:
            line = self._line_left_out(parameters, missing, given)
            if line is None:
                path = self._ctx.command_path
                raise lacking(path, [*map(name_of, missing), *self._also_missing(parameters, given)])
            given[missing[0].name] = line
        return given, rest, order

    def _also_missing(self, parameters: list[Any], given: dict[str, Any]) -> list[str]:
        """The options of which the command needs one, where none is given: what it would say next."""
        declared = getattr(self._command.callback, "declared", None)
        named = {each.name: each for each in parameters}
        return [
            str(either(f"{name_of(named[name])} {named[name].metavar}" for name in names))
            for names in (declared.one_of if declared is not None else ())
            if not _said(given) & set(names)
        ]

    def _line_left_out(self, parameters: list[Any], missing: list[Any], given: dict[str, Any]) -> str | None:
        """The line that is meant where nothing but the only argument is missing, and a person sits there."""
        arguments = [each for each in parameters if each.param_type_name == "argument"]
        if missing != arguments or arguments[0].metavar != "LINE" or self._command.name in NAMED:
            return None
        found: str | None = self._ctx.obj(given)  # `line_left_out`, which the root command hands down
        return found


def _said(given: dict[str, Any]) -> set[str]:
    """The names of parameters that have a value."""
    return {name for name, value in given.items() if value is not None and value != () and value != []}


def lacking(
    path: str, names: Sequence[str], *, code: str = "missing_value", hint: str = "{path} --help", line: str = ""
) -> UsageError:
    """The error that names everything that is missing, by the names of the options; a hint may name the `line`."""
    if len(names) == 1:
        return UsageError("{name} is missing", hint=hint, code=code, name=Raw(names[0]), path=Raw(path), line=Raw(line))
    return UsageError(
        "these are missing: {names}", hint=hint, code=code, names=Raw("; ".join(names)), path=Raw(path), line=Raw(line)
    )


def name_of(parameter: Any) -> str:
    """How a person would call the parameter: `--plan`, or the argument as the usage line shows it."""
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    return str(parameter.metavar or parameter.name.upper()).strip("[]. ")


def refuse_twice(parameter: Any, count: int, args: list[str]) -> None:
    """Raise where `count` mentions of an option leave only the last one; a form of the answer may be overridden."""
    if parameter.param_type_name != "option" or parameter.multiple or parameter.name in OVERRIDDEN or count < 2:
        return
    spelled = max(parameter.opts, key=len)
    if parameter.is_flag:
        opposite = next((word for word in parameter.secondary_opts if word in args), None)
        if opposite is None or not set(parameter.opts) & set(args):
            return
        raise UsageError(
            "{option} and {opposite} contradict each other", code="given_twice", option=spelled, opposite=opposite
        )
    raise UsageError("{option} is given twice, and takes one value", code="given_twice", option=spelled)


def _refuse_option_as_value(parameter: Any, value: Any, names: list[str]) -> None:
    """Raise where the word after an option was another option: `--amount $5 --yes`, where the shell took `$5`."""
    if parameter.param_type_name != "option" or getattr(parameter, "is_flag", False):
        return
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str) and each.partition("=")[0] in names and len(each) > 1:
            raise UsageError(
                "{option} has no value: the word after it is {other} (a shell takes $5 away: write 5USD)"
                if parameter.metavar == "MONEY"
                else "{option} has no value: the word after it is {other}",
                code="missing_value",
                option=Raw(name_of(parameter)),
                other=Raw(each),
            )


def _refuse_other_dashes(parameter: Any, value: Any, names: list[str], path: str) -> None:
    """Raise where an argument is an option behind another kind of dash, as input methods write it."""
    if parameter.param_type_name != "argument":
        return
    for each in value if isinstance(value, list | tuple) else [value]:
        found = _DASHED.match(each) if isinstance(each, str) else None
        if found is None:
            continue
        typed = "--" + each[found.end() :]
        near = typed if typed in names else next(iter(nearest(typed, names, 1)), None)
        raise UsageError(
            "{word} begins with another dash than options do; did you mean {near}?"
            if near
            else "{word} begins with another dash than options do",
            hint="{path} --help",
            code="unknown_option",
            word=Raw(each),
            near=Raw(near or ""),
            path=Raw(path),
        )
