"""How the doubles are called, what one buys there, and credentials that a test can look for."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from tests.vendors.open import FACES

APIS = tuple(FACES)
ZONE = ZoneInfo("Asia/Phnom_Penh")
PACK = "connect-1gb-7d"
#: how each vendor calls the top-up of that pack
TOPUP: Mapping[str, str] = {"esim-access": f"TOPUP_{PACK}", "airalo": f"{PACK}-topup", "celitech": PACK}
CREDENTIALS: Mapping[str, str] = {
    "ESIMCTL_ESIM_ACCESS_ACCESS_CODE": "canary-code",
    "ESIMCTL_ESIM_ACCESS_SECRET_KEY": "canary-key",
    "ESIMCTL_AIRALO_CLIENT_ID": "canary-id",
    "ESIMCTL_AIRALO_CLIENT_SECRET": "canary-secret",
    "ESIMCTL_CELITECH_CLIENT_ID": "canary-id",
    "ESIMCTL_CELITECH_CLIENT_SECRET": "canary-secret",
}


def address(api: str) -> str:
    """The variable that says where a vendor is."""
    return f"ESIMCTL_{api.upper().replace('-', '_')}_BASE_URL"


__all__ = ["APIS", "CREDENTIALS", "PACK", "TOPUP", "ZONE", "address"]
