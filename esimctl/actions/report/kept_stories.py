"""Lines whose operator's books are a file of this machine: what flowed through them does not hang on who looked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from esimctl.actions.report.story_flows import story_flows
from esimctl.errors import EsimctlError
from esimctl.providers.abilities import KeepsStories
from esimctl.providers.registry import KINDS

if TYPE_CHECKING:
    from datetime import datetime

    from esimctl.actions.report.flows import Flows
    from esimctl.actions.session import Session
    from esimctl.providers.protocol import LineRef


def kept_flows(session: "Session", cards: "Sequence[tuple[str, LineRef]]", now: "datetime") -> "dict[str, Flows]":
    """Line → its flows where such books know it; `cards` are (provider, line). Nobody is asked over a network."""
    found: dict[str, Flows] = {}
    for provider in sorted({name for name, _ in cards}):
        kind = KINDS.get(str(session.section("provider").get(provider, {}).get("kind", provider)))
        if kind is not None and kind.base_url is None and not kind.modelled:
            found.update(_flows(session, provider, [card for name, card in cards if name == provider], now))
    return found


def _flows(session: "Session", provider: str, cards: "Sequence[LineRef]", now: "datetime") -> "dict[str, Flows]":
    try:
        operator = session.provider(provider)
        if not isinstance(operator, KeepsStories):
            return {}
        heard, stories = operator.stories(cards, now)
    except EsimctlError:
        return {}  # its readings are in the journal
    found = {}
    for name, (iccid, members) in stories.items():
        found[name] = story_flows(members, iccid, None)
        found[name].until = heard
    return found
