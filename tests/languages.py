"""`python -m tests.languages` brings the message catalogues up to date with the code, and compiles them.

Collected are: sentences given to `say`, to notes and to errors; tables of words; help pages; names of columns. What is
translated already stays; new sentences stand in the .po without a translation until somebody writes one, and a test
counts them.
"""

import ast
import struct
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

from esimctl import errors
from esimctl.catalogue.tips import tips
from esimctl.cli import AUTOMATION, COMMANDS, EVERYDAY, MONEY, RECORDS, SETUP, application
from esimctl.cli.pages import pages
from esimctl.environment import VARIABLES
from esimctl.errors import EXIT_CODES, EsimctlError
from esimctl.show.page import paragraphs
from esimctl.show.pages import FORMATS, VALUES
from esimctl.show.present import VIEWS
from esimctl.show.view import Column, View
from esimctl.values.sentence import SaidError

PACKAGE = Path(__file__).parent.parent / "esimctl"
LOCALE = PACKAGE / "locale"

#: folder → its plural rule and the name of the language
CATALOGUES = {
    "zh_CN": ("nplurals=1; plural=0;", "Simplified Chinese"),
    "km": ("nplurals=1; plural=0;", "Khmer"),
}

#: Calls whose first argument (or `hint=`, `instead=`) is a sentence, beside the classes of errors.
POSITIONS = {
    "Condition": 3,
    "Due": 1,
    "wrong": 1,
    "_wrong": 1,
    "Refusal": 1,
    "NotOffered": 1,
}  #: calls whose sentence is another argument
SPEAKERS = {
    "Sentence", "say", "note", "hint_next", "unknown", "confirm", "ask", "ask_secret", "speak", "english", "BadValue",
}  # fmt: skip
NAMED = {"hint", "instead", "empty", "said"}

#: Words that stand in documents and are translated for people: states, kinds, categories and the like.
WORDS = (
    "new", "renew", "topup", "gift", "overage", "planned", "prepared", "attempted", "accepted", "unknown", "settled",
    "rejected", "cancelled", "manual", "refunding", "refunded", "pending", "active", "suspended", "expired",
    "closed", "base", "rollover", "addon", "promo", "window", "shared", "monetary", "emergency", "carry", "none",
    "promo-only", "not-applicable", "ok", "warn", "fail", "yes", "no", "disabled", "armed", "coverage", "balance",
    "credentials", "clock", "journal", "recorded", "duplicate", "outdated", "future", "event", "day", "week", "month",
    "records", "readings", "spread", "undone", "buys", "asks", "reminds", "social",
    "unlimited", "unconfirmed", "paused", "terminated", "confirmed", "decision", "resumed", "credit-card", "debit-card",
    "bank-transfer", "e-wallet", "cash", "provider-balance", "main-balance", "esim", "check-on-device", "all",
    "declined", "malformed", "redirected", "timeout", "unauthorized", "unreachable",
    "catalogue file", "kind of provider", "line", "order", "payment method", "plan", "profile", "provider", "rule",
    "tag", "target", "name", "city", "merchant id", "account", "bank",
    "limited", "fair-use", "demo", "promotion", "claim", "carrier", "device",
    "low", "ended", "now", "ends", "left", "done", "open", "on", "off", "renewal", "top-up", "nothing",
    "bought", "removed", "resumed", "gift",
    "always", "rarely", "reliable", "you", "Network", "Coverage", "Loan", "Plans", "Prices", "Status", "Complaints",
    "Receipts", "Payment", "Registration", "eSIM", "Standing", "Promotions", "APN", "Balance", "Unsubscribe", "Roaming",
    "Website", "add-on", "money",
    "changed", "dated", "loan", "network", "notices", "payment", "prices", "receipts", "registration", "reliability",
    "slower", "stops", "visitors", "wallets",
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    "to confirm", "bought by", "purchases", "spent", "lost money", "Total",
    "Spent", "Purchases", "Bought", "Used", "Lost", "Received",
)  # fmt: skip

#: what has no word of its own, but an order that is a language's
ORDERED = {"{day} {year}", "{before}, {more}", "{said}.", "{month}: {spent}, {used}, {lost}"}

