"""Sentences in the reader's language. The msgid is the English sentence; English loads no catalogue at all."""

import os
from collections.abc import Mapping
from functools import cache, reduce
from typing import TYPE_CHECKING

from esimctl.show.styles import Styled
from esimctl.values.sentence import Sentence, Several, Told, from_table
from esimctl.values.text import clean

if TYPE_CHECKING:
    from gettext import NullTranslations

LANGUAGES = {"en": "en", "zh-CN": "zh_CN", "km": "km"}


def language(environ: Mapping[str, str], preferred: str = "") -> str:
    """`en`, `zh-CN` or `km`: ESIMCTL_LANG wins, then `preferred`, then the first of LC_ALL, LC_MESSAGES and LANG.

    C and POSIX, whatever follows them, mean English, LC_ALL=C before `preferred`; LANGUAGE is not looked at.
    """
    pinned = (environ.get("LC_ALL") or "").split(".")[0] in {"C", "POSIX"}
    chosen = environ.get("ESIMCTL_LANG") or ("" if pinned else preferred)
    if not chosen:
        for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
            if environ.get(name):
                chosen = environ[name]
                break
    tag = chosen.split(".")[0].replace("_", "-").lower()
    if tag.startswith("zh"):
        return "zh-CN"
    return "km" if tag.startswith("km") else "en"


@cache
def _catalogue(tag: str) -> "NullTranslations | None":
    if tag == "en":
        return None
    import gettext
    from pathlib import Path

    folder = Path(__file__).parent.parent / "locale"
    return gettext.translation("esimctl", folder, languages=[LANGUAGES[tag]], fallback=True)


def english(said: str | Sentence, /, **params: object) -> str:
    """The sentence as programs get it, in every language the same: English, its parameters made safe to show."""
    if isinstance(said, Sentence):
        return str(said)
    safe = {name: clean(value) if isinstance(value, str) else value for name, value in params.items()}
    return said.format(**safe) if params else said


def say(said: str | Sentence, /, **params: object) -> str:
    """A sentence, or a template with what fills it, in the reader's language; what is not ours is made harmless."""
    return say_in(language(os.environ), said, **params)


def say_in(tag: str, said: str | Sentence, /, **params: object) -> str:
    """`say` in the language of a tag of `LANGUAGES`."""
    template, given = (said, params) if isinstance(said, str) else (said.template, said.params)
    catalogue = _catalogue(tag)
    sentence = catalogue.gettext(template) if catalogue is not None and template else template
    return sentence.format(**{name: _shown(tag, value) for name, value in given.items()}) if given else sentence


def _shown(tag: str, value: object) -> object:
    """A parameter as it is filled in: a sentence in the reader's language, a text harmless."""
    if isinstance(value, str):
        if isinstance(value, Told):
            return say_in(tag, value.said)
        return value if isinstance(value, Styled) else clean(value)
    if isinstance(value, Several):
        said = [_shown(tag, item) for item in value.items]
        return reduce(lambda a, b: say_in(tag, value.joint).format(a=a, b=b), said) if said else ""
    return say_in(tag, value) if isinstance(value, Sentence) else value


def spoken(table: object, otherwise: str | None) -> str | None:
    """A sentence that a document carries as a table, in the reader's language; `otherwise` where it carries none."""
    found = from_table(table)
    return otherwise if found is None else say(found)
