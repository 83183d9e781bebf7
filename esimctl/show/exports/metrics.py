"""A textfile for a Prometheus node exporter: HELP and TYPE once, a sample a line, label values escaped."""

from collections.abc import Iterable, Iterator

from esimctl.documents.exported import MetricFamily
from esimctl.documents.orders import ExportDocument
from esimctl.values.text import clean


def render(_head: ExportDocument, rows: Iterable[MetricFamily]) -> Iterator[str]:
    """Family by family."""
    for family in rows:
        name = family.name
        yield f"# HELP {name} {family.help}\n# TYPE {name} {family.kind}\n"
        for labels, value in family.samples:
            told = ",".join(f'{key}="{escaped(text)}"' for key, text in labels.items())
            yield f"{name}{{{told}}} {value}\n" if told else f"{name} {value}\n"


def escaped(text: str) -> str:
    """A label's value on one line: control characters visible, backslash and quote escaped."""
    return clean(text, 200).replace("\\", "\\\\").replace('"', '\\"')
