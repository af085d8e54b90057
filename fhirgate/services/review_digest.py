"""What a decision is about, as a digest: equal for two judgements that a person may take for the same."""

from hashlib import sha256

import msgspec

from fhirgate.mapping.compose.care_plan import compose_care_plan
from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.risk_assessment import compose_risk_assessment
from fhirgate.mapping.content import said
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.follow_up import FollowUp
from fhirgate.oncology.policy import Policy

_ENCODER = msgspec.json.Encoder(order="sorted", decimal_format="number")
_OURS = frozenset({"contained"})
"""The version of the software: another one that concludes the same changes nothing for the person."""


def bodies_of(
    assessment: Assessment, chart: Chart, policy: Policy, follow_up: FollowUp | None, tenant: str
) -> list[Json]:
    """The result, and the proposal where there is one, as they would be composed."""
    result = compose_risk_assessment(assessment, chart, policy, tenant=tenant)
    if follow_up is None:
        return [result]
    return [result, compose_care_plan(assessment, follow_up, policy, tenant=tenant)]


def encoded(body: Json) -> bytes:
    """As it would be kept."""
    return _ENCODER.encode(body)


def digest_of(
    assessment: Assessment, chart: Chart, policy: Policy, follow_up: FollowUp | None, tenant: str
) -> str:
    """Of the result and the proposal, whatever the time: what they rest on is in it, what stood before them is not."""
    parts = [_content(each) for each in bodies_of(assessment, chart, policy, follow_up, tenant)]
    return sha256(_ENCODER.encode(parts)).hexdigest()


def _content(resource: Json) -> Json:
    return {name: value for name, value in said(resource).items() if name not in _OURS}
