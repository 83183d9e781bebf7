"""The signature of eSIM Access, by the vector that the vendor publishes."""

from datetime import UTC, datetime

from esimctl.providers.esim_access.catalogue import headers, signature

BODY = '{"imsi":"326543826"}'


def test_the_published_vector() -> None:
    made = signature("1111", "1628670421", "4ce9d9cdac9e4e17b3a2c66c358c1ce2", "11111", BODY)
    assert made == "7eb765e27df5373dea2dbc8c41a7d9557743e46c8054750f3d851b3fd01d0835"


def test_a_signed_request_can_be_verified_from_what_it_carries_and_holds_no_secret() -> None:
    now = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    sent = headers({"access_code": "code", "secret_key": "very-secret"}, BODY, now)
    assert sent["RT-Timestamp"] == "1795140000000"
    again = signature("very-secret", sent["RT-Timestamp"], sent["RT-RequestID"], "code", BODY)
    assert sent["RT-Signature"] == again
    assert "very-secret" not in str(sent)


def test_without_a_secret_key_the_access_code_goes_alone() -> None:
    assert headers({"access_code": "code"}, BODY, datetime.now(UTC)) == {"RT-AccessCode": "code"}
