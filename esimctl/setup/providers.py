"""Providers: which there are, where their credentials come from, and whether they work, without spending anything."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from esimctl.documents.document import as_json
from esimctl.documents.reading import read
from esimctl.documents.result import Result
from esimctl.documents.setup import ProviderDocument, ProviderRow, ProvidersDocument
from esimctl.errors import CredentialsError, UsageError
from esimctl.profile import trusting
from esimctl.profile.alert_targets import target_reach, targets
from esimctl.profile.books import done_before, open_books, open_together
from esimctl.profile.credentials import KEYRING, file_of, keep_in_keyring, parse_lines, source_of
from esimctl.profile.naming import check_name
from esimctl.profile.opened import trust_of, unknown
from esimctl.providers.accounts import address_of
from esimctl.providers.lpa import plain_iccid
from esimctl.providers.registry import KINDS
from esimctl.store.cache import Cache
from esimctl.store.private_files import credentials_file, forget_private, write_private
from esimctl.store.trust import reaches
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, Sentence, commas
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.documents.alerts import TargetsDocument
    from esimctl.profile.books import Books
    from esimctl.profile.opened import Session
    from esimctl.providers.registry import Kind

OWN_CREDIT = "provider-balance"


def kind_of(session: "Session", name: str) -> "Kind":
    """The kind of a provider of the profile. UsageError (2) for a name or a kind that does not exist."""
    settings = session.section("provider").get(name)
    if settings is None:
        raise unknown("provider", name, list(session.section("provider")), "esimctl providers list")
    kind = str(settings.get("kind", name))
    if kind not in KINDS:
        raise unknown("kind of provider", kind, list(KINDS), "esimctl providers add --help")
    return KINDS[kind]


def list_providers(session: "Session") -> "Result[ProvidersDocument]":
    """The profile's providers; where their credentials come from is told without running a command."""
    rows = [entry(session, name) for name in session.section("provider")]
    result = Result("providers", ProvidersDocument(providers=rows))
    trusting.tell(session, result, trusting.held(session))
    return result


def entry(session: "Session", name: str) -> ProviderRow:
    """A provider as the public document has it."""
    settings = session.section("provider").get(name, {})
    kind = KINDS.get(str(settings.get("kind", name)))
    asked = kind is not None and kind.base_url is not None
    return ProviderRow(
        name=name,
        kind=str(settings.get("kind", name)),
        tier=None if kind is None else kind.tier.value,
        about=None if kind is None else kind.about,
        play_money=False if kind is None else kind.play_money,
        experimental=None if kind is None else kind.experimental,
        credentials=None if kind is None or not asked else source_of(session, name, kind),
        needs_credentials=asked,
        base_url=address_of(
            name, kind.name, "BASE_URL", kind.base_url or "", session.environ, settings.get("base_url")
        ).root
        if kind is not None and asked
        else None,
        not_trusted=trusting.rows(trusting.held(session, name)),
        payment_methods=[
            method for method, table in session.section("payment").items() if table.get("provider") == name
        ],
        lines=sorted(line for line, table in session.lines.items() if table.get("provider") == name),
    )


def add_provider(session: "Session", kind_name: str, name: str | None = None) -> "Result[ProviderDocument]":
    """Put a provider into the profile, with its own credit as a payment method; once more changes nothing.

    Its credentials are looked for, not asked for: `providers login` takes them.
    """
    kind = KINDS.get(kind_name)
    if kind is None:
        raise unknown("kind of provider", kind_name, list(KINDS), "esimctl help providers add")
    name = check_name(name or kind_name, "provider")
    with open_together(session, f"providers add {name}"):
        present = session.section("provider").get(name)
        if present is not None and str(present.get("kind", name)) != kind_name:
            raise UsageError(
                "there is a provider {name!r} already, of the kind {kind}",
                hint="esimctl providers add {wanted} --name NAME",
                code="name_taken",
                name=Raw(name),
                kind=Raw(str(present.get("kind", name))),
                wanted=Raw(kind_name),
            )
        if present is None:
            session.store.profile.set_table("provider", name, {"kind": kind_name})
            session.forget()
        if kind.base_url is not None:
            add_credit(session, name)
            trusting.settle(session)
    added = entry(session, name)
    result = Result("provider", ProviderDocument(provider=added))
    if added.needs_credentials and added.credentials is None:
        result.note("{name} has no credentials yet: esimctl providers login {name}", name=Raw(name))
    if kind.experimental is not None:
        result.note("{name} is experimental: {why}", name=Raw(name), why=Sentence(kind.experimental))
    return result


def add_credit(session: "Session", name: str) -> None:
    """The account's own credit as a payment method, the default for this provider's plans."""
    method = f"{name}-balance"[:32]
    if method in session.section("payment"):
        return
    owned = any(t.get("provider") == name and t.get("default") for t in session.section("payment").values())
    values: dict[str, Toml] = {"kind": OWN_CREDIT, "provider": name, "default": not owned}
    session.store.profile.set_table("payment", method, values)
    session.forget()


def remove_provider(session: "Session", name: str) -> "Result[ProviderDocument]":
    """Take a provider out of the profile, its credentials in our own file and its cached token with it.

    UsageError (2) while lines or open orders depend on it.
    """
    gone = done_before(session, f"providers remove {name}", name)
    if gone is None:
        with open_together(session, f"providers remove {name}", name) as books:
            gone = books.answer = books.answer if books.repeated else as_json(_remove(books, name))
    return Result("provider", ProviderDocument(provider=replace(read(ProviderRow, gone), removed=True)))


