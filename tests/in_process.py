"""The program in this process, without terminals: for tests that run it some thousand times."""

import os
import sys
from collections.abc import Mapping, Sequence
from io import StringIO


def command(words: Sequence[str], environ: Mapping[str, str], given: str = "") -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of a command line in an environment that is all it has, with `given` on stdin."""
    from esimctl.main import main

    out, err = StringIO(), StringIO()
    before, streams = dict(os.environ), (sys.stdin, sys.stdout, sys.stderr)
    os.environ.clear()
    os.environ.update(environ)
    sys.stdin, sys.stdout, sys.stderr = StringIO(given), out, err
    try:
        code = main(list(words))
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        os.environ.clear()
        os.environ.update(before)
    return code, out.getvalue(), err.getvalue()


__all__ = ["command"]
