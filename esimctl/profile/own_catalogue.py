"""The catalogue as this profile sees it: what comes along, and the person's own files and claims on top."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from esimctl.catalogue import carriers as known_carriers
from esimctl.catalogue import devices as known_devices
from esimctl.catalogue import plans as known_plans
from esimctl.catalogue import promotions as known_promotions
from esimctl.catalogue import renamed
from esimctl.catalogue.carriers import Carrier
from esimctl.catalogue.claims import Claim, read_claim
from esimctl.catalogue.devices import Device, read_device
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.plans import read_plans
from esimctl.catalogue.promotions import Promotion, read_promotion
from esimctl.values.record import field, record
from esimctl.values.regex import regex
from esimctl.values.sentence import Sentence, commas
from esimctl.values.tables import Table, TableError, TableProblem, TomlText, read_rows

if TYPE_CHECKING:
    from esimctl.documents.claims import RestatedLine
    from esimctl.documents.document import Document
    from esimctl.documents.result import Result
    from esimctl.profile.books import Books
    from esimctl.profile.opened import Session

#: (what changed of which lines, what to tell)
Restated = tuple[list["RestatedLine"], list[Sentence]]
#: lets the person's claims count for the lines that they are about; it is given those that stood before, by id
Follow = Callable[["Books", Mapping[str, Claim]], Restated]

_BARE_DATE = regex(r"^([ \t]*[\w.-]+[ \t]*=[ \t]*)(\d{4}-\d{2}-\d{2})([ \t]*(?:#.*)?)$", re.MULTILINE)
SECTIONS = ("plan", "promotion", "claim", "carrier", "device")


@record(frozen=False)
class Market:
    """Plans and promotions; the person's own claims, carriers and devices; all by id. `wrong` are rows left out.

    Of a file that is no table at all (`readable`) that is all that is wrong.
    """

    plans: dict[str, Plan] = field(default_factory=dict)
    promotions: dict[str, Promotion] = field(default_factory=dict)
    own: dict[str, Claim] = field(default_factory=dict)
    carriers: dict[str, Carrier] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    wrong: list[TableProblem] = field(default_factory=list)
    readable: bool = True

    def plan(self, name: str | None) -> Plan | None:
        """The plan of that id, or the one in the place of an id that was given up."""
        return None if name is None else renamed.find("plan", name, self.plans)

    def promotion(self, name: str | None) -> Promotion | None:
        """The promotion of that code, or the one in the place of a code that was given up."""
        return None if name is None else renamed.find("promotion", name, self.promotions)

    def put(self, rows: "Market") -> None:
        """Put the rows of a file on top."""
        self.plans.update(rows.plans)
        self.promotions.update(rows.promotions)
        self.own.update(rows.own)
        self.carriers.update(rows.carriers)
        self.devices.update(rows.devices)
        self.wrong += rows.wrong

    def take(self, table: Table) -> None:
        """Read the rows of a file and put them on top."""
        for key in table.table:
            if key not in SECTIONS:
                known = commas(f"[{section}.ID]" for section in SECTIONS)
                self.wrong.append(table.wrong(key, "means nothing here; rows are {known}", known=known).problem)
        self.plans.update(read_plans(table, self.wrong))
        self.promotions.update(read_rows(table, "promotion", read_promotion, self.wrong))
        self.take_claims(table)
        self.carriers.update(known_carriers.overlay(table, self.wrong))
        self.devices.update(read_rows(table, "device", read_device, self.wrong))

    def take_claims(self, table: Table) -> None:
        """Put the claims of a file on top, every one of them as the person's own word."""
        self.own.update(read_rows(table, "claim", partial(read_claim, own=True), self.wrong))

    def rows(self) -> dict[str, int]:
        """How many rows there are of each kind."""
        return {
            "plans": len(self.plans),
            "promotions": len(self.promotions),
            "claims": len(self.own),
            "carriers": len(self.carriers),
            "devices": len(self.devices),
        }

    def every_carrier(self) -> tuple[Carrier, ...]:
        """Those that come along, the person's own in their place or after them."""
        known = {row.id: row for row in known_carriers.carriers()}
        return tuple((known | self.carriers).values())

    def every_device(self) -> tuple[Device, ...]:
        """The person's own rows first: they are found before the others."""
        return (*self.devices.values(), *(row for row in known_devices.devices() if row.id not in self.devices))


def market(session: "Session") -> Market:
    """What is known in this profile. Rows that cannot be used are left out and named; nothing here raises."""
    found = shipped_market()
    if not session.store.exists():
        return found
    for file, data in session.store.own_files.read():
        found.put(rows_of(data, file))
    if session.profile.get("claim"):
        found.take_claims(session.table)
    return found


def own_carriers(session: "Session") -> tuple[Carrier, ...]:
    """All carriers as this profile knows them."""
    if not session.store.exists():
        return known_carriers.carriers()
    return market(session).every_carrier() if session.store.own_files.names() else known_carriers.carriers()


def shipped_market() -> Market:
    """What comes with the package."""
    return Market(
        {row.id: row for row in known_plans.plans()},
        {row.id: row for row in known_promotions.shipped_promotions()},
    )


@lru_cache(maxsize=16)
def rows_of(data: bytes, file: str) -> Market:
    """The rows of one file. Whoever asks gets the same ones: a command asks a dozen times, and reading costs most."""
    rows = Market()
    table = _parsed(data, file, rows.wrong)
    if table is None:
        rows.readable = False
    else:
        rows.take(table)
    return rows


def _parsed(data: bytes, file: str, wrong: list[TableProblem]) -> Table | None:
    """A file as a table; what is wrong with it is added to `wrong`."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        wrong.append(TableProblem(file, (), Sentence("is not UTF-8 text")))
        return None
    try:
        try:
            return TomlText(file, text).table()
        except TableError:  # a date that does not exist: quoted, it is refused with its key
            return TomlText(file, _BARE_DATE.sub(r'\1"\2"\3', text)).table()
    except TableError as error:
        wrong.append(error.problem)
        return None


def note_wrong(result: "Result[Document]", wrong: list[TableProblem]) -> None:
    """Say which rows were left out."""
    for finding in wrong[:20]:
        result.note("left out: {finding}", finding=finding.said)
