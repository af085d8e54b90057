"""An examination as JSON of a documented, stable shape (`examination.schema.json`)."""

import json
from importlib.resources import files
from typing import Any, Protocol

from fhirgate import __version__
from fhirgate.ehr.doctor.examine import Examination
from fhirgate.ehr.doctor.line import Line, Result
from fhirgate.outbound.trace import Try

SCHEMA_FILE = "examination.schema.json"


class Counted(Protocol):
    """Lines that can be counted by how they went."""

    def number(self, result: Result) -> int:
        """How many lines went so."""
        ...


def examination_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of an examination; a fresh copy, free to change."""
    text = files("fhirgate.ehr.doctor").joinpath(SCHEMA_FILE).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def examination_json(found: Examination) -> dict[str, Any]:
    """Everything an examination found; no patient's id, no secret."""
    return {
        "server": found.entry.name,
        "baseUrl": found.entry.base_url,
        "authentication": found.entry.auth.kind.value,
        "fhirgateVersion": __version__,
        "examinedAt": found.examined_at.isoformat(timespec="seconds"),
        "milliseconds": found.milliseconds,
        "withPatient": found.with_patient,
        "canAssess": found.can_assess,
        "summary": summary_json(found),
        "lines": [line_json(each) for each in found.lines],
    }


def summary_json(found: Counted) -> dict[str, int]:
    """How many lines went so, for each result."""
    return {_key(each): found.number(each) for each in Result}


def _key(result: Result) -> str:
    return "notTried" if result is Result.NOT_TRIED else result.value


def line_json(line: Line) -> dict[str, Any]:
    """One line, with the shape of its request."""
    told = line.told
    return {
        "check": line.check,
        "group": line.group.value,
        "title": line.title,
        "about": told.about or None,
        "result": _key(told.result),
        "says": told.says,
        "request": None if told.call is None else _request(told.call),
        "remedy": told.remedy or None,
    }


def _request(call: Try) -> dict[str, Any]:
    return {
        "method": call.method,
        "path": call.place.path,
        "parameters": list(call.place.parameters),
        "status": call.status,
        "milliseconds": call.milliseconds,
        "bytes": call.received_bytes,
        "requestId": call.request_id,
    }
