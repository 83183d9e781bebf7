"""Strict JSON, addresses, clocks and paces: what an adapter builds on."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esimctl.errors import ConfigurationError
from esimctl.malformed import Malformed, if_told
from esimctl.providers.accounts import Credentials, Forgetful, address_of, is_loopback, parse_address
from esimctl.providers.asking import LONGEST_WAIT, Limit, Pacer, retry_after, skew
from esimctl.providers.strict_json import JsonObject, as_objects, decode, read_object
from esimctl.store.cache import Cache

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b'{"a": 1, "a": 2}', b'{"a": NaN}', b'{"a": Infinity}', b"[" * 70 + b"]" * 70, b"[" * 9000, b"\xff",
        b'{"a": 1e999999999}', b'{"a": ' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_what_is_not_json_in_our_sense_is_malformed(body: bytes) -> None:
    """Keys twice, numbers that are none or absurd, too deep, not UTF-8, cut."""
    with pytest.raises(Malformed):
        decode(body)


@given(st.binary(max_size=200))
def test_bytes_never_break_the_reader(body: bytes) -> None:
    """A document or Malformed, nothing else."""
    said = ""
    try:
        decode(body)
    except Malformed as why:
        said = str(why)
    assert len(said) < 80


def test_fields_are_typed_and_no_float_appears() -> None:
    """Numbers may come as texts; a truth value is no number."""
    found = read_object(b'{"a": 0.1, "b": "7.50", "c": true, "d": 5.0, "e": "true", "f": null, "g": "x y"}')
    assert (found.number("a"), found.number("b")) == (Decimal("0.1"), Decimal("7.50"))
    assert (found.integer("d"), found.flag("e"), found.integer("f")) == (5, True, None)
    for read, key in ((found.number, "c"), (found.integer, "a"), (found.identifier, "g"), (found.integer, "g")):
        with pytest.raises(Malformed, match=f"^{key} is not a"):
            read(key)


def test_what_is_wrong_is_named_by_its_path() -> None:
    """Through objects and lists, by our names and by places in lists; what stands there is never repeated."""
    found = read_object(b'{"data": {"sims": [{"id": 1}, {"id": "secret value", "lpa": {}}]}, "none": null}')
    sims = found.inner("data").rows("sims")
    assert sims[0].id_of("id") == "1"
    for read, wrong in (
        (lambda: sims[1].identifier("id"), "data.sims[1].id is not an id"),
        (lambda: sims[1].maybe_text("lpa"), "data.sims[1].lpa is not a text"),
        (lambda: sims[0].id_of("x"), "data.sims[0].x is missing"),
        (lambda: found.inner("data").inner("sims"), "data.sims is not an object"),
        (lambda: found.listing("none"), "none is missing"),
        (lambda: sims[1].inner("lpa").telling("host", "id"), "no data.sims[1].lpa.host or data.sims[1].lpa.id"),
    ):
        with pytest.raises(Malformed) as caught:
            read()
        assert str(caught.value) == wrong


def test_a_part_that_is_not_there_is_empty_and_one_of_another_type_is_malformed() -> None:
    """Null and nothing are the same; a text is no object, unless nobody needs it to be one."""
    found = read_object(b'{"none": null, "text": "x", "list": [1], "object": {"0": {"n": 0}}}')
    assert not found.part("none")
    assert not found.part("gone")
    assert (found.maybe("text"), found.maybe("none"), found.exact("list")) == (None, None, None)
    assert [row.integer("n") for row in found.rows("object")] == [0]
    for read, key in ((found.part, "text"), (found.inner, "none"), (found.rows, "text"), (found.rows, "list")):
        with pytest.raises(Malformed):
            read(key)


def test_a_byte_order_mark_is_passed_over() -> None:
    """RFC 8259 lets a reader do so; the document behind it is the same."""
    assert decode(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_lists_come_as_lists_or_as_objects_by_index() -> None:
    """The order is that of the numbers, not of the texts."""
    found = as_objects(decode(b'{"10": {"n": 10}, "9": {"n": 9}}'), "it")
    assert [row.integer("n") for row in found] == [9, 10]
    assert as_objects(None, "it") == []
    with pytest.raises(Malformed):
        as_objects({"a": {}}, "it")


@pytest.mark.parametrize(
    "text", ["2026-11-21T03:00:00+0000", "2026-11-21T10:00:00+07:00", "2026-11-21 03:00:00", "2026-11-21T03:00:00.000Z"]
)
def test_instants_of_every_vendor_are_one_moment(text: str) -> None:
    """Without an offset they mean UTC."""
    assert JsonObject({"t": text}).instant("t") == NOW


@pytest.mark.parametrize(
    "text",
    [
        "http://api.example.com", "https://user:pw@api.example.com", "ftp://localhost", "https://", "api.example.com",
        "http://127.evil.example", "http://localhost.evil.example", "https://api.example.com/?key=1", "https://a b",
        "https://api.example.com/#x",
    ],
)  # fmt: skip
def test_addresses_that_may_not_be(text: str) -> None:
    """Plain http is for this machine alone, by its very name; credentials do not belong into an address."""
    with pytest.raises(ConfigurationError):
        parse_address(text, "ESIMCTL_AIRALO_BASE_URL")


def test_an_address_in_another_script_is_sent_in_ascii() -> None:
    """The host by IDNA, the path in percent; what is ASCII already stays as it is."""
    found = parse_address("https://b\u00fccher.example:8443/\u00e4/v%20b/", "x")
    assert found.root == "https://xn--bcher-kva.example:8443/%C3%A4/v%20b"
    with pytest.raises(ConfigurationError):
        parse_address("https://b\u00fccher..example", "x")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_has_many_names(host: str) -> None:
    """All of 127/8 and ::1."""
    assert is_loopback(host)
    shown = f"[{host}]" if ":" in host else host
    assert parse_address(f"http://{shown}:80/", "x").loopback


def test_a_second_account_has_variables_of_its_own() -> None:
    """The name's come before the kind's."""
    environ = {"ESIMCTL_AIRALO_BASE_URL": "https://a.example", "ESIMCTL_OFFICE_BASE_URL": "https://b.example/"}
    assert address_of("office", "airalo", "BASE_URL", "https://v", environ).root == "https://b.example"
    assert address_of("airalo", "airalo", "BASE_URL", "https://v", environ).root == "https://a.example"
    assert address_of("x", "celitech", "BASE_URL", "https://v", environ).root == "https://v"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5", 5.0), ("0", 0.0), ("-5", None), ("soon", None), ("", None), ("1e3", None), ("99999999999", LONGEST_WAIT),
        ("Sat, 21 Nov 2026 03:00:07 GMT", 7.0), ("Sat, 21 Nov 2020 03:00:07 GMT", None), ("Sat, 99 Nov", None),
        ("Fri, 21 Nov 2099 03:00:07 GMT", LONGEST_WAIT),
    ],
)  # fmt: skip
def test_retry_after_in_all_its_forms(text: str, seconds: float | None) -> None:
    """Seconds or a date; negative, past and garbage say nothing; nobody waits for longer than a day."""
    assert retry_after({"retry-after": text}, NOW) == seconds


def test_a_date_is_compared_with_their_own_clock() -> None:
    """Their clock is two days ahead, and so is the date that they name."""
    headers = {"date": "Mon, 23 Nov 2026 03:00:00 GMT", "retry-after": "Mon, 23 Nov 2026 03:00:30 GMT"}
    assert skew(headers, NOW) == timedelta(days=2)
    assert retry_after(headers, NOW) == 30.0


def test_a_pace_is_shared_by_all_who_have_the_file(tmp_path: object) -> None:
    """Ten threads through pacers of one file: what does not fit into the window is told at once, without waiting."""
    from pathlib import Path

    cache = Cache(Path(str(tmp_path)) / "cache")
    limit = Limit("all", 6, 60.0)
    granted: list[bool] = []

    def ask(pacer: Pacer) -> None:
        granted.append(pacer.wait([limit], 0.01))

    threads = [Thread(target=ask, args=(Pacer(cache, "pace-x"),)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(granted) == [False] * 4 + [True] * 6
    assert (cache.folder / "pace-x").stat().st_mode & 0o777 == 0o600


def test_a_damaged_note_of_the_pace_is_forgotten() -> None:
    """It may hold anything; the worst that follows is a 429."""
    drawer = Forgetful()
    for data in (b"{", b"[]", b'{"all": "x"}', b'{"all": [99999999999999999999]}'):
        drawer.write("pace-x", data)
        assert Pacer(drawer, "pace-x").wait([Limit("all", 1, 60.0)], 0.0)


def test_secrets_do_not_show() -> None:
    """Neither by repr nor by str."""
    shown = f"{Credentials(access_code='canary')!r} {Credentials(access_code='canary')}"
    assert "canary" not in shown
    assert "access_code" in shown


@pytest.mark.parametrize(("told", "year"), [(1_796_000_000, 2026), (1_796_000_000_000, 2026), (10_413_791_999, 2299)])
def test_an_instant_may_come_in_seconds_or_milliseconds(told: int, year: int) -> None:
    """1.8 million million seconds would be the year 58 000."""
    found = JsonObject({"at": told}).epoch("at")
    assert found is not None
    assert found.year == year


@pytest.mark.parametrize("told", [20_000_000_000, 10**14, -1])
def test_an_instant_that_is_neither_is_none(told: int) -> None:
    with pytest.raises(Malformed):
        JsonObject({"at": told}).epoch("at")


@pytest.mark.parametrize("told", ["0001-01-01T00:00:00+1400", "0001-01-01T00:00:00Z", "0000-00-00 00:00:00", "", None])
def test_the_zero_of_a_calendar_is_no_time(told: str | None) -> None:
    """What a vendor's database or language writes for nothing is nothing."""
    assert JsonObject({"at": told}).instant("at") is None


@pytest.mark.parametrize("told", ["9999-12-31T23:59:59-1400", "9999-12-31", "1600-01-01T00:00:00+1400", "soon", 5])
def test_an_absurd_time_is_malformed_and_spoils_only_what_depends_on_it(told: object) -> None:
    """A time at the end of the calendar cannot even be moved to another zone."""
    with pytest.raises(Malformed):
        JsonObject({"at": told}).instant("at")
    assert if_told(JsonObject({"at": told}).instant, "at") is None
