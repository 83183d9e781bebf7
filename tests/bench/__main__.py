"""`python -m tests.bench NAME …` runs benches of this folder; without a name it lists them.

A bench is a module with a `main()` that prints what it measures and returns 0, or 1 where a limit is missed.
"""

import sys
from importlib import import_module
from pathlib import Path


def names() -> list[str]:
    """Every bench there is."""
    return sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


def main(words: list[str]) -> int:
    """Run the benches named, one after the other; the worst code counts."""
    unknown = [word for word in words if word not in names()]
    if not words or unknown:
        print(f"benches: {', '.join(names())}")
        return 2 if unknown else 0
    return max(int(import_module(f"tests.bench.{word}").main() or 0) for word in words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
