"""When metastatic disease began, and whether the record shows that beginning.

The first metastatic diagnosis or the first image of a metastasis, whichever is earlier. Whether a timepoint
is the *first documentation* needs evidence that nothing earlier is missing; without it the history is unknown
and never guessed. The evidence asked for is our choice.
"""

from collections.abc import Iterable, Iterator, Sequence

from fhirgate.oncology.chart import Chart, Spread
from fhirgate.oncology.clinical_date import ClinicalDate, by_date
from fhirgate.oncology.diagnosis import Diagnosis, DiagnosisKind
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.lesion import Axis, Change, Kind, Measurement, Sighting
from fhirgate.oncology.millimetres import PATHOLOGICAL_NODE_FROM, TOO_SMALL, ZERO
from fhirgate.oncology.reconstruct.lesions import LinkedLesion
from fhirgate.oncology.therapy import Exposure, Intent
from fhirgate.oncology.timepoint import Timepoint
from fhirgate.oncology.value import value

EARLY = frozenset({Intent.ADJUVANT, Intent.NEOADJUVANT, Intent.CURATIVE})
"""Intents of treatment before metastatic disease."""
JUST_STARTED_DAYS = 28
"""Therapy begun less than this many days before the first image has no earlier image to be missing."""


_UNSEEN = (Kind.ABSENT, Kind.NOT_EVALUABLE)


@value
class Onset:
    """The beginning of metastatic disease.

    `dated` None: never documented. `primary` is the date of the primary diagnosis. `stated` is the earliest
    metastatic diagnosis or statement, `seen` the earliest image that shows a metastasis.
    """

    dated: ClinicalDate | None
    primary: ClinicalDate | None
    stated: ClinicalDate | None
    seen: ClinicalDate | None
    ever: bool


def find_onset(chart: Chart, lesions: Iterable[LinkedLesion]) -> Onset:
    """The dates metastatic disease is documented by."""
    stated = [each.dated for each in chart.diagnoses if each.surely_distant and each.dated]
    stated += [each.stated_on for each in chart.spreads if each.spread is Spread.PRESENT and each.stated_on]
    seen = [_first_seen(lesion) for lesion in lesions if not lesion.identity.primary]
    secondary = any(each.surely_distant for each in chart.diagnoses)
    spread = any(each.spread is Spread.PRESENT for each in chart.spreads)
    dates = [each for each in (_earliest(stated), _earliest(seen)) if each is not None]
    return Onset(
        dated=_earliest(dates),
        primary=_earliest(each.dated for each in _primaries(chart) if each.dated),
        stated=_earliest(stated),
        seen=_earliest(seen),
        ever=any(seen) or secondary or spread,
    )


def undecided_nodes(chart: Chart, onset: Onset) -> tuple[Finding, ...]:
    """A finding for each nodal metastasis that was not taken as the first distant one, and would have been."""
    return tuple(
        Finding(
            code="NODES_MAY_BE_REGIONAL",
            severity=Severity.INFORMATION,
            text=f"the lymph node metastasis diagnosed {each.dated} may be regional disease and is not taken as the"
            " beginning of metastatic disease; an M category, or imaging of the nodes, would settle it",
            source=each.source,
        )
        for each in chart.diagnoses
        if each.kind is DiagnosisKind.SECONDARY
        and not each.surely_distant
        and each.dated is not None
        and (onset.dated is None or each.dated.surely_before(onset.dated))
    )


def _primaries(chart: Chart) -> Sequence[Diagnosis]:
    primaries = [each for each in chart.diagnoses if each.kind is DiagnosisKind.PRIMARY]
    return [each for each in primaries if each.active] or primaries


def _earliest(dates: Iterable[ClinicalDate | None]) -> ClinicalDate | None:
    return min((each for each in dates if each is not None), key=by_date, default=None)


def is_first_documentation(
    timepoint: Timepoint, earlier: Sequence[Timepoint], chart: Chart, onset: Onset, history_days: int
) -> bool:
    """Whether this timepoint is the first to show metastases, with evidence that none is missing before it.

    `earlier` are the timepoints before it; none of them may show a metastasis. Evidence is one of: an earlier
    timepoint, or a statement that there are no metastases; a metastatic diagnosis dated near it; therapy
    before it that is stated adjuvant, neoadjuvant or curative; or a primary diagnosis before it with no
    systemic therapy for longer than a few weeks in between.
    """
    stated = onset.stated
    if stated is not None and timepoint.date.least_days_since(stated) > history_days:
        return False
    if earlier or _stated_free_before(timepoint, chart):
        return True
    if stated is not None and abs(timepoint.date.least_days_since(stated)) <= history_days:
        return True
    before = [
        each
        for each in chart.exposures
        if _counts(each) and timepoint.date.least_days_since(each.start) >= JUST_STARTED_DAYS
    ]
    if before:
        return all(each.intent in EARLY for each in before)
    return onset.primary is not None and not onset.primary.surely_after(timepoint.date)


def _counts(exposure: Exposure) -> bool:
    return exposure.agent.treats


def _stated_free_before(timepoint: Timepoint, chart: Chart) -> bool:
    return any(
        each.spread is Spread.NONE
        and each.stated_on is not None
        and each.stated_on.surely_before(timepoint.date)
        for each in chart.spreads
    )


def _first_seen(lesion: LinkedLesion) -> ClinicalDate | None:
    """The first day on which a lesion was there; one that was never more than equivocal documents nothing."""
    first = None
    for each in _there(lesion):
        first = first or each.taken_on
        if each.change is not Change.EQUIVOCAL:
            return first
    return None


def _there(lesion: LinkedLesion) -> Iterator[Sighting]:
    """The sightings that show it, by date; one that only names it counts where nothing else is said of it."""
    for each in lesion.sightings:
        gone = each.kind in _UNSEEN or ZERO in (each.long_axis, each.short_axis)
        normal = lesion.identity.site.node and _normal_node(each)
        if not (gone or normal or (each.says_nothing_of_size and _told(lesion, each.taken_on))):
            yield each


def _told(lesion: LinkedLesion, day: ClinicalDate) -> bool:
    """Whether more than its name is said of a lesion on a day."""
    return any(each.taken_on == day and not each.says_nothing_of_size for each in lesion.sightings)


def _normal_node(sighting: Sighting) -> bool:
    size = TOO_SMALL if sighting.kind is Kind.TOO_SMALL else sighting.short_axis
    return size is not None and size < PATHOLOGICAL_NODE_FROM


def shows(measurement: Measurement) -> bool:
    """Whether a measurement shows disease: something is there, and it is no node under 10 mm."""
    size = measurement.size
    small = size is not None and size < PATHOLOGICAL_NODE_FROM
    return measurement.kind not in _UNSEEN and not (small and measurement.axis is Axis.SHORT)
