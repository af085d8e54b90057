"""A chart judged as far as no preset is needed: lesions, responses, therapy and situation at every timepoint.

Lines of therapy depend on progressions (a restart after progression is a new line) and progressions on lines
(the nadir restarts with each), so both are worked out in turn until they agree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from fhirgate.oncology.assessment import LesionVerdict
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.clinical_date import ClinicalDate, by_date
from fhirgate.oncology.criteria.irecist import IVerdict
from fhirgate.oncology.criteria.sum_of_diameters import SumOfDiameters, sum_of_diameters
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.judgement.background import Seen, backgrounds, diffuse_at
from fhirgate.oncology.judgement.baselines import baseline_doubts, baseline_findings
from fhirgate.oncology.judgement.bones import BonesAt, bone_disease_counted, follow_bones
from fhirgate.oncology.judgement.gates import stops_always, stops_at
from fhirgate.oncology.judgement.immune import follow_irecist
from fhirgate.oncology.judgement.lesion_at import LesionAt
from fhirgate.oncology.judgement.lesions import follow_lesions, lesions_at_start
from fhirgate.oncology.judgement.progressions import progressed_on
from fhirgate.oncology.judgement.response import ResponseAt, follow_response
from fhirgate.oncology.judgement.roles import Roles, roles_on
from fhirgate.oncology.judgement.situations import (
    Followed,
    Surroundings,
    first_situation,
    followed_situation,
)
from fhirgate.oncology.judgement.therapy import on_line
from fhirgate.oncology.lesion import Change, Role
from fhirgate.oncology.policy import Policy
from fhirgate.oncology.progression.situation import Situation
from fhirgate.oncology.reconstruct.courses import Course
from fhirgate.oncology.reconstruct.history import History, reconstruct_history, with_lines
from fhirgate.oncology.reconstruct.lesions import LinkedLesion
from fhirgate.oncology.reconstruct.onset import Onset
from fhirgate.oncology.reconstruct.readers import Read
from fhirgate.oncology.reconstruct.therapy_lines import Lines, reconstruct_lines
from fhirgate.oncology.therapy import LineOfTherapy
from fhirgate.oncology.timepoint import Timepoint
from fhirgate.oncology.value import value
from fhirgate.oncology.verdict import IResponse, LesionStatus, Reason

MOST_ROUNDS = 4
"""Further rounds of lines and progressions; in practice the first agrees. A record that swings keeps the last one."""


@value
class JudgedTimepoint:
    """One timepoint with everything no preset decides.

    `course`, `response` and `followed` are None for a timepoint with nothing before it; `sum` is then that of
    the targets chosen there, None without any. `doubts` go with every state, whatever it is.
    """

    timepoint: Timepoint
    course: Course | None
    line: LineOfTherapy | None
    sum: SumOfDiameters | None
    response: ResponseAt | None
    followed: tuple[LesionAt, ...]
    lesions: tuple[LesionVerdict, ...]
    irecist: IVerdict | None
    situation: Situation
    progressed_on: ClinicalDate | None
    doubts: tuple[Reason, ...] = ()


@value
class Judgement:
    """One read of a chart, judged; what is left is a preset's view of each situation."""

    history: History
    timepoints: tuple[JudgedTimepoint, ...]
    roles: dict[str, Role]
    findings: tuple[Finding, ...]


def judge(
    chart: Chart, linked: Sequence[LinkedLesion], onset: Onset, read: Read, policy: Policy, as_of: date
) -> Judgement:
    """Everything about one read of a chart that does not depend on a preset."""
    dates: tuple[ClinicalDate, ...] = ()
    lines = _lines_of(chart, onset, policy, as_of, dates)
    history = reconstruct_history(chart, linked, lines.lines, read, policy)
    judged = _judged(history, onset, policy)
    unsettled: tuple[Finding, ...] = ()
    for _ in range(MOST_ROUNDS):
        found = _progressions(judged)
        if found == dates:
            break
        dates = found
        lines = _lines_of(chart, onset, policy, as_of, dates)
        if _same_spans(lines.lines, judged.history.lines):
            judged = _renamed(judged, lines.lines)
            break
        judged = _judged(with_lines(history, lines.lines, policy), onset, policy)
    else:
        unsettled = (_UNSETTLED,)
    return replace(judged, findings=(*judged.findings, *lines.findings, *unsettled))


