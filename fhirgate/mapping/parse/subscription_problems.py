"""Everything wrong with a Subscription, gathered while it is read, so that its author learns of all at once.

A reader that was refused something goes on with a value that is never used: `Problems.raise_if_any` comes before.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fhirgate.mapping.datatypes import is_object
from fhirgate.mapping.subscriptions import IssueCode, Refusal, SubscriptionRefused

LONGEST = 2000
"""Characters of the longest string taken (our choice); a search string or an endpoint beyond it is a mistake."""
LARGEST = 2_147_483_647
"""Of FHIR's integers (https://hl7.org/fhir/R4/datatypes.html#unsignedInt)."""

_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_.:-]{0,63}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


@dataclass(slots=True)
class Problems:
    """The refusals so far."""

    found: list[Refusal] = field(default_factory=list)

    def refuse(self, code: IssueCode, path: str, text: str) -> None:
        """Say that this cannot be done as asked."""
        refusal = Refusal(code=code, path=path, text=text)
        if refusal not in self.found:
            self.found.append(refusal)

    def raise_if_any(self) -> None:
        """Raises SubscriptionRefused when something was refused."""
        if self.found:
            raise SubscriptionRefused(self.found)

    def only(self, raw: Mapping[str, Any], path: str, known: Collection[str]) -> None:
        """Refuse every element that would not be honoured."""
        for name in raw:
            if name not in known:
                self.refuse(
                    IssueCode.NOT_SUPPORTED,
                    f"{path}.{shown(name)}",
                    "this element is not honoured here; leave it out",
                )

    def string(self, raw: Mapping[str, Any], name: str, path: str, remedy: str) -> str:
        """A string that must be there; empty after a refusal."""
        value = raw.get(name)
        if value is None:
            self.refuse(IssueCode.REQUIRED, f"{path}.{name}", f"it is missing; {remedy}")
            return ""
        if not isinstance(value, str) or not value.strip():
            self.refuse(IssueCode.STRUCTURE, f"{path}.{name}", f"it is not a string with content; {remedy}")
            return ""
        if len(value) > LONGEST:
            self.refuse(IssueCode.TOO_LONG, f"{path}.{name}", f"it has more than {LONGEST} characters")
            return ""
        return value

    def item(self, raw: Mapping[str, Any], name: str, path: str) -> Mapping[str, Any]:
        """An object, empty when it is not there."""
        value = raw.get(name, {})
        if is_object(value):
            return value
        self.refuse(IssueCode.STRUCTURE, f"{path}.{name}", "an object is expected here")
        return {}

    def listed(self, raw: Mapping[str, Any], name: str, path: str, most: int) -> list[Any]:
        """A list, empty when it is not there."""
        value = raw.get(name, [])
        if not isinstance(value, list) or (name in raw and not value):
            self.refuse(
                IssueCode.STRUCTURE, f"{path}.{name}", "a list with at least one item is expected here"
            )
            return []
        if len(value) > most:
            self.refuse(IssueCode.TOO_LONG, f"{path}.{name}", f"at most {most} are taken")
            return []
        return value

    def whole_number(self, value: Any, path: str, least: int, most: int = LARGEST) -> int | None:
        """A whole number within bounds; None after a refusal."""
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(IssueCode.STRUCTURE, path, "a whole number is expected here")
            return None
        if not least <= value <= most:
            self.refuse(
                IssueCode.VALUE, path, f"a number from {least} to {most} is expected here, or none at all"
            )
            return None
        return value

    def instant(self, raw: Mapping[str, Any], name: str, path: str) -> datetime | None:
        """A moment with its zone; None when it is not there or after a refusal."""
        value = raw.get(name)
        if value is None:
            return None
        try:
            if isinstance(value, str) and _INSTANT.fullmatch(value):
                return datetime.fromisoformat(value)
        except ValueError:
            pass
        self.refuse(
            IssueCode.VALUE,
            f"{path}.{name}",
            "a moment with its zone is expected, such as 2027-12-31T12:00:00Z",
        )
        return None


def shown(name: str) -> str:
    """The name of an element as it may be repeated to whoever sent it."""
    return name if _PLAIN.fullmatch(name) else "(unnamed)"
