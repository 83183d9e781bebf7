"""The completion script of PowerShell."""

from collections.abc import Iterable, Sequence

from esimctl.show.completions.tree import FREE, Tree, takes

_POWERSHELL = """\
# PowerShell completion for esimctl. Written by `esimctl completion powershell`; do not edit.

Register-ArgumentCompleter -Native -CommandName esimctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $commands = @{
%(commands)s
    }
    $options = @{
%(options)s
    }
    $shared = @{
%(shared)s
    }
    $special = @{
%(special)s
    }
    $arguments = @{
%(arguments)s
    }
    $path = ''
    $pending = ''
    $count = 0
    $elements = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    foreach ($word in $elements) {
        if ($pending) { $pending = '' }
        elseif ($word.StartsWith('-')) {
            $pending = $special["$path $word"]
            if (-not $pending) { $pending = $shared[$word] }
        }
        elseif ($commands[$path] -ccontains $word) { $path = "$path $word".Trim() }
        else { $count++ }
    }
    $way = $pending
    $found = @()
    if (-not $way -and $wordToComplete.StartsWith('-')) { $found = $options[$path] }
    elseif (-not $way -and $commands[$path]) { $found = $commands[$path] }
    elseif (-not $way) {
        $way = $arguments["$path $count"]
        if (-not $way) { $way = $arguments["$path many"] }
    }
    if ($way) {
        $kind, $rest = $way.Split(' ')
        if ($kind -eq 'ask') {
            $program = $commandAst.CommandElements[0].ToString()
            $found = @(& $program __complete $rest[0] $wordToComplete $elements 2>$null)
        }
        elseif ($kind -eq 'one' -or $kind -eq 'list') { $found = $rest }
    }
    $found | Where-Object { $_ -like "$wordToComplete*" } |
        ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
"""


def powershell(tree: Tree) -> str:
    """The script for PowerShell 5 and later."""

    def quote(text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    def array(items: Sequence[str]) -> str:
        return "@(" + ", ".join(quote(item) for item in items) + ")"

    def table(pairs: Iterable[tuple[str, str]]) -> str:
        return "\n".join(f"        {quote(key)} = {value}" for key, value in pairs)

    return _POWERSHELL % {
        "commands": table((path, array([name for name, _ in tree.commands(path)])) for path in tree.pages),
        "options": table(
            (path, array([name for word in tree.options(path) for name in word.names])) for path in tree.pages
        ),
        "shared": table((name, quote(way)) for name, way in tree.shared().items()),
        "special": table(
            (f"{path} {name}", quote(way))
            for path in tree.pages
            for word, way in tree.special(path)
            for name in word.names
        ),
        "arguments": table(
            (f"{path} {'many' if word.many else at}", quote(takes(word)))
            for path in tree.pages
            for at, word in enumerate(tree.arguments(path))
            if takes(word) != FREE
        ),
    }


__all__ = ["powershell"]