def _remove(books: "Books", name: str) -> ProviderRow:
    """The secrets first, then what names them; comes back as what was there."""
    session = books.session
    kind_of(session, name)
    gone = entry(session, name)
    held = [order.id for order in books.ledger.open_orders(provider=name)]
    if gone.lines or held:
        raise UsageError(
            "{name} still has {what}",
            hint="esimctl lines remove LINE" if gone.lines else "esimctl reconcile",
            code="provider_in_use",
            name=Raw(name),
            what=Sentence("lines: {names}", {"names": commas(gone.lines)})
            if gone.lines
            else Sentence("open orders: {names}", {"names": commas(held)}),
        )
    if session.section("provider")[name].get("keyring"):
        keep_in_keyring(session, name, kind_of(session, name), {})
    Cache(session.store.folder / "cache").remove(f"{name}.token")
    Cache(session.store.folder / "offers").remove(f"{name}.toml")
    books.remove(credentials_file(session.home, session.store.name, name))
    for method in gone.payment_methods:
        session.store.profile.remove_table("payment", method)
    session.store.profile.remove_table("provider", name)
    session.forget()
    return gone


def login_fields(session: "Session", name: str) -> tuple[tuple[str, bool], ...]:
    """The credentials of a provider in the order in which they are asked for, each with whether it is required."""
    kind = kind_of(session, name)
    if not kind.fields:
        raise UsageError("{name} needs no credentials", code="no_credentials_needed", name=Raw(name))
    return tuple((field, field not in kind.optional) for field in kind.fields)


def login(session: "Session", name: str, given: str, *, keyring: bool = False) -> "Result[ProviderDocument]":
    """Keep credentials given as lines: in a private file of their own, or in the keyring. Nothing is sent.

    Earlier ones are forgotten, in the other of the two as well, and a cached token of theirs.
    """
    kind = kind_of(session, name)
    found = parse_lines(given, kind)
    missing = [field for field in kind.required if not found.get(field)]
    if missing:
        raise UsageError(
            "nothing was kept: {missing} missing", hint="{example}", code="credentials_missing",
            missing=commas(missing), example=Raw("one line each: " + ", ".join(f"{field}=…" for field in kind.fields)),
        )  # fmt: skip
    for field, value in found.items():
        if not value.isascii() or not value.isprintable() or len(value) > 4096:
            raise UsageError("{field} has characters that no credential has", code="bad_credential", field=Raw(field))
    with open_books(session, f"providers login {name}"):
        settings = session.section("provider")[name]
        if "key_file" in {reach.key for reach in trusting.held(session, name)}:
            trusting.check_trusted(session, name)
        trusting.settle(session)
        left: CredentialsError | None = None
        if keyring:  # the flag first: what lies in the keyring is never without one that names it
            _flag(session, name, keyring=True)
            keep_in_keyring(session, name, kind, found)
            forget_private(credentials_file(session.home, session.store.name, name))
        else:
            write_private(
                file_of(session, name, settings), "".join(f"{field}={value}\n" for field, value in found.items())
            )
        if settings.get("keyring") and not keyring:
            try:
                keep_in_keyring(session, name, kind, {})
            except CredentialsError as error:  # this is the way out of a keyring that is no more
                left = error
            _flag(session, name, keyring=None)
        Cache(session.store.folder / "cache").remove(f"{name}.token")
    result = Result("provider", ProviderDocument(provider=entry(session, name)))
    kept = KEYRING if keyring else "file"
    used = source_of(session, name, kind)
    if used != kept:
        result.note("{source} comes first and is used instead", source=Raw(used))
    if left is not None:
        why = Sentence(left.template, left.params)
        result.note("what the keyring had of {name} is still there: {why}", name=Raw(name), why=why)
    return result


def _flag(session: "Session", name: str, *, keyring: bool | None) -> None:
    """Whether the profile says that the credentials of a provider lie in the keyring."""
    if session.section("provider")[name].get("keyring") is not keyring:
        session.store.profile.set_table("provider", name, {"keyring": keyring})
        session.forget()


def known_numbers(lines: Mapping[str, Mapping[str, Toml]], provider: str) -> set[str]:
    """ICCIDs and provider's numbers of the lines that the profile has of a provider."""
    found: set[str] = set()
    for table in lines.values():
        if table.get("provider") == provider:
            found |= {plain_iccid(str(table["iccid"]))} if table.get("iccid") else set()
            found |= {str(table["reference"])} if table.get("reference") else set()
    return found


def trust(session: "Session", name: str) -> "Result[ProviderDocument | TargetsDocument]":
    """A person's word that what a provider, or a target of alerts, reaches out to may be used here, as it is now."""
    from esimctl.alerts.targets import list_targets

    ways = {target.name: target for target in targets(session) if target.waits}
    known = session.section("provider")
    if name not in known and name not in ways:
        raise unknown("provider", name, [*known, *ways], "esimctl providers list")
    target = ways.get(name)
    found = [reach for reach in reaches(session.profile) if reach.owner == name]
    if target is not None:
        found.append(target_reach(name, target.kind, target.value))
    given = trust_of(session).held(found)
    if given:
        trust_of(session).give(given)
    if name not in known:
        return list_targets(session)
    result = Result("provider", ProviderDocument(provider=entry(session, name)))
    if given:
        result.note("from now on {provider} is asked with {what}", provider=Raw(name), what=Raw(trusting.listed(given)))
    else:
        result.note("nothing of {provider} waits for your word", provider=Raw(name))
    return result
