"""Resellers that are asked by GET, under a bearer token: it is renewed once when it is not accepted."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlencode

from esimctl.providers.asking import Asker, Limit
from esimctl.providers.client import Client
from esimctl.providers.reseller import LIST_CAP, Reseller
from esimctl.providers.strict_json import JsonObject
from esimctl.providers.tokens import Tokens

Query = Mapping[str, str | int]


class TokenReseller(Reseller, ABC):
    """An account whose questions carry a token."""

    base: ClassVar[str]  #: the version, before every path
    tokens: Tokens

    @abstractmethod
    def make_tokens(self, client: Client) -> Tokens:
        """Where tokens are given out."""

    def make_asker(self) -> Asker:
        """Every question, and every order, is signed with the token of the moment."""
        asker = Asker(
            self.account,
            lambda _body, now, deadline: self.tokens.headers(now, deadline),
            lambda now, deadline: self.tokens.renew(now, deadline),
        )
        self.tokens = self.make_tokens(asker.client)
        return asker

    def get(self, path: str, query: Query, now: datetime, deadline: float, limits: Sequence[Limit] = ()) -> JsonObject:
        """The document that a question brings; `limits` where they are others than those of an order."""
        words = f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")
        paces = limits or self.order_limits
        return self.asker.ask("GET", words, now=now, deadline=deadline, limits=paces, cap=LIST_CAP)
