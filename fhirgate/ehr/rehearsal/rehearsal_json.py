"""A rehearsal as JSON of a documented, stable shape (`rehearsal.schema.json`)."""

import json
from importlib.resources import files
from typing import Any

from fhirgate import __version__
from fhirgate.ehr.doctor.examination_json import line_json, summary_json
from fhirgate.ehr.rehearsal.rehearse import Rehearsal

SCHEMA_FILE = "rehearsal.schema.json"


def rehearsal_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a rehearsal; a fresh copy, free to change."""
    text = files("fhirgate.ehr.rehearsal").joinpath(SCHEMA_FILE).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def rehearsal_json(found: Rehearsal) -> dict[str, Any]:
    """Everything a rehearsal found; no token, no code, nobody's id."""
    launch = found.entry.launch
    return {
        "server": found.entry.name,
        "baseUrl": found.entry.base_url,
        "flow": found.flow.value,
        "client": None if launch is None else launch.kind.value,
        "redirectUri": found.redirect_uri,
        "fhirgateVersion": __version__,
        "beganAt": found.began_at.isoformat(timespec="seconds"),
        "milliseconds": found.milliseconds,
        "canLaunch": found.can_launch,
        "summary": summary_json(found),
        "lines": [line_json(each) for each in found.lines],
    }
