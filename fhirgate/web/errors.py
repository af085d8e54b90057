"""Which HTTP status stands for which failure, and the one place where exceptions become answers."""

from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.http import HTTP_STATUS_CODES

from fhirgate.errors import Category, EhrThrottled, EhrUnavailable, FhirgateError
from fhirgate.services.events import Sink, fault_of
from fhirgate.services.job_ports import Job, NoAnswer
from fhirgate.services.launches import LaunchRefused, Why
from fhirgate.web.pages import page
from fhirgate.web.problem import Problem
from fhirgate.web.route import Reader
from fhirgate.web.words import Words, used_up, words_of, words_of_problem

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
    """Have every exception of a view answered: as a page to a person, as problem details to a program."""

    def ours(error: FhirgateError) -> Response:
        if isinstance(error, LaunchRefused) and error.why is Why.OTHER_BROWSER and g.reader is Reader.PERSON:
            return _lost_cookie(words_of(error))
        return _answer(problem_of(error), words_of(error))

    def problem(error: Problem) -> Response:
        return _answer(error, words_of_problem(error.status, error.kind))

    def http(error: HTTPException) -> Response:
        return problem(_problem_of_http(error))

    def bug(error: Exception) -> Response:
        told(fault_of(error, request_id=g.request_id))
        detail = "an error in fhirgate; its log says where, under the id of this request"
        return problem(Problem(status=500, kind=NoAnswer.FAULT, detail=detail))

    app.register_error_handler(FhirgateError, ours)
    app.register_error_handler(Problem, problem)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, bug)


def _answer(problem: Problem, words: Words) -> Response:
    if g.reader is Reader.PROGRAM:
        return problem.response(g.request_id)
    found = page(
        "problem.html",
        problem.status,
        frame_ancestors=g.framed_by,
        words=used_up(words) if g.used_up else words,
        again=_again(),
        detail="" if words.is_whole else problem.detail,
        request_id=g.request_id,
    )
    found.headers.update(problem.headers)
    return found


def _lost_cookie(words: Words) -> Response:
    return page("lost_cookie.html", 400, frame_ancestors=g.framed_by, words=words, where=_again() or "/")


def _again() -> str:
    """Where the server that this request is about can be launched from anew; empty when none is known."""
    return f"/launch/{g.server}" if g.server else ""


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
