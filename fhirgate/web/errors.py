"""Which HTTP status stands for which failure, and the one place where exceptions become answers."""

from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.http import HTTP_STATUS_CODES

from fhirgate.errors import Category, EhrThrottled, EhrUnavailable, FhirgateError
from fhirgate.services.events import Sink, fault_of
from fhirgate.services.job_ports import Job, NoAnswer
from fhirgate.web.problem import Problem

OUTWARD: dict[str, int] = {
    Category.CONFIGURATION: 500,
    Category.INVALID: 400,
    Category.NOT_FOUND: 404,
    Category.CONFLICT: 409,
    Category.TRANSIENT: 503,
    Category.THROTTLED: 503,
    Category.SECURITY: 502,
    Category.PROCESSING: 502,
    Category.STRUCTURE: 502,
    Category.NO_STORE: 503,
    NoAnswer.INTERRUPTED: 500,
    NoAnswer.OVERTIME: 504,
    NoAnswer.FAULT: 500,
}
"""By kind of failure: of a request, or of a job that is told as failed in an answer that is itself 200."""
RETRY_AFTER = 5
"""When to come back if the failure does not say [s]."""


def problem_of(error: FhirgateError) -> Problem:
    """A failure that somebody can act on."""
    headers = {"Retry-After": str(_seconds(error))} if error.retry else {}
    return Problem(
        status=OUTWARD[error.category], kind=error.category, detail=error.safe_message, headers=headers
    )


def problem_of_job(job: Job) -> Problem:
    """Why a job failed."""
    return Problem(status=OUTWARD[job.category], kind=job.category, detail=job.error)


def answer_errors(app: Flask, told: Sink) -> None:
    """Have every exception of a view answered."""

    def ours(error: FhirgateError) -> Response:
        return problem_of(error).response(g.request_id)

    def problem(error: Problem) -> Response:
        return error.response(g.request_id)

    def http(error: HTTPException) -> Response:
        return _problem_of_http(error).response(g.request_id)

    def bug(error: Exception) -> Response:
        told(fault_of(error, request_id=g.request_id))
        detail = "an error in fhirgate; its log says where, under the id of this request"
        return Problem(status=500, kind=NoAnswer.FAULT, detail=detail).response(g.request_id)

    app.register_error_handler(FhirgateError, ours)
    app.register_error_handler(Problem, problem)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, bug)


def _problem_of_http(error: HTTPException) -> Problem:
    status = error.code or 500
    headers = {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    # Its description may quote what was sent.
    phrase = HTTP_STATUS_CODES[status]
    return Problem(status=status, kind=phrase.lower().replace(" ", "-"), detail=phrase, headers=headers)


def _seconds(error: FhirgateError) -> int:
    after = error.retry_after if isinstance(error, EhrThrottled | EhrUnavailable) else None
    return RETRY_AFTER if after is None else max(1, round(after))
