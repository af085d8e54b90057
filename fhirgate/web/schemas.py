"""The JSON of `/v1`: what is taken, and the shape of what is answered, from which the OpenAPI document is made."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from fhirgate.oncology.progression.presets import DEFAULT, PRESETS
from fhirgate.services.assessment_jobs import WriteState
from fhirgate.services.job_ports import JobStatus
from fhirgate.services.result_writer import Fate
from fhirgate.web.fields import Body, Day, Flag

ID = r"^(?!\.{1,2}$)[A-Za-z0-9.-]{1,64}$"
"""A FHIR id; a dot or two alone would be a step in the path of a URL. As ECMAScript has it, for the document."""


def _no_twins(presets: list[str]) -> None:
    if len(set(presets)) < len(presets):
        raise ma.ValidationError("names a preset twice")


_REQUIRED: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": "is missing",
    "null": "must not be null",
    "invalid": "must be text",
}


class AssessmentRequestBody(Body):
    """What is to be assessed."""

    server = fields.String(
        required=True,
        error_messages=_REQUIRED,
        validate=validate.Length(min=1, max=40, error="must have 1 to 40 letters"),
        metadata={"description": "A server of the registry, by name.", "example": "main"},
    )
    patient = fields.String(
        required=True,
        error_messages=_REQUIRED,
        validate=validate.Regexp(
            ID.replace("$", r"\Z"), error="must be the logical id of a Patient on the server"
        ),
        metadata={
            "description": "The patient's logical id on that server.",
            "example": "4711",
            "pattern": ID,
        },
    )
    presets = fields.List(
        fields.String(
            validate=validate.OneOf(list(PRESETS), error=f"must be one of {', '.join(PRESETS)}"),
            error_messages={"invalid": "must be text"},
        ),
        load_default=[DEFAULT.name],
        validate=[validate.Length(min=1, max=len(PRESETS), error="must name at least one preset"), _no_twins],
        error_messages={"invalid": "must be a list of presets"},
        metadata={"description": "Criteria of trials or of a consensus; an assessment is made for each."},
    )
    asOf = Day(
        attribute="as_of",
        load_default=None,
        metadata={"description": "The day of judgement. Without it, the day on which the request came."},
    )
    write = Flag(
        load_default=False,
        metadata={"description": "Write the results back to the server, where it takes them."},
    )
    reader = fields.String(
        load_default="",
        validate=validate.Length(max=200, error="must have at most 200 letters"),
        error_messages={"invalid": "must be text"},
        metadata={"description": "Whose measurements, where several read the scans."},
    )


class Steps(ma.Schema):
    """How many steps of the present stage are done."""

    done = fields.Integer(required=True, strict=True)
    of = fields.Integer(required=True, strict=True, metadata={"description": "0 while it is not known."})


class FieldProblem(ma.Schema):
    """What is wrong with one field."""

    field = fields.String(required=True)
    detail = fields.String(required=True)


class ProblemBody(ma.Schema):
    """Problem details (RFC 9457)."""

    type = fields.Url(required=True, metadata={"description": "Ends in the kind of failure."})
    title = fields.String(required=True)
    status = fields.Integer(required=True, strict=True)
    detail = fields.String(required=True, metadata={"description": "In words, without patient data."})
    instance = fields.String(metadata={"description": "This request, as in our log."})
    errors = fields.List(fields.Nested(FieldProblem), metadata={"description": "Every problem of the body."})


class AskedBody(ma.Schema):
    """What was asked for, with the choices that were left to us."""

    server = fields.String(required=True)
    patient = fields.String(required=True)
    presets = fields.List(fields.String(), required=True)
    asOf = fields.Date(required=True)
    write = fields.Boolean(required=True)
    reader = fields.String(required=True)


class ResourceBody(ma.Schema):
    """A FHIR R4 resource of ours, as it was kept."""

    name = fields.String(
        required=True, metadata={"description": "With its version: Type/id/_history/version."}
    )
    status = fields.String(required=True)
    recordedAt = fields.DateTime(required=True)
    resource = fields.Dict(required=True, metadata={"description": "The exact resource."})


class ResultBody(ma.Schema):
    """What one preset says."""

    preset = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": "The present progression state."})
    notKept = fields.String(
        required=True, metadata={"description": "Why no result was kept, in words; empty when one was."}
    )
    assessment = fields.Dict(
        required=True,
        metadata={"description": "Everything, in the published shape of `fhirgate assess -o json`."},
    )
    resources = fields.List(fields.Nested(ResourceBody), required=True)


class WrittenBody(ma.Schema):
    """How one resource of ours fared on the server."""

    name = fields.String(required=True, metadata={"description": "Ours: Type/id."})
    fate = fields.String(required=True, validate=validate.OneOf([each.value for each in Fate]))
    reference = fields.String(
        required=True,
        metadata={"description": "The server's copy with its version; empty when there is none."},
    )
    why = fields.String(required=True, metadata={"description": "Why it was not written, or a remark."})


class WriteBackBody(ma.Schema):
    """What became of writing the results back to the server."""

    state = fields.String(required=True, validate=validate.OneOf([each.value for each in WriteState]))
    attempts = fields.Integer(required=True, strict=True)
    why = fields.String(required=True, metadata={"description": "Why the last attempt failed, in words."})
    resources = fields.List(fields.Nested(WrittenBody), required=True)


class AssessmentBody(ma.Schema):
    """An assessment that was asked for: how far it is, and what came of it."""

    id = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf([each.value for each in JobStatus]))
    stage = fields.String(required=True)
    steps = fields.Nested(Steps, required=True)
    attempts = fields.Integer(required=True, strict=True)
    createdAt = fields.DateTime(required=True)
    startedAt = fields.DateTime(required=True, allow_none=True)
    finishedAt = fields.DateTime(required=True, allow_none=True)
    request = fields.Nested(AskedBody, required=True)
    results = fields.List(fields.Nested(ResultBody), required=True)
    writeBack = fields.Nested(WriteBackBody, required=True)
    error = fields.Nested(
        ProblemBody, required=True, allow_none=True, metadata={"description": "Why it failed; else null."}
    )


class CheckBody(ma.Schema):
    """One thing that must hold."""

    name = fields.String(required=True)
    holds = fields.Boolean(required=True)
    why = fields.String(required=True, metadata={"description": "Why it does not, in words."})


class HealthBody(ma.Schema):
    """Whether the process lives, or can be given work."""

    status = fields.String(required=True)
    checks = fields.List(fields.Nested(CheckBody), required=True)


class JwksBody(ma.Schema):
    """A JWK set (RFC 7517)."""

    keys = fields.List(fields.Dict(), required=True)
