"""The completion scripts of three shells, from the pages of the command tree.

Commands, options and fixed words are written into the script: no TAB on them starts Python. Only for values that
change (plans, lines, payment methods …) the script calls `esimctl __complete KIND PREFIX`.
"""

from collections.abc import Callable

from esimctl.show.completions.bash import bash
from esimctl.show.completions.fish import fish
from esimctl.show.completions.tree import Tree
from esimctl.show.completions.zsh import zsh

SHELLS: dict[str, Callable[[Tree], str]] = {"bash": bash, "zsh": zsh, "fish": fish}

#: shell → the file in completions/ that equals the script
FILENAMES = {"bash": "esimctl.bash", "zsh": "_esimctl", "fish": "esimctl.fish"}
