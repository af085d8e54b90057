"""Which lesion a local treatment was given to."""

from collections.abc import Sequence

import pytest
from builders import identity, linked, local_treatment, sighting, site, source

from fhirgate.oncology.finding import Finding
from fhirgate.oncology.lesion import LesionIdentity
from fhirgate.oncology.reconstruct.lesions import LinkedLesion
from fhirgate.oncology.reconstruct.local_treatments import treatments_of
from fhirgate.oncology.site import Site
from fhirgate.oncology.therapy import LocalTreatment

LEFT = linked(
    "L1", sighting("2024-01-10", 20), identity=identity("uid:1", label="T1", site=site("lung", "S6", "left"))
)
RIGHT = linked(
    "L2", sighting("2024-01-10", 20), identity=identity("uid:2", label="T2", site=site("lung", "", "right"))
)
LIVER = linked("L3", sighting("2024-01-10", 20), identity=identity("uid:3", organ="liver"))
LESIONS = (LEFT, RIGHT, LIVER)


def _treated(
    *treatments: LocalTreatment, lesions: Sequence[LinkedLesion] = LESIONS
) -> tuple[dict[str, list[str]], list[Finding]]:
    findings: list[Finding] = []
    found = treatments_of(lesions, treatments, findings)
    return {lesion: [each.id for each in given] for lesion, given in found.items()}, findings


def _sbrt(
    *targets: LesionIdentity, where: Site | None = None, started_on: str = "2024-02-01"
) -> LocalTreatment:
    return local_treatment(
        started_on, *targets, id="sbrt", site=where or Site(), sources=(source("p", "Procedure"),)
    )


def test_a_treatment_belongs_to_the_lesions_whose_identifier_it_names() -> None:
    assert _treated(_sbrt(identity("uid:1"), identity("uid:3"))) == ({"L1": ["sbrt"], "L3": ["sbrt"]}, [])


@pytest.mark.parametrize("target", [identity(label="t1", organ=None), identity(label="T1", organ="lung")])
def test_a_treatment_belongs_to_the_lesion_whose_label_it_names(target: LesionIdentity) -> None:
    assert _treated(_sbrt(target)) == ({"L1": ["sbrt"]}, [])


def test_a_label_at_another_site_names_no_lesion() -> None:
    treated, findings = _treated(_sbrt(identity(label="T1", organ="bone")))

    assert treated == {}
    assert [each.code for each in findings] == ["TREATMENT_NOT_LINKED"]


def test_a_site_that_fits_one_lesion_known_then_is_used_and_said() -> None:
    treated, findings = _treated(_sbrt(where=Site(organ="liver")))

    assert treated == {"L3": ["sbrt"]}
    assert [(each.code, each.text, each.source) for each in findings] == [
        (
            "TREATMENT_LINKED_BY_SITE",
            "SBRT of 2024-02-01 is taken as treatment of lesion liver: it is the only one known then at liver",
            source("p", "Procedure"),
        )
    ]


def test_a_site_that_fits_several_lesions_is_not_linked_and_says_what_would_settle_it() -> None:
    treated, findings = _treated(_sbrt(where=Site(organ="lung")))

    assert treated == {}
    assert [(each.code, each.text) for each in findings] == [
        (
            "TREATMENT_NOT_LINKED",
            "SBRT of 2024-02-01 (lung) fits 2 lesions known then; a reference to the treated body structure would"
            " settle it",
        )
    ]


@pytest.mark.parametrize(
    ("where", "lesions"),
    [
        (site("lung", laterality="left"), ["L1"]),
        (site("lung", laterality="right"), ["L2"]),
        (site("lung", "s6", "left"), ["L1"]),
        (site("lung", "S2", "left"), []),
        (site("lung", "S2", "right"), ["L2"]),
        (site("bone"), []),
        (Site(), []),
    ],
)
def test_side_and_segment_tell_lesions_of_one_organ_apart(where: Site, lesions: list[str]) -> None:
    assert list(_treated(_sbrt(where=where))[0]) == lesions


def test_a_site_of_the_named_target_goes_before_the_site_of_the_treatment() -> None:
    treated, _ = _treated(_sbrt(identity("unknown", organ="liver"), where=Site(organ="bone")))

    assert treated == {"L3": ["sbrt"]}


def test_a_lesion_first_seen_after_the_treatment_cannot_be_its_target() -> None:
    treated, findings = _treated(_sbrt(where=Site(organ="liver"), started_on="2024-01-09"))

    assert treated == {}
    assert findings[0].text.startswith("SBRT of 2024-01-09 (liver) fits no lesions known then")


def test_the_treatments_of_a_lesion_come_in_order_of_date() -> None:
    second = local_treatment("2024-05-01", identity("uid:1"), id="second")
    first = local_treatment("2024-02-01", identity("uid:1"), id="first")

    assert _treated(second, first)[0] == {"L1": ["first", "second"]}


def test_a_treatment_without_a_source_is_told_without_one() -> None:
    _, findings = _treated(local_treatment("2024-02-01", site=Site(organ="bone")))

    assert findings[0].source is None
