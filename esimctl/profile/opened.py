"""What every action works with: the profile, the clock, the providers. Opened once for each run of a command."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from esimctl.errors import ConfigurationError, OwnRules, UsageError
from esimctl.store.folder import Store
from esimctl.store.ground import look_at_ground
from esimctl.store.kept_by import REAL, REHEARSAL, refusal
from esimctl.store.paths import active_profile, check_name, home_folder, state_folder
from esimctl.store.profile import unusable
from esimctl.values.moments import MomentError, zone
from esimctl.values.sentence import Raw, Sentence, commas
from esimctl.values.text import nearest
from esimctl.values.toml import Toml, table_at, tables_at
from esimctl.values.typed_days import instant_of

if TYPE_CHECKING:
    from esimctl.providers.protocol import Provider
    from esimctl.store.trust import Trust
    from esimctl.values.moments import Duration
    from esimctl.values.tables import Table, TomlText

#: Clocks that say anything else are wrong: the years that are counted (1970 to 2299), less a century for terms.
YEARS = range(1970, 2200)

DEFAULT_ZONE = "Asia/Phnom_Penh"

#: What a new profile contains: the embedded operator and its payment methods, so that `buy` works at once.
FIRST_PROFILE: Mapping[str, Toml] = {
    "settings": {"zone": DEFAULT_ZONE},
    "provider": {"sandbox": {"kind": "sandbox"}},
    "payment": {
        "sandbox-card": {"kind": "credit-card", "provider": "sandbox", "default": True},
        "sandbox-declined": {"kind": "credit-card", "provider": "sandbox"},
        "sandbox-confirm": {"kind": "credit-card", "provider": "sandbox"},
    },
}


class Clock:
    """The time of this run: the machine's, or the rehearsal clock of ESIMCTL_NOW, which stands still."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.frozen: datetime | None = None
        text = environ.get("ESIMCTL_NOW")
        if text:
            try:
                self.frozen = datetime.fromisoformat(text)
            except ValueError:
                self.frozen = None
            if self.frozen is None or self.frozen.tzinfo is None:
                raise UsageError(
                    "ESIMCTL_NOW is not an RFC 3339 time with an offset: {text!r}",
                    hint="ESIMCTL_NOW=2026-11-20T09:00:00+07:00",
                    text=Raw(text),
                )
            try:
                self.frozen = self.frozen.astimezone(UTC)
            except OverflowError:  # the first or the last day of all
                self.frozen = self.frozen.replace(tzinfo=UTC)
            if not self.counts:
                raise UsageError(
                    "ESIMCTL_NOW is not in the years 1970 to 2199: {text!r}",
                    hint="ESIMCTL_NOW=2026-11-20T09:00:00+07:00",
                    text=Raw(text),
                )

    @property
    def rehearsal(self) -> bool:
        """Whether ESIMCTL_NOW is set."""
        return self.frozen is not None

    @property
    def counts(self) -> bool:
        """Whether it stands in the years with which terms, months and files can be counted on, a century of them."""
        return self.now().year in YEARS

    def check(self) -> None:
        """OwnRules (5) by a clock that stands where nothing can be counted."""
        if not self.counts:
            raise OwnRules(
                "the clock of this machine says {now}",
                hint="set the clock, then: esimctl doctor --clock",
                code="clock",
                now=Raw(f"{self.now():%Y-%m-%d %H:%M} UTC"),
            )

    @property
    def kind(self) -> str:
        """REAL or REHEARSAL, as a profile's books are kept by it."""
        return REHEARSAL if self.rehearsal else REAL

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return self.frozen if self.frozen is not None else datetime.now(UTC)


def silent(_text: str) -> None:
    """Progress that nobody watches."""


#: what opens a provider of a profile, by its name: the rooms above know what each kind needs
Opener = Callable[["Session", str], "Provider"]


