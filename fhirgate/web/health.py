"""Whether the process lives, and whether it can be given work."""

from typing import Any

import msgspec
from flask import Response

from fhirgate.web.gate import Gate
from fhirgate.web.route import JSON, Access, Answer, Route
from fhirgate.web.schemas import HealthBody


def live(_gate: Gate) -> Response:
    """It answers, so it lives; it asks nothing of anybody."""
    return _answer({"status": "live", "checks": []}, 200)


def ready(gate: Gate) -> Response:
    """Whether everything it needs is there, each reason told. EHR servers are not asked: they fail by themselves."""
    checks = gate.checks()
    is_ready = not any(each.why_not for each in checks)
    told = [{"name": each.name, "holds": not each.why_not, "why": each.why_not} for each in checks]
    status = "ready" if is_ready else "not ready"
    return _answer({"status": status, "checks": told}, 200 if is_ready else 503)


def _answer(body: dict[str, Any], status: int) -> Response:
    return Response(msgspec.json.encode(body), status=status, content_type=JSON)


ROUTES = (
    Route(
        rule="/health/live",
        method="GET",
        name="live",
        access=Access.OPEN,
        view=live,
        summary="Whether the process lives.",
        answers={200: Answer(says="It does.", schema=HealthBody)},
    ),
    Route(
        rule="/health/ready",
        method="GET",
        name="ready",
        access=Access.OPEN,
        view=ready,
        summary="Whether it can be given work: its database and its workers.",
        answers={
            200: Answer(says="It can.", schema=HealthBody),
            503: Answer(says="It cannot, and why.", schema=HealthBody),
        },
    ),
)
