"""What is said of one patient, in one Bundle: the RiskAssessment and, where the state allows one, the CarePlan."""

from fhirgate.mapping.compose.care_plan import compose_care_plan
from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.identity import Kind, identity
from fhirgate.mapping.compose.risk_assessment import compose_risk_assessment
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.follow_up import propose
from fhirgate.oncology.policy import Policy


def compose_bundle(assessment: Assessment, chart: Chart, policy: Policy) -> Json:
    """A `collection` Bundle of the results for the state to act on; within it they refer to each other.

    References to the record stay as the record's own server knows them.
    """
    this = identity(assessment, Kind.BUNDLE)
    follow_up = propose(assessment, policy.state)
    entries = [
        (identity(assessment, Kind.RESULT), compose_risk_assessment(assessment, chart, policy)),
    ]
    if follow_up is not None:
        plan = compose_care_plan(assessment, follow_up, policy)
        entries.append((identity(assessment, Kind.PLAN), plan))
    return {
        "resourceType": "Bundle",
        "id": this.id,
        "identifier": this.identifier,
        "type": "collection",
        "entry": [{"fullUrl": each.url, "resource": resource} for each, resource in entries],
    }
