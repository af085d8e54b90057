"""A site's policy from a TOML file: any parameter of `oncology.policy`, checked, named and versioned.

    name = "our tumour board"
    version = "2026-11"

    [imaging]
    stale_after_days = 90

The schemas are made from the policy's own dataclasses, so a new parameter needs nothing here.
"""

from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import marshmallow as ma

from fhirgate.config.fields import Exact, Flag, OneOf, Table, Text, Whole, Words
from fhirgate.config.toml_file import in_sentences, read_toml
from fhirgate.errors import ConfigurationError
from fhirgate.oncology.millimetres import LARGEST
from fhirgate.oncology.policy import DEFAULT_POLICY, Policy, sections

LONGEST = {"days": 36500, "months": 1200, "between": 100}
"""A count beyond this is a slip of the pen."""
HIGHEST = {"mm": LARGEST, "below": Decimal(1)}


def load_policy(path: Path) -> Policy:
    """The policy of a file, with our defaults where it says nothing. Raises ConfigurationError."""
    what = f"the policy file {path}"
    content = read_toml(path, what)
    try:
        chosen = _Root().load(content)
    except ma.ValidationError as error:
        raise ConfigurationError(what, in_sentences(error.messages)) from error
    return replace(
        DEFAULT_POLICY,
        name=chosen.pop("name"),
        version=chosen.pop("version"),
        **{name: replace(getattr(DEFAULT_POLICY, name), **values) for name, values in chosen.items()},
    )


def _within(highest: int | Decimal) -> ma.validate.Range:
    return ma.validate.Range(min=0, max=highest, error="must lie between {min} and {max}")


def _field(name: str, kind: Any) -> ma.fields.Field[Any]:
    """The field for one parameter, by its type and by the unit its name ends with."""
    if get_origin(kind) is UnionType:
        kind = next(each for each in get_args(kind) if each is not type(None))
    unit = name.rsplit("_", 1)[-1]
    if kind is bool:
        return Flag()
    if kind is int:
        return Whole(validate=_within(LONGEST[unit]))
    if kind is Decimal:
        return Exact(validate=_within(HIGHEST[unit]))
    if get_origin(kind) is tuple:
        return Words()
    return OneOf(kind)


def _schema(section: type) -> type[Table]:
    """The schema of one section of the policy. A parameter of a kind or unit unknown here fails a test."""
    hints = get_type_hints(section)
    made = {each.name: _field(each.name, hints[each.name]) for each in fields(section)}
    return type(f"{section.__name__}Schema", (Table,), dict(made))


class _Root(Table):
    name = Text(required=True, error_messages={"required": "is missing; a policy needs a name"})
    version = Text(required=True, error_messages={"required": "is missing; a policy needs a version"})

    def __init__(self) -> None:
        self._declared_fields = {
            **self._declared_fields,
            **{name: ma.fields.Nested(_schema(section)) for name, section in sections().items()},
        }
        super().__init__()
