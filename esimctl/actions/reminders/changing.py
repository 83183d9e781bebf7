"""`autotopup reminders`: show and change what is worth a reminder."""

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from esimctl.actions.books import open_books
from esimctl.actions.reminders.settings import Reminders, read_reminders
from esimctl.actions.result import Result
from esimctl.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from datetime import time

    from esimctl.actions.session import Session


def show(session: "Session") -> Result:
    """What holds now."""
    return Result("reminders", {"reminders": document(read_reminders(session.profile.get("settings", {})))})


def document(settings: Reminders) -> dict[str, Any]:
    """The settings in plain types; what is off is null."""
    quiet = settings.quiet
    return {
        "used_percent": list(settings.used_percent),
        "expiry_days": list(settings.expiry_days),
        "low_balance": None if settings.low_balance is None else settings.low_balance.as_json(),
        "stale_after": str(settings.stale_after),
        "quiet": None if quiet is None else f"{quiet[0]:%H:%M}-{quiet[1]:%H:%M}",
        "digest": _clock(settings.digest),
        "morning": _clock(settings.morning),
        "monthly": settings.monthly,
        "each": settings.each,
    }


def _clock(at: "time | None") -> str | None:
    return None if at is None else f"{at:%H:%M}"


def change(session: "Session", given: Mapping[str, Any], *, reset: bool = False) -> Result:
    """Write new settings; `none` takes one away, `reset` all of them."""
    before = {} if reset else dict(session.profile.get("settings", {}).get("reminders", {}))
    wanted = {**before, **given}
    wanted = {key: value for key, value in wanted.items() if value != "none"}
    try:
        read_reminders({"reminders": wanted})
    except ConfigurationError as error:
        raise UsageError(
            "{key}: {what}", hint="esimctl autotopup reminders --help", code="bad_reminder",
            key=error.params["key"], what=error.params["what"],
        ) from None  # fmt: skip

    def edit(doc: MutableMapping[str, Any]) -> None:
        settings = doc["settings"] if "settings" in doc else doc.setdefault("settings", {})
        if wanted:
            settings["reminders"] = wanted
        elif "reminders" in settings:
            del settings["reminders"]

    with open_books(session, "autotopup reminders"):
        session.store.profile.edit(edit)
        session.forget()
    return show(session)
