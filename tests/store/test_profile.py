"""profile.toml: comments survive, hand edits win and show, no flipped bit changes a setting unseen."""

import re
import stat
import subprocess
import sys
import tomllib

import pytest

from esimctl.errors import ConfigurationError
from esimctl.store.profile import parse_profile, sealed
from tests.store.conftest import CONTENT, Failing

HAND = """# my lines
schema = 1

[settings]
zone = "Asia/Phnom_Penh"  # home
# limits are dear to me
[settings.limits]
per_month = "20.00 USD"

[line.phone]
provider = "sandbox"
iccid = "8985500000000000001"
"""


def test_a_new_profile_begins_with_its_schema_and_is_as_we_wrote_it(store):
    profile = store.profile.read()
    assert profile.doc == {"schema": 1, **CONTENT}
    assert next(iter(profile.doc)) == "schema"
    assert not profile.by_hand
    assert stat.S_IMODE(store.profile.path.stat().st_mode) == 0o600


def test_edits_keep_comments_and_order(store):
    store.profile.path.write_text(HAND)
    store.profile.set_table("line", "tablet", {"provider": "manual", "note": None})
    text = store.profile.path.read_text()
    assert text.startswith(HAND.rstrip("\n"))
    assert tomllib.loads(text)["line"]["tablet"] == {"provider": "manual"}
    store.profile.remove_table("line", "tablet")
    assert "tablet" not in store.profile.path.read_text()
    assert "# limits are dear to me" in store.profile.path.read_text()


def test_tables_are_made_changed_renamed_and_removed(store):
    profile = store.profile
    profile.set_table("line", "phone", {"provider": "sandbox", "plan": "a"})
    profile.set_table("line", "phone", {"plan": "b", "provider": None})
    assert profile.read().section("line") == {"phone": {"plan": "b"}}
    profile.rename_table("line", "phone", "mobile")
    assert profile.read().section("line") == {"mobile": {"plan": "b"}}
    with pytest.raises(KeyError):
        profile.rename_table("line", "phone", "x")
    profile.remove_table("line", "mobile")
    assert profile.read().section("line") == {}
    assert not profile.read().by_hand


@pytest.mark.parametrize("text", ['a"\n[settings]\nzone = "x', "'''", "\\", "x\ny", "]", "\u2028"])
def test_hostile_text_cannot_write_a_key(store, text):
    store.profile.set_table("line", "phone", {"provider": "sandbox", "note": text})
    doc = store.profile.read().doc
    assert doc["line"]["phone"] == {"provider": "sandbox", "note": text}
    assert doc["settings"] == CONTENT["settings"]


def test_every_flipped_bit_is_refused_or_shows(store):
    """0 silent changes: either the file cannot be used, or `by_hand` is true, or nothing that it says has changed."""
    data = store.profile.path.read_bytes()
    told = parse_profile(data).doc
    shown = 0
    for at in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[at] ^= 1 << bit
            try:
                profile = parse_profile(bytes(flipped))
            except ConfigurationError:
                continue
            shown += profile.by_hand
            assert profile.by_hand or profile.doc == told
            assert profile.by_hand, (at, bit)
    assert shown > len(data)


def test_every_cut_is_refused_or_shows(store):
    data = store.profile.path.read_bytes()
    for length in range(len(data)):
        try:
            profile = parse_profile(data[:length])
        except ConfigurationError:
            continue
        assert profile.by_hand


def test_a_hand_edit_stays_known_until_a_person_accepts_it(store):
    """An edit of ours must not launder a limit that something else changed."""
    path = store.profile.path
    path.write_text(path.read_text().replace("5.00 USD", "500.00 USD"))
    assert store.profile.read().by_hand
    store.profile.set_table("line", "phone", {"provider": "sandbox"})
    assert store.profile.read().by_hand
    store.profile.set_table("line", "tablet", {"provider": "sandbox"})
    assert store.profile.read().by_hand
    assert not store.profile.edit(len, accept=True).by_hand
    assert not store.profile.read().by_hand
    assert store.profile.read().doc["settings"]["limits"] == {"per_day": ["500.00 USD"]}


def test_a_hand_edit_during_an_edit_is_kept(store, monkeypatch):
    """Compare and swap: the same change is made again to what the person wrote meanwhile."""
    path, rounds = store.profile.path, []

    def change(doc):
        rounds.append(1)
        doc["settings"]["language"] = "km"
        if len(rounds) == 1:
            path.write_text(path.read_text().replace("Phnom_Penh", "Bangkok"))

    assert store.profile.edit(change).doc["settings"]["zone"] == "Asia/Bangkok"
    assert len(rounds) == 2
    assert store.profile.read().doc["settings"]["language"] == "km"
    assert store.profile.read().by_hand


