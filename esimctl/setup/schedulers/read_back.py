"""What a scheduler gives to a run, read from the text that is installed: the environment, and the words.

Only a command of the form that we write is read; what a person changed into something else is None, and never run.
"""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from esimctl.values.record import record

#: all that Debian's cron gives to a job, beside HOME and LOGNAME
CRON: Final = {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
#: what a user's manager gives where it cannot be asked
SYSTEMD: Final = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "SHELL": "/bin/sh"}
LAUNCHD: Final = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "SHELL": "/bin/sh"}

_SETTING: Final = re.compile(r"\s*[\"']?([A-Za-z_][A-Za-z0-9_]*)[\"']?\s*=\s*(.*?)\s*\Z")
_ASSIGNED: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)\Z", re.DOTALL)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


@record
class Given:
    """What a run is started with; `environment` is all of it."""

    environment: Mapping[str, str]
    words: Sequence[str]

    @property
    def program(self) -> list[str]:
        """The words before the command of ours."""
        return list(self.words[: _place(self.words)])


def _place(words: Sequence[str]) -> int:
    """Where `autotopup run` stands, -1 where it does not."""
    pairs = pairwise(words)
    return next((number for number, pair in enumerate(pairs) if pair == ("autotopup", "run")), -1)


def _given(environment: Mapping[str, str], words: Sequence[str]) -> Given | None:
    return Given(environment, words) if _place(words) > 0 else None


def cron_given(lines: Iterable[str], marker: str, base: Mapping[str, str]) -> Given | None:
    """Of a crontab: its settings above our line, the five fields, an escaped `%`, the words as a shell reads them."""
    environment = dict(base)
    for line in lines:
        if line.endswith(marker):
            return _cron_words(line.removesuffix(marker), environment)
        setting = None if line.lstrip()[:1] in ("#", "@", "*") else _SETTING.match(line)
        if setting is not None:
            text = setting[2]
            bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
            environment[setting[1]] = bare
    return None


def _cron_words(line: str, environment: dict[str, str]) -> Given | None:
    parts = line.split(None, 5)
    if len(parts) < 6 or re.search(r"(?<!\\)%", parts[5]):
        return None
    command = parts[5].strip().replace("\\%", "%")
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    count = 0
    while count < len(words) and (assigned := _ASSIGNED.match(words[count])):
        environment[assigned[1]] = assigned[2]
        count += 1
    begun = [f"{word.partition('=')[0]}={shlex.quote(word.partition('=')[2])}" for word in words[:count]]
    if " ".join([*begun, *(shlex.quote(word) for word in words[count:])]) != command:
        return None  # a shell would do more with it than start these words
    return _given(environment, words[count:])


def systemd_given(texts: Iterable[str], base: Mapping[str, str]) -> Given | None:
    """Of a service and its drop-ins: `Environment=` and the last `ExecStart=`; an empty one takes back what was."""
    own: dict[str, str] = {}
    words: list[str] = []
    store: str | None = None
    for line in (line.strip() for text in texts for line in text.splitlines()):
        name, _, value = line.partition("=")
        if name == "Environment":
            own = {**own, **_assigned(_words(value))} if value else {}
        elif name == "ExecStart":
            words = [word.replace("$$", "$") for word in _words(value)]
        elif name == "LoadCredential" and ":" in value:
            store = value.partition(":")[2].replace("%%", "%").rpartition("/")[0]
    handed = {} if store is None else {"CREDENTIALS_DIRECTORY": store}
    return _given({**base, **handed, **own}, words)


def _assigned(words: Iterable[str]) -> dict[str, str]:
    return {found[1]: found[2] for word in words if (found := _ASSIGNED.match(word))}


def _words(value: str) -> list[str]:
    """Words as unit files quote them."""
    found = (quoted if bare == "" else bare for quoted, bare in _QUOTED.findall(value))
    return [re.sub(r"\\(.)", r"\1", word).replace("%%", "%") for word in found]


def manager_environment(said: str) -> dict[str, str]:
    """What `systemctl --user show-environment` says, one a line, as a shell would read it."""
    try:
        return _assigned(word for line in said.splitlines() if "=$'" not in line for word in shlex.split(line))
    except ValueError:
        return {}


def launchd_given(text: str, base: Mapping[str, str]) -> Given | None:
    """Of an agent."""
    from plistlib import InvalidFileException, loads

    try:
        content = loads(text.encode())
        own = {str(name): str(value) for name, value in content.get("EnvironmentVariables", {}).items()}
        return _given({**base, **own}, [str(word) for word in content.get("ProgramArguments", ())])
    except (InvalidFileException, ValueError, AttributeError, TypeError):
        return None
