"""`python -m tests.pictures FOLDER [WORD ...]`: every screen as pictures, and in every other form as text.

At 80 columns, in English and Chinese, in the colours of a dark and of a light terminal: a PNG with its page of HTML
beside it. At other widths, in Khmer, without colour and without UTF-8: a text. Words narrow what is drawn: scenes,
forms, languages or palettes.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.pictures import drawn, screens

#: scene → what is typed
SCENES = {
    "balance": ("balance phone", "balance", "balance counter --explain", "check --below 9GB", "balance phon"),
    "many": ("balance", "check", "lines list"),
    "lists": ("lines list", "transactions list", "payments list", "providers list", "promotions list --limit 3"),
    "plans": (
        "plans list --country KH", "plans show demo-monthly-20gb",
        "plans compare smart-laor-7d smart-5g-30d metfone-happy-7d",
    ),
    "advice": ("plans recommend --days 10 --per-day 500MB", "plans recommend --days 12 --data 20GB"),
    "buying": (
        "buy demo-monthly-5gb --dry-run", "renew phone --dry-run", "topup phone --plan demo-topup-2gb --dry-run",
        "renew phone counter --dry-run", "buy demo-monthly-5gb --name tablet --yes",
    ),
    "rules": (
        "autotopup show", "autotopup show phone --why", "autotopup run --dry-run", "autotopup log",
        "autotopup set phone --below 2GB --plan demo-topup-2gb --max-price 2USD --max-per-month 6USD",
        "autotopup reminders", "autotopup targets", "schedule show", "profile second-factor show",
    ),
    "report": ("report", "report --months 12", "report --by line", "profile budget show"),
    "records": ("usage history phone --by week", "usage forecast phone", "transactions audit"),
    "policy": ("policy show smart rollover", "devices check 'iPhone 15'"),
    "simulated": ("simulate --plan demo-monthly-20gb --per-day 300MB --months 2",),
    "setup": ("doctor", "providers check", "profile list", "schema no-such"),
    "lines": ("lines show phone", "lines show counter", "lines qr phone"),
    "help": ("-h", "buy -h", "renew --help", "help exit-codes"),
    "errors": ("topup phone", "buy no-such-plan", "balance phon", "plans list --country nowhere", "renew phone --frob"),
}  # fmt: skip

PLAIN = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


class Form(NamedTuple):
    """In which form a scene is drawn: a name, columns, the language, what else the program finds around it."""

    name: str
    columns: int
    language: str = "en"
    around: dict[str, str] = {}  # noqa: RUF012
    picture: bool = False


FORMS = (
    Form("80-en", 80, picture=True),
    Form("80-zh-CN", 80, "zh-CN", picture=True),
    *(Form(f"{columns}-en", columns) for columns in (40, 50, 60, 100, 120, 160)),
    Form("80-km", 80, "km"),
    Form("80-no-colour", 80, around={"NO_COLOR": "1"}),
    Form("80-ascii", 80, around=PLAIN),
)


def main(words: list[str]) -> None:
    """Draw what was asked for into the folder."""
    for why in (screens.missing(), drawn.missing()):
        if why:
            raise SystemExit(why)
    folder, chosen = Path(words[0]).absolute(), set(words[1:])
    folder.mkdir(parents=True, exist_ok=True)
    scenes = [name for name in SCENES if name in chosen] or list(SCENES)
    forms = [form for form in FORMS if {form.name, form.language, str(form.columns)} & chosen] or list(FORMS)
    palettes = [name for name in drawn.PALETTES if name in chosen] or list(drawn.PALETTES)
    with stories(many="many" in scenes) as homes:
        for form in forms:
            for scene in scenes:
                text = seen(homes["many" if scene == "many" else "few"], scene, form)
                name = f"{scene}-{form.name}"
                if not form.picture:
                    (folder / f"{name}.txt").write_text(drawn.plain(text), "utf-8")
                    print(folder / f"{name}.txt")
                for palette in palettes if form.picture else ():
                    source = folder / f"{name}-{palette}.html"
                    source.write_text(drawn.page(text, form.columns, palette), "utf-8")
                    target = source.with_suffix(".png")
                    drawn.photograph(source, target, form.columns, text.count("\n"))
                    print(target)


@contextmanager
def stories(*, many: bool) -> Iterator[dict[str, Path]]:
    """The homes that are looked at: one of few lines, and one of fifty, of which four need attention."""
    with tempfile.TemporaryDirectory() as folder:
        homes = {"few": Path(folder) / "few", "many": Path(folder) / "many"}
        homes["few"].mkdir()
        screens.prepare(homes["few"])
        if many:
            homes["many"].mkdir()
            screens.prepare_many(homes["many"])
        yield homes


def seen(story: Path, scene: str, form: Form) -> str:
    """What stands on the screen after a scene, with its escape sequences."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        shutil.copytree(story, home)
        around = {"ESIMCTL_LANG": form.language, "PAGER": "cat", **form.around}
        with screens.screen(Path(scratch), home, form.columns, **around) as pane:
            return pane.run(SCENES[scene], colours=True)


if __name__ == "__main__":
    main(sys.argv[1:])
