"""A judged state as an R4 RiskAssessment: what it is, how sure, on what, and what could not be judged.

https://hl7.org/fhir/R4/riskassessment.html. `preliminary`, because a machine says it; `final` is a
clinician's act. `cancelled` when the record did not allow a classification.
"""

from collections.abc import Iterator

from fhirgate.mapping.canonical import QUALIFIER_EXTENSION, REASON_EXTENSION, RISK_PROFILE
from fhirgate.mapping.compose.answers import qualifier_concept
from fhirgate.mapping.compose.basis import basis
from fhirgate.mapping.compose.codes import CLASSIFICATION, FHIRGATE, METHOD
from fhirgate.mapping.compose.elements import (
    DEVICE,
    Json,
    concept,
    conditions,
    device,
    machine_meta,
    notes,
    preset_coding,
    rules_coding,
    subject,
)
from fhirgate.mapping.compose.identity import Kind, identity
from fhirgate.mapping.compose.narrative import result_text
from fhirgate.mapping.compose.predictions import CANNOT_CLASSIFY, predictions
from fhirgate.mapping.compose.reasons import reason_concept
from fhirgate.mapping.compose.states import state_code
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.finding import Finding, Severity, in_order
from fhirgate.oncology.follow_up import primary_of
from fhirgate.oncology.judgement.as_of import known_by
from fhirgate.oncology.policy import Policy
from fhirgate.oncology.source import Source
from fhirgate.oncology.uncertainty import LIMITS_OF_THE_MODEL
from fhirgate.oncology.wording import count, listed

MOST_FINDINGS = 20
"""How many findings become notes; the rest are counted. All of them are in the assessment itself."""

NOT_AVAILABLE = "SOURCE_NOT_AVAILABLE"
"""The finding that a type of resource did not come, or not all of it."""

NOT_VALIDATED = (
    "Decision support made by software from the recorded data. Not clinically validated: a clinician decides."
)


def compose_risk_assessment(
    assessment: Assessment, chart: Chart, policy: Policy, former: Source | None = None, tenant: str = ""
) -> Json:
    """The RiskAssessment of the state to act on.

    `former` is the result of an earlier scan that it supersedes, `tenant` that of the `Occasion`.

    Its predictions are in order of probability; `occurrenceDateTime` is the date of judgement, so that the
    same input gives the same bytes.
    """
    current = assessment.current
    this = identity(assessment, Kind.RESULT, tenant)
    primary = primary_of(assessment.diagnoses)
    condition = conditions([primary] if primary else [])
    rules, preset = rules_coding(assessment.rules_version), preset_coding(assessment.preset)
    judged_by, of_the_data = list(_judged_by(assessment, policy)), list(_of_the_data(assessment, chart))
    return {
        "resourceType": "RiskAssessment",
        "id": this.id,
        "meta": machine_meta(RISK_PROFILE, state_code(current.state).coding, rules, preset, FHIRGATE),
        "text": result_text(assessment, judged_by + of_the_data),
        "contained": [device()],
        **_coded_reasons(assessment),
        "identifier": [this.identifier],
        "status": "cancelled" if current.state in CANNOT_CLASSIFY else "preliminary",
        "method": concept(METHOD, rules, preset),
        "code": concept(CLASSIFICATION),
        "subject": subject(assessment.patient),
        "occurrenceDateTime": assessment.as_of.isoformat(),
        **({"condition": condition[0]} if condition else {}),
        "performer": {"reference": DEVICE},
        "basis": basis(assessment, chart, former),
        "prediction": predictions(assessment, policy),
        "note": notes([*judged_by, *_beside(assessment), *of_the_data]),
    }


def _coded_reasons(assessment: Assessment) -> Json:
    """What R4 has no element for: the reasons and qualifiers of the state, in our codes."""
    current = assessment.current
    found = [
        {"url": REASON_EXTENSION, "valueCodeableConcept": reason_concept(each)} for each in current.reasons
    ] + [
        {"url": QUALIFIER_EXTENSION, "valueCodeableConcept": qualifier_concept(each)}
        for each in current.qualifiers
    ]
    return {"extension": found} if found else {}


def _judged_by(assessment: Assessment, policy: Policy) -> Iterator[str]:
    """What a reader must know before anything else."""
    yield NOT_VALIDATED
    yield (
        f"Rules version {assessment.rules_version}, preset {assessment.preset},"
        f" policy {policy.name} version {policy.version}."
    )


def _beside(assessment: Assessment) -> Iterator[str]:
    """What must be known beside the state; the narrative tells it in sections of its own."""
    current = assessment.current
    for reason in current.reasons:
        needed = f" Needed: {reason.resolved_by}." if reason.resolved_by else ""
        yield f"{reason.code}: {reason.text}.{needed}"
    if current.qualifiers:
        yield f"Qualifiers: {listed(each.value for each in current.qualifiers)}."
    if current.assessed is not None and current.assessed.probabilities is not None:
        yield f"Probabilities: {LIMITS_OF_THE_MODEL}"


def _of_the_data(assessment: Assessment, chart: Chart) -> Iterator[str]:
    """What the data leave open or lack."""
    if assessment.reader is not None:
        yield "Judged on the measurements of one reader."
    known, _ = known_by(chart, assessment.as_of)
    yield from _missing(known)
    yield from _found(assessment.findings)


def _missing(chart: Chart) -> Iterator[str]:
    """Sources that are not there, and links that were inferred."""
    if not any(not study.is_report for study in chart.studies):
        yield "No ImagingStudy available: scans are dated by reports or by the measurements themselves."
    if not chart.exposures:
        yield "No record of systemic therapy available."
    short_axes = sum(each.short_axis_inferred for each in chart.sightings)
    if short_axes:
        yield f"Short axis inferred for {count(short_axes, 'measurement')}."
    inferred = sum(each.inferred for each in chart.local_treatments)
    if inferred:
        yield f"Kind of local treatment inferred from dose and fractions for {count(inferred, 'course')}."


def _found(findings: tuple[Finding, ...]) -> Iterator[str]:
    """The findings that say that a fact was lost or doubted."""
    matter = [each for each in in_order(frozenset(findings)) if each.severity is not Severity.INFORMATION]
    # By these notes the next judgement knows what this one lacked, so they are never among those not listed.
    matter.sort(key=lambda each: each.code != NOT_AVAILABLE)
    for each in matter[:MOST_FINDINGS]:
        where = f" ({each.source})" if each.source else ""
        yield f"{each.code}: {each.text}{where}"
    if len(matter) > MOST_FINDINGS:
        yield f"{count(len(matter) - MOST_FINDINGS, 'further finding')} not listed here."
