"""`python -m tests.pictures FOLDER [WORD ...]`: pictures of scenes at three widths, in three languages, light and dark.

Words narrow what is drawn: a scene, a language, a width or a palette. Each picture's page of HTML stands beside it.
"""

import shutil
import sys
import tempfile
from itertools import product
from pathlib import Path

from tests.pictures import drawn, screens

WIDTHS = ("40", "80", "160")

#: scene → what is typed
SCENES = {
    "balance": ("balance", "balance phone --explain", "check --below 9GB", "balance phon"),
    "lists": (
        "lines list", "transactions list", "plans list --carrier smart --limit 4", "payments list", "autotopup show",
        "autotopup log",
    ),
    "one": ("plans show demo-monthly-20gb", "lines show phone", "autotopup show phone --why", "renew phone --dry-run"),
    "many": ("renew phone counter --dry-run", "renew phone family-router-in-the-kitchen --yes --request-id p1"),
    "advice": (
        "plans recommend --days 12 --data 20GB", "plans compare smart-laor-7d smart-5g-30d metfone-happy-7d",
        "policy show smart rollover", "promotions list --limit 3", "devices check 'iPhone 15'",
        "simulate --plan demo-monthly-20gb --per-day 300MB --months 2",
    ),
    "records": (
        "report", "usage history phone --by week", "usage forecast phone", "transactions audit",
        "transactions list", "profile budget show",
    ),
    "setup": ("doctor", "providers list", "profile list", "schedule show", "schema no-such", "autotopup reminders"),
    "help": ("--help", "renew --help", "help exit-codes", "help formats", "help environment"),
    "code": ("lines qr phone", "lines show phone --show-code"),
}  # fmt: skip


def main(words: list[str]) -> None:
    """Draw what was asked for into the folder."""
    for why in (screens.missing(), drawn.missing()):
        if why:
            raise SystemExit(why)
    folder, chosen = Path(words[0]).absolute(), set(words[1:])
    folder.mkdir(parents=True, exist_ok=True)

    def wanted(*names: str) -> list[str]:
        return [name for name in names if name in chosen] or list(names)

    story = Path(tempfile.mkdtemp())
    screens.prepare(story)
    for tag, width, scene in product(wanted(*screens.LANGUAGES), wanted(*WIDTHS), wanted(*SCENES)):
        with tempfile.TemporaryDirectory() as scratch:
            home = Path(scratch) / "home"
            shutil.copytree(story, home)
            with screens.screen(Path(scratch), home, int(width), ESIMCTL_LANG=tag) as pane:
                text = pane.run(SCENES[scene], colours=True)
        for palette in wanted(*drawn.PALETTES):
            name = f"{scene}-{width}-{tag}-{palette}"
            source = folder / f"{name}.html"
            source.write_text(drawn.page(text, int(width), palette), "utf-8")
            drawn.photograph(source, folder / f"{name}.png", int(width), text.count("\n"))
            print(folder / f"{name}.png")
    shutil.rmtree(story)


if __name__ == "__main__":
    main(sys.argv[1:])
