"""Wrong usage, as Typer found it, in our own words: one sentence that can be translated, one hint, one stable code.

Typer's texts differ between its versions; nothing of them is shown where its exceptions say what happened.
"""

import re
from typing import Any, Final

from esimctl.cli import COMMANDS, build
from esimctl.cli.reading import lacking, name_of
from esimctl.errors import EsimctlError, UsageError
from esimctl.values.sentence import Param, Raw, Sentence, commas

#: what Typer says of values and of words too many, and the same as a template; whatever else it says stays its own text
TOLD: Final = (
    (re.compile(r"(?P<value>.+) is not in the range (?P<range>.+)"), "{value} is not in the range {range}"),
    (re.compile(r"(?P<value>.+) is not a valid int range"), "{value} is not a valid int range"),
    (re.compile(r"Got unexpected extra argument\(s\) \((?P<words>.*)\)"), "Got unexpected extra argument(s) ({words})"),
)


def is_misuse(error: BaseException) -> bool:
    """Whether the exception is Typer's way of saying that the command line is wrong."""
    return getattr(error, "exit_code", None) == 2 and hasattr(error, "format_message")


def is_bare(error: BaseException) -> bool:
    """Whether a group was called without a command, which shows its help on stderr."""
    return type(error).__name__ == "NoArgsIsHelpError"


def explain(error: Any) -> UsageError:
    """The usage error of ours for one of Typer's."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "esimctl"
    option = getattr(error, "option_name", None)
    if is_bare(error):
        return UsageError("a command is missing", hint="{path} --help", code="missing_command", path=Raw(path))
    if type(error).__name__ == "NoSuchOption":
        return _unknown_option(error, str(option), path)
    if option is not None and " not take " in str(getattr(error, "message", "")):  # `--yes=true`; both have one class
        return UsageError(
            "option {option} takes no value", hint="{path} --help", code="takes_no_value", option=option, path=Raw(path)
        )
    if option is not None:
        return UsageError(
            "option {option} needs a value", hint="{path} --help", code="missing_value", option=option, path=Raw(path)
        )
    parameter = getattr(error, "param", None)
    if parameter is None:
        return UsageError(
            "{said}", hint="{path} --help", said=_said(error, str(error.format_message())), path=Raw(path)
        )
    name = name_of(parameter)
    if type(error).__name__ == "MissingParameter":
        return lacking(path, [name])
    said = _said(error, str(error.message))
    return UsageError(
        "{name}: {said}", hint="{path} --help", code="bad_value", name=Raw(name), said=said, path=Raw(path)
    )


def _said(error: Any, text: str) -> Param:
    """What is wrong: our own sentence, one of Typer's that can be translated, or its text as it stands."""
    ours: Sentence | None = getattr(error, "said", None)
    if ours is not None:
        return ours
    plain = " ".join(text.split()).rstrip(".")
    for expression, template in TOLD:
        found = expression.fullmatch(plain)
        if found is not None:
            return Sentence(template, {name: Raw(value) for name, value in found.groupdict().items()})
    return Raw(plain)


def point_to_help(error: EsimctlError, words: list[str]) -> None:
    """Where a command says no more than what is wrong, its page of help is the hint."""
    named = words[:1] if words[:1] and words[0] in COMMANDS else []
    if named and words[1:2] and words[1] in getattr(build(named[0]), "commands", ()):
        named = words[:2]
    path = " ".join(["esimctl", *named])
    error.hint_template = "{help_of} --help"
    error.params = {**error.params, "help_of": Raw(path)}


def _unknown_option(error: Any, option: str, path: str) -> UsageError:
    near = list(error.possibilities or ())[:2]
    if near:
        return UsageError(
            "there is no option {option} here; did you mean {near}?",
            hint="{path} --help",
            code="unknown_option",
            option=Raw(option),
            near=commas(near),
            path=Raw(path),
        )
    if path == "esimctl":
        return UsageError(
            "there is no option {option} here: options stand after the command",
            hint="esimctl COMMAND {option}",
            code="unknown_option",
            option=Raw(option),
        )
    return UsageError(
        "there is no option {option} here",
        hint="{path} --help",
        code="unknown_option",
        option=Raw(option),
        path=Raw(path),
    )
