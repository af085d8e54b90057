"""What forbids any judgement of a timepoint: the stops, each with the datum that would lift it.

Which facts stop a judgement is our choice; tumours with criteria of their own are named in `diagnosis`.
"""

from collections.abc import Callable, Iterator, Sequence

from fhirgate.oncology.chart import Chart
from fhirgate.oncology.diagnosis import CRITERIA_NOT_SUPPORTED, Diagnosis, DiagnosisKind, Tumour
from fhirgate.oncology.reconstruct.history import History
from fhirgate.oncology.source import Sources, joined
from fhirgate.oncology.timepoint import Lesion, Timepoint
from fhirgate.oncology.verdict import Reason
from fhirgate.oncology.wording import listed


def stops_always(chart: Chart, lesions: Sequence[Lesion]) -> tuple[Reason, ...]:
    """What forbids judging this patient at any timepoint."""
    return (*_diagnosis_missing(chart), *_not_supported(chart, lesions), *_several_primaries(chart, lesions))


def stops_at(history: History, timepoint: Timepoint) -> tuple[Reason, ...]:
    """What forbids judging this timepoint."""
    return (
        *_ambiguous(history, timepoint),
        *_order_invalid(history, timepoint),
        *_refused_unknown(history, timepoint),
    )


def primaries(chart: Chart) -> tuple[Diagnosis, ...]:
    """The active primary cancers, or all of them when none is active."""
    found = tuple(each for each in chart.diagnoses if each.kind is DiagnosisKind.PRIMARY)
    return tuple(each for each in found if each.active) or found


def _diagnosis_missing(chart: Chart) -> Iterator[Reason]:
    if not chart.diagnoses:
        yield Reason(
            code="DIAGNOSIS_MISSING",
            text="the record holds no cancer diagnosis",
            resolved_by="a Condition with the primary cancer",
        )


def _not_supported(chart: Chart, lesions: Sequence[Lesion]) -> Iterator[Reason]:
    for each in primaries(chart):
        if each.tumour in CRITERIA_NOT_SUPPORTED:
            yield Reason(
                code="CRITERIA_NOT_SUPPORTED",
                text=f"{each.tumour} is judged by criteria of its own, which are not computed here",
                resolved_by="a response assessment by the criteria of this tumour",
                sources=(each.source,),
            )
    prostate = any(each.tumour is Tumour.PROSTATE for each in primaries(chart))
    if prostate and lesions and not chart.bone_scans and all(each.site.bone for each in lesions):
        yield Reason(
            code="CRITERIA_NOT_SUPPORTED",
            text="bone-only prostate cancer is judged by counts of new lesions on bone scans (PCWG3)",
            resolved_by="the number of new bone lesions on each bone scan",
            sources=joined(
                tuple(each.source for each in primaries(chart)), *(each.identity.sources for each in lesions)
            ),
        )


def _several_primaries(chart: Chart, lesions: Sequence[Lesion]) -> Iterator[Reason]:
    """A suspected cancer and a skin cancer that hardly ever spreads are no rivals (our choice)."""
    rivals = [
        each for each in primaries(chart) if not each.provisional and each.tumour is not Tumour.SKIN_OTHER
    ]
    distinct = {(each.tumour, each.site.organ): each for each in rivals}
    if len(distinct) < 2:
        return
    known = {each.id for each in primaries(chart)}
    of_primary = {each.id: each.of_primary for each in chart.diagnoses}
    unattributed = [
        each
        for each in lesions
        if each.identity.condition not in known and of_primary.get(each.identity.condition) not in known
    ]
    if unattributed:
        names = listed(sorted({each.tumour.value for each in distinct.values()}))
        yield Reason(
            code="MULTIPLE_PRIMARIES",
            text=f"several primary cancers ({names}), and {listed(each.label for each in unattributed)}"
            " cannot be attributed to one",
            resolved_by="the diagnosis each lesion belongs to, or the clinical status of the other primary",
            sources=joined(tuple(each.source for each in distinct.values())),
        )


def _ambiguous(history: History, timepoint: Timepoint) -> Iterator[Reason]:
    since = history.ambiguous_from
    if since is not None and timepoint.last_date.latest >= since:
        yield Reason(
            code="LESION_IDENTITY_AMBIGUOUS",
            text=f"lesions measured since {since} share a site, and nothing tells them apart",
            resolved_by="a tracking identifier or a BodyStructure for each lesion",
            sources=_measured(history, timepoint, lambda each: not each.identity.identifiers),
        )


def _order_invalid(history: History, timepoint: Timepoint) -> Iterator[Reason]:
    born = history.chart.patient.born_on
    if timepoint.order_uncertain:
        yield Reason(
            code="ASSESSMENT_ORDER_INVALID",
            text=f"the dates do not say whether the imaging of {timepoint.date} came first",
            resolved_by="the full date of each scan",
            sources=_measured(history, timepoint),
        )
    elif born is not None and timepoint.date.surely_before(born):
        yield Reason(
            code="ASSESSMENT_ORDER_INVALID",
            text=f"imaging of {timepoint.date} is dated before the patient's birth",
            resolved_by="the true date of the scan",
            sources=_measured(history, timepoint),
        )


def _measured(
    history: History, timepoint: Timepoint, which: Callable[[Lesion], bool] = lambda each: True
) -> Sources:
    """The resources of a timepoint's measurements, of some lesions or all."""
    concerned = {lesion.id for lesion in history.lesions if which(lesion)}
    return joined(*(each.sources for id_, each in timepoint.measurements.items() if id_ in concerned))


def refused_sizes(timepoint: Timepoint) -> tuple[Reason, ...]:
    """Sizes of this timepoint that were given and could not be used, as one reason; empty when there is none."""
    refused = [each for each in timepoint.measurements.values() if each.refused]
    if not refused:
        return ()
    return (
        Reason(
            code="UNITS_INVALID",
            text=f"a size of {timepoint.date} could not be used: {listed(sorted({e.refused for e in refused}))}",
            resolved_by="the size with its unit (mm or cm)",
            sources=joined(*(each.sources for each in refused)),
        ),
    )


def _refused_unknown(history: History, timepoint: Timepoint) -> tuple[Reason, ...]:
    """A refused size stops the judgement only where its lesion has no other size: a known lesion is merely not
    evaluable and is tried both ways, which loses less (our choice)."""
    refused = {id_ for id_, each in timepoint.measurements.items() if each.refused}
    unknown = any(lesion.id in refused and not _sized_by(lesion, timepoint) for lesion in history.lesions)
    return refused_sizes(timepoint) if unknown else ()


def _sized_by(lesion: Lesion, timepoint: Timepoint) -> bool:
    return any(
        each.evaluable and not each.taken_on.surely_after(timepoint.date) for each in lesion.measurements
    )