#: Names in other modules whose values are sentences: tables and constants.
TABLES = (
    "ATTENTION",
    "NEXT",
    "SENTENCES",
    "REASONS",
    "EXPLANATIONS",
    "STEPS",
    "WORDS",
    "TEXTS",
    "TOLD",
    "TEMPLATES",
    "DAYS_OF_MONTHS",
    "DAYS_OF_WEEKS",
    "SPANS",
    "NEEDS",
    "FACTS",
    "SOURCES",
    "TITLES",
    "WHOLE",
    "CALENDAR",
    "PRICE_LEVEL",
    "MONTHS",
    "NEXT_AT_COUNTER",
    "COUNTER",
    "COUNTER_NEW",
    "WEEKDAYS",
    "COPY",
    "UNITE",
    "WAYS",
    "WAY",
    "EDIT",
    "TAKE_ALONG",
)


#: Names of variables that hold a sentence in the room that shows.
VARIABLES_OF_TEXT = ("text", "sentence", "template", "title")


def error_names() -> set[str]:
    """Every class of errors, by name: failures of commands, and what pure functions refuse."""
    found = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, EsimctlError)}
    for path in PACKAGE.rglob("*.py"):
        if "SaidError)" in path.read_text("utf-8"):
            import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts))
    return {each.__name__ for each in (*found, SaidError, *SaidError.__subclasses__())}


def strings(node: ast.expr) -> Iterator[str]:
    """The sentences that an expression can be: a literal, or one of two."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from strings(node.body)
        yield from strings(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from strings(value)


def values(node: ast.expr) -> Iterator[str]:
    """Every sentence among the values of a table."""
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from values(value)
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for value in node.elts:
            yield from values(value)
    else:
        yield from (text for text in strings(node) if " " in text)


def in_code() -> Iterator[str]:
    """Sentences in calls and tables of every module."""
    speakers = SPEAKERS | error_names()
    for path in sorted(PACKAGE.rglob("*.py")):
        showing = path.parent.name in ("show", "cards") and path.name != "manpage.py"  # the manual is English
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield from in_call(node, speakers)
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = {target.id for target in targets if isinstance(target, ast.Name)}
                if names & NAMED:
                    yield from strings(node.value)
                elif names & set(TABLES) or (showing and names and isinstance(node.value, ast.Dict)):
                    yield from values(node.value)
                elif showing and names & set(VARIABLES_OF_TEXT):
                    yield from strings(node.value)


def in_call(node: ast.Call, speakers: set[str]) -> Iterator[str]:
    """Sentences that a call is given: it speaks by its name, or is an error by its `hint=` or `code=`."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    error = any(keyword.arg in {"hint", "code"} for keyword in node.keywords)
    if name == "MessageDocument":
        yield from (text for keyword in node.keywords if keyword.arg == "text" for text in strings(keyword.value))
    if name in POSITIONS and len(node.args) > POSITIONS[name]:
        yield from strings(node.args[POSITIONS[name]])
    if name == "parsed":
        yield from (text for keyword in node.keywords if keyword.arg == "why" for text in strings(keyword.value))
    for keyword in node.keywords:
        if keyword.arg == "showing":  # what stands under a list that is not shown whole
            yield from strings(keyword.value)
    if (name not in speakers and not error) or name == "unknown":
        return
    if node.args:
        yield from strings(node.args[0])
    for keyword in node.keywords:
        if keyword.arg in NAMED:
            yield from strings(keyword.value)


def in_pages() -> Iterator[str]:
    """What help pages say."""
    yield from (EVERYDAY, MONEY, AUTOMATION, RECORDS, SETUP, "Commands")
    yield from (entry.help for entry in COMMANDS.values())
    for page in pages(application()):
        yield from paragraphs(page.summary)
        yield from (word.help for word in (*page.arguments, *page.options) if word.help)
        if page.closing:
            yield page.closing
    yield from ("Arguments", "Options", "Environment", "Output", "Values")
    yield from ("Every command", "Commands that show a list", "Commands that spend money or change rules")
    yield from ("What helps", "Whom to call", "Accounts", "a carrier's app or site", "a bank or a wallet")
    for meaning, moved in EXIT_CODES.values():
        yield from (meaning, moved)
    yield from (*VARIABLES.values(), *FORMATS.values(), *VALUES.values())


