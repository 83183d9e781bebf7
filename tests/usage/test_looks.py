"""What a journalled reading says of data is the same whether the whole reading is made of it first or not."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esimctl.ledger.facts import ReadingFact
from esimctl.providers.protocol import Reading, ReadingBucket
from esimctl.usage.kept import look, look_of
from esimctl.usage.last_reading import reading_of, reading_table
from esimctl.values.money import Money
from esimctl.values.record import fields

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)
OCTETS = st.none() | st.integers(0, 10**12)
INSTANTS = st.none() | st.integers(-100, 100).map(lambda days: AT + timedelta(days=days))
BUCKETS = st.builds(
    ReadingBucket, st.sampled_from(["a", "b"]), st.sampled_from(["base", "rollover", "topup"]),
    st.sampled_from(["data", "voice"]), OCTETS, OCTETS, INSTANTS, INSTANTS, shared=st.booleans(),
    unlimited=st.booleans(),
)  # fmt: skip
READINGS = st.builds(
    Reading, st.just(AT), st.sampled_from(["active", "expired", "unknown"]), granted_bytes=OCTETS, used_bytes=OCTETS,
    remaining_bytes=OCTETS, unlimited=st.booleans(), expires_at=INSTANTS, out_of_bucket_bytes=OCTETS,
    forfeited_bytes=OCTETS, buckets=st.lists(BUCKETS, max_size=3).map(tuple),
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure
@given(READINGS)
def test_two_ways_to_one_look(reading: Reading) -> None:
    """By way of the whole reading, and straight from the journal's table."""
    fact = ReadingFact("phone", reading.at, "provider", reading_table(reading), AT, 1)
    assert look_of(fact) == look(reading_of(fact)) == look(reading)


def test_a_table_that_says_nothing() -> None:
    """Unknown is None, and nothing is made up."""
    told = look_of(ReadingFact("phone", AT, "manual", {}, AT, 1))
    assert (told.status, told.granted, told.used, told.remaining, told.bucketed) == ("unknown", None, None, None, False)


SAID = {
    "int": 7, "int | None": 7, "str": "a word", "str | None": "a word", "bool": True, "bool | None": True,
    "datetime | None": AT, "Money | None": Money(125, "USD"),
}  # fmt: skip


def said(kind: type[Reading] | type[ReadingBucket]) -> dict[str, object]:
    """Every field of a value with something in it that is not its default."""
    words = {name: str(getattr(each, "__name__", each)) for name, each in kind.__annotations__.items()}
    of_its_own = {"at", "buckets", "ahead"}
    return {name: SAID[word.rsplit(".")[-1]] for name, word in words.items() if name not in of_its_own}


def test_every_field_of_a_reading_comes_back_from_the_journal() -> None:
    """One that was forgotten where the table is read would be unknown from the next start on."""
    bucket = ReadingBucket(**said(ReadingBucket))  # type: ignore[arg-type]
    reading = Reading(at=AT, buckets=(bucket,), ahead=(bucket, bucket), **said(Reading))  # type: ignore[arg-type]
    assert all(getattr(reading, name) != default for name, default in fields(reading).items())
    assert reading_of(ReadingFact("phone", AT, "provider", reading_table(reading), AT, 1)) == reading
