"""Addresses that a person can click on, where the terminal knows how (OSC 8); elsewhere the address stands in full."""

from collections.abc import Mapping

from esimctl.show.terminal import Terminal
from esimctl.values.text import clean

#: programs of terminals that follow links, as they call themselves
PROGRAMS = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio"})
TERMS = ("xterm-kitty", "xterm-ghostty", "foot", "alacritty", "wezterm")
VTE = 5000  #: the first version of GNOME's terminal that knows links


def follows_links(terminal: Terminal) -> bool:
    """Whether stdout is a terminal that is known to follow links; never without colours, in a pipe or in tmux."""
    environ = terminal.environ
    if not terminal.out_is_terminal or not terminal.colour or environ.get("NO_COLOR"):
        return False
    return _known(environ)


def _known(environ: Mapping[str, str]) -> bool:
    """Whether the terminal says of itself that it is one of those."""
    if environ.get("TMUX") or environ.get("TERM", "").startswith(("screen", "tmux", "dumb", "linux")):
        return False
    if environ.get("TERM_PROGRAM") in PROGRAMS or environ.get("TERM", "").startswith(TERMS):
        return True
    version = environ.get("VTE_VERSION", "")
    vte = version.isdecimal() and int(version) >= VTE
    return vte or any(environ.get(name) for name in ("KITTY_WINDOW_ID", "KONSOLE_VERSION", "WT_SESSION", "DOMTERM"))


def link(terminal: Terminal, label: str, address: str) -> None:
    """One line: the label, which opens the address where the terminal follows links, else `label: address`."""
    if follows_links(terminal):
        terminal.write(f"\x1b]8;;{clean(address)}\x1b\\{clean(label)}\x1b]8;;\x1b\\\n")
    else:
        terminal.tell(f"{label}: {address}" + "\n")
