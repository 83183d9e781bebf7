"""The completion script of zsh: with a line of help beside every command and option."""

from esimctl.show.completions.posix import quoted, tables
from esimctl.show.completions.tree import Tree, short

_ZSH = """\
#compdef esimctl
# zsh completion for esimctl. Written by `esimctl completion zsh`; do not edit.

%(tables)s

_esimctl_offer() {
    local -a found before
    case "$1" in
        ask\\ *)
            before=("${(@Q)words[2,CURRENT-1]}")
            found=(${(f)"$(${~words[1]} __complete "${1#ask }" "${(Q)PREFIX}" "${before[@]}" 2>/dev/null </dev/null)"})
            compadd -a found
            ;;
        one\\ *)
            found=(${=1#one })
            compadd -a found
            ;;
        list\\ *)
            found=(${=1#list })
            compset -P '*,'
            compadd -qS , -a found
            ;;
        files) _files ;;
        *) _message 'a value' ;;
    esac
}

_esimctl() {
    local path_='' takes='' pending='' word ended='' at
    local -i count=0
    local -a commands options
    _esimctl_words ''
    for ((at = 2; at < CURRENT; at++)); do
        word=${(Q)words[at]}
        if [[ -n $pending ]]; then
            pending=''
        elif [[ $word == -- ]]; then
            ended=1
        elif [[ $word == --*=* && -z $ended ]]; then
            :
        elif [[ $word == -* && -z $ended ]]; then
            _esimctl_option "$path_" "$word"
            pending=$takes
        elif (( ${commands[(I)$word:*]} )); then
            path_="${path_:+$path_ }$word"
            _esimctl_words "$path_"
        else
            (( count += 1 ))
        fi
    done
    if [[ -n $pending ]]; then
        _esimctl_offer "$pending"
    elif [[ $PREFIX == --*=* && -z $ended ]]; then
        _esimctl_option "$path_" "${PREFIX%%%%=*}"
        compset -P '*='
        _esimctl_offer "$takes"
    elif [[ $PREFIX == -* && -z $ended ]]; then
        _describe -o 'option' options
    elif (( ${#commands} )); then
        _describe 'command' commands
    else
        _esimctl_argument "$path_" "$count"
        _esimctl_offer "$takes"
    fi
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _esimctl "$@"
else
    compdef _esimctl esimctl
fi
"""


def zsh(tree: Tree) -> str:
    """The script for zsh 5, as a function file `_esimctl` or sourced."""

    def pair(name: str, help_text: str) -> str:
        return quoted(name.replace(":", "\\:") + ":" + short(help_text))

    words = []
    for path in tree.pages:
        commands = " ".join(pair(name, said) for name, said in tree.commands(path))
        options = " ".join(pair(name, word.help) for word in tree.options(path) for name in word.names)
        words.append(
            f"        {quoted(path)})\n"
            f"            commands=({commands})\n"
            f"            options=({options})\n"
            "            ;;"
        )
    words.append("        *) commands=() options=() ;;")
    return _ZSH % {"tables": tables(tree, words)}
