"""The headers of a request: the access code alone, or signed with the account's secret key."""

import hmac
import os
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256


def signature(secret: str, timestamp: str, request_id: str, access_code: str, body: str) -> str:
    """HMAC-SHA256 over timestamp, request id, access code and body, in hexadecimal (the vendor's own vector)."""
    return hmac.new(secret.encode(), f"{timestamp}{request_id}{access_code}{body}".encode(), sha256).hexdigest()


def headers(credentials: Mapping[str, str], body: str, now: datetime) -> dict[str, str]:
    """What a request carries; the secret key, where there is one, goes into the signature only."""
    access_code, secret = credentials["access_code"], credentials.get("secret_key")
    if not secret:
        return {"RT-AccessCode": access_code}
    raw = bytearray(os.urandom(16))
    raw[6], raw[8] = raw[6] & 0x0F | 0x40, raw[8] & 0x3F | 0x80
    text = raw.hex()
    request_id = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    timestamp = str(int(now.timestamp() * 1000))
    return {
        "RT-AccessCode": access_code,
        "RT-RequestID": request_id,
        "RT-Timestamp": timestamp,
        "RT-Signature": signature(secret, timestamp, request_id, access_code, body),
    }
