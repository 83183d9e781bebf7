"""The language in which somebody is told of something who is not at the terminal."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from esimctl.errors import EsimctlError
from esimctl.show.words import language, say_in

if TYPE_CHECKING:
    from esimctl.profile.opened import Session
    from esimctl.values.sentence import Sentence


def speaker(session: "Session") -> "Callable[[Sentence], str]":
    """What puts a sentence into the language of messages: the environment's, else `settings.language`.

    A scheduler starts a run with hardly any environment, so that the profile has to say it.
    """
    try:
        preferred = str(session.settings.get("language", ""))
    except (EsimctlError, OSError):  # whoever needs the profile says so
        preferred = ""
    tag = language(session.environ, preferred)
    return lambda said: say_in(tag, said)
