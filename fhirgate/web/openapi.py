"""The OpenAPI 3.1 document, made of the same routes and schemas that answer."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import marshmallow as ma
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from fhirgate import __version__
from fhirgate.web.fields import Day, Flag
from fhirgate.web.route import Access, Answer, Header, Reader, Route
from fhirgate.web.schemas import ProblemBody

PROBLEM = "application/problem+json"
_PART = re.compile(r"<(?:\w+:)?(\w+)>")
_ANY = {
    500: "An error in fhirgate.",
    503: "Our database, or this process, cannot answer now; or too much of this caller waits already.",
}
_CALLED = {401: "No token, or one that is not known.", 429: "More requests than this caller may make."}
_OF_PATH = {404: "There is none of this name for this caller."}
_OF_BODY = {
    400: "The body is not JSON.",
    413: "The body is too long.",
    415: "The body is not sent as JSON.",
    422: "The body has problems, all of which are told; or the idempotency key was used for another request.",
}


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """The whole document: what programs call. Pages are for people and their browsers, and are left out."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name_of)
    spec = APISpec(
        title="fhirgate",
        version=__version__,
        openapi_version="3.1.0",
        info={
            "summary": "Finds oligoprogression in an EHR's FHIR data, and explains it.",
            "description": "Decision support for research; not validated for care.",
        },
        plugins=[plugin],
    )
    assert plugin.converter is not None  # noqa: S101 - made by APISpec
    plugin.converter.map_to_openapi_type(Day, "string", "date")  # type: ignore[no-untyped-call]
    plugin.converter.map_to_openapi_type(Flag, "boolean", None)  # type: ignore[no-untyped-call]
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for route in (each for each in routes if each.reader is Reader.PROGRAM):
        path = template_of(route.rule)
        spec.path(path=path, operations={route.method.lower(): _operation(route)})
    return spec.to_dict()


def template_of(rule: str) -> str:
    """A rule of Flask's as OpenAPI writes it."""
    return _PART.sub(r"{\1}", rule)


def _name_of(schema: type[ma.Schema] | ma.Schema | str) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Body")


def _operation(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "security": [{"token": []}] if route.access is Access.CALLER else [],
        "responses": _responses(route),
    }
    parameters = [_of_path(name) for name in _PART.findall(route.rule)] + [*map(_of_header, route.headers)]
    if parameters:
        found["parameters"] = parameters
    if route.takes is not None:
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": route.takes}},
        }
    return found


def _of_path(name: str) -> dict[str, Any]:
    return {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}


def _of_header(header: Header) -> dict[str, Any]:
    return {"in": "header", "name": header.name, "description": header.says, "schema": dict(header.schema)}


def _responses(route: Route) -> dict[str, Any]:
    failures = dict(_ANY)
    if route.access is Access.CALLER:
        failures |= _CALLED
    if _PART.search(route.rule):
        failures |= _OF_PATH
    if route.takes is not None:
        failures |= _OF_BODY
    found = {str(status): _failure(says) for status, says in failures.items()}
    found |= {str(status): _answer(answer) for status, answer in route.answers.items()}
    return dict(sorted(found.items()))


def _failure(says: str) -> dict[str, Any]:
    return {"description": says, "content": {PROBLEM: {"schema": ProblemBody}}}


def _answer(answer: Answer) -> dict[str, Any]:
    schema: type[ma.Schema] | Mapping[str, Any] = answer.schema or {"type": "string"}
    found: dict[str, Any] = {
        "description": answer.says,
        "content": {answer.content_type: {"schema": schema}},
    }
    if answer.headers:
        found["headers"] = {
            name: {"description": says, "schema": {"type": "string"}} for name, says in answer.headers.items()
        }
    return found
