"""Bone scans along one course, where the record counts new lesions on them (PCWG3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fhirgate.oncology.chart import BoneScan, Chart
from fhirgate.oncology.clinical_date import by_date
from fhirgate.oncology.criteria.bone_scan import BoneResponse, BoneVerdict, classify_bone_scans
from fhirgate.oncology.reconstruct.courses import Course
from fhirgate.oncology.reconstruct.history import History
from fhirgate.oncology.timepoint import Timepoint


@dataclass(frozen=True, slots=True, kw_only=True)
class BonesAt:
    """The bone verdict as of a timepoint, and how many new lesions a confirmed progression rests on."""

    verdict: BoneVerdict
    new_lesions: int


def follow_bones(history: History, course: Course) -> Mapping[int, BonesAt]:
    """The bone verdict at every followed timepoint that holds a bone scan, by position."""
    start = course.start(history.timepoints)
    scans = sorted(
        (each for each in history.chart.bone_scans if each.taken_on.surely_after(start)),
        key=lambda each: (*by_date(each.taken_on), str(each.source)),
    )
    verdicts = classify_bone_scans(scans, start)
    found: dict[int, BonesAt] = {}
    for position in course.followed:
        timepoint = history.timepoints[position]
        for at, verdict in enumerate(verdicts):
            if _belongs(verdict.scan, timepoint):
                found[position] = BonesAt(verdict=verdict, new_lesions=_counted(verdicts[: at + 1]))
    return found


def bone_disease_counted(chart: Chart, timepoint: Timepoint) -> bool:
    """Whether scans up to a timepoint count new bone lesions: disease that no measured lesion need show."""
    return any(
        (each.new_lesions or each.persisting) and not each.taken_on.surely_after(timepoint.last_date)
        for each in chart.bone_scans
    )


def _belongs(scan: BoneScan, timepoint: Timepoint) -> bool:
    return not scan.taken_on.surely_before(timepoint.date) and not scan.taken_on.surely_after(
        timepoint.last_date
    )


def _counted(verdicts: Sequence[BoneVerdict]) -> int:
    """New lesions of the scans from the one that progression is dated at; none without progression."""
    last = verdicts[-1]
    if last.verdict.answer is not BoneResponse.PD or last.progressed_on is None:
        return 0
    since = [each for each in verdicts if not each.scan.taken_on.surely_before(last.progressed_on)]
    if any(each.verdict.rule == "bone-persisting" for each in since):
        return max(each.scan.new_lesions for each in since)
    return sum(each.scan.new_lesions for each in since)
