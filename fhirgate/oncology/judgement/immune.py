"""iRECIST along one course, where the line holds a checkpoint inhibitor."""

from collections.abc import Mapping, Sequence

from fhirgate.oncology.criteria.irecist import IVerdict, Visit, classify_visits
from fhirgate.oncology.criteria.target_selection import MEASURABLE_FROM, MEASURABLE_NODE_FROM
from fhirgate.oncology.judgement.lesion_at import LesionAt
from fhirgate.oncology.judgement.response import ResponseAt, is_recist_new
from fhirgate.oncology.judgement.roles import Roles
from fhirgate.oncology.lesion import Role
from fhirgate.oncology.reconstruct.courses import Course
from fhirgate.oncology.reconstruct.history import History
from fhirgate.oncology.timepoint import Timepoint


def follow_irecist(
    history: History,
    course: Course,
    roles: Roles,
    responses: Mapping[int, ResponseAt],
    lesions_at: Mapping[int, Sequence[LesionAt]],
) -> dict[int, IVerdict]:
    """The iRECIST category at every followed timepoint, by position; empty without a checkpoint inhibitor."""
    if course.line is None or not course.line.has_ici:
        return {}
    others = frozenset(lesion for lesion, role in roles.of.items() if role is Role.NON_TARGET)
    visits = [_visit(history.timepoints[at], responses[at], lesions_at[at], others) for at in course.followed]
    return dict(zip(course.followed, classify_visits(visits), strict=True))


def _visit(
    timepoint: Timepoint, response: ResponseAt, lesions_at: Sequence[LesionAt], others: frozenset[str]
) -> Visit:
    new = [each for each in lesions_at if is_recist_new(each)]
    known = [each for each in lesions_at if each.lesion.id in others]
    parts = response.response
    return Visit(
        date=timepoint.date,
        overall=response.overall,
        target=parts.target.answer if parts.target else None,
        non_target=parts.non_target.answer if parts.non_target else None,
        target_sum=response.sum_of_diameters,
        non_target_increased=any(each.increased for each in known),
        non_target_sizes={
            each.lesion.id: each.verdict.value for each in known if each.verdict.value is not None
        },
        new={each.lesion.id: each.verdict.value for each in new},
        new_sized=frozenset(each.lesion.id for each in new if _target_size(each)),
        new_increased=frozenset(each.lesion.id for each in new if each.increased and not each.appears),
        sources=response.sum.sources,
    )


def _target_size(at: LesionAt) -> bool:
    least = MEASURABLE_NODE_FROM if at.lesion.site.node else MEASURABLE_FROM
    return at.verdict.value is not None and at.verdict.value >= least
