"""Every kind of journal entry, as data: a kind is one line of KINDS, a field has one type wherever it occurs.

An entry is a plain dict: `seq` (dense, from 1), `at` (aware datetime), `kind`, then the fields of its kind. Amounts are
integer minor units beside their currency. Absent means unknown; None is never written.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache, partial
from typing import Any, Final

from esimctl.values.regex import regex
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import Toml

Entry = dict[str, Toml]

TEXT_LIMIT: Final = 1 << 20  #: characters of one text; a stored request is the longest
DEPTH_LIMIT: Final = 12  #: of tables within tables
INTEGER_LIMIT: Final = 1 << 63  #: TOML readers elsewhere have 64 bits

#: field → type; `?` after a field's name in KINDS makes it optional, `*` admits any further field.
FIELDS: Final[Mapping[str, str]] = {
    "acknowledged": "flag", "alert": "text", "amount_currency": "currency", "amount_minor": "count", "at": "time",
    "balance_minor": "int", "charged": "flag", "claim": "text", "claims": "texts", "class": "text",
    "confirmed_by": "provider|user", "currency": "currency", "data": "table", "data_bytes": "count",
    "decision": "text", "digest": "text",
    "discrepancy": "text", "endpoint": "text", "expected_minor": "int", "expires_at": "time", "file": "text",
    "changed": "table", "fee_currency": "currency", "fee_minor": "count", "from": "text", "generation": "count",
    "granted_before": "count", "heads": "heads", "holds": "table", "machine": "text", "since": "time",
    "iccid": "text", "key": "text", "kind": "text", "limit_currency": "currency", "limit_minor": "count",
    "line": "text", "max_price_minor": "count", "message": "text", "method": "text", "method_kind": "text",
    "msisdn": "text", "n": "count", "note": "text", "octets": "int", "ok": "flag", "order": "text",
    "order_kind": "new|renew|topup|gift", "ordered_at": "time", "packs_before": "count", "paid_currency": "currency",
    "paid_minor": "count", "paid_at": "time", "plan": "text", "play": "flag",
    "postings": "postings", "price_minor": "count", "promotion": "text", "provider": "text", "provider_line": "text",
    "provider_order": "text", "refund_at": "time", "refund_currency": "currency", "refund_minor": "count",
    "read_at": "time", "reason": "text", "reference": "text", "request": "text",
    "request_id": "text", "request_sha256": "text", "rule": "text", "seq": "count", "sha256": "text", "size": "count",
    "source": "text", "stood": "time", "terms": "table", "text": "text", "their_time": "time", "tier": "A|B|C|D",
    "to": "text", "undoes": "count", "until": "time", "use_by": "time", "wallet_before_minor": "int", "what": "text",
}  # fmt: skip

#: kind → its fields. Adding a kind is adding a line; a field of a new name needs its type in FIELDS as well.
KINDS: Final[Mapping[str, str]] = {
    "order.prepared": "order order_kind line provider price_minor currency method method_kind request_id key tier"
    " endpoint request request_sha256 source postings plan? amount_minor? amount_currency? terms? max_price_minor?"
    " promotion? claims? holds? wallet_before_minor? provider_line? iccid? generation? granted_before?"
    " packs_before? play?",
    "order.attempted": "order n their_time?",
    "order.accepted": "order provider_order? charged? iccid? reference? msisdn? use_by? expires_at? reason? message?",
    "order.unknown": "order reason charged? provider_order? message?",
    "order.settled": "order confirmed_by postings provider_order? paid_minor? paid_currency? iccid? reference? msisdn?"
    " use_by? expires_at? discrepancy? reason? fee_minor? fee_currency?",
    "order.rejected": "order reason postings message? provider_order?",
    "order.cancelled": "order reason postings message?",
    "order.manual": "order reason message?",
    "order.reopened": "order reason postings charged? provider_order?",
    "order.refunding": "order reason",
    "order.refunded": "order amount_minor currency postings reason?",
    "order.refund_denied": "order reason",
    "order.paid": "order paid_minor paid_currency postings reason? discrepancy?",
    "order.delivered": "order iccid? reference? msisdn? use_by? expires_at? provider_order?",
    "imported": "order order_kind line provider method price_minor currency ordered_at paid_at paid_minor?"
    " paid_currency? refund_minor? refund_currency? refund_at? plan? provider_order? promotion? reason?"
    " data_bytes? play?",
    "reading": "line read_at source data provider?",
    "reading.undone": "line undoes",
    "adjust": "line octets reason",
    "line.added": "line provider order? *",
    "line.renamed": "line to",
    "line.removed": "line reason?",
    "line.restated": "line since claim changed holds",
    "line.shared": "line to octets? claim?",
    "line.unshared": "line to",
    "line.gifted": "line to octets claim?",
    "assertion": "provider balance_minor currency ok expected_minor? postings?",
    "foreign": "provider provider_order amount_minor? currency? acknowledged? reason? ordered_at? order?"
    " plan? iccid? postings? play? *",
    "acknowledged": "what reason?",
    "attached": "order file sha256 size note?",
    "alert": "alert class key text line? rule? order? *",
    "rule.confirmed": "rule digest line? limit_minor? limit_currency? *",
    "rule.disabled": "rule reason?",
    "rule.paused": "rule? reason? until?",
    "rule.resumed": "rule? reason?",
    "rule.suspended": "rule reason",
    "rule.decision": "rule line decision reason order? *",
    "note": "text *",
    "clock.set": "n since stood?",  # a person's word: the `n` entries from `since` to `stood` are of the time before it
    "restored": "from heads? *",
    "reconciled": "ok provider? *",
    "merged": "from heads *",
    "rules.moved": "machine",
}

_SCALARS: Final = frozenset({str, int, bool, datetime})
_CURRENCY = regex(r"[A-Z]{3}\Z")


@cache
def fields_of(kind: str) -> tuple[frozenset[str], frozenset[str], bool]:
    """The required and the optional fields of a kind, and whether it admits others. KeyError for an unknown kind."""
    words = KINDS[kind].split()
    required = frozenset(word for word in words if word[-1] not in "?*") | {"seq", "at", "kind"}
    return required, frozenset(word[:-1] for word in words if word[-1] == "?"), "*" in words


def check_entry(table: Mapping[str, Toml], *, writing: bool = False) -> list[Sentence]:
    """What is wrong with an entry, in sentences; empty when it is right.

    An unknown field is tolerated when reading (a newer minor version wrote it) and refused when `writing`; an unknown
    kind is refused always.
    """
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        return [Sentence("unknown kind {kind}", {"kind": Raw(repr(kind))})]
    required, _, free = fields_of(kind)
    problems = []
    if not table.keys() >= required:
        problems = [_of(kind, name, Sentence("is missing")) for name in sorted(required - table.keys())]
    checks = _checks(kind)
    for name, value in table.items():
        if name in checks:
            problem = checks[name](value)
        elif writing and not free:
            problem = Sentence("is not a field of this kind")
        else:
            problem = _nested(value)
        if problem:
            problems.append(_of(kind, name, problem))
    return problems


def _of(kind: str, name: str, problem: Sentence) -> Sentence:
    return Sentence("{kind}: `{name}` {problem}", {"kind": Raw(kind), "name": Raw(name), "problem": problem})


@cache
def _checks(kind: str) -> dict[str, Callable[[Any], Sentence | None]]:
    """For each field of a kind, what says whether a value is of its type."""
    required, optional, _ = fields_of(kind)
    return {name: _TYPES.get(FIELDS[name]) or partial(_one_of, FIELDS[name]) for name in required | optional}


def is_newer(table: Mapping[str, Toml]) -> bool:
    """Whether an entry says of what kind it is, and this version does not know that kind: a newer one wrote it."""
    kind = table.get("kind")
    return isinstance(kind, str) and kind not in KINDS


def without_none(table: Mapping[str, Toml]) -> Entry:
    """A copy without the keys whose value is None, at any depth: absent is how the journal says unknown."""
    return {
        key: value if value.__class__ in _SCALARS else _plain(value)
        for key, value in table.items()
        if value is not None
    }


def is_outcome(entry: Mapping[str, Toml]) -> bool:
    """It says what became of an order that may have left: it must be written whatever it carries."""
    kind = str(entry.get("kind"))
    return kind.startswith("order.") and kind not in ("order.prepared", "order.attempted")


def mended(value: Any) -> Any:
    """A copy whose texts can be written: halves of surrogate pairs become `?`, what is too long is cut."""
    if isinstance(value, str):
        return value[:TEXT_LIMIT].encode(errors="replace").decode()
    if isinstance(value, Mapping):
        return {mended(key): mended(item) for key, item in value.items()}
    return [mended(item) for item in value] if isinstance(value, list) else value


def _plain(value: Toml) -> Toml:
    if isinstance(value, Mapping):
        return without_none(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value if item is not None]
    return value


def _one_of(choices: str, value: Any) -> Sentence | None:
    return (
        None
        if isinstance(value, str) and value in choices.split("|")
        else Sentence("must be one of {words}", {"words": Raw(choices)})
    )


def _text(value: Any) -> Sentence | None:
    if not isinstance(value, str):
        return Sentence("must be text")
    if len(value) > TEXT_LIMIT:
        return Sentence("is too long")
    if value.isascii():
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return Sentence("holds half of a surrogate pair")
    return None


def _int(value: Any) -> Sentence | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return Sentence("must be an integer")
    return None if -INTEGER_LIMIT <= value < INTEGER_LIMIT else Sentence("is beyond 64 bits")


def _count(value: Any) -> Sentence | None:
    return _int(value) or (None if value >= 0 else Sentence("must not be negative"))


def _flag(value: Any) -> Sentence | None:
    return None if isinstance(value, bool) else Sentence("must be true or false")


def _time(value: Any) -> Sentence | None:
    return (
        None
        if isinstance(value, datetime) and value.utcoffset() is not None
        else Sentence("must be an instant with an offset")
    )


def _currency(value: Any) -> Sentence | None:
    return (
        None
        if isinstance(value, str) and _CURRENCY.match(value)
        else Sentence("must be a currency of three capital letters")
    )


def _texts(value: Any) -> Sentence | None:
    if not isinstance(value, list):
        return Sentence("must be a list of texts")
    return next((problem for item in value if (problem := _text(item))), None)


def _table(value: Any) -> Sentence | None:
    return _nested(value) if isinstance(value, Mapping) else Sentence("must be a table")


def _nested(value: Any, depth: int = 0) -> Sentence | None:
    if depth > DEPTH_LIMIT:
        return Sentence("is nested too deeply")
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return _int(value)
    if isinstance(value, datetime):
        return _time(value)
    if isinstance(value, date):
        return None
    if isinstance(value, Mapping):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list):
        return next((problem for item in value if (problem := _nested(item, depth + 1))), None)
    said = "holds a {type}, which has no place beside money and octets"
    return Sentence(said, {"type": Raw(type(value).__name__)})


def _postings(value: Any) -> Sentence | None:
    if not isinstance(value, list):
        return Sentence("must be a list of postings")
    for posting in value:
        if not isinstance(posting, Mapping) or posting.keys() != {"account", "currency", "minor"}:
            return Sentence("must hold postings of account, currency and minor")
        problem = _text(posting["account"]) or _currency(posting["currency"]) or _int(posting["minor"])
        if problem:
            return Sentence("holds a posting that {problem}", {"problem": problem})
    return None


def _heads(value: Any) -> Sentence | None:
    if not isinstance(value, list):
        return Sentence("must be a list of heads")
    for head in value:
        if not isinstance(head, Mapping) or head.keys() != {"seq", "hash"}:
            return Sentence("must hold heads of seq and hash")
        problem = _count(head["seq"]) or _text(head["hash"])
        if problem:
            return Sentence("holds a head that {problem}", {"problem": problem})
    return None


_TYPES: Final[Mapping[str, Callable[[Any], Sentence | None]]] = {
    "text": _text, "int": _int, "count": _count, "flag": _flag, "time": _time, "currency": _currency,
    "texts": _texts, "table": _table, "postings": _postings, "heads": _heads,
}  # fmt: skip
