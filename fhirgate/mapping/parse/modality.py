"""How an image was made, as a DICOM modality code: CT, MR, PT, US, DX, NM ...

From DICOM codes, HL7 v2 diagnostic service sections (report category), SNOMED CT methods, and the words of a
procedure's or report's name; never from narrative.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from fhirgate.mapping.datatypes import SNOMED, Coding, codings, objects, words

IMAGES = (
    "PT", "MR", "CT", "NM", "US", "MG", "DX", "CR", "RG", "RF", "XA", "ES", "OP", "OPT", "IVUS", "GM", "XC", "PX", "IO",
    "ST", "BI", "TG", "LS", "MS",
)  # fmt: skip
"""DICOM codes of images, the one that says most about a lesion first. Others (SR, SEG, KO, RTSTRUCT) describe
images and are not read."""

_SNOMED = {
    "77477000": ("CT",),
    "113091000": ("MR",),
    "82918005": ("PT",),
    "16310003": ("US",),
    "168537006": ("DX",),
    "71651007": ("MG",),
}
"""Methods of mCODE's TumorSize (fhir-contracts §A10) and the plainest others."""

_SERVICE_SECTIONS = {"NMR": "MR", "NMS": "NM", "RUS": "US", "CUS": "US", "OUS": "US", "VUS": "US", "RX": "DX"}
"""http://terminology.hl7.org/CodeSystem/v2-0074; its CT is DICOM's too."""

_WORDS = {
    "ct": "CT", "cta": "CT", "tomography": "CT", "computertomographie": "CT", "computertomografie": "CT",
    "mr": "MR", "mri": "MR", "mra": "MR", "mrt": "MR", "magnetic": "MR", "kernspintomographie": "MR",
    "magnetresonanztomographie": "MR", "magnetresonanztomografie": "MR",
    "pet": "PT", "positron": "PT", "pt": "PT", "fdg": "PT", "psma": "PT",
    "us": "US", "ultrasound": "US", "ultrasonography": "US", "sonography": "US", "sonographie": "US",
    "sonografie": "US", "ultraschall": "US",
    "xr": "DX", "radiograph": "DX", "radiography": "DX", "röntgen": "DX", "roentgen": "DX", "x-ray": "DX", "xray": "DX",
    "mammography": "MG", "mammogram": "MG", "mammographie": "MG", "mammografie": "MG",
    "scintigraphy": "NM", "szintigraphie": "NM", "szintigrafie": "NM", "nm": "NM", "spect": "NM",
}  # fmt: skip
_TOKEN = re.compile(r"x-ray|[a-zäöüß]+")


def modalities(*concepts: Any, phrases: Iterable[str] = ()) -> frozenset[str]:
    """The modalities that concepts (or bare codes, as STU3 and R4 write them) and names stand for."""
    found: set[str] = set()
    for concept in concepts:
        if isinstance(concept, str):
            found.update(_of_code(Coding("", concept)))
            continue
        for coding in codings(concept):
            found.update(_of_code(coding))
        if not found:
            for each in objects(concept):
                for word in () if found else words(each):
                    found |= _of_words(word)
    if not found:
        for phrase in phrases:
            found |= _of_words(phrase)
    return frozenset(found)


def leading(found: Iterable[str]) -> str:
    """The one modality to show for a study that has several: PET of a PET/CT."""
    present = set(found)
    return next((each for each in IMAGES if each in present), "")


@lru_cache(maxsize=1024)
def for_size(found: frozenset[str]) -> str:
    """The modality a diameter was measured with: of a PET/CT it is the CT."""
    return leading(found - {"PT"}) or leading(found)


@lru_cache(maxsize=4096)
def _of_code(coding: Coding) -> tuple[str, ...]:
    if coding.system == SNOMED:
        return _SNOMED.get(coding.code, ())
    code = _SERVICE_SECTIONS.get(coding.code.upper(), coding.code.upper())
    return (code,) if code in IMAGES else ()


@lru_cache(maxsize=4096)
def _of_words(phrase: str) -> frozenset[str]:
    tokens = _TOKEN.findall(phrase.casefold())
    found = {_WORDS[token] for token in tokens if token in _WORDS}
    if "positron" in tokens and "computed" not in tokens:
        found.discard("CT")
    if "emission" in tokens and "photon" in tokens:
        found = {"NM"}
    if {"bone", "scan"} <= set(tokens) and not found:
        found = {"NM"}
    if "US" in found and len(found) > 1 and "us" in tokens:
        found.discard("US")  # "CT guided by US", or a country: the other one is the image
    return frozenset(found)
