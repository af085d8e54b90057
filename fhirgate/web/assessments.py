"""`/v1/assessments`: ask for an assessment, and come back for it."""

import re

import marshmallow as ma
from flask import Response, g, request, url_for

from fhirgate.services.assessment_jobs import AssessmentRequest, KeyReused
from fhirgate.services.callers import Caller
from fhirgate.services.job_ports import Job, JobStatus
from fhirgate.web.assessment_body import assessment_body
from fhirgate.web.fields import problems_in
from fhirgate.web.gate import Gate
from fhirgate.web.json_body import json_body
from fhirgate.web.problem import Problem
from fhirgate.web.route import JSON, Access, Answer, Header, Route
from fhirgate.web.schemas import AssessmentBody, AssessmentRequestBody

LONGEST_WAIT = 20
"""How long an answer is held back for a caller who would rather wait [s]."""
COME_BACK = 2
"""When to ask again [s]."""
_LOOKS = 0.2
_OPEN = frozenset({JobStatus.QUEUED, JobStatus.RUNNING})
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_WAIT = re.compile(r"\s*wait\s*=\s*(\d{1,6})\s*", re.IGNORECASE)


def ask(gate: Gate) -> Response:
    """Queue an assessment."""
    caller: Caller = g.caller
    asked = _asked(gate, caller)
    key = request.headers.get("Idempotency-Key", "")
    if key and not _KEY.fullmatch(key):
        raise Problem(
            status=400, kind="invalid", detail="Idempotency-Key must be 1 to 255 visible ASCII characters"
        )
    try:
        job = gate.assessments.ask(asked, key)
    except KeyReused as error:
        raise Problem(status=422, kind="idempotency-key-reused", detail=error.safe_message) from None
    location = url_for("read-assessment", job_id=job.id)
    return _answer(gate, job, status=202, headers={"Location": location})


def read(gate: Gate, job_id: str) -> Response:
    """How far an assessment is, and what came of it."""
    job = gate.assessments.find(g.caller.name, job_id)
    seconds = _seconds_to_wait()
    if seconds and job.status in _OPEN and gate.places_to_wait.acquire(blocking=False):
        try:
            job = _waited_for(gate, job, seconds)
        finally:
            gate.places_to_wait.release()
        return _answer(gate, job, headers={"Preference-Applied": f"wait={seconds}"})
    return _answer(gate, job)


def _answer(gate: Gate, job: Job, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    found = Response(assessment_body(job, gate.assessments), status=status, content_type=JSON)
    found.headers.update(headers or {})
    if job.status in _OPEN:
        found.headers["Retry-After"] = str(COME_BACK)
    return found


def _seconds_to_wait() -> int:
    """As `Prefer: wait=N` (RFC 7240 §4.3) has it, within reason."""
    wishes = (_WAIT.fullmatch(each) for each in request.headers.get("Prefer", "").split(","))
    return min(LONGEST_WAIT, next((int(each[1]) for each in wishes if each), 0))


def _waited_for(gate: Gate, job: Job, seconds: float) -> Job:
    until = gate.monotonic() + seconds
    while job.status in _OPEN and gate.monotonic() < until:
        if gate.stopping.wait(_LOOKS):
            break
        job = gate.assessments.find(g.caller.name, job.id)
    return job


def _asked(gate: Gate, caller: Caller) -> AssessmentRequest:
    """The body, with every problem told at once. Raises Problem 415, 413, 400, 422."""
    body = json_body()
    mine = [each for each in gate.servers if caller.may_use(each)]
    problems: tuple[tuple[str, str], ...] = ()
    try:
        loaded = AssessmentRequestBody().load(body)
    except ma.ValidationError as error:
        problems = problems_in(error.messages)
        loaded = error.valid_data
    server = loaded.get("server") if isinstance(loaded, dict) else None
    if server is not None and server not in mine:
        # Whether it is there for others is not told.
        problems += (("server", f"must be a server you may use: {', '.join(mine) or 'there is none'}"),)
    if problems:
        many = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
        raise Problem(
            status=422, kind="invalid", detail=f"the request has {many}", errors=tuple(sorted(problems))
        )
    presets = tuple(loaded.pop("presets"))
    return AssessmentRequest(caller=caller.name, presets=presets, **loaded)


_KEY_HEADER = Header(
    name="Idempotency-Key",
    says="Your own name for this request: sent again, it is the same assessment.",
    schema={"type": "string", "minLength": 1, "maxLength": 255},
)
_PREFER_HEADER = Header(
    name="Prefer",
    says=f"`wait=N`: hold the answer back for up to N seconds, at most {LONGEST_WAIT}, until it is done.",
    schema={"type": "string"},
)
_LATER = {"Retry-After": "When to ask again [s], while it is not finished."}
ROUTES = (
    Route(
        rule="/v1/assessments",
        method="POST",
        name="ask-for-assessment",
        access=Access.CALLER,
        view=ask,
        summary="Ask for the assessment of a patient whose record a server holds.",
        answers={
            202: Answer(
                says="It is queued, or was already.",
                schema=AssessmentBody,
                headers={"Location": "Where to read it.", **_LATER},
            )
        },
        takes=AssessmentRequestBody,
        headers=(_KEY_HEADER,),
    ),
    Route(
        rule="/v1/assessments/<job_id>",
        method="GET",
        name="read-assessment",
        access=Access.CALLER,
        view=read,
        summary="How far an assessment is, and what came of it.",
        answers={
            200: Answer(
                says="How far it is; a failed one says why in `error`.",
                schema=AssessmentBody,
                headers={**_LATER, "Preference-Applied": "Whether it was waited for."},
            )
        },
        headers=(_PREFER_HEADER,),
    ),
)
