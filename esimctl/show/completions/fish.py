"""The completion script of fish: with a line of help beside every command and option."""

from esimctl.show.completions.tree import Tree, short, takes

_FISH = """\
# fish completion for esimctl. Written by `esimctl completion fish`; do not edit.

function __esimctl_ask
    set -l words (commandline -opc)
    set -l typed (commandline -ct | string replace -r '^--[^=]*=' '')
    $words[1] __complete $argv[1] "$typed" $words[2..] 2>/dev/null </dev/null
end

function __esimctl_list
    set -l before (commandline -ct | string replace -r '^--[^=]*=' '' | string replace -r '[^,]*$' '')
    string join \\n -- $before$argv
end

# The command that has been typed so far, and how many arguments stand after it.
function __esimctl_at
    set -l valued %(valued)s
    set -l commands %(commands)s
    set -l path
    set -l count 0
    set -l skip 0
    set -l ended 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
        else if test "$word" = --
            set ended 1
        else if string match -q -- '-*' $word; and test $ended = 0
            contains -- $word $valued; and set skip 1
        else if contains -- (string join ' ' $path $word) $commands
            set -a path $word
        else
            set count (math $count + 1)
        end
    end
    test "$argv[1]" = "$path"; or return 1
    set -q argv[2]; or return 0
    test "$argv[2]" = many; or test "$argv[2]" = $count
end

complete -c esimctl -f
%(lines)s
"""


def fish(tree: Tree) -> str:
    """The script for fish 3 and later."""
    lines = []
    for path in tree.pages:
        here = "-n " + _fish("__esimctl_at " + _fish(path))
        for name, said in tree.commands(path):
            lines.append(f"complete -c esimctl {here} -a {name} -d {_fish(short(said))}")
        for at, way in tree.arguments(path):
            condition = _fish(f"__esimctl_at {_fish(path)} {at}")
            lines.append(f"complete -c esimctl -n {condition}{_fish_values(way)}")
        for word in tree.options(path):
            negated = [name for name in word.names if name.startswith("--no-")]
            for names in ([name for name in word.names if name not in negated], negated):
                if names:
                    flags = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in names)
                    values = _fish_values(takes(word))
                    lines.append(f"complete -c esimctl {here} {flags}{values} -d {_fish(short(word.help))}")
    commands = " ".join(_fish(path) for path in tree.pages if path)
    return _FISH % {"valued": " ".join(tree.valued()), "commands": commands, "lines": "\n".join(lines)}


def _fish(text: str) -> str:
    """A word for fish, whose single quotes know two escapes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _fish_values(takes: str) -> str:
    way, _, rest = takes.partition(" ")
    if way == "ask":
        return " -x -a " + _fish(f"(__esimctl_ask {rest})")
    if way == "list":
        return " -x -a " + _fish(f"(__esimctl_list {rest})")
    if way == "one":
        return f" -x -a {_fish(rest)}"
    return {"files": " -r -F", "free": " -x"}.get(way, "")
