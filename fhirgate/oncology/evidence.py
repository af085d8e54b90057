"""What trials found on local therapy of few lesions, for and against, and for whom it may be quoted.

Published results as text with citation, population and limits: never a number about one patient. Hazard ratios
are left out, because they do not convert to a person's probability. Only passages that were read are here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from fhirgate.oncology.diagnosis import Tumour
from fhirgate.oncology.oligometastatic import MOST_METASTASES


class Side(StrEnum):
    """Which way a result points."""

    FOR = "for"
    AGAINST = "against"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The patient as far as evidence depends on it.

    `tumour` None: not known, or several. `drug_classes` and `subclasses` are those of the current regimen.
    `metastases` counts what is visible. `adjuvant`: first metastases on adjuvant therapy.
    """

    tumour: Tumour | None
    drug_classes: frozenset[str] = frozenset()
    subclasses: frozenset[str] = frozenset()
    metastases: int = 0
    adjuvant: bool = False

    @property
    def driver(self) -> bool:
        """Whether the regimen is aimed at an actionable driver."""
        return bool(self.drug_classes & {"tki", "targeted small molecule"})

    @property
    def few(self) -> bool:
        """Whether all visible metastases are one to five."""
        return 1 <= self.metastases <= MOST_METASTASES


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One published result.

    `population` is design and patients, `says` the result without numbers, `numbers` the published medians or
    rates, `limits` what it does not show. `fits` tells for whom it may be quoted.
    """

    name: str
    citation: str
    population: str
    side: Side
    says: str
    numbers: str = ""
    limits: str
    fits: Callable[[Case], bool]

    def quoted(self, *, with_numbers: bool) -> str:
        """The result as one text: who, what, and how far it goes."""
        result = f"{self.says} ({self.numbers})" if self.numbers and with_numbers else self.says
        return f"{self.name} ({self.citation}; {self.population}): {result}. Limits: {self.limits}."


NO_INDIVIDUAL_BENEFIT = "No individual benefit is predicted: trial results describe groups, not this patient."

READING = (
    "Randomised support for local therapy of oligoprogression exists for non-small-cell lung cancer without"
    " actionable driver, on progression-free survival only (CURB); it is absent in breast cancer (CURB) and"
    " contradictory across tumour types (STOP); consolidative local therapy of oligopersistent non-small-cell"
    " lung cancer was not confirmed (NRG-LU002)."
)
"""The whole of the evidence in one sentence; bound to every text that proposes local therapy."""

ADJUVANT_READING = (
    "CURB treated metastatic disease after at least one line of therapy: its results do not apply to first"
    " metastases on adjuvant therapy, and no randomised trial of that situation is known here."
)

PSEUDOPROGRESSION = (
    "Pseudo-progression on checkpoint inhibitors, in the literature and not as this patient's probability:"
    " pooled 6.0 % of treated patients (95 % CI 5 to 7 %; 17 studies, 3402 patients; Park, Radiology 2020);"
    " pooled 15 % (8 to 26 %) of patients with unconfirmed progression and a later scan, 77 % of them at the"
    " first follow-up (pool of 18 immunotherapy trials)."
)

_CURB = "Tsai, Lancet 2024; NCT03808662"
_COMET = "SABR-COMET"
_OTHER_QUESTION = "asks another question: metastases were few, not chosen because they progressed"


def _lung(case: Case) -> bool:
    return case.tumour is Tumour.NSCLC


FACTS: tuple[Fact, ...] = (
    Fact(
        name="CURB, lung cohort",
        citation=_CURB,
        population="randomised phase 2, 59 patients with NSCLC, up to five progressive lesions",
        side=Side.FOR,
        says="progression-free survival was longer with stereotactic radiotherapy",
        numbers="medians 10.0 and 2.2 months",
        limits="phase 2, no actionable driver, progression-free survival only",
        fits=lambda case: _lung(case) and not case.driver and not case.adjuvant,
    ),
    Fact(
        name="Weickhardt 2012",
        citation="J Thorac Oncol 2012",
        population="retrospective, 65 patients with ALK- or EGFR-driven NSCLC on a TKI",
        side=Side.FOR,
        says="half of those who progressed were suitable for local therapy",
        numbers="25 of 51; median 6.2 months from first to second progression",
        limits="retrospective, no comparison group, up to four lesions outside the CNS",
        fits=lambda case: _lung(case) and "tki" in case.drug_classes,
    ),
    Fact(
        name="Brown 2024",
        citation="JTO Clin Res Rep 2024",
        population="retrospective, 159 patients with NSCLC after a first-line checkpoint inhibitor",
        side=Side.FOR,
        says="overall survival was longer in those who had radiotherapy",
        numbers="23 and 13 months",
        limits="retrospective: who got radiotherapy was a choice, and so is the difference",
        fits=lambda case: _lung(case) and "ici" in case.drug_classes and not case.adjuvant,
    ),
    Fact(
        name="AVATAR",
        citation="TROG 2024, abstract",
        population="single arm, 32 patients with ER+/HER2− breast cancer on CDK4/6 and aromatase inhibitor",
        side=Side.FOR,
        says="about half were free of a further event for half a year after stereotactic radiotherapy",
        numbers="47 %, 29 to 65 %, at 6 months or later",
        limits="no comparison group; lesions not irradiated before, six months of prior therapy",
        fits=lambda case: case.tumour is Tumour.BREAST and "CDK4/6" in case.subclasses and not case.adjuvant,
    ),
    Fact(
        name="EXTEND, pancreas basket",
        citation="EXTEND, pancreas report",
        population="pancreatic cancer with one to five metastases",
        side=Side.FOR,
        says="progression-free survival was longer with local therapy of all lesions",
        numbers="medians 10.3 and 2.5 months",
        limits=_OTHER_QUESTION,
        fits=lambda case: case.tumour is Tumour.PANCREAS and case.few,
    ),
    Fact(
        name=_COMET,
        citation="reports of 2019, 2020 and 2022",
        population="99 patients, one to five metastases, at most three per organ, controlled primary",
        side=Side.FOR,
        says="overall survival was longer with ablative radiotherapy of all lesions",
        numbers="medians 41 and 28 months",
        limits=_OTHER_QUESTION,
        fits=lambda case: case.few,
    ),
    Fact(
        name="CURB, breast cohort",
        citation=_CURB,
        population="randomised phase 2, 47 patients with breast cancer, up to five progressive lesions",
        side=Side.AGAINST,
        says="no benefit was seen in progression-free survival",
        numbers="medians 4.4 and 4.2 months",
        limits="small cohort of a phase 2 trial",
        fits=lambda case: case.tumour is Tumour.BREAST and not case.adjuvant,
    ),
    Fact(
        name="STOP",
        citation="Schellenberg, IJROBP 2024; NCT02756793",
        population="randomised phase 2, 90 patients of several tumour types, one to five progressing metastases",
        side=Side.AGAINST,
        says="no difference in progression-free survival was found",
        numbers="medians 8.4 and 4.3 months",
        limits="35 % of the control arm left the protocol",
        fits=lambda case: True,
    ),
    Fact(
        name="HALT",
        citation="NCT03256981, ISRCTN53398136",
        population="randomised phase 2/3, 113 patients with driver-positive NSCLC on a TKI",
        side=Side.AGAINST,
        says="no results were found: for driver-positive disease there is no randomised answer here",
        limits="results may have appeared since",
        fits=lambda case: _lung(case) and case.driver,
    ),
    Fact(
        name="NRG-LU002",
        citation="ASCO 2024",
        population="215 patients with NSCLC, up to three extracranial metastases, after four cycles",
        side=Side.AGAINST,
        says="consolidative local therapy did not prolong progression-free survival; stopped at phase 2",
        limits="asks another question: disease that persists, not disease that grows",
        fits=_lung,
    ),
    Fact(
        name="EXTEND, breast and kidney baskets",
        citation="abstract",
        population="six baskets, 334 patients, one to five metastases",
        side=Side.AGAINST,
        says="inconclusive in breast and kidney cancer",
        limits=_OTHER_QUESTION,
        fits=lambda case: case.tumour in (Tumour.BREAST, Tumour.KIDNEY),
    ),
    Fact(
        name=f"{_COMET}, harm",
        citation="reports of 2019, 2020 and 2022",
        population="66 patients given ablative radiotherapy",
        side=Side.AGAINST,
        says="3 of 66 patients died of the treatment (4.5 %); events of grade 2 or worse in 29 % and 9 %",
        limits="one to five metastases at any site; harm depends on site and dose",
        fits=lambda case: True,
    ),
)
"""In the order in which they are shown; within a side, what is nearest to oligoprogression first."""


def evidence(case: Case, side: Side, *, with_numbers: bool) -> tuple[str, ...]:
    """The results on one side that may be quoted for a case, nearest first.

    `with_numbers` False where the criteria of the preset are not met: then no medians are quoted.
    """
    return tuple(
        fact.quoted(with_numbers=with_numbers) for fact in FACTS if fact.side is side and fact.fits(case)
    )
