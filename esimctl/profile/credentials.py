"""Where a provider's credentials come from: the environment, a command, systemd, the keyring, a private file.

The first source that has all that is required counts, whole: fields of two accounts are never mixed. No source needs a
terminal; none is an option's value.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esimctl.errors import CredentialsError, EsimctlError, reason_of
from esimctl.profile.trusting import check_trusted
from esimctl.providers.accounts import Credentials, variables
from esimctl.store.paths import person_path
from esimctl.store.private_files import credentials_file, read_handed, read_private
from esimctl.values.secrecy import remember
from esimctl.values.sentence import Param, Raw, Sentence, both
from esimctl.values.toml import Toml, texts_at

if TYPE_CHECKING:
    from esimctl.profile.opened import Session
    from esimctl.providers.registry import Kind

COMMAND_SECONDS = 10.0
SERVICE = "esimctl"
ENVIRONMENT, COMMAND, SYSTEMD, KEYRING, FILE = "environment", "key_command", "systemd", "keyring", "file"


def credentials(session: "Session", name: str, kind: "Kind") -> tuple[str, Credentials]:
    """The source and the credentials. CredentialsError (77) names what is missing and how to give it,
    or what a person has not trusted yet."""
    check_trusted(session, name)
    settings = session.section("provider").get(name, {})
    partial: tuple[str, str] | None = None
    for source, read in SOURCES.items():
        found = read(session, name, kind, settings)
        missing = [field for field in kind.required if not found.get(field)]
        if not missing:
            remember(found.values())
            return source, Credentials({field: found[field] for field in kind.fields if found.get(field)})
        if found and partial is None:
            partial = (source, ", ".join(missing))
    if partial is not None:
        raise CredentialsError(
            "{provider}: the credentials from the {source} lack {missing}",
            hint="esimctl providers login {provider}",
            code="credentials_missing",
            provider=Raw(name),
            source=Raw(partial[0]),
            missing=Raw(partial[1]),
        )
    raise CredentialsError(
        "{provider} has no credentials",
        hint="esimctl providers login {provider}, or set {variables}",
        code="credentials_missing",
        provider=Raw(name),
        variables=both(variable(name, kind, field) for field in kind.required),
    )


def source_of(session: "Session", name: str, kind: "Kind") -> str | None:
    """Which source would be used, as far as that can be told without running a command; None where there is none."""
    settings = session.section("provider").get(name, {})
    for source, read in SOURCES.items():
        if source == COMMAND:
            if settings.get("key_command"):
                return source
            continue
        try:
            found = read(session, name, kind, settings)
        except EsimctlError:
            return source
        if all(found.get(field) for field in kind.required):
            return source
    return None


def variable(name: str, kind: "Kind", field: str) -> str:
    """The variable of a field, as it is named to a person."""
    return variables(name, kind.name, field)[-1]


def parse_lines(text: str, kind: "Kind") -> dict[str, str]:
    """Credentials as lines: `field=value`, or bare values in the order of the fields. Empty lines count for nothing."""
    found: dict[str, str] = {}
    rest = list(kind.fields)
    for line in (line.strip() for line in text.splitlines()):
        head, equals, value = line.partition("=")
        field = head.strip().lower().replace("-", "_")
        if equals and field in kind.fields:
            found[field] = value.strip().strip('"')
            rest = [each for each in rest if each != field]
        elif line and rest:
            found[rest.pop(0)] = line
    return found


def _from_environment(session: "Session", name: str, kind: "Kind", _settings: Mapping[str, Toml]) -> dict[str, str]:

    found: dict[str, str] = {}
    for field in kind.fields:
        for each in variables(name, kind.name, field):
            if session.environ.get(each):
                found.setdefault(field, session.environ[each].strip())
    return found


def _from_command(session: "Session", name: str, kind: "Kind", settings: Mapping[str, Toml]) -> dict[str, str]:
    """What a command of the person's prints, such as `pass show esim-access`. No shell, and none of our variables."""
    if not settings.get("key_command"):
        return {}
    import subprocess

    words = texts_at(settings, "key_command")
    environ = {key: value for key, value in session.environ.items() if not key.startswith("ESIMCTL_")}
    try:
        done = subprocess.run(  # noqa: S603
            words,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise _command_failed(name, reason_of(error)) from None
    if done.returncode:
        raise _command_failed(name, Sentence("exit code {code}", {"code": done.returncode}))
    return parse_lines(done.stdout.decode("utf-8", "replace"), kind)


def _command_failed(name: str, why: Param) -> CredentialsError:
    return CredentialsError(
        "the key_command of {provider} failed: {why}",
        hint="run it by hand; without a terminal it must not ask for anything",
        code="key_command_failed",
        provider=Raw(name),
        why=why,
    )


def handed_name(name: str, field: str) -> str:
    """The name of a systemd credential: `LoadCredential=esimctl.esim-access.access_code:…`."""
    return f"{SERVICE}.{name}.{field}"


def _from_systemd(session: "Session", name: str, kind: "Kind", _settings: Mapping[str, Toml]) -> dict[str, str]:
    folder = session.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return {}
    found = {field: read_handed(Path(folder), handed_name(name, field)) for field in kind.fields}
    return {field: text.strip() for field, text in found.items() if text and text.strip()}


def keyring_user(session: "Session", name: str, field: str) -> str:
    """Under which name a field lies in the keyring."""
    return f"{session.store.name}/{name}/{field}"


def keyring_backend() -> Any:
    """The keyring module with a backend that keeps secrets. CredentialsError (77) where there is none here."""
    from importlib import import_module

    try:
        keyring: Any = import_module("keyring")
    except ImportError:
        raise CredentialsError(
            "the keyring package is not installed", hint="pip install 'esimctl[keyring]'", code="no_keyring"
        ) from None
    module = type(keyring.get_keyring()).__module__
    if module.startswith(("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")):
        raise CredentialsError(
            "there is no keyring here that keeps secrets (found {module})",
            hint="cron and services have no session bus: use a private file, esimctl providers login PROVIDER",
            code="no_keyring",
            module=Raw(module),
        )
    return keyring


def _from_keyring(session: "Session", name: str, kind: "Kind", settings: Mapping[str, Toml]) -> dict[str, str]:
    """Only where `providers login --keyring` put them: a keyring is slow to load, and asks in some desktops."""
    if not settings.get("keyring"):
        return {}
    with opened_keyring(name) as keyring:
        found = {field: keyring.get_password(SERVICE, keyring_user(session, name, field)) for field in kind.fields}
    return {field: value for field, value in found.items() if value}


@contextmanager
def opened_keyring(name: str) -> Iterator[Any]:
    """The keyring for the credentials of a provider. CredentialsError (77) where it does not do what it is asked."""
    keyring = keyring_backend()
    try:
        yield keyring
    except Exception as error:  # every backend has exceptions of its own
        raise CredentialsError(
            "the keyring did not answer: {why}",
            hint="cron and services have no session bus: use a private file, esimctl providers login {provider}",
            code="no_keyring",
            why=reason_of(error),
            provider=Raw(name),
        ) from None


def keep_in_keyring(session: "Session", name: str, kind: "Kind", found: Mapping[str, str]) -> None:
    """The credentials of a provider in the keyring become these; what else of it lay there goes, first."""
    with opened_keyring(name) as keyring:
        for field in kind.fields:
            user = keyring_user(session, name, field)
            if field not in found and keyring.get_password(SERVICE, user) is not None:
                keyring.delete_password(SERVICE, user)
        for field, value in found.items():
            keyring.set_password(SERVICE, keyring_user(session, name, field), value)


def file_of(session: "Session", name: str, settings: Mapping[str, Toml]) -> Path:
    """The private file: the one that the profile names (`key_file`), else our own outside of the profile."""
    named = settings.get("key_file")
    if named:
        return person_path(str(named))
    return credentials_file(session.home, session.store.name, name)


def _from_file(session: "Session", name: str, kind: "Kind", settings: Mapping[str, Toml]) -> dict[str, str]:
    return parse_lines(read_private(file_of(session, name, settings)) or "", kind)


SOURCES: Mapping[str, Callable[["Session", str, "Kind", Mapping[str, Toml]], dict[str, str]]] = {
    ENVIRONMENT: _from_environment,
    COMMAND: _from_command,
    SYSTEMD: _from_systemd,
    KEYRING: _from_keyring,
    FILE: _from_file,
}
