"""Questions to the vendor's one address: signed, in its envelope, and its lists page by page."""

from abc import ABC
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain

from esimctl.errors import EsimctlError, Refused, Unreachable, UsageError
from esimctl.providers.asking import Asker, Limit, countdown, unauthorized
from esimctl.providers.esim_access import answers
from esimctl.providers.esim_access.answers import Envelope
from esimctl.providers.esim_access.catalogue import headers
from esimctl.providers.protocol import LineRef
from esimctl.providers.reseller import LIST_CAP, Reseller
from esimctl.providers.strict_json import Json, JsonObject, written
from esimctl.values.secrecy import remember
from esimctl.values.sentence import Raw

BASE = "api/v1/open/"
LIMITS = (Limit("all", 8, 1.0),)
PAGE = 500  #: rows


class Questions(Reseller, ABC):
    """What can be asked of the account, as rows of the vendor's."""

    def make_asker(self) -> Asker:
        """One header, or four where there is a secret key."""
        return Asker(self.account, self._sign)

    def _sign(self, body: str, now: datetime, deadline: float) -> Mapping[str, str]:
        credentials = self.account.credentials()
        remember(credentials.values())
        return headers(credentials, body, now)

    def ask(self, path: str, body: Mapping[str, Json], now: datetime, deadline: float) -> Envelope:
        """One question; a refusal of the credentials is raised, other codes are left to the caller."""
        said = answers.envelope(
            self.asker.ask(
                "POST",
                BASE + path,
                now=now,
                deadline=deadline,
                body=written(body),
                limits=LIMITS,
                cap=LIST_CAP,
                own_errors=True,
            )
        )
        meaning = answers.meaning_of(said.code)
        if meaning is not None and meaning.reason == "unauthorized":
            raise unauthorized(self.name)
        return said

    def obj(self, path: str, body: Mapping[str, Json], now: datetime, deadline: float) -> JsonObject:
        """The object that a question brings, an empty one for nothing; a code is raised as the failure that it is."""
        said = self.ask(path, body, now, deadline)
        if not said.ok:
            raise self.failure(said)
        return said.obj if said.answer.has("obj") else JsonObject({})

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

    def entry(self, line: LineRef, now: datetime, deadline: float) -> JsonObject | None:
        """The eSIM of a line; of several entries the newest."""
        found = self.entries(named(line), now, deadline)
        return next((entry for entry in reversed(found) if answers.belongs(entry, line)), None)

    def query(self, wish: Mapping[str, Json], now: datetime, deadline: float, page: int = 1) -> Envelope:
        """One page of eSIMs, as the vendor answers."""
        return self.ask("esim/query", {**wish, "pager": {"pageNum": page, "pageSize": PAGE}}, now, deadline)

    def entries(self, wish: Mapping[str, Json], now: datetime, deadline: float) -> list[JsonObject]:
        """The first page of the eSIMs that are named."""
        said = self.query(wish, now, deadline)
        if not said.ok:
            raise self.failure(said)
        return said.rows

    def between(self, start: datetime, end: datetime, now: datetime, deadline: float) -> Iterator[JsonObject]:
        """Every eSIM that was ordered between two instants, page by page; of all times where it takes no such times."""
        seen, left = 0, countdown(deadline)
        wish: dict[str, Json] = {"startTime": stamp(start), "endTime": stamp(end)}

        def ask(page: int) -> tuple[list[JsonObject], int | None]:
            nonlocal seen, wish
            said = self.query(wish, now, left(), page)
            if not said.ok and page == 1 and answers.refuses_form(said.code):
                wish = {}
                said = self.query(wish, now, left(), page)
            if not said.ok:
                raise self.failure(said)
            found, total = said.rows, said.obj.part("pager").integer("total")
            seen += len(found)
            more = len(found) >= PAGE if total is None else seen < total
            return found, page + 1 if found and more else None

        return chain.from_iterable(self.paged(ask, 1))


def named(line: LineRef) -> dict[str, Json]:
    """How the vendor finds a line: by its own number, for it uses ICCIDs again."""
    if line.reference is not None:
        return {"esimTranNo": line.reference}
    if line.iccid is not None:
        return {"iccid": line.iccid}
    raise UsageError("neither ICCID nor number of {line} is known", code="iccid_unknown", line=Raw(line.name))


def stamp(moment: datetime) -> str:
    """An instant as the vendor writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")
