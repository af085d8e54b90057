"""A chart as a history: lesions, timepoints and lines of therapy of one read."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from fhirgate.oncology.chart import Chart
from fhirgate.oncology.clinical_date import by_date
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.lesion import Measurement, Role
from fhirgate.oncology.policy import Policy
from fhirgate.oncology.reconstruct.courses import Course, lay_courses, line_baselines
from fhirgate.oncology.reconstruct.lesions import LinkedLesion
from fhirgate.oncology.reconstruct.local_treatments import treatments_of
from fhirgate.oncology.reconstruct.merging import with_merges_carried
from fhirgate.oncology.reconstruct.readers import Read
from fhirgate.oncology.reconstruct.timepoints import group_timepoints
from fhirgate.oncology.therapy import LineOfTherapy
from fhirgate.oncology.timepoint import Lesion, Timepoint
from fhirgate.oncology.value import value


@value
class History:
    """What happened, in order, before anything is judged.

    `ambiguous_from` is the first date from which lesions of one site cannot be told apart; None: never.
    """

    chart: Chart
    read: Read
    lesions: tuple[Lesion, ...]
    timepoints: tuple[Timepoint, ...]
    lines: tuple[LineOfTherapy, ...]
    courses: tuple[Course, ...]
    baselines: frozenset[int]
    ambiguous_from: date | None
    findings: tuple[Finding, ...]


def reconstruct_history(
    chart: Chart, linked: Sequence[LinkedLesion], lines: Sequence[LineOfTherapy], read: Read, policy: Policy
) -> History:
    """Lesions with one measurement at each timepoint, and the lines on which the timepoints are judged."""
    rounds = group_timepoints(
        linked, chart, read, therapy_starts(chart), policy.imaging.assessment_window_days
    )
    findings = list(rounds.findings)
    timepoints = with_merges_carried(rounds.timepoints)
    seen: dict[str, list[Measurement]] = defaultdict(list)
    for timepoint in timepoints:
        for lesion, measurement in timepoint.measurements.items():
            seen[lesion].append(measurement)
    treatments = treatments_of(linked, chart.local_treatments, findings)
    lesions = tuple(
        Lesion(
            id=each.id,
            identity=each.identity,
            stated_role=_stated_role(each, read, findings),
            measurements=tuple(seen[each.id]),
            local_treatments=treatments.get(each.id, ()),
        )
        for each in linked
        if each.id in seen
    )
    ambiguous = [each.sightings[0].taken_on.earliest for each in linked if each.ambiguous and each.id in seen]
    return History(
        chart=chart,
        read=read,
        lesions=lesions,
        timepoints=timepoints,
        lines=tuple(lines),
        courses=lay_courses(timepoints, lines, policy.imaging),
        baselines=line_baselines(timepoints, lines, policy.imaging),
        ambiguous_from=min(ambiguous, default=None),
        findings=tuple(findings),
    )


def with_lines(history: History, lines: Sequence[LineOfTherapy], policy: Policy) -> History:
    """The same history judged on these lines."""
    return replace(
        history,
        lines=tuple(lines),
        courses=lay_courses(history.timepoints, lines, policy.imaging),
        baselines=line_baselines(history.timepoints, lines, policy.imaging),
    )


def therapy_starts(chart: Chart) -> tuple[date, ...]:
    """Days on which an agent was given for the first time, or a local treatment began."""
    first: dict[str, date] = {}
    for each in chart.exposures:
        if each.agent.treats:
            start = each.start.earliest
            first[each.agent.name] = min(start, first.get(each.agent.name, start))
    local = {each.started_on.earliest for each in chart.local_treatments if each.started_on.is_day}
    return tuple(sorted({*first.values(), *local}))


def _stated_role(lesion: LinkedLesion, read: Read, findings: list[Finding]) -> Role | None:
    """The earliest role this read's records give a lesion; later ones that differ are reported."""
    stated = sorted(
        (
            (*by_date(each.taken_on), each.role)
            for each in lesion.sightings
            if each.role and read.counts(each)
        ),
    )
    if not stated:
        return None
    if len({role for *_, role in stated}) > 1:
        findings.append(
            Finding(
                code="ROLE_CONFLICT",
                severity=Severity.WARNING,
                text=f"lesion {lesion.identity.label or lesion.identity.site} is called"
                f" {' and '.join(sorted({role.value for *_, role in stated}))}; the first is used, because a role"
                " is fixed at baseline",
                source=lesion.sightings[0].sources[0] if lesion.sightings[0].sources else None,
            )
        )
    return stated[0][-1]
