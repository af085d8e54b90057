"""What is said of one patient, in one Bundle: RiskAssessment, the CarePlan where the state allows one, Provenance."""

from collections.abc import Iterator
from enum import StrEnum

from fhirgate.mapping.compose.basis import basis
from fhirgate.mapping.compose.care_plan import compose_care_plan
from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.identity import Identity, Kind, identity, provenance_identity, state_identity
from fhirgate.mapping.compose.occasion import SHOWN, Occasion
from fhirgate.mapping.compose.provenance import compose_provenance
from fhirgate.mapping.compose.r5 import as_r5
from fhirgate.mapping.compose.risk_assessment import compose_risk_assessment
from fhirgate.mapping.compose.state_observation import compose_state
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.follow_up import propose
from fhirgate.oncology.policy import Policy


class FhirVersion(StrEnum):
    """The FHIR releases in which a result can be written."""

    R4 = "4.0"
    R5 = "5.0"


def compose_bundle(
    assessment: Assessment,
    chart: Chart,
    policy: Policy,
    *,
    occasion: Occasion = SHOWN,
    states: bool = False,
    fhir_version: str = FhirVersion.R4,
) -> Json:
    """A `collection` Bundle of the results for the state to act on; within it they refer to each other.

    References to the record stay as the record's own server knows them. `states` adds an Observation of the
    state of each timepoint. Raises ValueError for a FHIR version that is not written.
    """
    version = FhirVersion(fhir_version)
    this = identity(assessment, Kind.BUNDLE, occasion.tenant)
    results = list(_results(assessment, chart, policy, occasion))
    if states:
        results += [
            (state_identity(assessment, at, occasion.tenant), compose_state(assessment, at, occasion.tenant))
            for at in assessment.timepoints
        ]
    used = basis(assessment, chart, occasion.former_result)
    targets = [each for each, _ in results]
    source = compose_provenance(assessment, policy, occasion, targets, used)
    entries = [*results, (provenance_identity(targets[0], assessment, occasion), source)]
    bundle: Json = {
        "resourceType": "Bundle",
        "id": this.id,
        "identifier": this.identifier,
        "type": "collection",
        "entry": [{"fullUrl": each.url, "resource": resource} for each, resource in entries],
    }
    return as_r5(bundle) if version is FhirVersion.R5 else bundle


def _results(
    assessment: Assessment, chart: Chart, policy: Policy, occasion: Occasion
) -> Iterator[tuple[Identity, Json]]:
    risk = compose_risk_assessment(assessment, chart, policy, occasion.former_result, occasion.tenant)
    yield identity(assessment, Kind.RESULT, occasion.tenant), risk
    follow_up = propose(assessment, policy.state)
    if follow_up is not None:
        plan = compose_care_plan(assessment, follow_up, policy, occasion.former_plan, occasion.tenant)
        yield identity(assessment, Kind.PLAN, occasion.tenant), plan
