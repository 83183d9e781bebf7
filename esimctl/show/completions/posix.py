"""What the scripts of bash and zsh have in common: quoting, and the three tables that they look words up in."""

from collections.abc import Iterable

from esimctl.show.completions.tree import Tree

_TABLES = """\
_esimctl_words() {
    case "$1" in
%(words)s
    esac
}

_esimctl_option() {
    takes=''
    case "$1 $2" in
%(takes)s
    esac
}

_esimctl_argument() {
    takes=''
    case "$1 $2" in
%(arguments)s
    esac
}"""


def quoted(text: str) -> str:
    """A word for a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def tables(tree: Tree, words: Iterable[str]) -> str:
    """Functions: a path's commands and options, in arms that each shell writes its way; how values are completed."""
    return _TABLES % {
        "words": "\n".join(words),
        "takes": "\n".join(_option_arms(tree)),
        "arguments": "\n".join(_argument_arms(tree)),
    }


def _option_arms(tree: Tree) -> list[str]:
    """`path option` → how its value is completed."""
    arms = []
    for path in tree.pages:
        for word, way in tree.special(path):
            keys = "|".join(quoted(f"{path} {name}") for name in word.names)
            arms.append(f"        {keys}) takes={quoted(way)} ;;")
    ways: dict[str, list[str]] = {}
    for name, way in tree.shared().items():
        ways.setdefault(way, []).append(name)
    for way, names in ways.items():
        keys = "|".join("*" + quoted(" " + name) for name in names)
        arms.append(f"        {keys}) takes={quoted(way)} ;;")
    return arms


def _argument_arms(tree: Tree) -> list[str]:
    """`path N`, N being how many arguments stand before → how the next one is completed."""
    arms = []
    for path in tree.pages:
        for at, way in tree.arguments(path):
            key = quoted(path + " ") + ("*" if at == "many" else at)
            arms.append(f"        {key}) takes={quoted(way)} ;;")
    return arms
