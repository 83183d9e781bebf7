"""The story of a line in order: bought, used, carried, cut, lost, given. Every figure is exact, for a pencil."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from esimctl.charging.buckets import Movement
from esimctl.values.moments import rfc3339
from esimctl.values.money import Money
from esimctl.values.record import field, record
from esimctl.values.toml import Toml
from esimctl.values.volume import exact_volume

#: Reason of a movement → its sentence in English, the key under which it is translated.
SENTENCES: Mapping[str, str] = {
    "bought": "bought {other}",
    "granted": "{amount} granted: {bucket}, now {after}",
    "renewed": "renewed with {other}",
    "renewed-early-stack": "renewed early with {other}: both run side by side",
    "renewed-early-queue": "renewed early with {other}: it begins when this term ends",
    "renewed-early-extend": "renewed early with {other}: the running data lives longer",
    "renewed-early-reset": "renewed early with {other}: what was left is lost",
    "renewal-ordered": "renewal with {other} ordered",
    "renewal-failed": "renewal with {other} came to nothing",
    "extended": "{amount} added to {bucket}, now {after}",
    "used": "{amount} used from {bucket}: {before} less {amount} is {after}",
    "used-by": "{amount} used by {other} from {bucket}: {before} less {amount} is {after}",
    "out-of-bucket": "{amount} used that nothing covered",
    "throttled": "slowed down until the next grant",
    "charged": "{amount} charged for use that nothing covered",
    "credited": "{amount} added to the main balance",
    "paid": "{amount} paid from the main balance",
    "carried": "{amount} of {bucket} carried over",
    "carried-in": "{amount} now in {bucket}, from {other}",
    "trimmed": "{amount} cut from {bucket}: carried data is over its ceiling",
    "not-carried": "{amount} of {bucket} closed: the operator says that it was not carried over",
    "forfeited": "{amount} of {bucket} lost: it is not carried",
    "expired": "{amount} of {bucket} lost: its time was over",
    "lapsed": "not renewed: {other} has ended",
    "lapsed-bucket": "{amount} of {bucket} lost: the line was not renewed",
    "reset": "{amount} of {bucket} lost: the renewal began anew",
    "waiting": "{bucket} waits for a renewal with {amount} left",
    "suspended": "{bucket} sleeps with {amount} until the line is renewed",
    "woken": "{bucket} can be used again: {amount}",
    "gift-sent": "{amount} of {bucket} given to {other}, {after} left",
    "gift-received": "{amount} received from {other}: {bucket}",
    "fee": "{amount} paid as the fee of a gift",
    "reserved": "{amount} of {bucket} set aside",
    "released": "{amount} of {bucket} free again",
    "committed": "{amount} used from what was set aside in {bucket}, {after} left",
    "observed": "the operator says that {amount} is left in all",
    "observed-money": "the operator says that the main balance is {amount}",
    "observed-less": "{amount} taken from {bucket}, now {after}, to match what the operator says",
    "observed-more": "{amount} added to {bucket}, now {after}, to match what the operator says",
    "shares": "may use the data of {other} from now on",
    "left": "uses the data of {other} no longer",
    "restated-carry": "from here on unused data carries over ({other})",
    "restated-none": "from here on unused data does not carry over ({other})",
    "restated": "from here on other terms apply ({other})",
    "never-used": "{other} was not started in time",
}
_MONEY = ("charged", "credited", "paid", "observed-money")


@record
class StoryStep:
    """One sentence of the story: the template and what fills it, so that it can be translated where it is shown."""

    at: datetime
    reason: str
    template: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence in English."""
        return self.template.format(**self.params) if self.params else self.template

    def as_json(self) -> dict[str, Toml]:
        """Instant, reason and English sentence; with the template and its parameters, for other languages."""
        return {
            "at": rfc3339(self.at), "reason": self.reason, "text": self.text, "template": self.template,
            "params": dict(self.params),
        }  # fmt: skip


def explain(movements: Iterable[Movement], base: int = 1000) -> tuple[StoryStep, ...]:
    """The story that movements tell, in the order of their instants; volumes are exact in the given base."""
    told = sorted(movements, key=lambda movement: movement.at)
    return tuple(_step(movement, base) for movement in told)


def _step(movement: Movement, base: int) -> StoryStep:
    reason = movement.reason
    if reason == "used" and movement.other is not None:
        reason = "used-by"
    elif reason == "lapsed" and movement.bucket is not None:
        reason = "lapsed-bucket"
    params: dict[str, str] = {}
    for name in ("amount", "before", "after"):
        value: int | None = getattr(movement, name)
        params[name] = "unlimited" if value is None else exact_volume(value, base)
    if reason in _MONEY and movement.amount is not None and movement.other is not None:
        params["amount"] = str(Money(movement.amount, movement.other))
    params["bucket"] = movement.bucket or ""
    params["other"] = movement.other or ""
    template = SENTENCES.get(reason, reason)
    return StoryStep(movement.at, reason, template, {key: params[key] for key in params if "{" + key + "}" in template})
