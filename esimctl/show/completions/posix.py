"""What the scripts of bash and zsh have in common: quoting, and the arms of their `case` statements."""

from esimctl.show.completions.tree import FREE, Tree, takes


def quoted(text: str) -> str:
    """A word for a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def option_arms(tree: Tree) -> list[str]:
    """`case` arms: "path option" → how its value is completed."""
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


def argument_arms(tree: Tree) -> list[str]:
    """`case` arms: "path N", N being how many arguments stand before → how the next one is completed."""
    arms = []
    for path in tree.pages:
        for at, word in enumerate(tree.arguments(path)):
            if takes(word) != FREE:
                key = quoted(path + " ") + ("*" if word.many else str(at))
                arms.append(f"        {key}) takes={quoted(takes(word))} ;;")
    return arms
