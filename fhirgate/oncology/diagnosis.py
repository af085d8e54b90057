"""Cancer diagnoses as the record states them, and what they mean for the choice of criteria."""

from dataclasses import field
from enum import StrEnum

from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.site import Diffuse, Site
from fhirgate.oncology.source import Source
from fhirgate.oncology.value import value


class DiagnosisKind(StrEnum):
    """Primary tumour or metastasis."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


class Tumour(StrEnum):
    """Tumour types that decide something: which criteria apply, which evidence may be quoted."""

    NSCLC = "non-small-cell lung cancer"
    BREAST = "breast cancer"
    PROSTATE = "prostate cancer"
    COLORECTAL = "colorectal cancer"
    KIDNEY = "kidney cancer"
    PANCREAS = "pancreatic cancer"
    GASTRIC = "gastric cancer"
    MELANOMA = "melanoma"
    SOLID_OTHER = "other solid tumour"
    LYMPHOMA = "lymphoma"
    LEUKAEMIA = "leukaemia"
    MYELOMA = "multiple myeloma"
    SKIN_OTHER = "skin cancer other than melanoma"
    CNS = "primary tumour of the central nervous system"
    GIST = "gastrointestinal stromal tumour"
    HCC = "hepatocellular carcinoma"
    MESOTHELIOMA = "mesothelioma"


CRITERIA_NOT_SUPPORTED = frozenset(
    {
        Tumour.LYMPHOMA,
        Tumour.LEUKAEMIA,
        Tumour.MYELOMA,
        Tumour.CNS,
        Tumour.GIST,
        Tumour.HCC,
        Tumour.MESOTHELIOMA,
    }
)
"""Tumours judged by criteria of their own (Lugano, IMWG, RANO, Choi, mRECIST). Not computed here."""


@value
class Diagnosis:
    """One cancer diagnosis.

    `dated` is the onset, else the date it was recorded; `active` is False for remission, resolved, inactive.
    `diffuse` is set when the diagnosis itself states spread without a count.
    """

    id: str
    kind: DiagnosisKind
    code: str = ""
    """`system|code` of the first coding, as received."""
    text: str = ""
    dated: ClinicalDate | None = None
    site: Site = field(default_factory=Site)
    tumour: Tumour = Tumour.SOLID_OTHER
    active: bool = True
    provisional: bool = False
    diffuse: Diffuse | None = None
    of_primary: str = ""
    """Id of the primary this metastasis belongs to, when the record says so."""
    source: Source

    @property
    def surely_distant(self) -> bool:
        """Whether it says that there are distant metastases. Lymph nodes alone may be regional disease: ICD's C77
        and its like do not tell (TNM: N and not M)."""
        return self.kind is DiagnosisKind.SECONDARY and not self.site.node
