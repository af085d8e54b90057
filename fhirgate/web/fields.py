"""Values in a caller's JSON: taken as they are, never converted."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import marshmallow as ma

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Flag(ma.fields.Field[bool]):
    """true or false, and no other word or number for it."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ma.ValidationError("must be true or false")
        return value


class Day(ma.fields.Field[date]):
    """A calendar day; a month alone is refused, because a judgement is made on a day."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:
        try:
            if isinstance(value, str) and _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise ma.ValidationError("must be a day such as 2026-05-31")


class Body(ma.Schema):
    """A JSON object of a caller; a member that is not known is a problem, for it may be a slip of the pen."""

    error_messages = {  # noqa: RUF012 - marshmallow's way
        "type": "must be a JSON object",
        "unknown": "is not known",
    }

    class Meta:
        """Refuse what is not known, and keep the order of members."""

        unknown = ma.RAISE


def problems_in(messages: Any, place: str = "") -> tuple[tuple[str, str], ...]:
    """marshmallow's nested messages, one for each field."""
    if not isinstance(messages, Mapping):
        return tuple((place, str(each).removesuffix(".")) for each in messages)
    found: list[tuple[str, str]] = []
    for key, inner in messages.items():
        inside = place if key == "_schema" else f"{place}.{key}".removeprefix(".")
        found += problems_in(inner, inside)
    return tuple(found)
