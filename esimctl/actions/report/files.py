"""Pages go to the files that a person named."""

from esimctl.store.handout import hand_out


def hand_page(path: str, text: str) -> None:
    """Write a page whole or not at all, readable by its owner alone; OutputFailed (74) says why it could not be."""
    hand_out(path, text.encode())
