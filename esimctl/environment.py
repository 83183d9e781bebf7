"""Every environment variable that the program looks at, for `help environment`, the manual and the README."""

#: name → what it means; `<PROVIDER>` and `<FIELD>` stand for names in capitals with `_` for `-`.
VARIABLES: dict[str, str] = {
    "ESIMCTL_HOME": "where everything is kept (default: the platform's user data folder)",
    "ESIMCTL_PROFILE": "the profile to use (default: what `profile use` chose, else default)",
    "ESIMCTL_NOW": "rehearsal clock, RFC 3339 with offset; for profiles that began with it",
    "ESIMCTL_LANG": "language: en, zh-CN or km (default: from LC_ALL, LC_MESSAGES, LANG)",
    "ESIMCTL_<PROVIDER>_<FIELD>": "a credential of a provider, e.g. ESIMCTL_ESIM_ACCESS_ACCESS_CODE",
    "ESIMCTL_<PROVIDER>_BASE_URL": "another address of a provider; plain http only for this machine",
    "ESIMCTL_DEADLINE": "seconds that one purchase may take, look-ups included (1 to 90)",
    "ESIMCTL_SETTLE_WINDOW": "seconds until absence of an order is proven; only for providers on this machine",
    "ESIMCTL_MACHINE": "the id of this machine where rules run on one machine only (default: a random one, kept)",
    "ESIMCTL_LPAC": "the lpac program that `lines install` runs (default: lpac in PATH)",
    "ESIMCTL_OUTPUT": "the form of answers where no -o is given: table, tsv, csv or json",
    "ESIMCTL_NO_INPUT": "never ask; what would have been asked is refused with exit 2",
    "ESIMCTL_DEBUG": "show the traceback of an error, secrets masked",
    "NO_COLOR": "no colour; wins over the variables below, not over --color",
    "FORCE_COLOR": "colour also where stdout is not a terminal (not if 0)",
    "CLICOLOR_FORCE": "the same as FORCE_COLOR",
    "CLICOLOR": "no colour if 0",
    "COLUMNS": "columns of the terminal, and of help pages in a pipe",
    "LINES": "rows of the terminal",
    "TERM": "dumb: no colour and no moving cursor",
    "LC_ALL": "language, first; C and POSIX mean English",
    "LC_MESSAGES": "language, second",
    "LANG": "language, third",
    "XDG_DATA_HOME": "where user data is kept on Linux, if ESIMCTL_HOME is not set",
    "XDG_STATE_HOME": "where the id of this machine is, and how far each journal has come (default: ~/.local/state)",
}

#: what OpenSSL obeys by itself, beneath every setting of ours: protocols and ciphers, code that it loads, a log of keys
OPENSSL: tuple[str, ...] = (
    "OPENSSL_CONF",
    "OPENSSL_CONF_INCLUDE",
    "OPENSSL_ENGINES",
    "OPENSSL_MODULES",
    "SSLKEYLOGFILE",
)
#: what libraries and programs for TLS obey beside it
TLS: tuple[str, ...] = (*OPENSSL, "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
