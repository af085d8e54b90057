"""What came before a timepoint: metastases ever, the first of them, many or few of them.

Whether the history is complete is told by `onset`; what is not known stays None and is never guessed.
"""

from collections.abc import Iterator, Mapping, Sequence

from fhirgate.oncology.chart import Chart, Spread
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.oligometastatic import MOST_METASTASES, is_synchronous
from fhirgate.oncology.progression.situation import History as Background
from fhirgate.oncology.reconstruct.history import History
from fhirgate.oncology.reconstruct.onset import Onset, is_first_documentation, shows
from fhirgate.oncology.site import Diffuse
from fhirgate.oncology.source import Source, Sources, joined
from fhirgate.oncology.timepoint import Lesion, Timepoint
from fhirgate.oncology.value import value

_FLUID = {Diffuse.EFFUSION.value, Diffuse.ASCITES.value}


@value
class Spreading:
    """Spread without a count that is documented at a timepoint, and the part of it that is new or growing.

    `sources` are the statements it rests on; lesions carry their own.
    """

    there: tuple[str, ...] = ()
    progressing: tuple[str, ...] = ()
    sources: Sources = ()


@value
class Seen:
    """What is seen of lesions at a timepoint, by id: those that progress or are new, those that may be new."""

    active: frozenset[str] = frozenset()
    doubtful: frozenset[str] = frozenset()


def backgrounds(
    history: History,
    onset: Onset,
    spreading: Sequence[Spreading],
    seen: Sequence[Seen],
    history_days: int,
) -> tuple[Background, ...]:
    """The background of every timepoint, in order. `spreading` is the diffuse disease at each of them.

    A lesion that may be new documents no metastasis yet, but it forbids to say that there is none.
    """
    lesions = {lesion.id: lesion for lesion in history.lesions}
    found: list[Background] = []
    many = few = shown = False
    complete: bool | None = None
    for position, timepoint in enumerate(history.timepoints):
        visible = visible_metastases(timepoint, lesions)
        number = len(visible - seen[position].doubtful)
        diffuse = bool(spreading[position].there)
        first = bool(number or diffuse) and not shown
        documented = first and is_first_documentation(
            timepoint, history.timepoints[:position], history.chart, onset, history_days
        )
        if first:
            complete = documented
        found.append(
            Background(
                metastases_ever=_ever(history.chart, onset, timepoint) or bool(visible or diffuse) or shown,
                first_documentation=documented,
                synchronous=_synchronous(onset, timepoint),
                polymetastatic_before=many or (False if complete else None),
                oligometastatic_before=few or (False if complete else None),
            )
        )
        shown = shown or bool(number or diffuse)
        many = many or number > MOST_METASTASES or diffuse
        few = few or (1 <= number <= MOST_METASTASES and not diffuse)
    return tuple(found)


def visible_metastases(timepoint: Timepoint, lesions: Mapping[str, Lesion]) -> frozenset[str]:
    """Ids of the metastases a timepoint shows, the primary tumour apart."""
    return frozenset(
        lesion
        for lesion, measurement in timepoint.measurements.items()
        if shows(measurement) and not lesions[lesion].identity.primary
    )


def diffuse_at(history: History, position: int, baseline: int, seen: Seen) -> Spreading:
    """Diffuse disease at a timepoint: stated by then, or seen as a lesion, unless it only may be there.

    Stated spread is progressing when it is dated after the baseline the timepoint is compared with. An effusion or
    ascites that was there before and does not grow is no diffuse disease; other spread is, growing or not.
    """
    timepoint = history.timepoints[position]
    since = history.timepoints[baseline].last_date
    there: set[str] = set()
    progressing: set[str] = set()
    stated: dict[str, list[Source]] = {}
    for name, dated, source in _stated(history.chart):
        if dated is not None and dated.surely_after(timepoint.last_date):
            continue
        there.add(name)
        stated.setdefault(name, []).append(source)
        if dated is not None and position > baseline and dated.surely_after(since):
            progressing.add(name)
    for lesion in history.lesions:
        measurement = timepoint.measurements.get(lesion.id)
        if lesion.site.diffuse is None or measurement is None or lesion.id in seen.doubtful:
            continue
        if shows(measurement):
            there.add(lesion.site.diffuse.value)
            if lesion.id in seen.active:
                progressing.add(lesion.site.diffuse.value)
    if position > baseline:
        there -= _FLUID - progressing
    return Spreading(
        there=tuple(sorted(there)),
        progressing=tuple(sorted(progressing)),
        sources=joined(*(tuple(stated.get(name, ())) for name in there)),
    )


def _stated(chart: Chart) -> Iterator[tuple[str, ClinicalDate | None, Source]]:
    for diagnosis in chart.diagnoses:
        if diagnosis.diffuse is not None and diagnosis.active:
            yield diagnosis.diffuse.value, diagnosis.dated, diagnosis.source
    for spread in chart.spreads:
        if spread.diffuse is not None and spread.spread is Spread.PRESENT:
            yield spread.diffuse.value, spread.stated_on, spread.source


def _ever(chart: Chart, onset: Onset, timepoint: Timepoint) -> bool:
    """Whether metastases are documented by this timepoint; an undated statement counts always."""
    if onset.dated is not None:
        return not onset.dated.surely_after(timepoint.last_date) or _undated(chart)
    return onset.ever


def _undated(chart: Chart) -> bool:
    diagnosed = any(each.surely_distant and each.dated is None for each in chart.diagnoses)
    return diagnosed or any(
        each.spread is Spread.PRESENT and each.stated_on is None for each in chart.spreads
    )


def _synchronous(onset: Onset, timepoint: Timepoint) -> bool | None:
    if onset.primary is None:
        return None
    return is_synchronous(onset.primary, onset.dated or timepoint.date)
