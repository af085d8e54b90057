"""Lines of therapy as JSON."""

from collections.abc import Iterable

from fhirgate.oncology.therapy import Agent, LineOfTherapy, Segment
from fhirgate.report.values_json import Json, dated, references


def line_json(line: LineOfTherapy) -> Json:
    """One line of therapy; `end` is null while it lasts."""
    return {
        "number": line.number,
        "setting": line.setting.value,
        "start": dated(line.start),
        "lastExposure": dated(line.last_exposure),
        "end": dated(line.end),
        "agents": _names(line.agents),
        "substitutions": _names(line.substitutions),
        "maintenance": _names(line.maintenance),
        "phase": line.phase.value,
        "segments": [_segment(each) for each in line.segments],
        "endReason": line.end_reason,
        "openedBy": line.opened_by.value,
        "carried": _names(line.carried),
        "evidence": line.evidence.value,
        "flags": [each.value for each in line.flags],
        "sources": references(line.sources),
    }


def _names(agents: Iterable[Agent]) -> list[str]:
    return [agent.name for agent in agents]


def _segment(segment: Segment) -> Json:
    return {"label": segment.label, "start": dated(segment.start), "end": dated(segment.end)}