_UNSETTLED = Finding(
    code="LINES_NOT_SETTLED",
    severity=Severity.WARNING,
    text="lines of therapy depend on progressions here and progressions on lines, and they do not come to rest; the"
    " last round is shown, and an intent or a reason to stop at each change of therapy would settle it",
)


def _lines_of(
    chart: Chart, onset: Onset, policy: Policy, as_of: date, progressions: tuple[ClinicalDate, ...]
) -> Lines:
    return reconstruct_lines(
        chart.exposures,
        index=onset.dated,
        policy=policy.lines,
        as_of=as_of,
        progressions=progressions,
        local_treatments=chart.local_treatments,
        died_on=chart.patient.died_on,
    )


def _progressions(judged: Judgement) -> tuple[ClinicalDate, ...]:
    found = {each.progressed_on for each in judged.timepoints if each.progressed_on is not None}
    return tuple(sorted(found, key=by_date))


def _same_spans(ours: Sequence[LineOfTherapy], theirs: Sequence[LineOfTherapy]) -> bool:
    """Whether the lines begin, run and are given alike, so that no timepoint is judged differently."""
    return [_span(each) for each in ours] == [_span(each) for each in theirs]


def _span(line: LineOfTherapy) -> tuple[object, ...]:
    return (
        line.number,
        line.setting,
        line.start,
        line.last_exposure,
        line.end,
        line.all_agents,
        line.exposures,
    )


def _renamed(judged: Judgement, lines: tuple[LineOfTherapy, ...]) -> Judgement:
    """The same judgement with the lines as they are told now: end reasons, flags and segments may be new."""
    now = {id(old): new for old, new in zip(judged.history.lines, lines, strict=True)}
    timepoints = tuple(
        replace(each, line=now[id(each.line)]) if each.line is not None else each
        for each in judged.timepoints
    )
    return replace(judged, history=replace(judged.history, lines=lines), timepoints=timepoints)


@value
class _OnCourse:
    """What following one course gives."""

    course: Course
    roles: Roles
    lesions: Mapping[int, tuple[LesionAt, ...]]
    responses: Mapping[int, ResponseAt]
    irecist: Mapping[int, IVerdict]
    bones: Mapping[int, BonesAt]
    doubts: tuple[Reason, ...]
    findings: tuple[Finding, ...]


def _judged(history: History, onset: Onset, policy: Policy) -> Judgement:
    courses = [_follow(history, course, policy) for course in history.courses]
    at: dict[int, _OnCourse] = {
        position: followed for followed in courses for position in followed.course.followed
    }
    seen = [
        _seen(timepoint, position, at.get(position)) for position, timepoint in enumerate(history.timepoints)
    ]
    spreading = [
        diffuse_at(history, position, at[position].course.baseline if position in at else position, each)
        for position, each in enumerate(seen)
    ]
    before = backgrounds(history, onset, spreading, seen, policy.state.history_days)
    always = stops_always(history.chart, history.lesions)
    timepoints = []
    for position, timepoint in enumerate(history.timepoints):
        followed = at.get(position)
        on, line = on_line(
            history.timepoints,
            position,
            followed.course if followed else None,
            history.lines,
            history.chart,
            policy.therapy,
        )
        around = Surroundings(
            line=on,
            judged_on=line,
            background=before[position],
            spreading=spreading[position],
            bone_disease=bone_disease_counted(history.chart, timepoint),
            stops=(*always, *stops_at(history, timepoint)),
        )
        timepoints.append(
            _followed(history, position, followed, around, policy)
            if followed
            else _first(history, position, courses, around)
        )
    return Judgement(
        history=history,
        timepoints=tuple(timepoints),
        roles=_roles(history, courses),
        findings=(*history.findings, *(found for each in courses for found in each.findings)),
    )


