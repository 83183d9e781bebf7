"""Foreign tools that judge what this program makes: found, or the test is a skip that says which one is missing.

What was missing is read off the reports of skips, from whichever process they come; where CI is set, a session that
had to do without more than two of them fails (tests/conftest.py): a judge that never sat proves nothing.
"""

import os
import re
import shutil
import subprocess
from importlib import import_module
from types import ModuleType

import pytest

MOST_MISSING = 2
MISSING: dict[str, str] = {}
_SAID = re.compile(r"foreign tool missing: (\S+) \((.*)\)")


def program(name: str, package: str) -> str:
    """The path of a program; `package` is where Debian has it."""
    found = shutil.which(name)
    if found is None:
        _missing(name, f"apt-get install {package}")
    assert found is not None
    return found


def needs(name: str, package: str) -> pytest.MarkDecorator:
    """Marks a test that asks for a program, and says which one is missing."""
    return pytest.mark.skipif(shutil.which(name) is None, reason=_said(name, f"apt-get install {package}"))


def library(name: str, package: str) -> ModuleType:
    """A Python library; `package` is its name on PyPI."""
    try:
        return import_module(name)
    except ImportError:
        _missing(name, f"pip install {package}")
        raise AssertionError from None


def judged(*words: str, given: bytes = b"", fine: int = 0) -> str:
    """What a program says on stdout; a failure of the test, with its own words, where it does not end well."""
    environ = {**os.environ, "LC_ALL": "C.UTF-8"}  # hledger reads files in the locale's encoding
    done = subprocess.run(words, input=given, capture_output=True, check=False, env=environ)
    assert done.returncode == fine, f"{words[0]}: {done.returncode}\n{done.stdout.decode()}\n{done.stderr.decode()}"
    return done.stdout.decode()


def _missing(name: str, remedy: str) -> None:
    pytest.skip(_said(name, remedy))


def _said(name: str, remedy: str) -> str:
    return f"foreign tool missing: {name} ({remedy})"


def heard(reason: str) -> None:
    """Remember a tool that a skip says is missing."""
    found = _SAID.search(reason)
    if found is not None:
        MISSING[found[1]] = found[2]


def complaint(ci: bool) -> str | None:
    """Why the session must fail, if it must."""
    if not ci or len(MISSING) <= MOST_MISSING:
        return None
    told = ", ".join(f"{name} ({remedy})" for name, remedy in sorted(MISSING.items()))
    return f"{len(MISSING)} foreign tools are missing, at most {MOST_MISSING} may be: {told}"


__all__ = ["MISSING", "complaint", "heard", "judged", "library", "needs", "program"]
