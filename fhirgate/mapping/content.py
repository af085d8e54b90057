"""What a result of ours says, without the parts that change by judging once more.

fhir-contracts B6: without meta, the time of the run, and the times of notes. A generated narrative follows from
the rest. A risk that could not be classified (`cancelled`) may rest on no scan: then its predictions speak of the
time after the run.
"""

from collections.abc import Mapping
from typing import Any

_ALWAYS = frozenset({"meta", "text"})
_TIMES = {
    "RiskAssessment": frozenset({"occurrenceDateTime", "occurrencePeriod"}),
    "CarePlan": frozenset({"created"}),
    "Provenance": frozenset({"recorded", "_recorded", "occurredDateTime", "occurredPeriod"}),
    "Observation": frozenset({"issued"}),
}
_NONE: frozenset[str] = frozenset()


def said(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The elements of a resource that say something: equal for two judgements that agree."""
    volatile = _ALWAYS | _TIMES.get(resource["resourceType"], _NONE)
    if resource.get("text", {}).get("status", "generated") != "generated":
        volatile -= {"text"}
    kept = {name: value for name, value in resource.items() if name not in volatile}
    if "note" in kept:
        kept["note"] = [{**each, "time": None} for each in kept["note"]]
    if resource["resourceType"] == "RiskAssessment" and resource.get("status") == "cancelled":
        kept["prediction"] = [{**each, "whenPeriod": None} for each in resource.get("prediction", ())]
    return kept
