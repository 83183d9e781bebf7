"""Charts as one `<svg>` element each: no script, no link, nothing from outside; the same figures give the same text.

Text takes the reader's colour (`currentColor`), so that a dark page shows it too. What a colour says is said in words
beside it as well: in the legend, in the title of each bar, and in the description that a screen reader tells.
"""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import NamedTuple

from esimctl.show.page import cells
from esimctl.values.text import clean

#: Colours that colour-blind readers tell apart, and that paper and dark screens show (Okabe and Ito).
FILLS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
#: Large enough to be read where a 640 wide picture is shown on a phone's 360 points.
FONT, LINE = 16, 22
PLOT, MARGIN = 240, 8
ABOVE = 90  #: room for upright figures over bars that are narrower than that: charts side by side have one baseline


class Bar(NamedTuple):
    """A bar: what stands below it, its height in whatever whole unit, and what is said of it (`1.2 GB`)."""

    label: str
    value: int
    note: str = ""


class _Part(NamedTuple):
    """A piece of a column: how high, in which colour, and what is said of it."""

    value: int
    fill: str
    told: str


class _Column(NamedTuple):
    label: str
    parts: Sequence[_Part]
    note: str = ""


def bar_chart(title: str, rows: Sequence[Bar], *, width: int = 640, ground: str | None = None) -> str:
    """Vertical bars, heights in proportion; one below zero (money given back) hangs from the line.

    `ground` is the colour of a chart that stands alone, where no page gives it one.
    """
    told = ((row, _pair(row.label, row.note or str(row.value))) for row in rows)
    columns = [_Column(row.label, [_Part(row.value, FILLS[0], words)], row.note) for row, words in told]
    return _drawn(title, (), columns, width, ground)


def stacked_chart(
    title: str,
    legend: Sequence[str],
    rows: Sequence[tuple[str, Sequence[int]]],
    *,
    width: int = 640,
    form: Callable[[int], str] = str,
) -> str:
    """Columns of as many parts as the legend has, the first at the bottom; `form` says a value in words.

    ValueError where a row has another number of parts, or one below zero: such a part has no place in a column.
    """
    if any(len(values) != len(legend) or min(values, default=0) < 0 for _, values in rows):
        raise ValueError("each row takes one part for each word of the legend, none below zero")
    columns = [
        _Column(
            label,
            [
                _Part(value, FILLS[at % len(FILLS)], _pair(label, f"{word} {form(value)}"))
                for at, (word, value) in enumerate(zip(legend, values, strict=True))
            ],
            form(sum(values)),
        )
        for label, values in rows
    ]
    return _drawn(title, legend, columns, width)


def _drawn(title: str, legend: Sequence[str], columns: Sequence[_Column], width: int, ground: str | None = None) -> str:
    """The element: title, columns, line, labels, legend; as high as its figures and labels need."""
    slot = (width - 2 * MARGIN) / max(len(columns), 1)
    upright = FONT + 2 <= slot < ABOVE
    above = max(ABOVE, *(_wide(column.note) for column in columns)) if upright else LINE
    top = MARGIN + LINE + above + MARGIN
    high = max((_above(column) for column in columns), default=0)
    low = min((_below(column) for column in columns), default=0)
    zero = top + _scaled(high, high - low)
    behind = [] if ground is None else [f'<rect width="100%" height="100%" fill="{ground}"/>']
    body = [*behind, _text(MARGIN, MARGIN + FONT, title, 'font-weight="bold"')]
    for at, column in enumerate(columns):
        body += _column(column, MARGIN + at * slot, slot, zero, high - low)
    body.append(_line(MARGIN, zero, width - MARGIN))
    body += _notes(columns, slot, zero, high - low, upright=upright)
    under = top + PLOT + MARGIN
    labels, depth = _labels([clean(column.label, 80) for column in columns], slot, under)
    body += _legend(legend, under + depth)
    height = under + depth + LINE * len(legend) + MARGIN
    told = "; ".join(part.told for column in columns for part in column.parts)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{_safe(title)}" '
        f'viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}" '
        f'style="max-width:100%;height:auto" font-family="system-ui,sans-serif" font-size="{FONT}" '
        'fill="currentColor">'
    )
    about = [f"<title>{_safe(title)}</title>", f"<desc>{_safe(told, 100_000)}</desc>"]
    return "\n".join([opening, *about, *body, *labels, "</svg>", ""])


