"""Pictures of use: PNG files by a library that a person may install (`esimctl[plot]`), SVG files."""

from collections.abc import Sequence
from importlib import import_module
from io import BytesIO

from esimctl.errors import ConfigurationError
from esimctl.show.charts import Bar, bar_chart

#: (label, octets, what is said of it)
Row = tuple[str, int, str]


def png(title: str, rows: Sequence[Row]) -> bytes:
    """The bars as a PNG file; ConfigurationError (78) with the way to install what draws it."""
    try:
        image, imagedraw, imagefont = (import_module(f"PIL.{name}") for name in ("Image", "ImageDraw", "ImageFont"))
    except ImportError:
        raise ConfigurationError(
            "the library that draws PNG files is not installed; --svg FILE works without it",
            hint="pip install 'esimctl[plot]'",
            code="no_plot",
        ) from None

    wide, high, margin, under = 1280, 640, 24, 150
    picture = image.new("RGB", (wide, high), "white")
    draw = imagedraw.Draw(picture)
    font = imagefont.load_default(22)
    draw.text((margin, margin), title, "black", font)
    highest = max((value for _, value, _ in rows), default=0)
    floor, room = high - under, high - under - margin - 60
    slot = (wide - 2 * margin) / max(len(rows), 1)
    step = max(1, -int(-26 // slot))
    for at, (label, value, told) in enumerate(rows):
        left = margin + at * slot
        top = floor - (value * room // highest if highest else 0)
        draw.rectangle((left + slot * 0.1, top, left + slot * 0.9, floor), "#0072b2")
        if value == highest:
            reach = draw.textlength(told, font)
            draw.text((max(margin, min(left, wide - margin - reach)), top - 28), told, "black", font)
        if at % step == 0:
            upright = image.new("RGB", (int(draw.textlength(label, font)) + 2, 26), "white")
            imagedraw.Draw(upright).text((0, 0), label, "black", font)
            picture.paste(upright.rotate(90, expand=True), (int(left + slot / 2 - 13), floor + 8))
    draw.line((margin, floor, wide - margin, floor), "black", 2)
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def svg(title: str, rows: Sequence[Row]) -> bytes:
    """The bars as an SVG file, by our own hand."""
    return bar_chart(title, [Bar(*row) for row in rows], ground="#fff").encode()
