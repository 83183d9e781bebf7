"""Documents against their schemas, for every test that reads one."""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from esimctl.documents.schemas import WHERE, schema


@cache
def validator(name: str, strict: bool) -> Draft202012Validator:
    """The validator of a document; `strict` allows no key that the schema does not describe."""
    return Draft202012Validator(schema(name, strict=strict))


def validate(document: Any, *, strict: bool = True) -> None:
    """The document against the schema that its own first key names; `esimctl schema` must know it."""
    name = document["schema"].removeprefix("esimctl.").removesuffix("/1")
    assert name in WHERE, f"esimctl.{name}/1 has no schema: esimctl/show/schemas"
    validator(name, strict).validate(document)


__all__ = ["validate"]
