"""Countries by the names that people type, as their two letters (ISO 3166-1 alpha-2)."""

from typing import Final

#: those that the plans of the catalogue work in, and where their readers come from: code → English, Chinese, Khmer
NAMES: Final = {
    "KH": ("Cambodia", "柬埔寨", "កម្ពុជា"),
    "TH": ("Thailand", "泰国", "ថៃ"),
    "VN": ("Vietnam", "越南", "វៀតណាម"),
    "LA": ("Laos", "老挝", "ឡាវ"),
    "SG": ("Singapore", "新加坡", "សិង្ហបុរី"),
    "MY": ("Malaysia", "马来西亚", "ម៉ាឡេស៊ី"),
    "ID": ("Indonesia", "印度尼西亚", "ឥណ្ឌូណេស៊ី"),
    "PH": ("Philippines", "菲律宾", "ហ្វ៊ីលីពីន"),
    "MM": ("Myanmar", "缅甸", "មីយ៉ាន់ម៉ា"),
    "CN": ("China", "中国", "ចិន"),
    "HK": ("Hong Kong", "香港", "ហុងកុង"),
    "MO": ("Macao", "澳门", "ម៉ាកាវ"),
    "TW": ("Taiwan", "台湾", "តៃវ៉ាន់"),
    "JP": ("Japan", "日本", "ជប៉ុន"),
    "KR": ("South Korea", "韩国", "កូរ៉េខាងត្បូង"),
}

_CODES: Final = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT "
    "BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH "
    "ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT "
    "HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS "
    "LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI "
    "NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG "
    "SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG "
    "UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW "
)


def country_of(text: str) -> str | None:
    """The code of a country by its code or one of its names, small letters or large; None for an unknown one."""
    word = text.strip().casefold()
    if len(word) == 2 and f"{word.upper()} " in _CODES:
        return word.upper()
    return next((code for code, names in NAMES.items() if word in [name.casefold() for name in names]), None)
