"""What failed, for a person at a terminal: one sentence with the cause, then at most one way out, as a command.

Programs get the same error as a document, and logs the sentence and the hint as they are.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from shlex import join
from typing import Any, Final

from esimctl.errors import EsimctlError
from esimctl.show.styles import ACT, COMMAND, SOURCE, styled
from esimctl.show.words import say
from esimctl.values.sentence import Sentence, Several

#: how commands begin, in hints: ours, those of other programs, and variables that are set before one
_BEGINS: Final = re.compile(r"(esimctl|pip|chmod|sudo|unset|export|mmcli|lpac|[A-Z_]{6,}=\S+)( |$)")
#: where a command ends and words about it begin
_ENDS: Final = re.compile(r"[,;:] |[，；：。។៖]|[,;:.]$| \| ")
CLEARLY: Final = 0.1  #: by so much more alike is a name that was meant than one that only looks like it
_OPTION: Final = re.compile(r"--[a-z-]+( \S+)?")
_OURS: Final = re.compile(r"esimctl [a-z][^,;:，；：。«»“”()（）]*")


def sentence(error: EsimctlError) -> str:
    """`esimctl: ` and what is wrong; a word that may have been meant stands out."""
    params: dict[str, Any] = dict(error.params)
    if "near" in params:
        params["near"] = _near(error)
    return f"{styled('esimctl:', ACT)} {say(error.template, **params)}"


def way_out(error: EsimctlError, typed: Sequence[str]) -> str | None:
    """The exact command that helps after `esimctl TYPED …`, or what helps where no command does."""
    if error.hint_template is None:
        return None
    corrected = _corrected(error, typed)
    if corrected is not None:
        return styled(f"esimctl {join(corrected)}", COMMAND)
    if "{near}" in error.hint_template:
        return say("did you mean {near}?", near=_near(error))
    if "{near}" in error.template:
        return None
    hint = say(error.hint_template, **error.params)
    alone = _ENDS.split(hint)[0]
    if _OPTION.fullmatch(alone):
        return styled(f"esimctl {join(_with(typed, alone))}", COMMAND)
    if _BEGINS.match(alone):
        return styled(alone, COMMAND)
    return "".join(_coloured(hint))


def _near(error: EsimctlError) -> Any:
    """Names that may have been meant, as what can be typed."""
    shown: list[Any] = [styled(name, COMMAND) for name in meant(error)]
    return Several(tuple(shown), Sentence("{a} or {b}").template)


def meant(error: EsimctlError) -> Sequence[str]:
    """The name that is much nearer to what was typed than all others, or those among which nobody can tell."""
    near = error.params.get("near")
    names = [str(each) for each in near.items] if isinstance(near, Several) else str(near or "").split(" or ")
    alike = {
        name: max((SequenceMatcher(None, name, word).ratio() for word in wrong(error)), default=0.0) for name in names
    }
    best, *others = sorted(names, key=lambda name: -alike[name])
    return [best] if not others or alike[best] - alike[others[0]] >= CLEARLY else names


def wrong(error: EsimctlError) -> set[str]:
    """What was typed and is not known: the words in the error's sentence."""
    return {str(value) for name, value in error.params.items() if name != "near" and isinstance(value, str)}


def _corrected(error: EsimctlError, typed: Sequence[str]) -> list[str] | None:
    """What was typed with the one word in place of the wrong one; None where it is not clear which."""
    names = meant(error) if error.params.get("near") else ()
    places = [at for at, word in enumerate(typed) if word in wrong(error)]
    if len(names) != 1 or len(places) != 1:
        return None
    return [*typed[: places[0]], names[0], *typed[places[0] + 1 :]]


def _with(typed: Sequence[str], option: str) -> list[str]:
    """What was typed with an option: in the place of its earlier value, else at the end."""
    name, _, value = option.partition(" ")
    words = list(typed)
    if value and name in words[:-1]:
        at = words.index(name)
        del words[at : at + 2]
    return [*words, *option.split(" ")]


def coloured_way(words: str) -> str:
    """A command that mends something, or words about it, in their colours."""
    return styled(words, COMMAND) if _BEGINS.match(_ENDS.split(words)[0]) else "".join(_coloured(words))


def _coloured(hint: str) -> Iterator[str]:
    """A hint in which a command of ours stands out from the words around it."""
    place = 0
    for found in _OURS.finditer(hint):
        yield styled(hint[place : found.start()], SOURCE)
        yield styled(found[0], COMMAND)
        place = found.end()
    yield styled(hint[place:], SOURCE) if place else hint
