"""`python -m tests.record [STORY …]` writes the record anew: look at what changed in it, and say why in the commit."""

import sys

from tests.record.kept import FOLDER, digest, document
from tests.record.play import FORMS, play
from tests.record.stories import STORIES


def main(names: list[str]) -> None:
    """Play the stories in every form and keep what they said."""
    FOLDER.mkdir(exist_ok=True)
    for name in names or list(STORIES):
        said = {form: play(name, *form) for form in FORMS}
        for path, text in document(name, said).items():
            path.write_text(text, "utf-8", newline="\n")
        print(name, digest("".join(answers for answers, _ in said.values()))[:12])


main(sys.argv[1:])
