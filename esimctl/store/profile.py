"""profile.toml: what the person decided. Read with tomllib alone; edits keep a person's comments and order.

Our own last line vouches for the rest: `#! profile 1 <crc32>`, with ` by-hand` while hand edits wait for a person's
word. Where it does not fit, somebody else wrote: the settings are used, `by_hand` is true, and rules stay inert.
"""

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol
from zlib import crc32

from esimctl.errors import Busy, ConfigurationError
from esimctl.store.files import make_folder, read_bytes, replace
from esimctl.values.record import field, record
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import Toml, parse_toml, table_in, tables_at

if TYPE_CHECKING:
    from esimctl.store.profile_mistakes import Mistake
    from esimctl.values.tables import Table, TableError, TomlText

SCHEMA: Final = 1
KEPT: Final = 10  #: earlier revisions in backups/
_SEAL: Final = regex(rb"^#! profile (\d+) ([0-9a-f]{8})( by-hand)?\n?\Z", re.MULTILINE)


@record
class Profile:
    """The profile as it was read."""

    doc: Mapping[str, Toml]
    file: "TomlText"
    data: bytes
    by_hand: bool  #: changed by something other than esimctl, and not accepted since
    mistakes: "tuple[Mistake, ...]" = field(default=())  #: keys that nobody knows

    @property
    def table(self) -> "Table":
        """All of it, to be read strictly."""
        return self.file.of(self.doc)

    @property
    def digest(self) -> str:
        """SHA-256 of the file, for compare-and-swap."""
        from hashlib import sha256

        return sha256(self.data).hexdigest()

    def section(self, name: str) -> Mapping[str, Mapping[str, Toml]]:
        """The tables of `provider`, `payment`, `line` or `rule` by name; empty where there are none."""
        return tables_at(self.doc, name)


class Gathered(Protocol):
    """What is to become true of several files as one: contents that stand for those on the disk until then."""

    files: "dict[Path, bytes | None]"

    def read(self, path: Path) -> bytes:
        """The content as it will be."""

    def write(self, path: Path, data: bytes) -> None:
        """Note a content down."""


class ProfileFile:
    """The file of one profile. `edit` needs the lock."""

    def __init__(self, path: Path, backups: Path) -> None:
        self.path = path
        self.backups = backups
        self.changes: Gathered | None = None  #: where edits go while a command changes several files as one
        self.seen: bytes | None = None  #: the content that the first of those edits was made to
        self._parsed: Profile | None = None  #: as it was last read

    def read(self) -> Profile:
        """ConfigurationError (78) naming file, line, column or key; FileNotFoundError where there is none.

        The file is looked at each time, and parsed again where it is another one.
        """
        data = self._bytes()
        if self._parsed is None or self._parsed.data != data:
            self._parsed = parse_profile(data, self.path.name)
        return self._parsed

    def _bytes(self) -> bytes:
        return read_bytes(self.path) if self.changes is None else self.changes.read(self.path)

    def create(self, doc: Mapping[str, Toml]) -> None:
        """Write a first revision. FileExistsError when there is one."""
        from tomli_w import dumps

        if self.path.exists():
            raise FileExistsError(self.path)
        body = dumps({"schema": SCHEMA, **{key: value for key, value in doc.items() if key != "schema"}})
        replace(self.path, sealed(body, by_hand=False))

    def edit(
        self,
        change: Callable[[MutableMapping[str, Toml]], None],
        *,
        accept: bool = False,
        durable: bool = True,
        by_hand: bool = False,
    ) -> Profile:
        """Apply `change` to the document and write it; on a hand edit in between it is applied again to that.

        `change` must therefore give the same edit for any document. `accept` is a person's word for every hand edit
        so far. `durable=False` lets a power cut bring the old revision back, for an edit that would be made again then.
        `by_hand` says that what is put in was edited by hand, in another copy of the profile.
        Returns the new profile. ConfigurationError (78) when the result could not be read back.
        """
        for _ in range(5):
            before = self.read()
            text = _edited(before, change)
            data = sealed(text, by_hand=(before.by_hand or by_hand) and not accept)
            after = parse_profile(data, self.path.name)
            if data == before.data:
                return before
            if self._swap(before.data, data, durable=durable):
                return after
        raise Busy("{path} keeps changing while it is edited", code="profile_busy", path=Raw(str(self.path)))

    def set_table(self, section: str, name: str, values: Mapping[str, Toml], *, durable: bool = True) -> Profile:
        """Merge values into `[section.name]`; a value of None takes the key away."""

        def change(doc: MutableMapping[str, Toml]) -> None:
            table = _table(_table(doc, section), name)
            for key, value in values.items():
                if value is not None:
                    table[key] = value
                elif key in table:
                    del table[key]

        return self.edit(change, durable=durable)

    def remove_table(self, section: str, name: str) -> Profile:
        """Take `[section.name]` away; nothing happens where there is none."""

        def change(doc: MutableMapping[str, Toml]) -> None:
            tables = doc.get(section)
            if isinstance(tables, MutableMapping) and name in tables:
                del tables[name]
                if not tables:
                    del doc[section]

        return self.edit(change)

    def rename_table(self, section: str, old: str, new: str) -> Profile:
        """`[section.old]` becomes `[section.new]`. KeyError without the one, ValueError with the other present."""

        def change(doc: MutableMapping[str, Toml]) -> None:
            tables = _table(doc, section)
            if new in tables:
                raise ValueError(f"{section} {new} exists")
            tables[new] = tables.pop(old)

        return self.edit(change)

    def _swap(self, before: bytes, after: bytes, *, durable: bool) -> bool:
        """Replace unless the file changed since it was read; the old revision stays as a hard link."""
        if self._bytes() != before:
            return False
        if self.changes is not None:
            if self.path not in self.changes.files:
                self.seen = before
            self.changes.write(self.path, after)
            return True
        make_folder(self.backups)
        self.keep_revision()
        replace(self.path, after, directory=durable)
        return True

    def apply(self, edits: Sequence[Mapping[str, Toml]]) -> Profile:
        """Do edits that were worked out on an earlier revision; see `store.edits`."""
        from esimctl.store.edits import edited

        return self.edit(lambda document: edited(document, edits))

    def keep_revision(self) -> None:
        """Keep the file as it is among the earlier revisions, a few of which there are."""
        kept = sorted(self.backups.glob("profile-*.toml"))
        number = int(kept[-1].stem[8:]) + 1 if kept else 1
        try:
            (self.backups / f"profile-{number:06d}.toml").hardlink_to(self.path)
        except OSError:  # a file system without hard links: the copy is a comfort, not a duty
            return
        for old in kept[: max(0, len(kept) + 1 - KEPT)]:
            old.unlink(missing_ok=True)


