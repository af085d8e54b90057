"""What was read of a lesion, and which earlier size the present one was compared with."""

from collections.abc import Sequence

from fhirgate.oncology.assessment import LesionVerdict, TimepointAssessment
from fhirgate.oncology.lesion import Kind, Measurement
from fhirgate.report.story_lesions import reading_words


def compared_with(verdict: LesionVerdict, earlier: Sequence[TimepointAssessment]) -> Measurement | None:
    """The measurement of the reference, among timepoints before that of the verdict; None where there is none.

    One size can have been measured more than once: then it is the one whose date the verdict's own reason says, else
    the first whose resource it rests on.
    """
    if verdict.reference is None:
        return None
    measured = (each.timepoint.measurements.get(verdict.lesion.id) for each in earlier)
    equal = [each for each in measured if each is not None and each.size == verdict.reference]
    said = [each for each in equal if str(each.taken_on) in verdict.because]
    rested_on = [each for each in equal if set(each.sources) & set(verdict.sources)]
    return next(iter(said or rested_on or equal), None)


def reading(measured: Measurement) -> str:
    """What was read, for a page that has room for words."""
    return "too small" if measured.kind is Kind.TOO_SMALL else reading_words(measured)
