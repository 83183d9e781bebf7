"""Questions to the vendor's one address: signed, in its envelope, and its lists page by page."""

import json
from abc import ABC
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from esimctl.errors import EsimctlError, ProtocolViolation, Refused, Unreachable, UsageError
from esimctl.malformed import Malformed
from esimctl.providers.asking import Asker, Limit, countdown, unauthorized, unreadable
from esimctl.providers.esim_access import answers
from esimctl.providers.esim_access.answers import Envelope
from esimctl.providers.esim_access.catalogue import headers
from esimctl.providers.protocol import LineRef, Reading
from esimctl.providers.reseller import Reseller
from esimctl.providers.strict_json import integer, rows, table
from esimctl.values.secrecy import remember
from esimctl.values.sentence import Raw

BASE = "api/v1/open/"
LIMITS = (Limit("all", 8, 1.0),)
PAGE, PAGES = 500, 40
LIST_CAP = 4 << 20  #: octets of a list


class Questions(Reseller, ABC):
    """What can be asked of the account, as rows of the vendor's."""

    def make_asker(self) -> Asker:
        """One header, or four where there is a secret key."""
        return Asker(self.account, self._sign)

    def _sign(self, body: str, now: datetime, deadline: float) -> Mapping[str, str]:
        credentials = self.account.credentials()
        remember(credentials.values())
        return headers(credentials, body, now)

    def ask(self, path: str, body: Mapping[str, Any], now: datetime, deadline: float) -> Envelope:
        """One question; a refusal of the credentials is raised, other codes are left to the caller."""
        document = self.asker.ask(
            "POST",
            BASE + path,
            now=now,
            deadline=deadline,
            body=json.dumps(body, separators=(",", ":")),
            limits=LIMITS,
            cap=LIST_CAP,
            own_errors=True,
        )
        try:
            said = answers.envelope(document)
        except Malformed as why:
            raise unreadable(self.name, why) from why
        meaning = answers.meaning_of(said.code)
        if meaning is not None and meaning.reason == "unauthorized":
            raise unauthorized(self.name)
        return said

    def obj(self, path: str, body: Mapping[str, Any], now: datetime, deadline: float) -> dict[str, Any]:
        """The object that a question brings; a code is raised as the failure that it stands for."""
        said = self.ask(path, body, now, deadline)
        if not said.ok:
            raise self.failure(said)
        try:
            return table(said.obj if said.obj is not None else {}, "obj")
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def failure(self, said: Envelope) -> EsimctlError:
        """What a refusal stands for: a definite code is the vendor's no, any other a vendor that cannot be asked."""
        meaning = answers.meaning_of(said.code)
        kind = Refused if meaning is not None and meaning.definite else Unreachable
        return kind(
            "{provider} answers {number}: {said}",
            code=meaning.reason if meaning is not None else "unexpected_refusal",
            provider=Raw(self.name),
            number=Raw(said.code or "no code"),
            said=Raw(said.message or "nothing more"),
        )

    def read(self, entry: Mapping[str, Any], now: datetime) -> Reading:
        """What is left, by an entry."""
        try:
            return answers.reading_of(entry, now)
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def figure(self, entry: Mapping[str, Any], key: str) -> int | None:
        """A whole number of an entry; 76 where something else stands there."""
        try:
            return integer(entry, key)
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def entry(self, line: LineRef, now: datetime, deadline: float) -> dict[str, Any] | None:
        """The eSIM of a line; of several entries the newest."""
        found = self.entries(named(line), now, deadline)
        return next((entry for entry in reversed(found) if answers.belongs(entry, line)), None)

    def query(self, wish: Mapping[str, Any], now: datetime, deadline: float, page: int = 1) -> Envelope:
        """One page of eSIMs, as the vendor answers."""
        return self.ask("esim/query", {**wish, "pager": {"pageNum": page, "pageSize": PAGE}}, now, deadline)

    def entries(self, wish: Mapping[str, Any], now: datetime, deadline: float) -> list[dict[str, Any]]:
        """The first page of the eSIMs that are named."""
        said = self.query(wish, now, deadline)
        if not said.ok:
            raise self.failure(said)
        try:
            return listed(said.obj, "esimList")
        except Malformed as why:
            raise unreadable(self.name, why) from why

    def between(self, start: datetime, end: datetime, now: datetime, deadline: float) -> Iterator[dict[str, Any]]:
        """Every eSIM that was ordered between two instants, page by page; of all times where it takes no such times."""
        seen, left = 0, countdown(deadline)
        wish = {"startTime": stamp(start), "endTime": stamp(end)}
        for page in range(1, PAGES + 1):
            said = self.query(wish, now, left(), page)
            if not said.ok and page == 1 and answers.refuses_form(said.code):
                wish = {}
                said = self.query(wish, now, left(), page)
            if not said.ok:
                raise self.failure(said)
            found = listed(said.obj, "esimList")
            yield from found
            seen += len(found)
            total = integer(table(said.obj.get("pager") or {}, "pager"), "total")
            if not found or (total is not None and seen >= total) or (total is None and len(found) < PAGE):
                return
        raise ProtocolViolation("{provider}: its list does not end", code="endless_list", provider=Raw(self.name))


def listed(obj: Any, key: str) -> list[dict[str, Any]]:
    """The rows of a list that must be there; Malformed without it: what is not said is not an empty list."""
    found = table(obj, "obj")
    if key not in found:
        raise Malformed(f"{key} is missing")
    return rows(found[key], key)


def named(line: LineRef) -> dict[str, str]:
    """How the vendor finds a line: by its own number, for it uses ICCIDs again."""
    if line.reference is not None:
        return {"esimTranNo": line.reference}
    if line.iccid is not None:
        return {"iccid": line.iccid}
    raise UsageError("neither ICCID nor number of {line} is known", code="iccid_unknown", line=Raw(line.name))


def stamp(moment: datetime) -> str:
    """An instant as the vendor writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")
