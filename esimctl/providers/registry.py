"""Which kinds of providers there are: a table. An adapter is imported when it is opened, never before.

Adding a provider is one line here and one module; see CONTRIBUTING.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from esimctl.errors import ConfigurationError
from esimctl.providers.protocol import Provider, Tier
from esimctl.values.record import record
from esimctl.values.sentence import Raw, commas
from esimctl.values.text import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esimctl.catalogue.plan import Plan
    from esimctl.catalogue.promotions import Promotion
    from esimctl.providers.accounts import Account
    from esimctl.values.toml import Toml


@record
class LocalSettings:
    """What a provider of this machine needs: its own settings, and what the profile knows of lines, rows and terms.

    Without `plans` and `promotions` it sells those that come along; `held` are the terms by which a plan is sold.
    """

    home: Path
    zone: str | None = None
    balance: str | None = None
    lines: "Callable[[], Mapping[str, Mapping[str, Toml]]]" = dict
    plans: "Callable[[], Sequence[Plan]] | None" = None
    promotions: "Callable[[], Sequence[Promotion]] | None" = None
    held: "Callable[[Plan], Mapping[str, Toml]] | None" = None


@record
class Kind:
    """A kind of provider: `opener` is `module:function`, `fields` are its credentials, `about` one line for help."""

    name: str
    opener: str
    tier: Tier
    about: str
    fields: tuple[str, ...] = ()
    play_money: bool = False
    optional: tuple[str, ...] = ()  #: fields that may be left out
    base_url: str | None = None  #: the vendor's own host root; None where nothing is asked over a network
    auth_url: str | None = None  #: where tokens are given out, if that is another host
    experimental: str | None = None  #: what nobody with an account has confirmed yet
    modelled: bool = False  #: no interface says what is left: the lines are modelled from what happened to them

    @property
    def required(self) -> tuple[str, ...]:
        """The fields without which nothing can be asked."""
        return tuple(field for field in self.fields if field not in self.optional)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "sandbox",
            "esimctl.providers.sandbox.provider:open_sandbox",
            Tier.KEYED,
            "the embedded operator: play money, demo plans",
            play_money=True,
        ),
        Kind(
            "manual",
            "esimctl.providers.manual:open_manual",
            Tier.NOTHING,
            "lines bought at a counter, in an app or by a code: you buy, it keeps the books",
            modelled=True,
        ),
        Kind(
            "esim-access",
            "esimctl.providers.esim_access.provider:open_esim_access",
            Tier.REFERENCE,
            "eSIM Access (RedteaGO): travel eSIMs, paid from the account's credit",
            fields=("access_code", "secret_key"),
            optional=("secret_key",),
            base_url="https://api.esimaccess.com",
        ),
        Kind(
            "airalo",
            "esimctl.providers.airalo.provider:open_airalo",
            Tier.LABEL,
            "Airalo for partners: travel eSIMs, paid from the partner's credit",
            fields=("client_id", "client_secret"),
            base_url="https://partners-api.airalo.com",
        ),
        Kind(
            "celitech",
            "esimctl.providers.celitech.provider:open_celitech",
            Tier.KEYED,
            "Celitech: travel eSIMs with idempotent orders",
            fields=("client_id", "client_secret"),
            base_url="https://api.celitech.net",
            auth_url="https://auth.celitech.net",
            experimental="nobody has confirmed yet that it covers Cambodia and takes small customers",
        ),
    )
}


def kinds() -> tuple[str, ...]:
    """The kinds that can be added, for completion and help."""
    return tuple(KINDS)


def open_provider(
    name: str,
    kind: str,
    local: LocalSettings,
    account: "Callable[[Kind], Account] | None" = None,
) -> Provider:
    """The provider of that name in the profile. An unknown kind is a ConfigurationError that names the nearest.

    `account` gives a kind that is asked over a network its addresses, its credentials and what it may keep.
    """
    found = KINDS.get(kind)
    if found is None:
        close = " or ".join(nearest(kind, kinds()))
        raise ConfigurationError(
            "the provider {name} is of the unknown kind {kind!r}",
            hint="did you mean {near}?" if close else "kinds: {known}",
            code="unknown_provider_kind",
            name=Raw(name),
            kind=Raw(kind),
            near=Raw(close),
            known=commas(kinds()),
        )
    module, _, function = found.opener.partition(":")
    opener = getattr(import_module(module), function)
    if found.base_url is not None:
        assert account is not None
        return cast("Provider", opener(account(found)))
    return cast("Provider", opener(name, local))


#: kind of provider → what to do there, one act a step. `{key}` is our reference, `{at}` when the order was sent.
STEPS: Mapping[str, tuple[str, ...]] = {
    "esim-access": (
        "sign in to the eSIM Access console and open Orders",
        "search the transaction id {key}; if there is none, look at the orders of {at}, an hour to either side",
        "the number is in the column orderNo; compare the price with {price} and the balance with its history",
    ),
    "airalo": (
        "sign in to the Airalo Partner Platform and open Orders (for a top-up: the eSIM, then its packages)",
        "search the description {key}; if there is none, look at the orders of {at}, an hour to either side",
        "the number is the order's id; compare the price with {price} and the credit with its transactions",
    ),
    "celitech": (
        "sign in to the CELITECH dashboard and open Purchases",
        "search the reference id {key}; if there is none, look at the purchases of {at}, an hour to either side",
        "the number is the purchase id; compare the price with {price}",
    ),
    "sandbox": (
        "ask the embedded operator: esimctl reconcile --json lists what it knows",
        "its numbers look like SB-000001",
    ),
    "manual": (
        "look at the receipt, the SMS of the carrier and the wallet's statement for {at}",
        "take the receipt's number as the number of the order; compare the price with {price}",
    ),
}

ANY: tuple[str, ...] = (
    "sign in at {provider} and open the list of orders",
    "search {key}; if there is none, look at the orders of {at}, an hour to either side",
    "compare the price with {price} and the balance with its history",
)


def steps(kind: str) -> tuple[str, ...]:
    """The steps for a kind of provider."""
    return STEPS.get(kind, ANY)
