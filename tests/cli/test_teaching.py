"""A message that no pattern knows: what is suggested, what teaching reads, and how it is corrected."""

import re
import shlex
from typing import Any

import pytest

from tests.conftest import Outcome, Runner

GB, MB = 10**9, 10**6
END = "2026-12-04T17:00:00Z"

#: message → what a person reads off it; what is not there must not be read
READ: dict[str, dict[str, Any]] = {
    "You have 30 minutes and 2GB left until 05/12/2026.": {"remaining_bytes": 2 * GB, "minutes": 30, "expires_at": END},
    "Used: 3GB. Left: 2GB. Exp: 05/12/2026.": {
        "remaining_bytes": 2 * GB, "used_bytes": 3 * GB, "expires_at": END,
    },
    "Your 4G data: 2GB left until 05/12/2026": {"remaining_bytes": 2 * GB, "expires_at": END},
    "[20/11/2026 09:14] Your data left: 2GB until 05/12/2026": {"remaining_bytes": 2 * GB, "expires_at": END},
    "Current plan will renew for $15.00. Account Balance $12.34. Dial *233.": {
        "main_balance": {"amount": "12.34", "currency": "USD"},
    },
    "You've 2GB left until 05/12/2026": {"remaining_bytes": 2 * GB, "expires_at": END},
    "Your account balance is $20.00 and expires on Dec 5 2026.": {
        "main_balance": {"amount": "20.00", "currency": "USD"},
    },
    "You have 2GB of data left, it expires on Dec 5 2026.": {"remaining_bytes": 2 * GB, "expires_at": END},
    "Restano 1.234,56 MB di dati fino al 05/12/2026": {"remaining_bytes": 1_234_560_000, "expires_at": END},
    "Il vous reste 1 234,5 Mo, valable jusqu'au 05/12/2026": {"remaining_bytes": 1_234_500_000, "expires_at": END},
    "Вам осталось 2 ГБ до 05.12.2026": {"remaining_bytes": 2 * GB, "expires_at": END},
    "Your data bundle balance is 1.5 GB valid to 2026-12-05T23:59:59+07:00": {
        "remaining_bytes": 1500 * MB, "expires_at": "2026-12-05T16:59:59Z",
    },
    "You have 2GB left, expires in 3 days.": {"remaining_bytes": 2 * GB, "expires_at": "2026-11-22T17:00:00Z"},
    "You have 2GB left, valid until 04/12/2026 24:00": {"remaining_bytes": 2 * GB, "expires_at": END},
    "คุณเหลือ 2GB หมดอายุ 05/12/2569": {"remaining_bytes": 2 * GB, "expires_at": END},
    "您的剩余流量为 3.5GB，有效期至 2026-12-05": {"remaining_bytes": 3500 * MB, "expires_at": END},
    "អ្នកនៅសល់ ៣GB រហូតដល់ 05/12/2026": {"remaining_bytes": 3 * GB, "expires_at": END},
}  # fmt: skip
#: messages of which nothing may be read as what is left, used or there
NOTHING = (
    "You have -12 MB of data on your account",
    "Aktueller Verbrauch liegt bei 0 Min, 0 SMS einem Datenvolumen",
    "Data: 512MB and 2GB and 1.5GB, dial *100#",
    "Your number is 012 345 678, welcome to the 5G network",
)


