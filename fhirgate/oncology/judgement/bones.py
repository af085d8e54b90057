"""Bone scans along one course, where the record counts new lesions on them (PCWG3)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from fhirgate.oncology.chart import BoneScan, Chart
from fhirgate.oncology.clinical_date import by_date
from fhirgate.oncology.criteria.bone_scan import BoneResponse, BoneVerdict, classify_bone_scans
from fhirgate.oncology.diagnosis import DiagnosisKind
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.reconstruct.courses import Course
from fhirgate.oncology.reconstruct.history import History
from fhirgate.oncology.source import Source, Sources, joined
from fhirgate.oncology.timepoint import Timepoint
from fhirgate.oncology.value import value
from fhirgate.oncology.wording import listed


@value
class BonesAt:
    """The bone verdict as of a timepoint, and how many new lesions a confirmed progression rests on.

    `sources` are the scans it rests on.
    """

    verdict: BoneVerdict
    new_lesions: int
    sources: Sources = ()


def follow_bones(history: History, course: Course) -> Mapping[int, BonesAt]:
    """The bone verdict at every followed timepoint after the first scan, by position.

    The verdict of the last scan stands until another scan says otherwise: a CT alone settles no bone scan.
    """
    start = course.start(history.timepoints)
    scans = [each for each in one_a_day(history.chart.bone_scans) if each.taken_on.surely_after(start)]
    verdicts = classify_bone_scans(scans, start)
    found: dict[int, BonesAt] = {}
    for position in course.followed:
        day = history.timepoints[position].last_date
        known = [each for each in verdicts if not each.scan.taken_on.surely_after(day)]
        if known:
            found[position] = BonesAt(
                verdict=known[-1],
                new_lesions=_counted(known),
                sources=joined(tuple(each.scan.source for each in known)),
            )
    return found


def one_a_day(scans: Iterable[BoneScan]) -> list[BoneScan]:
    """The scans in order of date; of several counts of one day the highest, as one of them is told twice or wrong."""
    highest: dict[str, BoneScan] = {}
    for each in sorted(scans, key=lambda each: (each.new_lesions, str(each.source))):
        highest[each.taken_on.text] = each
    return sorted(highest.values(), key=lambda each: by_date(each.taken_on))


def contradicting_counts(scans: Iterable[BoneScan]) -> tuple[Finding, ...]:
    """A finding for each day with more than one count."""
    said: dict[str, set[int]] = defaultdict(set)
    resources: dict[str, Source] = {}
    for each in scans:
        said[each.taken_on.text].add(each.new_lesions)
        known = resources.setdefault(each.taken_on.text, each.source)
        resources[each.taken_on.text] = min(known, each.source)
    return tuple(
        Finding(
            code="BONE_COUNTS_CONTRADICT",
            severity=Severity.ERROR,
            text=f"the bone scan of {day} is said to show {listed(map(str, sorted(counts)), last='or')} new lesions;"
            " the highest is used, and one adjudicated count would settle it",
            source=resources[day],
        )
        for day, counts in sorted(said.items())
        if len(counts) > 1
    )


def bone_disease_counted(chart: Chart, timepoint: Timepoint) -> bool:
    """Whether bone disease is followed by counts up to a timepoint, so that no measured lesion need show it.

    Either a scan counted new lesions, or bone metastases are diagnosed and scans count what is new to them.
    """
    scans = [each for each in chart.bone_scans if not each.taken_on.surely_after(timepoint.last_date)]
    diagnosed = any(
        each.kind is DiagnosisKind.SECONDARY and each.active and each.site.bone for each in chart.diagnoses
    )
    return any(each.new_lesions or each.persisting for each in scans) or bool(scans and diagnosed)


def _counted(verdicts: Sequence[BoneVerdict]) -> int:
    """New lesions of the scans from the one that progression is dated at; none without progression."""
    last = verdicts[-1]
    if last.verdict.answer is not BoneResponse.PD or last.progressed_on is None:
        return 0
    since = [each for each in verdicts if not each.scan.taken_on.surely_before(last.progressed_on)]
    if any(each.verdict.rule == "bone-persisting" for each in since):
        return max(each.scan.new_lesions for each in since)
    return sum(each.scan.new_lesions for each in since)
