"""A chart, judged: the top of the core."""

from collections.abc import Sequence
from datetime import date

from fhirgate.oncology import RULES_VERSION
from fhirgate.oncology.assessment import (
    Assessment,
    BestOverallResponse,
    ProgressionEvent,
    Support,
    TimepointAssessment,
)
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.clinical_date import by_date
from fhirgate.oncology.finding import Finding, Severity, in_order
from fhirgate.oncology.judgement.as_of import known_by
from fhirgate.oncology.judgement.bones import contradicting_counts
from fhirgate.oncology.judgement.conclude import conclude_timepoints
from fhirgate.oncology.judgement.conflicts import CONFLICTING, with_conflicts
from fhirgate.oncology.judgement.current import current_state
from fhirgate.oncology.judgement.judge import Judgement, judge
from fhirgate.oncology.judgement.plausibility import course_disagreements
from fhirgate.oncology.judgement.progressions import cause_of
from fhirgate.oncology.judgement.response import best_on
from fhirgate.oncology.lesion import Reader, Role
from fhirgate.oncology.policy import Policy
from fhirgate.oncology.progression.presets import Preset
from fhirgate.oncology.reconstruct.lesions import link_lesions
from fhirgate.oncology.reconstruct.naming import LesionNames
from fhirgate.oncology.reconstruct.onset import find_onset, undecided_nodes
from fhirgate.oncology.reconstruct.readers import crossed, known_readers, matches, reads
from fhirgate.oncology.therapy import Setting
from fhirgate.oncology.value import value


@value
class Judged:
    """A chart as known at a date, judged once for every way it must be read; presets are drawn from it."""

    chart: Chart
    as_of: date
    policy: Policy
    main: Judgement
    others: tuple[Judgement, ...]
    findings: tuple[Finding, ...]


def find_reader(chart: Chart, wanted: str) -> Reader | None:
    """The reader asked for by name, key or id; None when the chart knows no such reader."""
    return next((each for each in known_readers(chart.sightings) if matches(each, wanted)), None)


def judge_chart(chart: Chart, policy: Policy, as_of: date, reader: Reader | None = None) -> Judged:
    """Everything about a chart that no preset decides. `reader` chooses whose numbers count."""
    known, later = known_by(chart, as_of)
    linked = link_lesions(known.sightings)
    onset = find_onset(known, linked.lesions)
    judgements: list[Judgement] = []
    for read in reads(linked.lesions, reader):
        judgement = judge(known, linked.lesions, onset, read, policy, as_of)
        judgements.append(judgement)
        days = [each.date.earliest for each in judgement.history.timepoints if each.conflicts]
        judgements += [
            judge(known, linked.lesions, onset, other, policy, as_of) for other in crossed(read, days)
        ]
    main, *others = judgements
    return Judged(
        chart=known,
        as_of=as_of,
        policy=policy,
        main=main,
        others=tuple(others),
        findings=(
            *known.findings,
            *contradicting_counts(known.bone_scans),
            *later,
            *linked.findings,
            *undecided_nodes(known, onset),
            *_apart(judgements),
        ),
    )


def assess_judged(judged: Judged, preset: Preset) -> Assessment:
    """The assessment of a judged chart under one preset."""
    policy, main = judged.policy, judged.main
    timepoints = conclude_timepoints(main, preset, policy.state)
    for other in judged.others:
        timepoints = with_conflicts(
            main.history.read,
            timepoints,
            other.history.read,
            conclude_timepoints(other, preset, policy.state),
        )
    findings = {
        *judged.findings,
        *main.findings,
        *(found for other in judged.others for found in other.findings),
        *_roles_chosen(main),
        *course_disagreements(judged.chart, timepoints),
    }
    return Assessment(
        patient=judged.chart.patient,
        as_of=judged.as_of,
        preset=preset.name,
        rules_version=RULES_VERSION,
        policy=f"{policy.name} {policy.version}",
        reader=main.history.read.reader,
        diagnoses=judged.chart.diagnoses,
        lesions=main.history.lesions,
        roles=main.roles,
        lines=main.history.lines,
        timepoints=timepoints,
        best_overall=_best_overall(judged),
        first_progression=_first_progression(judged, timepoints),
        current=current_state(judged.chart, timepoints, judged.as_of, policy.imaging.stale_after_days),
        supporting=_supporting(judged),
        findings=in_order(findings),
    )


def assess_chart(
    chart: Chart, preset: Preset, policy: Policy, as_of: date, reader: Reader | None = None
) -> Assessment:
    """One chart under one preset, as of a date, for one reader's numbers."""
    return assess_judged(judge_chart(chart, policy, as_of, reader), preset)


def _supporting(judged: Judged) -> tuple[Support, ...]:
    """Biopsies, molecular findings, markers and performance status in order of date, tied to their lesions."""
    names = LesionNames(judged.main.history.lesions)
    ordered = sorted(
        judged.chart.supporting,
        key=lambda each: (*(by_date(each.on) if each.on else (date.min, date.min)), each.kind, each.text),
    )
    return tuple(
        Support(fact=each, lesions=tuple(found.id for found in names.meant_by(each.lesions)))
        for each in ordered
    )


def _best_overall(judged: Judged) -> BestOverallResponse:
    """The best response on the palliative line of the last timepoint; none before or after such a line."""
    timepoints = judged.main.timepoints
    course = timepoints[-1].course if timepoints else None
    if course is None or course.line is None or course.line.setting is not Setting.PALLIATIVE:
        return BestOverallResponse()
    dated = [
        (each.timepoint.last_date, each.response.overall)
        for each in timepoints
        if each.course is course and each.response is not None
    ]
    return best_on(dated, course.start(judged.main.history.timepoints), judged.policy)


def _first_progression(judged: Judged, timepoints: Sequence[TimepointAssessment]) -> ProgressionEvent | None:
    """The earliest progression on which all reads agree."""
    events = [
        each
        for each, concluded in zip(judged.main.timepoints, timepoints, strict=True)
        if each.progressed_on is not None and concluded.state.rule != CONFLICTING
    ]
    if not events:
        return None
    first = min(events, key=lambda each: (*by_date(each.progressed_on or each.timepoint.date),))
    return ProgressionEvent(
        date=first.progressed_on or first.timepoint.date,
        line=first.line.number if first.line else None,
        cause=cause_of(first.situation, judged.policy.state),
    )


def _apart(judgements: Sequence[Judgement]) -> tuple[Finding, ...]:
    readers = {str(each.history.read.reader) for each in judgements if each.history.read.reader is not None}
    if len(readers) < 2:
        return ()
    main = judgements[0].history.read
    return (
        Finding(
            code="READERS_KEPT_APART",
            severity=Severity.INFORMATION,
            text=f"{len(readers)} readers measured the same scans ({', '.join(sorted(readers))}); each was assessed"
            f" alone, and the numbers shown are those of {main.name}",
        ),
    )


def _roles_chosen(judgement: Judgement) -> tuple[Finding, ...]:
    if not judgement.history.lesions or any(each.stated_role for each in judgement.history.lesions):
        return ()
    labels = {lesion.id: lesion.label for lesion in judgement.history.lesions}
    targets = [labels[id_] for id_, role in judgement.roles.items() if role is Role.TARGET]
    return (
        Finding(
            code="TARGETS_CHOSEN",
            severity=Severity.INFORMATION,
            text="the record gives no lesion a role; "
            + (
                f"targets were chosen by RECIST 1.1: {', '.join(sorted(targets))}"
                if targets
                else "none is measurable"
            ),
        ),
    )