@pytest.fixture
def sim(run: Runner) -> Runner:
    words = ("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "20GB", "--days", "30")
    run(*words, "--started", "2026-11-10")
    return run


def suggested(done: Outcome) -> list[str] | None:
    """The command that is printed, as a shell would take it."""
    found = re.search(r"^teach it: (esimctl usage learn .*)$", done.err, re.MULTILINE)
    words = [] if found is None else shlex.split(found[1])
    return None if "TEXT," in words or not words else words[1:]


@pytest.mark.parametrize("text", READ)
def test_a_suggestion_pasted_as_printed_reads_what_a_person_reads(sim: Runner, text: str) -> None:
    done = sim("usage", "import", "sim", "-", given=text)
    assert done.code == 20
    words = suggested(done)
    assert words is not None, done.err
    learnt = sim(*words, "--json")
    assert learnt.code == 0, learnt
    figures = learnt.json["pattern"]["figures"]
    assert {key: value for key, value in figures.items() if value is not None} == READ[text]
    assert learnt.json["pattern"]["read_again"] == 1, "the kept text is taken along"
    assert sim("usage", "import", "sim", "-", "--json", given=text).code == 0
    if "remaining_bytes" in READ[text]:
        assert (
            sim("balance", "sim", "--json").json["lines"][0]["data"]["remaining_bytes"] == READ[text]["remaining_bytes"]
        )


@pytest.mark.parametrize("text", NOTHING)
def test_no_suggestion_where_nothing_is_sure(sim: Runner, text: str) -> None:
    done = sim("usage", "import", "sim", "-", given=text)
    assert (done.code, suggested(done)) == (20, None)
    assert "teach it: esimctl usage learn sim --template TEXT" in done.err


def test_a_debt_cannot_be_taught_as_what_is_left(sim: Runner) -> None:
    done = sim("usage", "learn", "sim", "--template", "You have -{remaining} of data left", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "bad_template")
    assert "owed" in done.json["error"]["message"]


def test_several_buckets_are_added_up(sim: Runner) -> None:
    template = "Data: {remaining} + {remaining:bonus} bonus + {number}GB night, valid till {expires}"
    text = "Data: 512MB + 2GB bonus + 1.5GB night, valid till 05/12/2026"
    learnt = sim("usage", "learn", "sim", "-", "--template", template, "--json", given=text)
    assert learnt.json["pattern"]["figures"]["remaining_bytes"] == 2_512 * MB
    assert learnt.json["pattern"]["places"] == ["remaining", "number", "expires"]


def test_a_right_template_replaces_a_wrong_one(sim: Runner) -> None:
    text = "Gone: 3GB. There: 2GB. Thank you for choosing us."
    wrong, right = (f"Gone: {{{a}}}. There: {{{b}}}. Thank you for choosing us." for a, b in
                    (("remaining", "used"), ("used", "remaining")))  # fmt: skip
    assert sim("usage", "learn", "sim", "-", "--template", wrong, "--name", "wrong", given=text).code == 0
    assert sim("usage", "import", "sim", "-", "--json", given=text).json["readings"][0]["remaining_bytes"] == 3 * GB
    corrected = sim("usage", "learn", "sim", "-", "--template", right, "--name", "right", "--json", given=text)
    assert corrected.json["pattern"]["replaces"] == ["wrong"]
    assert "it replaces wrong" in corrected.err
    again = sim("usage", "import", "sim", "-", "--json", given=text.replace("2GB", "1GB"))
    assert (again.json["readings"][0]["remaining_bytes"], again.json["readings"][0]["pattern"]) == (GB, "right")
    listed = sim("usage", "patterns", "list", "--json").json["patterns"]
    assert [row["name"] for row in listed] == ["right"]


def test_two_that_disagree_are_named(sim: Runner) -> None:
    for name, place in (("one", "remaining"), ("two", "used")):
        template = f"Gigabytes of this month: {{{place}}}, thank you."
        assert sim("usage", "learn", "sim", "--template", template, "--name", name).code == 0
    done = sim("usage", "import", "sim", "-", given="Gigabytes of this month: 3GB, thank you.")
    assert done.code == 20
    assert "one and two disagree on this text: esimctl usage patterns forget NAME" in done.err
    assert sim("usage", "patterns", "forget", "two").code == 0
    assert sim("usage", "import", "sim", "-", given="Gigabytes of this month: 3GB, thank you.").code == 0
    assert sim("usage", "patterns", "show", "one", "--json").json["patterns"][0]["places"] == ["remaining"]
    assert sim("usage", "patterns", "show", "two").code == 2
    assert sim("usage", "patterns", "burn", "two").code == 2
    assert sim("usage", "patterns", "show").code == 2


WHOLE = "You have 4.28 GB of data left, valid until 05/12/2026 23:59."
WRAPPED = {
    "blank line inside": "You have 4.28 GB of data left,\n\nvalid until 05/12/2026 23:59.",
    "counted parts": "(1/2) You have 4.28 GB of data\n\n(2/2) left, valid until 05/12/2026 23:59.",
    "UCS-2": "".join(f"{ord(character):04X}" for character in WHOLE),
    "a modem's reply": f'+CUSD: 0,"{WHOLE}",15',
    "a modem's reply in UCS-2": '+CUSD: 0,"' + "".join(f"{ord(character):04x}" for character in WHOLE) + '",72',
}


@pytest.mark.parametrize("form", WRAPPED)
def test_one_message_however_it_comes(sim: Runner, form: str) -> None:
    done = sim("usage", "import", "sim", "-", "--json", given=WRAPPED[form])
    assert (done.code, [row["remaining_bytes"] for row in done.json["readings"]]) == (0, [4280 * MB])


def test_two_messages_stay_two(sim: Runner) -> None:
    done = sim("usage", "import", "sim", "-", "--json", given=f"{WHOLE}\n\nHello, you won a car!\n\n{WHOLE}")
    assert [row["state"] for row in done.json["readings"]] == ["recorded", "unknown", "duplicate"]