def test_a_broken_hand_edit_during_an_edit_is_refused_and_left_alone(store):
    path = store.profile.path

    def change(doc):
        doc["settings"]["language"] = "km"
        path.write_text("half = ")

    with pytest.raises(ConfigurationError):
        store.profile.edit(change)
    assert path.read_text() == "half = "


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("schema = 1\n[settings\nzone = 1\n", "profile.toml, line 2, column 10"),
        ('schema = 1\n[settings]\nzone = "\n', "profile.toml, line 3, column 9"),
        ("schema = 1\n[line.a]\nplan = 3\n", "profile.toml, line 3: line.a.plan: must be a text"),
        (
            "schema = 1\n[payment]\ncard = 3\n",
            "profile.toml, line 3: payment.card: must be a table",
        ),
        ("schema = 1\nline = 3\n", "profile.toml, line 2: line: must be a table, not a whole number"),
        ("schema = 'x'\n", "profile.toml, line 1: schema: must be a whole number, not a text"),
        ("schema = 1\na = " + "[" * 3000, "profile.toml"),
        ("schema = 1\na = " + "9" * 5000, "profile.toml"),
    ],
)
def test_what_is_wrong_is_named_by_place(text, place):
    with pytest.raises(ConfigurationError) as caught:
        parse_profile(text.encode())
    assert caught.value.message.startswith(place)
    assert caught.value.exit_code == 78


def test_what_is_not_text_is_named_by_line():
    with pytest.raises(ConfigurationError) as caught:
        parse_profile(b'schema = 1\nzone = "\xff"\n')
    assert caught.value.message.startswith("profile.toml, line 2: is not UTF-8 text")


def test_a_newer_schema_is_refused_untouched(store):
    store.profile.path.write_bytes(sealed("schema = 2\n", by_hand=False))
    before = store.profile.path.read_bytes()
    with pytest.raises(ConfigurationError) as caught:
        store.profile.set_table("line", "a", {"plan": "x"})
    assert caught.value.code == "schema_too_new"
    assert store.profile.path.read_bytes() == before


def test_unknown_keys_are_warnings_and_are_kept(store):
    store.profile.path.write_text(HAND + "\n[settings.future]\na = 1\n[fresh]\n")
    profile = store.profile.read()
    said = [str(each.said) for each in profile.mistakes]
    assert [each.partition(": ")[2] for each in said] == ["unknown key settings.future", "unknown key fresh"]
    assert all(each.startswith("profile.toml, line ") for each in said)
    store.profile.set_table("line", "b", {"plan": "x"})
    assert store.profile.read().doc["settings"]["future"] == {"a": 1}


def test_ten_earlier_revisions_are_kept(store):
    for number in range(14):
        store.profile.set_table("line", "phone", {"plan": f"p{number}"})
    kept = sorted((store.folder / "backups").glob("profile-*.toml"))
    assert len(kept) == 10
    assert "p12" in kept[-1].read_text()
    assert kept[-1].name == "profile-000014.toml"


def test_an_edit_that_changes_nothing_writes_nothing(store):
    before = store.profile.path.stat()
    store.profile.set_table("payment", "sandbox-card", {"default": True})
    assert store.profile.path.stat().st_ino == before.st_ino


def test_every_failing_call_of_an_edit_leaves_the_old_or_the_new_profile(store, monkeypatch):
    """Fail call 1, 2, 3 … until a run survives."""

    def fail(name):
        raise OSError(5, "input/output error")

    failing = Failing(monkeypatch, ("open", "write", "fsync", "rename", "close"), fail)
    for number in failing.rounds():
        try:
            store.profile.set_table("line", "phone", {"plan": f"p{number}"})
            done = True
        except OSError:
            done = False
        wanted, failing.at = failing.at, 0
        doc = store.profile.read().doc
        assert doc["settings"] == CONTENT["settings"]
        if done:
            assert doc["line"]["phone"] == {"plan": f"p{number}"}
        assert not (done and list(store.folder.glob("*.tmp")))
        failing.at = wanted
    assert done
    assert number > 5


def test_reading_imports_nothing_that_is_slow(store):
    """The shortest command reads the profile and the derived document, and pays for tomllib alone."""
    code = (
        "import sys; from pathlib import Path; from esimctl.store.folder import Store;"
        "s = Store(Path(sys.argv[1]), 'default'); s.profile.read();"
        "s.state.read('x'); s.paused();"
        "print(' '.join(sorted(m for m in sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, str(store.home)], capture_output=True, text=True, check=True
    ).stdout
    heavy = {
        "tomlkit",
        "tomli_w",
        "tarfile",
        "tempfile",
        "hashlib",
        "json",
        "logging",
        "sqlite3",
        "secrets",
        "platformdirs",
        "httpcore",
    }
    assert not heavy & set(out.split())


def test_the_hint_names_a_way_out():
    with pytest.raises(ConfigurationError) as caught:
        parse_profile(b"x")
    assert caught.value.hint is not None
    assert re.search("backups", caught.value.hint)
