"""What is known of carriers, in words: the names of topics."""

from typing import Final

from esimctl.show.words import say

#: topic → what a person calls it, in the order in which a card tells them
FACTS: Final = {
    "hotline": "call",
    "ussd-balance": "dial for the balance",
    "ussd-number": "dial for your number",
    "ussd-voucher": "dial with a voucher",
    "ussd-packs": "dial to buy packs",
    "ussd-gift": "dial to give data",
    "ussd-loan": "dial to borrow",
    "ussd-exchange": "dial to exchange",
    "ussd-roaming": "dial when abroad",
    "ussd-identity": "dial for the owner",
    "ussd-unsubscribe": "dial to unsubscribe",
    "website": "website",
    "coverage": "coverage",
    "esim": "sells eSIMs",
    "rollover": "rolls over",
    "gift": "giving data away",
    "loan": "loan",
    "prices": "prices",
    "plan-families": "families of plans",
    "activation": "start of a pack",
    "payment": "payment",
    "payment-carrier": "ways to pay",
    "payment-khqr": "paying with KHQR",
    "payment-wallets": "wallets",
    "payment-paypal": "PayPal",
    "receipts": "receipts",
    "claims-within": "complaints within",
    "registration": "registration",
    "registration-visitors": "visitors",
    "number-retention": "number is kept",
    "portability": "keeping the number",
    "prefix": "numbers begin with",
    "network": "network code",
    "network-remark": "network",
    "apn": "APN",
    "smdp": "eSIM server",
    "regulator-notices": "notices",
    "regulator-fees": "automatic fees",
    "status": "status",
    "standing": "market position",
    "carriers-active": "carriers in the country",
    "share": "market share",
    "promotions": "promotions",
}


def topic(name: str) -> str:
    """A topic in words; of one that has none, the words that it is made of."""
    return say(FACTS.get(name, name.replace("-", " ")))
