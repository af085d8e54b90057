"""A failure as the caller is told it: problem details (RFC 9457)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from flask import Response
from werkzeug.http import HTTP_STATUS_CODES

TYPES = "https://fhirgate.example/problems/"
"""Before the name of a kind of problem; names it, and is not there to be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem(Exception):
    """Something that ends a request, and how it is answered."""

    status: int
    kind: str
    detail: str
    errors: tuple[tuple[str, str], ...] = ()
    """Each field with what is wrong with it."""
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Its members."""
        found: dict[str, Any] = {
            "type": TYPES + self.kind,
            "title": HTTP_STATUS_CODES[self.status],
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            found["errors"] = [{"field": where, "detail": what} for where, what in self.errors]
        return found

    def response(self, request_id: str) -> Response:
        """The answer."""
        body = msgspec.json.encode({**self.body(), "instance": f"urn:uuid:{request_id}"})
        return Response(
            body, status=self.status, headers=dict(self.headers), content_type="application/problem+json"
        )
