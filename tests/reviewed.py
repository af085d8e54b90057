"""Drawings of the review page, with everything that a test does not speak of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.follow_up import FollowUp
from fhirgate.oncology.proposals import Proposal, ProposalKind
from fhirgate.services.assess_record import PatientResult
from fhirgate.services.assessment_jobs import WriteBack, WriteState
from fhirgate.services.decisions import Act, Decided
from fhirgate.services.drawings import Drawn
from fhirgate.services.fetch_record import Fetched
from fhirgate.services.launches import Flow, Granted, Launch, LaunchContext, LaunchUser
from fhirgate.services.ports import VersionName

BEGAN = datetime(2024, 12, 1, 9, 30, tzinfo=UTC)
DIGEST = "5ec0" * 16
NAMED = {"resourceType": "Practitioner", "name": [{"prefix": ["Dr"], "given": ["Ada"], "family": "Example"}]}


def launch(**more: Any) -> Launch:
    """A launch for patient p-1; `banner` says whether the EHR asks for one."""
    banner = more.pop("banner", None)
    defaults: dict[str, Any] = {
        "id": "l1",
        "flow": Flow.EHR,
        "server": "ward",
        "context": LaunchContext(patient="p-1", need_patient_banner=banner),
        "user": LaunchUser(issuer="https://ehr.example", subject="s", reference="Practitioner/7"),
        "granted": Granted(requested="patient/*.rs", granted="patient/*.rs"),
        "began_at": BEGAN,
        "ends_at": BEGAN + timedelta(hours=1),
    }
    return Launch(**{**defaults, **more})


def drawn(assessment: Assessment, *others: Assessment, **more: Any) -> Drawn:
    """A drawing that speaks of the first assessment; `resources` are those that were fetched."""
    fetched = Fetched(
        resources=tuple((each, "") for each in more.pop("resources", ())),
        findings=more.pop("findings", ()),
        asked=more.pop("asked", ()),
    )
    defaults: dict[str, Any] = {
        "launch": launch(),
        "fetched": fetched,
        "result": PatientResult(
            patient=assessment.patient.id,
            chart=Chart(patient=assessment.patient),
            assessments=(assessment, *others),
        ),
        "preset": assessment.preset,
        "as_of": assessment.as_of,
        "follow_up": None,
        "digest": DIGEST,
        "decided": None,
        "why_no_decision": "",
        "written": WriteBack(state=WriteState.NOT_ASKED),
        "person": NAMED,
    }
    return Drawn(**{**defaults, **more})


def follow_up(assessment: Assessment) -> FollowUp:
    """A proposal about the first two lesions of the latest timepoint."""
    lesions = assessment.timepoints[-1].lesions[:2]
    return FollowUp(
        title="oligoprogression, local therapy of 2 lesions to be discussed",
        proposals=(
            Proposal(kind=ProposalKind.BOARD, text="Present at the board.", lesions=lesions),
            Proposal(kind=ProposalKind.LOCAL_THERAPY, text="Assess for local therapy.", lesions=lesions),
            Proposal(kind=ProposalKind.OBSERVE, text="Alternative: observation."),
        ),
        evidence_for=("CURB says so",),
        evidence_against=("STOP does not",),
        limits=("No individual benefit is predicted.",),
    )


def decided(act: Act = Act.ACCEPT, **more: Any) -> Decided:
    """A decision of Dr Example."""
    defaults: dict[str, Any] = {
        "at": BEGAN,
        "by": "Dr Ada Example",
        "proposal": VersionName.parse("CarePlan/7/_history/2"),
    }
    return Decided(act=act, **{**defaults, **more})


def renamed(assessment: Assessment, text: str) -> Assessment:
    """The assessment with every word a record can have written replaced by this text."""
    lesions = tuple(
        replace(each, identity=replace(each.identity, label=text, site=replace(each.site, detail=text)))
        for each in assessment.lesions
    )
    by_id = {each.id: each for each in lesions}
    timepoints = tuple(
        replace(
            at,
            state=replace(at.state, because=text),
            reasons=tuple(replace(each, text=text, resolved_by=text) for each in at.reasons),
            lesions=tuple(replace(each, because=text, lesion=by_id[each.lesion.id]) for each in at.lesions),
        )
        for at in assessment.timepoints
    )
    return replace(
        assessment,
        lesions=lesions,
        timepoints=timepoints,
        diagnoses=tuple(replace(each, text=text) for each in assessment.diagnoses),
        findings=tuple(replace(each, text=text) for each in assessment.findings),
        policy=text,
        reader=None,
        current=replace(
            assessment.current,
            assessed=timepoints[-1] if timepoints else None,
            reasons=tuple(replace(each, text=text) for each in assessment.current.reasons),
        ),
    )
