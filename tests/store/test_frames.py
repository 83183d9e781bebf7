"""Frames: every prefix and every flipped bit of a journal is healed or detected; no value changes silently."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.store import frames
from esimctl.store.frames import GENESIS, walk
from tests.ledger.samples import START, numbered

ENTRIES = numbered(
    *({"kind": "adjust", "at": START, "line": "a", "octets": 1250 + n, "reason": f"r{n}"} for n in range(5))
)


def journal(entries=ENTRIES):
    """The bytes of a first segment with these entries."""
    data = frames.encode_head(1, 1, GENESIS)
    for entry in entries:
        data += frames.encode(entry, frames.hash_of(data))
    return data


WHOLE = journal()


def test_a_whole_journal_reads_back_and_is_plain_toml():
    seen = walk(WHOLE)
    assert (seen.entries, seen.torn, seen.damage, seen.good_length) == (ENTRIES, None, None, len(WHOLE))
    document = tomllib.loads(WHOLE.decode())
    assert next(iter(document)) == "schema"
    assert document["tx"] == ENTRIES


def test_every_prefix_is_the_entries_before_it_and_a_torn_tail():
    """A cut at any byte loses the record that was being written, and no other."""
    ends = [
        at + 1
        for at in range(len(WHOLE))
        if WHOLE[at : at + 1] == b"\n" and WHOLE[:at].rpartition(b"\n")[2][:2] == b"#!"
    ]
    assert len(ends) == 6
    for length in range(len(WHOLE)):
        seen = walk(WHOLE[:length])
        complete = [end for end in ends if end <= length]
        assert seen.entries == ENTRIES[: max(0, len(complete) - 1)]
        assert seen.damage is None
        assert seen.good_length == (complete[-1] if complete else 0)
        assert (seen.torn or b"") == WHOLE[seen.good_length : length]


def test_every_flipped_bit_is_detected():
    """What is read is always a beginning of what was written, and the rest is called damage, never quietly dropped.

    Only without its last line end the last record could as well have been cut.
    """
    silent = 0
    for at in range(len(WHOLE)):
        for bit in range(8):
            data = bytearray(WHOLE)
            data[at] ^= 1 << bit
            seen = walk(bytes(data))
            assert seen.entries == ENTRIES[: len(seen.entries)]
            silent += seen.damage is None and seen.torn is None
            assert seen.damage is not None or at == len(WHOLE) - 1, (at, bit)
    assert silent == 0


def test_zeros_where_the_last_record_should_be_are_a_torn_tail():
    """A file system may keep the length of an append and lose its bytes."""
    data = WHOLE + bytes(300)
    seen = walk(data)
    assert (seen.entries, seen.torn, seen.damage) == (ENTRIES, bytes(300), None)
    half = frames.encode({**ENTRIES[-1], "seq": 6}, frames.hash_of(WHOLE))
    assert walk(WHOLE + half[:40] + bytes(len(half) - 40)).torn is not None


def test_a_record_that_was_taken_out_is_damage():
    data = journal(ENTRIES[:2])
    later = frames.encode(ENTRIES[3], frames.hash_of(data))
    seen = walk(data + later)
    assert seen.damage is not None
    assert seen.entries == ENTRIES[:2]


def test_a_record_with_a_right_hash_but_a_wrong_number_is_damage():
    data = journal(ENTRIES[:2])
    seen = walk(data + frames.encode({**ENTRIES[2], "seq": 9}, frames.hash_of(data)))
    assert seen.damage is not None
    assert "9 stands where 3 should" in str(seen.damage.reason)


def test_damage_before_a_torn_tail_is_still_damage():
    """A good frame after the bad one shows that it was not a cut."""
    data = bytearray(WHOLE[:-20])
    data[len(journal(ENTRIES[:1])) + 30] ^= 1
    seen = walk(bytes(data))
    assert seen.damage is not None
    assert seen.entries == ENTRIES[:1]


HOSTILE = [
    'a"\ncap = 9',
    "\n#! 1 1 10 " + "0" * 32 + "\n",
    "'''",
    '"""',
    "\\",
    "\x00\x1b]0;x\x07",
    "\u2028\u202e",
    "#",
    "]]",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_a_value(text):
    (entry,) = numbered({"kind": "note", "at": START, "text": text, text: {"a": [{text: text}]}})
    assert walk(journal([entry])).entries == [entry]


