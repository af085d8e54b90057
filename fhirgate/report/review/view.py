"""From one drawing to the whole page as texts."""

from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.uncertainty import LIMITS_OF_THE_MODEL
from fhirgate.oncology.wording import count, listed
from fhirgate.report.columns import plain
from fhirgate.report.now import NOT_VALIDATED
from fhirgate.report.review.banner import banner, signed_in
from fhirgate.report.review.basis import basis
from fhirgate.report.review.course import course
from fhirgate.report.review.decision import decision_part, minute
from fhirgate.report.review.headline import headline
from fhirgate.report.review.lesions import lesion_rows
from fhirgate.report.review.parts import Foot, LesionRow, ReviewView
from fhirgate.report.review.proposal import chances, preset_rows, proposal_part
from fhirgate.report.review.sizes import sizes
from fhirgate.services.drawings import Drawn

NO_PROPOSAL = "Nothing is proposed: this state, or the age of what it rests on, allows no plan."
_MOST_NAMED = 4


def review_view(drawn: Drawn) -> ReviewView:
    """The page of a drawing. Pure: the same drawing gives the same texts."""
    assessment = drawn.assessment
    rows, left_out = lesion_rows(assessment)
    person = signed_in(drawn.launch, drawn.person, drawn.as_of)
    proposal = proposal_part(drawn.follow_up)
    labels = chances(assessment)
    return ReviewView(
        banner=banner(drawn.launch, drawn.fetched, drawn.as_of),
        headline=headline(assessment),
        picture=_picture(assessment, rows),
        lesions=rows,
        lesions_left_out=left_out,
        sizes=sizes(assessment),
        course=course(assessment),
        basis=basis(assessment, drawn.fetched, drawn.launch),
        chances=labels,
        chances_limits=LIMITS_OF_THE_MODEL if labels else "",
        presets=preset_rows(drawn.result.assessments, drawn.preset),
        proposal=proposal,
        no_proposal="" if proposal else NO_PROPOSAL,
        decision=decision_part(drawn, person),
        foot=_foot(drawn, person),
        not_validated=NOT_VALIDATED,
    )


def _picture(assessment: Assessment, rows: tuple[LesionRow, ...]) -> str:
    """What the picture shows; the tables beside it have the numbers."""
    urgent = [row.label for row in rows if row.urgent]
    named = [*urgent[:_MOST_NAMED], *([f"{len(urgent) - _MOST_NAMED} more"] if urgent[_MOST_NAMED:] else [])]
    shown = (
        f"{count(len(assessment.lesions), 'lesion')} over {count(len(assessment.timepoints), 'timepoint')}"
    )
    drawn_out = f"; growing, new or open: {listed(named)}" if named else ""
    return (
        f"Sizes of {shown}, with lines of therapy and states on one time axis{drawn_out}."
        " The tables have all numbers."
    )


def _foot(drawn: Drawn, person: str) -> Foot:
    assessment = drawn.assessment
    return Foot(
        as_of=drawn.as_of.isoformat(),
        preset=plain(drawn.preset),
        rules=assessment.rules_version,
        policy=plain(assessment.policy),
        reader=plain(str(assessment.reader)) if assessment.reader else "",
        signed_in=person,
        server=plain(drawn.launch.server),
        ends_at=minute(drawn.launch.ends_at),
    )
