"""`lines install`: an eSIM onto a card through lpac, or the steps for a phone. The code is a secret all the way."""

from typing import TYPE_CHECKING

from esimctl.documents.lines import InstallDocument, InstallGuideDocument
from esimctl.documents.result import Result
from esimctl.errors import ConfigurationError, ExitCode, Refused, UnknownOutcome, UsageError
from esimctl.ledger.lives import identity
from esimctl.lines.lines import activation_code
from esimctl.profile.books import open_books
from esimctl.profile.codes import codes_of_line
from esimctl.providers.lpa import ActivationCode, luhn_valid, mask, same_iccid, valid_iccid
from esimctl.purchase.document import activation
from esimctl.values.sentence import Raw, Sentence, either
from esimctl.values.text import is_clean, nearest
from esimctl.values.toml import text_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from esimctl.profile.opened import Session
    from esimctl.providers.lpac import Lpac, Said

PLACES = ("card", "ios", "android")
LPAC = "ESIMCTL_LPAC"
LONGEST_CONFIRMATION = 64  #: characters

#: place → the steps, by name; the words stand where they are shown.
GUIDES = {
    "ios": ("wifi", "qr", "ios-scan", "by-hand", "ios-link", "confirmation", "ios-roaming"),
    "android": ("wifi", "qr", "android-scan", "android-by-hand", "android-link", "confirmation", "android-roaming"),
}


def check_place(place: str) -> None:
    """A card, or one of the two kinds of phones."""
    if place not in PLACES:
        close = nearest(place, PLACES)
        raise UsageError(
            "--on takes card, ios or android, not {place!r}",
            hint="did you mean {near}?" if close else None,
            code="unknown_place",
            place=Raw(place),
            near=either(close),
        )


def code_of(session: "Session", line: str) -> tuple[ActivationCode, str | None]:
    """The activation code of a line and its confirmation code, where one is kept."""
    code = ActivationCode.parse(activation_code(session, line))
    secrets = codes_of_line(session, line)
    return code, None if secrets is None else secrets.get("confirmation_code")


def keep_confirmation(session: "Session", line: str, text: str | None) -> str | None:
    """Keep a confirmation code with the line, in its vault; what was kept before is replaced."""
    if not text:
        return None
    if not is_clean(text, LONGEST_CONFIRMATION):
        raise UsageError("that is not a confirmation code", code="bad_confirmation_code")
    with open_books(session, f"confirmation code of {line}") as books:
        session.store.vault.write(identity(books.ledger, line), {"confirmation_code": text})
    return text


def guide(session: "Session", line: str, place: str, *, reveal: bool) -> "Result[InstallGuideDocument]":
    """The steps on a phone, in order; secret parts are masked unless asked for."""
    code, kept = code_of(session, line)
    asked = code.confirmation_required or kept is not None
    steps = [step for step in GUIDES[place] if step != "confirmation" or asked]
    shown = code if reveal else code.masked()
    document = InstallGuideDocument(
        line=line,
        on=place,
        steps=steps,
        address=code.host,
        matching_id=shown.matching_id,
        activation=activation(code.text, text_at(session.line(line), "iccid"), None, reveal=reveal),
    )
    return Result("install-guide", document)


def install(
    session: "Session",
    line: str,
    imei: str | None,
    confirmation: "Callable[[], str]",
    agreed: "Callable[[str | None], bool]",
    *,
    given: bool = False,
) -> "Result[InstallDocument]":
    """Hand the code to lpac and let it tell the servers afterwards. The eUICC is asked first, without the code.

    `confirmation` asks for the confirmation code where one is needed and none is kept, and where one was `given`: a
    seller's code counts whether or not the activation code says that there is one. `agreed` is told the EID.
    """
    from esimctl.providers.lpac import Lpac

    code, kept = code_of(session, line)
    if imei is not None and not (len(imei) == 15 and luhn_valid(imei)):
        raise UsageError("an IMEI has 15 digits, the last of them checks the others", code="bad_imei")
    program = Lpac(session.environ.get(LPAC) or "lpac", session.environ)
    session.progress(Sentence("asking the eUICC"))
    eid = program.eid()
    if not agreed(eid):
        raise UsageError("nothing was installed", code="declined_by_you")
    secret = keep_confirmation(session, line, confirmation() if given else None) or kept
    if secret is None and code.confirmation_required:
        secret = confirmation()
    known = session.line(line).get("iccid")
    before = None if known is not None else program.profiles()
    session.progress(Sentence("installing"))
    try:
        said = program.download(code.text, secret, imei, session.progress)
    except UnknownOutcome:
        said = seen(session, program, None if known is None else str(known), before)
    if not said.ok:
        hidden = {text for text in (code.text, code.matching_id, secret) if text}
        raise Refused(
            "the eSIM was not installed: {step} {detail}",
            hint="a code works once; esimctl lines show {line}",
            code="install_failed",
            step=Raw(_without(said.message, hidden)),
            detail=Raw(_without(said.detail, hidden)),
            line=Raw(line),
        )
    session.progress(Sentence("telling the servers"))
    notified = program.notify()
    iccid = None if said.data is None else said.data.exact("iccid")
    told = iccid if isinstance(iccid, str) and valid_iccid(iccid) else None
    document = InstallDocument(
        line=line,
        installed=True,
        iccid=None if told is None else mask(told),
        eid=None if eid is None else mask(eid),
        notified=notified,
    )
    result = Result("install", document, ExitCode.DONE if notified else ExitCode.ATTENTION)
    if told is not None and known is not None and not same_iccid(told, str(known)):
        result.note(
            "the installed profile has another ICCID than {line} in the profile: {iccid}",
            line=Raw(line),
            iccid=Raw(mask(told)),
        )
    if not notified:
        result.note("the servers were not told yet: lpac notification process -a -r")
    return result


def seen(session: "Session", program: "Lpac", known: str | None, before: frozenset[str] | None) -> "Said":
    """What became of an installation that ended without a word: the profile is on the eUICC, or it is not.

    Raises UnknownOutcome where the eUICC does not say, ConfigurationError for an lpac that cannot install.
    """
    from esimctl.providers.lpac import Said, no_word
    from esimctl.providers.strict_json import JsonObject

    session.progress(Sentence("reading what is on the eUICC"))
    now = program.profiles()
    if now is None or (known is None and before is None):
        raise no_word()
    fresh = now & {known.rstrip("Ff")} if known is not None else now - (before or frozenset())
    if fresh:
        return Said(0, "success", "", JsonObject({"iccid": min(fresh)}))
    if (version := program.too_old()) is not None:
        raise ConfigurationError(
            "lpac {version} is too old: it takes activation codes from 2.0.2 on",
            hint="install a newer lpac, or ESIMCTL_LPAC=/path/to/lpac",
            code="lpac_too_old",
            version=Raw(version),
        )
    return Said(-1, "no_answer", "the profile is not on the eUICC")


def _without(text: str, secrets: set[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