@settings(max_examples=150, deadline=None)
@given(st.recursive(st.text() | st.integers(-(2**63), 2**63 - 1) | st.booleans(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))  # fmt: skip
def test_whatever_can_be_written_reads_back(value):
    entry = {"seq": 1, "kind": "note", "at": START, "text": "x", "data": value}
    try:
        framed = frames.encode(entry, GENESIS)
    except ValueError:
        return  # half a surrogate pair, or nesting that no reader takes: refused before anything is written
    assert walk(framed, headed=True).entries == [entry]


def test_what_toml_cannot_hold_is_refused_before_writing():
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    for bad in ("\ud800", deep, {1: 2}, None):
        with pytest.raises(ValueError):
            frames.encode({"seq": 1, "text": bad}, GENESIS)


PLAIN = st.text() | st.text(alphabet=st.characters(codec="ascii"))
PLAIN |= st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.just([])
PLAIN |= st.datetimes(timezones=st.timezones())


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.text(alphabet="ab_-. é", max_size=3), st.recursive(
    PLAIN, lambda inner: st.dictionaries(st.sampled_from(["a", "b-c", "d e", ""]), inner), max_leaves=8)))  # fmt: skip
def test_the_short_way_to_write_is_the_long_one(entry):
    """What is written without being read back has the serialiser's own bytes, and reads back as it was.

    The one difference is kept, since journals hold it: a table that holds nothing but tables has its line as well.
    """
    entry["text"] = "x" * 100
    block = frames.plain_block(entry)
    if block is not None:
        assert frames.parse(block)["tx"] == [entry]
        assert of_tables_alone(entry) or block == frames.to_toml({"tx": [entry]})


def of_tables_alone(table) -> bool:
    """Whether a table within this one has no value of its own, and others in it."""
    inner = [each for each in table.values() if isinstance(each, dict)]
    return any(
        (each and all(isinstance(one, dict) for one in each.values())) or of_tables_alone(each) for each in inner
    )


def test_a_table_of_tables_is_written_with_its_own_line():
    entry = {"text": "x" * 100, "data": {"of": {"deep": True}}}
    block = frames.plain_block(entry)
    assert block is not None
    assert b"\n[tx.data]\n" in block
    assert frames.parse(block)["tx"] == [entry] == frames.parse(frames.to_toml({"tx": [entry]}))["tx"]


def test_what_is_not_plain_takes_the_long_way():
    for value in ('"', "\\", "\n", [1], [{}], 1.5, START.replace(tzinfo=None), {"a b": 1}, {"a": "\x7f"}):
        assert frames.plain_block({"text": "x" * 100, "a": value}) is None, value
    plain = {"seq": 1, "at": START, "text": "x" * 100, "data": {"n": 1, "of": {"deep": True}}}
    assert frames.plain_block(plain) is not None
    assert frames.plain_block({"seq": 1}) is None, "on one line"


def test_a_name_in_any_script_is_plain():
    entry = {"text": "x" * 100, "plan": "ស្មាត 7 ថ្ងៃ, 每月 20GB, é\x85\u2028\ufeff\U0001f44d"}
    block = frames.plain_block(entry)
    assert block == frames.to_toml({"tx": [entry]})
    assert frames.parse(block)["tx"] == [entry]
    short = {"seq": 1, "plan": "ថ្ងៃ" * 12}
    assert frames.plain_block(short) is None, "on one line, by its characters"