class Session:
    """One run: `profile` is the profile's content, `store` its folder, `clock` the only source of time."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        environ: Mapping[str, str],
        opener: Opener,
        progress: Callable[[str], None] = silent,
    ) -> None:
        self.store = store
        store.tell = progress
        self.clock = clock
        self.environ = environ
        self._opener = opener
        self.progress = progress
        self.ground: Sentence | None = None  #: what is to be said of the folders that the profile lies in
        self._profile: Mapping[str, Toml] | None = None
        self._sections: dict[str, Mapping[str, Mapping[str, Toml]]] = {}  #: of that profile
        self._zone: str | None = None  #: of that profile
        self._written: TomlText | None = None
        self._providers: dict[str, Provider] = {}
        self.unfinished = False  #: whether a stopped run may have left something to be done in the books
        self.finished: set[str] = set()  #: orders that a stopped run had begun and this one has finished

    @classmethod
    def open(
        cls, profile: str | None, environ: Mapping[str, str], opener: Opener, progress: Callable[[str], None] = silent
    ) -> "Session":
        """The profile named by `--profile`, ESIMCTL_PROFILE or `profile use`, in that order; else `default`.

        CredentialsError (77) where the folders that it lies in are another user's, or open to others for good.
        """
        home = home_folder(environ)
        told = look_at_ground(home, "profiles")
        name = profile or environ.get("ESIMCTL_PROFILE") or active_profile(home) or "default"
        told = look_at_ground(home, "profiles", check_name(name)) or told
        clock = Clock(environ)
        session = cls(Store(home, name, clock.kind, environ, clock.now), clock, environ, opener, progress)
        session.ground = told
        if name != "default" and not session.store.exists():
            raise UsageError(
                "there is no profile {name!r}",
                hint="esimctl profile create {name}",
                code="unknown_profile",
                name=Raw(name),
            )
        session.unfinished = session.store.settle()
        session._check_rehearsal()
        return session

    def check_may_replace(self, path: str) -> None:
        """What a profile that is not there says never replaces a file: the home is another one. UsageError (2)."""
        from esimctl.store.output_file import target_of

        if not self.store.exists() and target_of(path).exists():
            raise UsageError(
                "there is no profile {name} in {home}: {path} stays as it was",
                hint="esimctl profile list",
                code="unknown_profile",
                name=Raw(self.store.name),
                home=Raw(str(self.home)),
                path=Raw(path),
            )

    def go_on_from(self, earlier: "Session") -> None:
        """What an earlier look of the same command finished for a stopped run was finished by this command."""
        self.finished |= earlier.finished
        self.store.finished.update(earlier.store.finished)

    def check_clock(self) -> None:
        """OwnRules (5) where a profile that began in rehearsal meets the real clock, or where that is out of range."""
        self.clock.check()
        if not self.clock.rehearsal and self.store.kept_by == REHEARSAL:
            raise refusal(self.store.name, REHEARSAL)

    @property
    def rehearsal(self) -> bool:
        """Whether what is told is of a rehearsal: by ESIMCTL_NOW, or of a profile that is kept by it."""
        return self.clock.rehearsal or self.store.kept_by == REHEARSAL

    @property
    def home(self) -> Path:
        return self.store.home

    @property
    def profile(self) -> Mapping[str, Toml]:
        """The profile as it is on disk; before the first command that writes, what it would be created as."""
        if self._profile is None:
            self.store.check_settings_there()
            self._profile = self._read() if self.store.exists() else FIRST_PROFILE
        return self._profile

    def _read(self) -> Mapping[str, Toml]:
        from esimctl.store.profile_tables import check_lines
        from esimctl.values.tables import TableError

        profile = self.store.profile.read()
        try:
            check_lines(profile.table)
        except TableError as error:
            raise unusable(error, "profile_value") from None
        self._written = profile.file
        return profile.doc

    @property
    def table(self) -> "Table":
        """The profile to be read strictly: what is wrong in it is named with its line."""
        from esimctl.values.tables import Table

        return Table(self.profile, file=self._written)

    def settings_of(self, line: str | None) -> "Table | None":
        """The table `[settings]`, or that of a line, to be read strictly; None where there is none."""
        if line is None:
            return self.table.inner("settings", None)
        return self.table.inner("line").inner(line) if line in self.lines else None

    @property
    def looked_at(self) -> bool:
        """Whether the profile has been read in this run."""
        return self._profile is not None

    def forget(self) -> None:
        """Read the profile again when it is next asked for."""
        self._profile = None
        self._sections = {}
        self._zone = None

    def begin(self) -> None:
        """Make sure that the profile exists: the first command that writes creates it."""
        if not self.store.exists():
            with suppress(OSError):  # without a place for words nothing that comes along is trusted
                trust_of(self).settle(begin=False)
            self.store.create({"schema": 1, **FIRST_PROFILE})
            self.forget()

    @property
    def settings(self) -> Mapping[str, Toml]:
        """The table `[settings]`, empty where there is none."""
        return table_at(self.profile, "settings")

    def section(self, name: str) -> Mapping[str, Mapping[str, Toml]]:
        """A table of tables of the profile: provider, payment, line or rule."""
        if name not in self._sections:
            self._sections[name] = tables_at(self.profile, name)
        return self._sections[name]

    @property
    def lines(self) -> Mapping[str, Mapping[str, Toml]]:
        return self.section("line")

    @property
    def zone(self) -> str:
        """The profile's zone: where a line's days and months begin. One that does not exist is a mistake of its own."""
        if self._zone is None:
            self._zone = str(self.settings.get("zone", DEFAULT_ZONE))
            try:
                zone(self._zone)
            except MomentError:
                self._zone = DEFAULT_ZONE
        return self._zone

    def line(self, name: str) -> Mapping[str, Toml]:
        """A line of the profile; an unknown name is refused with the nearest ones."""
        try:
            return self.lines[name]
        except KeyError:
            raise unknown("line", name, list(self.lines), "esimctl lines list") from None

    def provider(self, name: str) -> "Provider":
        """The provider of that name, opened once."""
        if name not in self._providers:
            self._providers[name] = self._opener(self, name)
        return self._providers[name]

    def _check_rehearsal(self) -> None:
        """A rehearsal clock must never drive real money: refused where a real provider is in the profile."""
        if not self.clock.rehearsal:
            return
        for name, settings in self.section("provider").items():
            kind = str(settings.get("kind", name))
            if kind in {"sandbox", "manual"}:
                continue
            from esimctl.providers.accounts import address_of
            from esimctl.providers.registry import KINDS

            if kind not in KINDS:  # a mistake of the profile: it sells nothing
                continue

            if not address_of(name, kind, "BASE_URL", "https://", self.environ, settings.get("base_url")).loopback:
                raise ConfigurationError(
                    "ESIMCTL_NOW is set, but the profile has the provider {name}, which spends real money",
                    hint="unset ESIMCTL_NOW, or use a profile with sandbox and manual only",
                    code="rehearsal_refused",
                    name=Raw(name),
                )


def takes_play_money(session: "Session", provider: str) -> bool:
    """Whether a provider, also one that the profile has no more, takes play money."""
    from esimctl.providers.registry import KINDS

    kind = KINDS.get(str(session.section("provider").get(provider, {}).get("kind", provider)))
    return kind is not None and kind.play_money


def unknown(kind: str, name: str, known: list[str], listing: str) -> UsageError:
    """The error for a name that does not exist: with the nearest ones, or the command that lists them all."""
    near = nearest(name, known)
    if near:
        return UsageError(
            "there is no {kind} {name!r}; did you mean {near}?",
            hint="{listing}",
            code=f"unknown_{kind.replace(' ', '_')}",
            kind=Sentence(kind),
            name=Raw(name),
            near=commas(near),
            listing=Raw(listing),
        )
    return UsageError(
        "there is no {kind} {name!r}",
        hint="{listing}",
        code=f"unknown_{kind.replace(' ', '_')}",
        kind=Sentence(kind),
        name=Raw(name),
        listing=Raw(listing),
    )


def wait_seconds(wait: "Duration | None") -> float:
    """How long to wait for the lock: what `--wait` says, else not at all."""
    return 0.0 if wait is None else float(wait.seconds + wait.days * 86_400 + wait.months * 30 * 86_400)


def moment(session: "Session", text: str | None, option: str) -> datetime | None:
    """A time option: RFC 3339, or a date in the profile's zone."""
    if text is None:
        return None
    try:
        return instant_of(text, zone(session.zone))
    except MomentError as error:
        raise UsageError(
            "{option}: {text!r}: {why} (write 2026-11-20 or 2026-11-20T09:00:00+07:00)",
            code="bad_time",
            option=Raw(option),
            text=Raw(text),
            why=error.said,
        ) from None


def parsed(session: "Session", text: str, option: str) -> datetime:
    """An instant as people write it, in the profile's zone."""
    try:
        return instant_of(text, zone(session.zone))
    except MomentError as why:
        raise UsageError("{option}: {why}", code="bad_time", option=Raw(option), why=why.said) from None


def trust_of(session: "Session") -> "Trust":
    """The words that were given for this profile."""
    from esimctl.store.trust import Trust

    store = session.store
    return Trust(session.home, store.name, store.folder, state_folder(session.environ))
