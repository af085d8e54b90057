"""What a table of a site's file may hold: marshmallow fields that take a TOML value as it is and never convert."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

import marshmallow as ma

from fhirgate.config.toml_file import suggestion

UNKNOWN_KEY = "is not a known key"


class Table(ma.Schema):
    """A table of the file: unknown keys are refused, with the nearest known one."""

    error_messages = {"type": "must be a table", "unknown": UNKNOWN_KEY}  # noqa: RUF012 - marshmallow's way

    @ma.validates_schema(pass_original=True, skip_on_field_errors=False)
    def _no_unknown_key(self, data: Any, original: Any, **_: Any) -> None:
        if not isinstance(original, Mapping):
            return
        unknown = [key for key in original if key not in self.fields]
        if unknown:
            raise ma.ValidationError({key: [UNKNOWN_KEY + suggestion(key, self.fields)] for key in unknown})

    class Meta:
        """Unknown keys pass the fields and are refused above, in words."""

        unknown = ma.EXCLUDE


class Tables(ma.fields.Field[dict[str, Any]]):
    """Tables by a name of the site's choice, such as [servers.main]; the problems of all are told together."""

    def __init__(self, kind: type[Table], example: str, **settings: Any) -> None:
        super().__init__(**settings)
        self._kind = kind
        self._example = example

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ma.ValidationError(f"must be tables such as [{self._example}]")
        found: dict[str, Any] = {}
        problems: dict[str, Any] = {}
        for name, table in value.items():
            try:
                found[name] = self._kind().load(table)
            except ma.ValidationError as error:
                problems[name] = error.messages
        if problems:
            raise ma.ValidationError(problems)
        return found


class Whole(ma.fields.Field[int]):
    """A whole number; true is none, though Python thinks so."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ma.ValidationError("must be a whole number")
        return value


class Flag(ma.fields.Field[bool]):
    """true or false, and no other word for it."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ma.ValidationError("must be true or false")
        return value


class Exact(ma.fields.Field[Decimal]):
    """A number, exact."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise ma.ValidationError("must be a number")
        if not Decimal(value).is_finite():
            raise ma.ValidationError("must be a finite number")
        return Decimal(value)


class Text(ma.fields.Field[str]):
    """Text that is not blank."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise ma.ValidationError("must be text in quotes, and not blank")
        return value.strip()


class Words(ma.fields.Field[tuple[str, ...]]):
    """A list of words."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise ma.ValidationError("must be a list of names in quotes")
        return tuple(value)


class OneOf(ma.fields.Field[StrEnum]):
    """One member of a closed set, by its value."""

    def __init__(self, choices: type[StrEnum], *, required: bool = False) -> None:
        super().__init__(required=required, error_messages={"required": "is missing"})
        self.choices = choices

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> StrEnum:
        try:
            return self.choices(value)
        except ValueError:
            raise ma.ValidationError(f"must be one of {', '.join(self.choices)}") from None
