"""Why the FHIR side declines a call, and the OperationOutcome that says so.

https://hl7.org/fhir/R4/operationoutcome.html
"""

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """A call that is not carried out: its status, the issue type and a sentence."""

    def __init__(
        self,
        status: int,
        code: str,
        says: str,
        *,
        headers: Mapping[str, str] | None = None,
        expression: str = "",
    ) -> None:
        super().__init__(says)
        self.status = status
        self.code = code
        """Of http://hl7.org/fhir/issue-type."""
        self.says = says
        self.headers = dict(headers or {})
        self.expression = expression

    def placed(self, expression: str) -> "Refused":
        """The same, of one entry of a Bundle."""
        return Refused(self.status, self.code, self.says, headers=self.headers, expression=expression)

    def outcome(self) -> dict[str, Any]:
        """The OperationOutcome."""
        issue: dict[str, Any] = {"severity": "error", "code": self.code, "diagnostics": self.says}
        if self.expression:
            issue["expression"] = [self.expression]
        return {"resourceType": "OperationOutcome", "issue": [issue]}


def unknown(what: str) -> Refused:
    """There is no such thing here."""
    return Refused(404, "not-found", f"{what} is not known here")


def invalid(says: str) -> Refused:
    """The request itself is wrong."""
    return Refused(400, "invalid", says)
