"""Runs the program as a process of its own, in an environment that holds nothing but what a test gives."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.in_process import command

ROOT = Path(__file__).parent.parent.parent


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The little that cron gives, and our home."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "ESIMCTL_HOME": str(home / "esimctl"),
        "PYTHONPATH": str(ROOT),
        **(more or {}),
    }


def arguments(words: Sequence[str], *, probe: bool = False) -> list[str]:
    """How the program is started; with the probe command where asked for."""
    return [sys.executable, "-m", "tests.process.probe" if probe else "esimctl", *words]


def run(
    words: Sequence[str],
    home: Path,
    *,
    environ: Mapping[str, str] | None = None,
    probe: bool = False,
    given: str | None = None,
    **more: Any,
) -> "subprocess.CompletedProcess[str]":
    """Run to the end and return code, stdout and stderr; stdin is empty unless given."""
    more.setdefault("stdout", subprocess.PIPE)
    more.setdefault("stderr", subprocess.PIPE)
    if given is None:
        more.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run(
        arguments(words, probe=probe), env=environment(home, environ), text=True, input=given, timeout=60, **more
    )


def run_here(
    words: Sequence[str], home: Path, *, environ: Mapping[str, str] | None = None, given: str = ""
) -> "subprocess.CompletedProcess[str]":
    """What `run` returns, from a run in this process: for what a test only builds on."""
    return subprocess.CompletedProcess(list(words), *command(words, environment(home, environ), given))


def start(
    words: Sequence[str], home: Path, *, environ: Mapping[str, str] | None = None, probe: bool = False, **more: Any
) -> "subprocess.Popen[bytes]":
    """Start and return the process, its streams as pipes unless given."""
    streams: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(arguments(words, probe=probe), env=environment(home, environ), **{**streams, **more})


def closed_pipe() -> int:
    """The writing end of a pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer
