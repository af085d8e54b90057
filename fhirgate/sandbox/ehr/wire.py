"""Requests and answers of the FHIR side: JSON with exact numbers, and the headers that FHIR asks for."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec
from flask import Request, Response

from fhirgate.exact_json import NotJson, decode
from fhirgate.sandbox.ehr.queries import JSON_FORMATS
from fhirgate.sandbox.ehr.records import Version
from fhirgate.sandbox.ehr.refused import Refused, invalid
from fhirgate.sandbox.ehr.writing import Written

FHIR_JSON = "application/fhir+json"
FORM = "application/x-www-form-urlencoded"
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def fhir(content: Any, status: int = 200) -> Response:
    """A resource as an answer."""
    return Response(_ENCODER.encode(content), status=status, content_type=f"{FHIR_JSON}; charset=utf-8")


def refusal(error: Refused) -> Response:
    """Why not, as an OperationOutcome."""
    answer = fhir(error.outcome(), error.status)
    answer.headers.update(error.headers)
    return answer


def of_version(version: Version, request: Request) -> Response:
    """A resource, or 304 when the one who asks has it."""
    known = request.headers.get("If-None-Match", "")
    answer = fhir(version.resource)
    if version.etag in [each.strip() for each in known.split(",")]:
        answer = Response(status=304)
    return _marked(answer, version)


def of_written(written: Written, request: Request, base_url: str) -> Response:
    """What stands after a write, in as many words as the one who asks prefers."""
    version = written.version
    prefers = {each.strip() for each in request.headers.get("Prefer", "").split(",")}
    is_short = "return=minimal" in prefers
    answer = Response(status=written.status) if is_short else fhir(version.resource, written.status)
    answer.headers["Location"] = f"{base_url}/{version.local}/_history/{version.number}"
    return _marked(answer, version)


def body_of(request: Request) -> Any:
    """The JSON that was sent. Raises Refused."""
    if request.mimetype not in JSON_FORMATS:
        raise Refused(415, "not-supported", f"what is sent is to be {FHIR_JSON}")
    try:
        return decode(request.get_data())
    except NotJson as error:
        raise Refused(400, "structure", str(error)) from None


def asked_of(request: Request) -> list[tuple[str, str]]:
    """The parameters of a search, from the address and from a form. Raises Refused."""
    asked = list(request.args.items(multi=True))
    if request.method == "POST":
        if request.mimetype != FORM:
            raise Refused(415, "not-supported", f"a search by POST is a form ({FORM})")
        try:
            asked += parse_qsl(request.get_data().decode(), keep_blank_values=True)
        except UnicodeDecodeError:
            raise invalid("the form is not UTF-8") from None
    return asked


def check_accepts(request: Request) -> None:
    """Raises Refused (406) when no JSON is wanted."""
    wanted = request.accept_mimetypes
    if wanted and not wanted.best_match(JSON_FORMATS[1:]):
        raise Refused(406, "not-supported", f"only {FHIR_JSON} is spoken here")


def _marked(answer: Response, version: Version) -> Response:
    answer.headers["ETag"] = version.etag
    answer.last_modified = version.at
    return answer
