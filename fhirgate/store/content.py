"""Whether a resource says anything new: its content, without the parts that change by judging once more.

fhir-contracts B6: without meta, the time of the run, and the times of notes. A generated narrative follows from
the rest.
"""

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

_ALWAYS = frozenset({"meta", "text"})
_TIMES = {
    "RiskAssessment": frozenset({"occurrenceDateTime", "occurrencePeriod"}),
    "CarePlan": frozenset({"created"}),
    "Provenance": frozenset({"recorded", "_recorded", "occurredDateTime", "occurredPeriod"}),
    "Observation": frozenset({"issued"}),
}
_NONE: frozenset[str] = frozenset()

_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(order="sorted", decimal_format="number")


def read_body(body: bytes) -> dict[str, Any]:
    """The resource, with its decimals as written."""
    return _DECODER.decode(body)


def content_sha256(resource: Mapping[str, Any]) -> str:
    """A digest that is equal for resources that say the same."""
    volatile = _ALWAYS | _TIMES.get(resource["resourceType"], _NONE)
    if resource.get("text", {}).get("status", "generated") != "generated":
        volatile -= {"text"}
    kept = {name: value for name, value in resource.items() if name not in volatile}
    if "note" in kept:
        kept["note"] = [{**each, "time": None} for each in kept["note"]]
    return sha256(_ENCODER.encode(kept)).hexdigest()