def in_views() -> Iterator[str]:
    """Headings of tables, and what stands in place of an empty one."""
    for module_name in sorted(set(VIEWS.values())):
        module = import_module(f"esimctl.show.cards.{module_name}")
        for view in getattr(module, "VIEWS", {}).values():
            assert isinstance(view, View)
            if view.empty:
                yield view.empty
            yield view.showing
            yield from headings(view.columns)
        for value in vars(module).values():
            if isinstance(value, tuple | list):
                yield from headings(value)


def headings(columns: Iterable[object]) -> Iterator[str]:
    """The names of those that are columns, as they stand above them."""
    for column in columns:
        if isinstance(column, Column):
            yield column.name.removesuffix("_bytes").replace("_", " ").replace("-", " ")


def collected() -> list[str]:
    """Every sentence, once, in a stable order."""
    found = {
        text
        for text in (*in_code(), *in_pages(), *in_views(), *WORDS, *(tip.text for tip in tips()))
        if text.strip(" {}") and _speaks(text)
    }
    return sorted(found | ORDERED)


def _speaks(text: str) -> bool:
    """Whether there is anything to translate: a command to type, an option or a bare parameter is not."""
    bare = text.strip()
    if bare.startswith(("--", "esimctl ")) and ", " not in bare and ": " not in bare:
        return False
    return any(part.strip(" :.,-|/()'\"!?…").isalpha() for part in _without_parameters(bare).split())


def _without_parameters(text: str) -> str:
    out, depth = "", 0
    for character in text:
        depth += (character == "{") - (character == "}")
        out += character if depth == 0 and character != "}" else ""
    return out


def quoted(text: str) -> str:
    """A string of a .po file."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def read_po(path: Path) -> dict[str, str]:
    """msgid → msgstr of a file that `write_po` wrote: a line each."""
    found: dict[str, str] = {}
    msgid = None
    if not path.exists():
        return found
    for line in path.read_text("utf-8").splitlines():
        word, _, rest = line.partition(" ")
        if word == "msgid":
            msgid = ast.literal_eval(rest)
        elif word == "msgstr" and msgid:
            found[msgid] = ast.literal_eval(rest)
    return found


def header(folder: str) -> str:
    """The entry that describes a catalogue."""
    plural, _ = CATALOGUES[folder]
    return (
        f"Project-Id-Version: esimctl\nLanguage: {folder}\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\nPlural-Forms: {plural}\n"
    )


def write_po(path: Path, folder: str, messages: Iterable[str], translated: dict[str, str]) -> None:
    """The catalogue in the order of the sentences."""
    lines = [f"# esimctl in {CATALOGUES[folder][1]}.", 'msgid ""', f"msgstr {quoted(header(folder))}", ""]
    for message in messages:
        if "{" in message:
            lines.append("#, python-brace-format")
        lines += [f"msgid {quoted(message)}", f"msgstr {quoted(translated.get(message, ''))}", ""]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), "utf-8")


def compiled(folder: str, translated: dict[str, str]) -> bytes:
    """The .mo file: the same bytes for the same sentences, on every machine."""
    pairs = sorted({"": header(folder), **{key: value for key, value in translated.items() if value}}.items())
    ids, texts = b"", b""
    offsets = []
    for msgid, msgstr in pairs:
        left, right = msgid.encode(), msgstr.encode()
        offsets.append((len(left), len(ids), len(right), len(texts)))
        ids += left + b"\0"
        texts += right + b"\0"
    start = 28 + 16 * len(pairs)
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    table_ids = b"".join(struct.pack("<2I", length, start + at) for length, at, _, _ in offsets)
    table_texts = b"".join(struct.pack("<2I", length, start + len(ids) + at) for _, _, length, at in offsets)
    return head + table_ids + table_texts + ids + texts


def place(folder: str) -> Path:
    """Where a catalogue is."""
    return LOCALE / folder / "LC_MESSAGES" / "esimctl.po"


def main() -> int:
    """Update and compile every catalogue; 1 where a sentence has no translation yet."""
    messages = collected()
    missing = 0
    for folder in CATALOGUES:
        translated = read_po(place(folder))
        kept = {message: translated.get(message, "") for message in messages}
        write_po(place(folder), folder, messages, kept)
        place(folder).with_suffix(".mo").write_bytes(compiled(folder, kept))
        open_ones = [message for message in messages if not kept[message]]
        missing += len(open_ones)
        print(f"{folder}: {len(messages)} sentences, {len(open_ones)} without a translation")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