def parse_profile(data: bytes, name: str = "profile.toml") -> Profile:
    """A profile from bytes; see `ProfileFile.read` for errors."""
    from esimctl.store.profile_tables import check_tables
    from esimctl.values.tables import TableError, TomlText

    if not data.strip():
        raise _unreadable(name, Sentence("the file is empty"))
    try:
        text = data.decode("utf-8-sig")  # Windows editors put a mark there; the next edit leaves it out
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _unreadable(name, Sentence("is not UTF-8 text"), line) from error
    try:
        file = TomlText(name, text)
        table = file.table()
        schema = table.integer("schema", SCHEMA)
        if schema > SCHEMA:
            raise ConfigurationError(
                "{file} was written by a newer esimctl (schema {schema}, this one knows {known})",
                hint="upgrade esimctl; nothing was changed",
                code="schema_too_new",
                file=Raw(name),
                schema=schema,
                known=SCHEMA,
            )
        if schema != SCHEMA:
            raise table.wrong("schema", "must be {version}", version=SCHEMA)
    except TableError as error:
        raise unusable(error, "profile_unreadable") from None
    try:
        return Profile(table.table, file, data, _by_hand(data), tuple(check_tables(table, file)))
    except TableError as error:
        raise unusable(error, "profile_value") from None


def unusable(error: "TableError", code: str) -> ConfigurationError:
    """What is wrong in the profile as what a command ends with (78)."""
    return ConfigurationError(
        "{finding}",
        hint="mend it with an editor; earlier revisions are in backups/",
        code=code,
        finding=error.said,
    )


def sealed(text: str, *, by_hand: bool) -> bytes:
    """The text with our last line."""
    body = _SEAL.sub(b"", text.encode())
    if body and not body.endswith(b"\n"):
        body += b"\n"
    flag = b" by-hand" if by_hand else b""
    return body + b"#! profile %d %08x%s\n" % (SCHEMA, crc32(body + flag), flag)


def _by_hand(data: bytes) -> bool:
    found = _SEAL.search(data)
    if found is None or not data.endswith(b"\n"):
        return True
    flag = found[3] or b""
    return bool(flag) or int(found[1]) != SCHEMA or b"%08x" % crc32(data[: found.start()] + flag) != found[2]


def _edited(profile: Profile, change: Callable[[MutableMapping[str, Toml]], None]) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    body = _SEAL.sub(b"", profile.data).decode("utf-8-sig")
    try:
        document = tomlkit.parse(body)
    except TOMLKitError as error:
        raise _unreadable("profile.toml", _uneditable(error)) from error
    change(document)
    try:
        text = tomlkit.dumps(document)
        wanted = document.unwrap()
    except TOMLKitError as error:
        raise _unreadable("profile.toml", _uneditable(error)) from error
    if "schema" not in document:
        text, wanted = f"schema = {SCHEMA}\n{text}", {"schema": SCHEMA, **wanted}
    if parse_toml(text) != wanted:
        raise _unreadable("profile.toml", Sentence("the edit would not read back as it is meant"))
    return text


def _table(parent: MutableMapping[str, Toml], name: str) -> MutableMapping[str, Toml]:
    """A sub-table, made where it is missing; `[section.name]` is written without an empty `[section]` above it."""
    if name not in parent:
        import tomlkit

        parent[name] = tomlkit.table(is_super_table=None)
    return table_in(parent, name)


def _uneditable(error: Exception) -> Sentence:
    return Sentence("cannot be edited: {why}", {"why": Raw(str(error))})


def _unreadable(name: str, what: Sentence, line: int | None = None) -> ConfigurationError:
    from esimctl.values.tables import TableError, TableProblem

    return unusable(TableError(TableProblem(name, (), what, line)), "profile_unreadable")
