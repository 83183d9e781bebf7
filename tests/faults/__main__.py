"""`python -m tests.faults [LAYER …] [--full|--reduced]`: break everything, print the figures, fail if too little.

Exit 1 when something was violated, when faults did not really fire, or when a layer could not run on this machine.
"""

import os
import sys
import time
from collections.abc import Sequence

from tests.faults.crash import warm
from tests.faults.layers import LAYERS
from tests.faults.scratch import scratch


def main(words: Sequence[str]) -> int:
    """Run the named layers (all of them without names), in full unless `--reduced`; the exit code."""
    names = [word for word in words if not word.startswith("-")]
    flags = {word for word in words if word.startswith("-")}
    if flags - {"--full", "--reduced"} or set(names) - LAYERS.keys():
        print(__doc__, *(f"  {name:<14}{layer.about}" for name, layer in LAYERS.items()), sep="\n", file=sys.stderr)
        return 2
    began = time.monotonic()
    worst = 0
    with scratch() as state:
        os.environ["XDG_STATE_HOME"] = str(state)
        warm()
        for name in names or LAYERS:
            layer = LAYERS[name]
            report = (layer.reduced if "--reduced" in flags else layer.full)()
            print(*report.lines(), sep="\n", flush=True)
            worst = max(worst, int(not report.green))
    print(f"{time.monotonic() - began:.0f} s", "all green" if not worst else "NOT GREEN: see above", sep=", ")
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
