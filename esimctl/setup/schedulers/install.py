"""The kinds of schedulers, which of them this machine has, and what they say of a task."""

import sys
from collections.abc import Mapping
from typing import Final

from esimctl.setup.schedulers.cron import Cron
from esimctl.setup.schedulers.launchd import Launchd
from esimctl.setup.schedulers.scheduler import HeldTask, Scheduler, there
from esimctl.setup.schedulers.systemd import Systemd
from esimctl.setup.schedulers.systemd import usable as systemd_usable
from esimctl.setup.schedulers.texts import Task

KINDS: Final = ("cron", "systemd", "launchd")


def scheduler(kind: str, environ: Mapping[str, str]) -> Scheduler:
    """The scheduler of that kind."""
    if kind == "cron":
        return Cron()
    return Systemd(environ) if kind == "systemd" else Launchd(environ)


def asked(environ: Mapping[str, str], task: Task) -> list[tuple[Scheduler, HeldTask]]:
    """Every scheduler that has something of the task, or that cannot tell whether it has.

    What a change that was killed half-way left is put back first.
    """
    found = []
    for where in (scheduler(kind, environ) for kind in KINDS):
        where.clean(task)
        found.append((where, where.held(task)))
    return [(where, held) for where, held in found if held.there or held.installed is None]


def usable() -> list[str]:
    """The kinds that this machine has, the best first."""
    if sys.platform == "darwin":
        return ["launchd"]
    found = ["systemd"] if systemd_usable() else []
    return [*found, "cron"] if there("crontab") else found
