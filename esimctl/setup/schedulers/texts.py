"""What cron, systemd and launchd are given, as text. Pure: the same task gives the same text."""

import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from esimctl.errors import UsageError
from esimctl.values.record import record

LABEL: Final = "esimctl"
DAY: Final = 24 * 60
#: what says which home it is, the strongest first
_HOMES: Final = ("ESIMCTL_HOME", "XDG_DATA_HOME", "HOME")


@record
class Task:
    """What is to be run and how often. `every` is in minutes and divides an hour, or is whole hours dividing a day."""

    profile: str
    words: Sequence[str]  #: the command, its program by absolute path
    environment: Mapping[str, str]
    every: int
    credentials: Sequence[str] = ()  #: names under which systemd may hand over what the providers need

    @property
    def id(self) -> str:
        """Tells this profile of this home from others of the same person."""
        home = next((self.environment[name] for name in _HOMES if name in self.environment), "")
        place = f"{home}|{self.profile}"
        return f"{self.profile}-{sha256(place.encode()).hexdigest()[:8]}"

    @property
    def marker(self) -> str:
        """The end of our line in a crontab."""
        return f"# {LABEL}:{self.id}"

    @property
    def offset(self) -> int:
        """The minute at which it begins, different for different homes: not everybody asks at the full hour."""
        return int(sha256(self.id.encode()).hexdigest(), 16) % min(self.every, 60)


def check_every(minutes: int) -> int:
    """An interval that every scheduler can keep."""
    fits = (0 < minutes <= 60 and 60 % minutes == 0) or (
        minutes % 60 == 0 and 0 < minutes <= DAY and DAY % minutes == 0
    )
    if not fits:
        raise UsageError("an interval divides an hour or a day: 5min, 15min, 30min, 1h, 6h or 1d", code="bad_interval")
    return minutes


def cron_fields(task: Task) -> str:
    """The five fields of a crontab line."""
    start = task.offset
    if task.every <= 60:
        minutes = "*" if task.every == 1 else str(start) if task.every == 60 else f"{start}-59/{task.every}"
        return f"{minutes} * * * *"
    hours = task.every // 60
    return f"{start} {'0' if hours == 24 else f'*/{hours}'} * * *"


def cron_line(task: Task) -> str:
    """Our line of a crontab; cron reads an unescaped percent sign as the end of the command."""
    given = [f"{name}={shlex.quote(value)}" for name, value in task.environment.items()]
    command = " ".join([*given, *(shlex.quote(word) for word in task.words)])
    return f"{cron_fields(task)} {command} {task.marker}".replace("%", "\\%")


def next_of_cron(task: Task, now: datetime) -> datetime:
    """When cron runs it next, in the zone of `now`."""
    moment = now.replace(second=0, microsecond=0)
    for _ in range(DAY + 1):
        moment += timedelta(minutes=1)
        if task.every <= 60:
            if moment.minute % task.every == task.offset % task.every:
                return moment
        elif moment.minute == task.offset and moment.hour % (task.every // 60) == 0:
            return moment
    return moment


def systemd_service(task: Task, store: Mapping[str, str] | None = None) -> str:
    """The service: it ends when its work is done. Being kept out, or by one's own rules, is not a failure of it.

    `store` names files that hold credentials; others are taken from systemd's own stores, and passed over where those
    have none. A unit of a person's own cannot wait for the network: a run that finds none is made up for by the next.
    """
    held = "".join(
        f"LoadCredential={name.replace('%', '%%')}" + (f":{path.replace('%', '%%')}" if path else "") + "\n"
        for name, path in ((name, (store or {}).get(name)) for name in task.credentials)
    )
    environment = "".join(f"Environment={_systemd(f'{name}={value}')}\n" for name, value in task.environment.items())
    return (
        "[Unit]\n"
        f"Description=esimctl: automatic top-up of profile {task.profile}\n\n"
        "[Service]\n"
        "Type=oneshot\n"
        f"{environment}"
        f"{held}"
        f"ExecStart={' '.join(_systemd(word.replace('$', '$$')) for word in task.words)}\n"
        "SuccessExitStatus=5 75\n"
        "UMask=0077\n"
        "NoNewPrivileges=yes\n"
    )


def systemd_timer(task: Task) -> str:
    """The timer: missed runs are made up for by one, and not everybody runs in the same second."""
    calendar = on_calendar(task)
    return (
        "[Unit]\n"
        f"Description=esimctl: when the automatic top-up of profile {task.profile} runs\n\n"
        "[Timer]\n"
        f"OnCalendar={calendar}\n"
        "Persistent=true\n"
        f"RandomizedDelaySec={min(300, task.every * 60 // 5)}\n"
        "AccuracySec=1s\n\n"
        "[Install]\n"
        "WantedBy=timers.target\n"
    )


def on_calendar(task: Task) -> str:
    """The calendar expression of systemd."""
    if task.every < 60:
        return f"*-*-* *:{task.offset % task.every:02d}/{task.every}:00"
    if task.every == 60:
        return f"*-*-* *:{task.offset:02d}:00"
    hours = "00" if task.every == DAY else f"00/{task.every // 60}"
    return f"*-*-* {hours}:{task.offset:02d}:00"


def _systemd(word: str) -> str:
    """A word as unit files quote it; a dollar is one of command lines only, where it stands twice."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def launchd_plist(task: Task, errors: str) -> str:
    """The agent; launchd runs it once after sleep for any number of missed intervals. `errors` takes its stderr."""
    from plistlib import dumps

    content = {
        "Label": f"{LABEL}.{task.id}",
        "ProgramArguments": list(task.words),
        "EnvironmentVariables": dict(task.environment),
        "StartInterval": task.every * 60,
        "ProcessType": "Background",
        "RunAtLoad": False,
        "StandardErrorPath": errors,
        "Umask": 0o077,
    }
    return dumps(content).decode()
