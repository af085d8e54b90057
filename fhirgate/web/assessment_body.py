"""An assessment as its caller reads it; resources and assessments go out byte for byte as they were kept."""

from collections.abc import Sequence
from typing import Any

import msgspec

from fhirgate.services.assessment_jobs import (
    Assessments,
    PresetAnswer,
    WriteBack,
    answers_of,
    request_of,
)
from fhirgate.services.job_ports import Job, JobStatus
from fhirgate.services.ports import Stored
from fhirgate.web.errors import problem_of_job


def assessment_body(job: Job, assessments: Assessments) -> bytes:
    """How far a job is, and what came of it, as JSON text (`schemas.AssessmentBody`)."""
    stored = assessments.results(job)
    written = assessments.written_back(job)
    return msgspec.json.encode(
        {
            "id": job.id,
            "status": job.status,
            "stage": job.status if job.status is JobStatus.DONE else job.stage,
            "steps": {"done": job.steps if job.status is JobStatus.DONE else job.steps_done, "of": job.steps},
            "attempts": job.attempts,
            "createdAt": job.created_at,
            "startedAt": job.started_at,
            "finishedAt": job.finished_at,
            "request": _asked(job),
            "results": [_result(each, stored) for each in answers_of(job)],
            "writeBack": _written(written),
            "error": problem_of_job(job).body() if job.status is JobStatus.FAILED else None,
        }
    )


def _asked(job: Job) -> dict[str, Any]:
    asked = request_of(job)
    return {
        "server": asked.server,
        "patient": asked.patient,
        "presets": asked.presets,
        "asOf": asked.as_of,
        "write": asked.write,
        "reader": asked.reader,
    }


def _result(answer: PresetAnswer, stored: Sequence[Stored]) -> dict[str, Any]:
    return {
        "preset": answer.preset,
        "state": answer.state,
        "notKept": answer.not_kept,
        "assessment": answer.assessment,
        "resources": [_resource(each) for each in stored if each.preset == answer.preset],
    }


def _resource(stored: Stored) -> dict[str, Any]:
    return {
        "name": str(stored.name),
        "status": stored.status,
        "recordedAt": stored.recorded_at,
        "resource": msgspec.Raw(stored.body),
    }


def _written(written: WriteBack) -> dict[str, Any]:
    return {
        "state": written.state,
        "attempts": written.attempts,
        "why": written.why,
        "resources": [
            {"name": str(each.name), "fate": each.fate, "reference": each.reference, "why": each.why}
            for each in written.written
        ],
    }
