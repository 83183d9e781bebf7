"""The completion script of bash."""

from esimctl.show.completions.posix import quoted, tables
from esimctl.show.completions.tree import Tree

_BASH = """\
# bash completion for esimctl. Written by `esimctl completion bash`; do not edit.

%(tables)s

_esimctl_offer() {
    local words=${1#* } before=''
    case "$1" in
        ask\\ *)
            COMPREPLY=($("${COMP_WORDS[0]/#\\~/$HOME}" __complete "$words" "$cur" "${COMP_WORDS[@]:1:COMP_CWORD-1}" \\
                2>/dev/null </dev/null))
            ;;
        one\\ *) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
        list\\ *)
            [[ $cur == *,* ]] && before=${cur%%,*},
            COMPREPLY=($(compgen -P "$before" -W "$words" -- "${cur##*,}"))
            compopt -o nospace 2>/dev/null
            ;;
        files)
            cur=${cur#[\\"\\']}
            local IFS=$'\\n'
            COMPREPLY=($(compgen -f -- "${cur//\\\\/}"))
            compopt -o filenames 2>/dev/null
            ;;
    esac
}

_esimctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} path='' takes='' pending='' commands='' options='' word at count=0 ended=''
    local IFS=$' \\t\\n'
    COMPREPLY=()
    _esimctl_words ''
    for ((at = 1; at < COMP_CWORD; at++)); do
        word=${COMP_WORDS[at]}
        if [[ -n $pending ]]; then
            [[ $word == = ]] || pending=''
        elif [[ $word == -- ]]; then
            ended=1
        elif [[ $word == -* && -z $ended ]]; then
            _esimctl_option "$path" "$word"
            pending=$takes
        elif [[ " $commands " == *" $word "* ]]; then
            path="${path:+$path }$word"
            _esimctl_words "$path"
        else
            ((count++))
        fi
    done
    [[ $cur == = ]] && cur=''
    if [[ -n $pending ]]; then
        _esimctl_offer "$pending"
    elif [[ $cur == -* && -z $ended ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
    elif [[ -n $commands ]]; then
        COMPREPLY=($(compgen -W "$commands" -- "$cur"))
    else
        _esimctl_argument "$path" "$count"
        _esimctl_offer "$takes"
    fi
}

complete -F _esimctl esimctl
"""


def bash(tree: Tree) -> str:
    """The script for bash 3.2 and later; needs no bash-completion package."""
    words = []
    for path in tree.pages:
        commands = " ".join(name for name, _ in tree.commands(path))
        options = " ".join(name for word in tree.options(path) for name in word.names)
        words.append(f"        {quoted(path)}) commands={quoted(commands)} options={quoted(options)} ;;")
    words.append("        *) commands='' options='' ;;")
    return _BASH % {"tables": tables(tree, words)}