def _follow(history: History, course: Course, policy: Policy) -> _OnCourse:
    roles = roles_on(history, course)
    lesions = follow_lesions(history, course, roles.of, policy)
    responses = follow_response(history, course, roles, lesions, policy)
    return _OnCourse(
        course=course,
        roles=roles,
        lesions=lesions,
        responses=responses,
        irecist=follow_irecist(history, course, roles, responses, lesions),
        bones=follow_bones(history, course),
        doubts=baseline_doubts(course, history.timepoints, policy.imaging),
        findings=(*roles.findings, *baseline_findings(course, history.timepoints)),
    )


def _seen(timepoint: Timepoint, position: int, followed: _OnCourse | None) -> Seen:
    """Which lesions are active and which may be new; on the first timepoint, those called equivocal may be."""
    if followed is None:
        said = timepoint.measurements.items()
        return Seen(doubtful=frozenset(lesion for lesion, each in said if each.change is Change.EQUIVOCAL))
    status = {each.lesion.id: each.verdict.status for each in followed.lesions[position]}
    active = (LesionStatus.PROGRESSING, LesionStatus.NEW)
    return Seen(
        active=frozenset(lesion for lesion, each in status.items() if each in active),
        doubtful=frozenset(lesion for lesion, each in status.items() if each is LesionStatus.NEW_EQUIVOCAL),
    )


def _followed(
    history: History, position: int, on: _OnCourse, around: Surroundings, policy: Policy
) -> JudgedTimepoint:
    timepoint, response = history.timepoints[position], on.responses[position]
    irecist = on.irecist.get(position)
    followed = Followed(
        targets=frozenset(each for each, role in on.roles.of.items() if role is Role.TARGET),
        lesions=on.lesions[position],
        response=response,
        bones=on.bones.get(position),
        confirmed=irecist is not None and irecist.verdict.answer is IResponse.ICPD,
    )
    situation = followed_situation(timepoint, followed, around)
    return JudgedTimepoint(
        timepoint=timepoint,
        course=on.course,
        line=around.judged_on,
        sum=response.sum if response.has_targets else None,
        response=response,
        followed=followed.lesions,
        lesions=tuple(each.verdict for each in followed.lesions),
        irecist=irecist,
        situation=situation,
        progressed_on=progressed_on(situation, timepoint, followed, irecist, policy.state),
        doubts=on.doubts,
    )


def _first(
    history: History, position: int, courses: Sequence[_OnCourse], around: Surroundings
) -> JudgedTimepoint:
    timepoint = history.timepoints[position]
    verdicts = lesions_at_start(timepoint, {lesion.id: lesion for lesion in history.lesions})
    started = next((each.roles for each in courses if each.course.baseline == position), None)
    return JudgedTimepoint(
        timepoint=timepoint,
        course=None,
        line=around.judged_on,
        sum=_baseline_sum(history, timepoint, started or roles_on(history, _COURSE_OF_ONE)),
        response=None,
        followed=(),
        lesions=verdicts,
        irecist=None,
        situation=first_situation(timepoint, verdicts, around),
        progressed_on=None,
    )


_COURSE_OF_ONE = Course(line=None, baseline=0, followed=(), has_line_baseline=False)
"""A record with a single timepoint: a baseline that nothing follows."""


def _baseline_sum(history: History, timepoint: Timepoint, roles: Roles) -> SumOfDiameters | None:
    targets = [lesion for lesion in history.lesions if roles.of.get(lesion.id) is Role.TARGET]
    return sum_of_diameters(targets, timepoint.measurements) if targets else None


def _roles(history: History, courses: Sequence[_OnCourse]) -> dict[str, Role]:
    """The role of each lesion on the last course that knows it; new ones are those that appeared there."""
    roles: dict[str, Role] = {
        lesion.id: lesion.stated_role for lesion in history.lesions if lesion.stated_role is not None
    }
    for each in courses:
        roles.update(each.roles.of)
        roles.update(
            {
                at.lesion.id: Role.NEW
                for lesions in each.lesions.values()
                for at in lesions
                if at.novelty is not None
            }
        )
    return roles
