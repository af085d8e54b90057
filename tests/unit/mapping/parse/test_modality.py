"""How an image was made."""

from typing import Any

import pytest
from lesion_records import SCT, concept

from fhirgate.mapping.parse.modality import for_size, leading, modalities

SECTION = "http://terminology.hl7.org/CodeSystem/v2-0074"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (concept(SCT, "77477000"), {"CT"}),
        (concept(SCT, "82918005"), {"PT"}),
        (concept(SCT, "5880005"), set()),
        (concept(SECTION, "NMR"), {"MR"}),
        (concept(SECTION, "RAD"), set()),
        (concept("x", "SR"), set()),
        ("CT", {"CT"}),
        (concept(text="CT Chest WO Contrast"), {"CT"}),
        (concept(text="PET/CT whole body"), {"PT", "CT"}),
        (concept(text="Positron emission tomography"), {"PT"}),
        (concept(text="Positron emission tomography and computed tomography"), {"PT", "CT"}),
        (concept(text="Single photon emission computed tomography"), {"NM"}),
        (concept(text="Bone scan"), {"NM"}),
        (concept(text="MRT Schädel mit KM"), {"MR"}),
        (concept(text="Röntgen Thorax"), {"DX"}),
        (concept(text="X-ray chest"), {"DX"}),
        (concept(text="US Abdomen"), {"US"}),
        (concept(text="CT guided by US"), {"CT"}),
        (concept(text="Physical examination"), set()),
        (None, set()),
    ],
)
def test_codes_and_names_of_images(given: Any, expected: set[str]) -> None:
    assert modalities(given) == expected


def test_a_code_goes_before_words() -> None:
    assert modalities(concept(SCT, "113091000", "CT or MRI")) == {"MR"}


def test_names_from_elsewhere_count_only_where_no_concept_tells() -> None:
    assert modalities(concept(SCT, "113091000"), phrases=["CT"]) == {"MR"}
    assert modalities({}, phrases=["CT"]) == {"CT"}


def test_a_pet_ct_is_shown_as_pet_and_measured_on_ct() -> None:
    assert (leading({"CT", "PT"}), for_size(frozenset({"CT", "PT"}))) == ("PT", "CT")


def test_a_pet_alone_is_what_a_size_was_measured_on() -> None:
    assert (for_size(frozenset({"PT"})), leading(())) == ("PT", "")
