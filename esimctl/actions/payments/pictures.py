"""Pictures with a code: read from a person's file, or written to one."""

from esimctl.providers.zbar import read_picture
from esimctl.store.handout import hand_out


def text_in(path: str) -> str:
    """The text of the QR code in a picture."""
    return read_picture(path)


def hand_picture(path: str, data: bytes) -> None:
    """Write a picture to the file that a person named."""
    hand_out(path, data)
