"""The PowerShell script, read by a grammar of PowerShell that is not ours: well-formed, and its tables are the tree."""

from collections.abc import Iterator

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

from esimctl.cli.completion import script
from esimctl.cli.completion import tree as whole_tree
from esimctl.show.completions.tree import FREE, takes

PARSER = Parser(Language(tree_sitter_powershell.language()))


def parsed(text: str) -> Node:
    """The script as the grammar reads it."""
    return PARSER.parse(text.encode()).root_node


def below(node: Node, kind: str) -> Iterator[Node]:
    """Every node of a kind, in order."""
    if node.type == kind:
        yield node
    for child in node.children:
        yield from below(child, kind)


def words(node: Node) -> list[str]:
    """The quoted words below a node, unquoted."""
    return [str(each.text, "utf-8")[1:-1].replace("''", "'") for each in below(node, "verbatim_string_characters")]


def tables() -> dict[str, list[tuple[str, list[str]]]]:
    """variable → (key, words) of each row of the table that the script assigns to it."""
    found = {}
    for assigned in below(parsed(script("powershell")), "assignment_expression"):
        rows = list(below(assigned, "hash_entry"))
        if rows:
            name = str(next(below(assigned, "variable")).text, "utf-8")
            found[name] = [(words(row.children[0])[0], words(row.children[-1])) for row in rows]
    return found


def test_the_grammar_finds_no_error() -> None:
    root = parsed(script("powershell"))
    assert not root.has_error
    registered = [str(node.text, "utf-8") for node in below(root, "command_name")]
    assert registered[0] == "Register-ArgumentCompleter"


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("foreach ($word in $elements) {", "foreach (word in $elements) {"),
        ("$count++ }", "$count++ "),
        ("$path = ''", "$path = '"),
        ("@(& $program", "@(& $program ("),
    ],
)
def test_the_grammar_would_find_one(good: str, bad: str) -> None:
    """A script with a slip is not taken for a good one."""
    text = script("powershell")
    assert good in text
    assert parsed(text.replace(good, bad, 1)).has_error


def test_the_tables_are_the_command_tree() -> None:
    """What the script offers, read out of the script itself, is what there is."""
    tree, found = whole_tree(), tables()
    assert dict(found["$commands"]) == {path: [name for name, _ in tree.commands(path)] for path in tree.pages}
    assert dict(found["$options"]) == {
        path: [name for word in tree.options(path) for name in word.names] for path in tree.pages
    }
    assert dict(found["$shared"]) == {name: [way] for name, way in tree.shared().items()}
    assert dict(found["$arguments"]) == {
        f"{path} {'many' if word.many else at}": [takes(word)]
        for path in tree.pages
        for at, word in enumerate(tree.arguments(path))
        if takes(word) != FREE
    }


def test_no_key_comes_twice_in_a_table() -> None:
    """PowerShell refuses a table with the same key twice, and does not tell capitals from small letters."""
    for name, rows in tables().items():
        keys = [key.lower() for key, _ in rows]
        assert len(keys) == len(set(keys)), name
