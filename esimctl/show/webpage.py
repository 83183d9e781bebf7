"""One self-contained HTML page: no script, nothing from outside, readable on a phone, on paper and in the dark."""

import os
import re
from collections.abc import Sequence
from html import escape
from typing import Final

from esimctl.show.words import language
from esimctl.values.text import clean

#: Nothing may be loaded or run; the one style sheet stands in the page.
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"

_UNIT: Final = re.compile(r"(?<=\d) (?=[A-Za-z])")

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #57606a; --line: #d0d7de; --card: #f6f8fa;
  --warn: #9a3b00 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --soft: #9da7b3; --line: #30363d; --card: #161b22; --warn: #ffb77c } }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body { margin: 0 auto; padding: 1rem; max-width: 52rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", "Noto Sans Khmer", sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 .25rem }
h2 { font-size: 1.1rem; margin: 1.75rem 0 .5rem }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem }
p { margin: .5rem 0 }
.soft { color: var(--soft); font-size: .875rem }
.lead { font-size: 1.1rem }
.mark { display: inline-block; border: 1px solid currentColor; border-radius: .25rem; padding: 0 .35rem;
  color: var(--warn); font-size: .75rem; font-weight: 600; white-space: nowrap }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .5rem; margin: .75rem 0 }
dl div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .75rem }
dt { color: var(--soft); font-size: .8125rem; line-height: 1.3 }
dd { margin: .15rem 0 0; font-weight: 600; font-variant-numeric: tabular-nums }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums }
th, td { padding: .35rem .5rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line) }
th { color: var(--soft); font-weight: 600 }
th, td:first-child { white-space: nowrap }
tbody tr:last-child td { border-bottom: 0 }
td.n, th.n { text-align: right }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 1rem;
  margin: 1rem 0 }
figure { margin: 0 }
svg { display: block; width: 100%; height: auto }
ul { margin: .5rem 0; padding-left: 1.2rem }
pre { white-space: pre-wrap; margin: .5rem 0; font-size: .8125rem }
@media (max-width: 40rem) {
  thead { display: none }
  tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line) }
  td, td.n { display: flex; justify-content: space-between; gap: 1rem; padding: .1rem 0; border: 0; text-align: right }
  td::before { content: attr(data-label); color: var(--soft); text-align: left } }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --soft: #444; --line: #999; --card: #fff; --warn: #000 }
  html { font-size: 10pt }  /* sizes are in rem: paper takes smaller ones, whatever font stands in for the first */
  body { max-width: none; padding: 0 }
  figure, dl div, tr { break-inside: avoid }
  h2 { break-after: avoid }
  .charts { display: block }
  figure { margin: .5cm 0 }
  svg { max-height: 8cm; width: auto } }
@page { margin: 15mm }
"""


def page(title: str, body: Sequence[str]) -> str:
    """The whole page around finished pieces of HTML."""
    tag = language(os.environ)
    head = (
        f'<!doctype html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{safe(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    )
    return head + "\n".join(body) + "\n</body>\n</html>\n"


def safe(text: str) -> str:
    """Words of others as HTML text, also between quotation marks."""
    return escape(clean(text), quote=True)


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text."""
    return f"<p{_class(kind)}>{marked(text)}</p>"


def heading(text: str, level: int = 2) -> str:
    """A heading."""
    return f"<h{level}>{marked(text)}</h{level}>"


def cards(pairs: Sequence[tuple[str, str]]) -> str:
    """Labels with their values."""
    inner = "".join(f"<div><dt>{safe(label)}</dt><dd>{marked(value)}</dd></div>" for label, value in pairs)
    return f"<dl>{inner}</dl>"


def bullets(sentences: Sequence[str]) -> str:
    """A list; nothing where there is nothing to list."""
    return "<ul>" + "".join(f"<li>{marked(each)}</li>" for each in sentences) + "</ul>" if sentences else ""


def figures(charts: Sequence[str]) -> str:
    """Finished drawings, beside each other where there is room."""
    return '<div class="charts">' + "".join(f"<figure>{each}</figure>" for each in charts) + "</div>" if charts else ""


def grid(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """A table that becomes a list of cards on a phone."""
    kinds = [_class("n" if each else "") for each in right]
    head = "".join(f"<th{kind}>{safe(each)}</th>" for kind, each in zip(kinds, headings, strict=True))
    lines = []
    for row in rows:
        cells = zip(kinds, headings, row, strict=True)
        lines.append(
            "".join(
                f'<td{kind} data-label="{safe(name)}"><span>{marked(cell)}</span></td>' for kind, name, cell in cells
            )
        )
    inner = "".join(f"<tr>{line}</tr>\n" for line in lines)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{inner}</tbody>\n</table>"


def marked(text: str) -> str:
    """Text in which SANDBOX is a mark that nobody overlooks, and no line breaks between a number and its unit."""
    return _UNIT.sub("\N{NO-BREAK SPACE}", safe(text)).replace("  SANDBOX", ' <span class="mark">SANDBOX</span>')


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
