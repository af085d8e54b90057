"""The ESTRO/EORTC class of oligometastatic disease: an extra label, not the state.

Guckenberger et al., Lancet Oncol 2020;21:e18: five questions lead to nine classes. Class and state differ
because the literature caps the progressing lesions of induced oligoprogression, not all metastases.
"""

from collections.abc import Callable
from datetime import date

from fhirgate.oncology.clinical_date import ClinicalDate, add_months
from fhirgate.oncology.value import value
from fhirgate.oncology.verdict import EstroEortcClass

NAME = "ESTRO/EORTC"
SOURCE = "ESTRO/EORTC consensus, Guckenberger 2020"

MOST_METASTASES = 5
"""Most metastases of oligometastatic disease. Source: ESTRO-ASTRO consensus, Lievens 2020."""
SYNCHRONOUS_MONTHS = 6
"""Metastases up to this many calendar months after the primary are synchronous, inclusive."""

LIMITS = {
    "metastases": f"at most {MOST_METASTASES}",
    "synchronous": f"up to {SYNCHRONOUS_MONTHS} calendar months after the primary",
}


def is_synchronous(primary: ClinicalDate, metastasis: ClinicalDate) -> bool | None:
    """Whether metastases lie within six calendar months of the primary; None when the dates leave it open.

    2023-01-31 is synchronous through 2023-07-31.
    """

    def within(first: date, second: date) -> bool:
        return second <= add_months(first, SYNCHRONOUS_MONTHS)

    earliest = within(primary.earliest, metastasis.latest)
    latest = within(primary.latest, metastasis.earliest)
    return earliest if earliest == latest else None


@value
class MetastaticFacts:
    """One timepoint as the five questions see it.

    `metastases` counts what is visible, the primary apart; `active` those progressing or new.
    `synchronous` None: dates unknown. `on_therapy` None: unknown.
    """

    metastases: int
    active: int
    diffuse: bool = False
    polymetastatic_before: bool
    oligometastatic_before: bool
    synchronous: bool | None = None
    on_therapy: bool | None = None

    @property
    def few(self) -> bool:
        """One to five metastases, countable."""
        return 1 <= self.metastases <= MOST_METASTASES and not self.diffuse

    @property
    def few_active(self) -> bool:
        """One to five progressing or new metastases, countable."""
        return 1 <= self.active <= MOST_METASTASES and not self.diffuse

    @property
    def genuine(self) -> bool:
        """First oligometastatic disease, never polymetastatic before."""
        return not self.polymetastatic_before and not self.oligometastatic_before

    @property
    def repeat(self) -> bool:
        """Oligometastatic disease after oligometastatic disease."""
        return self.oligometastatic_before and not self.polymetastatic_before


_CLASSES: tuple[tuple[EstroEortcClass, str, Callable[[MetastaticFacts], bool]], ...] = (
    (
        EstroEortcClass.SYNCHRONOUS_OMD,
        "first one to five metastases, up to six months after the primary",
        lambda f: f.genuine and f.few and f.synchronous is True,
    ),
    (
        EstroEortcClass.METACHRONOUS_OLIGORECURRENCE,
        "first one to five metastases, later than six months, off therapy",
        lambda f: f.genuine and f.few and f.synchronous is False and f.on_therapy is False,
    ),
    (
        EstroEortcClass.METACHRONOUS_OLIGOPROGRESSION,
        "first one to five metastases, later than six months, on therapy",
        lambda f: f.genuine and f.few and f.synchronous is False and f.on_therapy is True,
    ),
    (
        EstroEortcClass.REPEAT_OLIGORECURRENCE,
        "oligometastatic before, new or growing, off therapy",
        lambda f: f.repeat and f.few and f.on_therapy is False and f.active > 0,
    ),
    (
        EstroEortcClass.REPEAT_OLIGOPROGRESSION,
        "oligometastatic before, new or growing, on therapy",
        lambda f: f.repeat and f.few and f.on_therapy is True and f.active > 0,
    ),
    (
        EstroEortcClass.REPEAT_OLIGOPERSISTENCE,
        "oligometastatic before, persisting, on therapy",
        lambda f: f.repeat and f.few and f.on_therapy is True and f.active == 0,
    ),
    (
        EstroEortcClass.INDUCED_OLIGORECURRENCE,
        "polymetastatic before, one to five metastases new or growing, off therapy",
        lambda f: f.polymetastatic_before and f.few and f.on_therapy is False and f.active > 0,
    ),
    (
        EstroEortcClass.INDUCED_OLIGOPROGRESSION,
        "polymetastatic before, one to five new or growing, on therapy",
        lambda f: f.polymetastatic_before and f.few_active and f.on_therapy is True,
    ),
    (
        EstroEortcClass.INDUCED_OLIGOPERSISTENCE,
        "polymetastatic before, one to five persisting, on therapy",
        lambda f: f.polymetastatic_before and f.few and f.on_therapy is True and f.active == 0,
    ),
)


def classify_oligometastatic(facts: MetastaticFacts) -> EstroEortcClass | None:
    """The class, or None when the picture is not oligometastatic or a date or status is unknown."""
    for answer, _, holds in _CLASSES:
        if holds(facts):
            return answer
    return None


def class_definitions() -> tuple[tuple[EstroEortcClass, str], ...]:
    """Every class with what it says, in the order of the questions."""
    return tuple((answer, says) for answer, says, _ in _CLASSES)