def _legend(legend: Sequence[str], top: float) -> Iterator[str]:
    """What each colour is, below the labels: charts beside each other keep one baseline."""
    for at, word in enumerate(legend):
        y, side, fill = top + LINE * at, FONT - 2, FILLS[at % len(FILLS)]
        yield f'<rect x="{MARGIN}" y="{_n(y + 4)}" width="{side}" height="{side}" fill="{fill}"/>'
        yield _text(MARGIN + FONT + 4, y + FONT, word)


def _column(column: _Column, x: float, slot: float, zero: float, span: int) -> Iterator[str]:
    """The rectangles of one column, each with its own title; a part of nothing is left out."""
    upper = lower = 0
    for part in column.parts:
        if part.value == 0:
            continue
        start = upper if part.value > 0 else lower + part.value
        tall = _scaled(abs(part.value), span)
        y = zero - _scaled(start, span) - tall if part.value > 0 else zero - _scaled(lower, span)
        upper, lower = upper + max(part.value, 0), lower + min(part.value, 0)
        yield (
            f'<rect x="{_n(x + slot * 0.1)}" y="{_n(y)}" width="{_n(slot * 0.8)}" height="{_n(tall)}" '
            f'fill="{part.fill}"><title>{_safe(part.told)}</title></rect>'
        )


def _notes(columns: Sequence[_Column], slot: float, zero: float, span: int, *, upright: bool) -> Iterator[str]:
    """What is said of each bar above it, upright where bars are narrow; of very many bars the highest alone."""
    noted = [(at, column) for at, column in enumerate(columns) if column.note and (_above(column) or _below(column))]
    if upright:
        for at, column in noted:
            x, y = MARGIN + (at + 0.5) * slot + FONT * 0.35, zero - _scaled(_above(column), span) - 5
            yield _text(x, y, column.note, f'transform="rotate(-90 {_n(x)} {_n(y)})"')
        return
    if noted and any(_wide(column.note) > slot for _, column in noted):
        noted = [max(noted, key=lambda pair: (_above(pair[1]), -pair[0]))]
    for at, column in noted:
        half = _wide(column.note) / 2
        middle = MARGIN + (at + 0.5) * slot
        middle = max(MARGIN + half, min(middle, MARGIN + slot * len(columns) - half))
        yield _text(middle, zero - _scaled(_above(column), span) - 5, column.note, 'text-anchor="middle"')


def _labels(labels: Sequence[str], slot: float, y: float) -> tuple[list[str], float]:
    """The labels below the line and how deep they reach: level where all fit, else upright, every n-th if crowded."""
    widest = max((_wide(label) for label in labels), default=0.0)
    middles = [MARGIN + (at + 0.5) * slot for at in range(len(labels))]
    if widest + 6 <= slot:
        pairs = zip(middles, labels, strict=True)
        return [_text(x, y + FONT, label, 'text-anchor="middle"') for x, label in pairs], LINE
    step = max(1, -int(-(FONT + 4) // slot))
    turned = [
        _text(x + FONT * 0.35, y, label, f'text-anchor="end" transform="rotate(-90 {_n(x + FONT * 0.35)} {_n(y)})"')
        for x, label in list(zip(middles, labels, strict=True))[::step]
    ]
    return turned, widest


def _above(column: _Column) -> int:
    return sum(part.value for part in column.parts if part.value > 0)


def _below(column: _Column) -> int:
    return sum(part.value for part in column.parts if part.value < 0)


def _scaled(value: int, span: int) -> float:
    """A value as height in the plot; whole numbers first, so that no octet count is too large to draw."""
    return value * PLOT * 100 // span / 100 if span else 0.0


def _wide(text: str) -> float:
    """About how wide the text is: no font is known here, so rather too much."""
    return cells(text) * FONT * 0.6


def _line(x1: float, y: float, x2: float) -> str:
    return f'<line x1="{_n(x1)}" y1="{_n(y)}" x2="{_n(x2)}" y2="{_n(y)}" stroke="currentColor"/>'


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{_n(x)}" y="{_n(y)}"{" " + more if more else ""}>{_safe(text)}</text>'


def _pair(label: str, told: str) -> str:
    return f"{label}: {told}"


def _safe(text: str, limit: int = 500) -> str:
    """Text of others as XML: no markup, nothing that a page would run, no character that XML forbids."""
    return escape(clean(text, limit))


def _n(value: float) -> str:
    """A coordinate, to the hundredth, without needless noughts."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
