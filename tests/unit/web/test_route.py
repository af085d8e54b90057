"""Rules and bodies as the table of routes has them."""

import pytest
from marshmallow import ValidationError

from fhirgate.web.fields import problems_in
from fhirgate.web.openapi import template_of
from fhirgate.web.schemas import AssessmentRequestBody


@pytest.mark.parametrize(
    ("rule", "template"),
    [("/a", "/a"), ("/a/<b>/c/<int:d>", "/a/{b}/c/{d}")],
)
def test_a_rule_is_written_as_openapi_writes_it(rule: str, template: str) -> None:
    assert template_of(rule) == template


def test_problems_are_told_by_field() -> None:
    told = problems_in({"a": ["x."], "b": {0: ["y"], "_schema": ["z"]}, "_schema": ["w"]})

    assert told == (("a", "x"), ("b.0", "y"), ("b", "z"), ("", "w"))


def test_no_problem_repeats_what_was_sent() -> None:
    sent = {
        "server": "s" * 41,
        "patient": "jane doe",
        "presets": ["jane"],
        "asOf": "jane",
        "reader": ["jane"],
    }

    with pytest.raises(ValidationError) as told:
        AssessmentRequestBody().load(sent)

    assert "jane" not in str(told.value.messages)
