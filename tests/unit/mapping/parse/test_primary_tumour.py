"""Which lesion is the primary tumour itself."""

from builders import identity, on, source

from fhirgate.mapping.parse.primary_tumour import with_primary
from fhirgate.oncology.diagnosis import Diagnosis, DiagnosisKind
from fhirgate.oncology.lesion import LesionIdentity, Role, Sighting
from fhirgate.oncology.site import Laterality, Site

LEFT_BREAST = Site(organ="breast", laterality=Laterality.LEFT)
CANCER = Diagnosis(id="c", kind=DiagnosisKind.PRIMARY, site=LEFT_BREAST, source=source("c", "Condition"))


def lesion(name: str, site: Site = LEFT_BREAST, condition: str = "c") -> LesionIdentity:
    return LesionIdentity(identifiers=frozenset({name}), site=site, condition=condition)


def marked(*identities: LesionIdentity, role: Role | None = None) -> list[bool]:
    sightings = [Sighting(identity=each, taken_on=on("2024-01-01"), role=role) for each in identities]
    return [each.identity.primary for each in with_primary(sightings, [CANCER])]


def test_the_only_lesion_at_the_very_site_of_its_diagnosis_is_the_primary() -> None:
    assert marked(lesion("a"), lesion("a"), lesion("b", Site(organ="liver"))) == [True, True, False]


def test_two_lesions_at_that_site_leave_it_open() -> None:
    assert marked(lesion("a"), lesion("b")) == [False, False]


def test_another_side_or_no_diagnosis_is_not_the_primary() -> None:
    right = Site(organ="breast", laterality=Laterality.RIGHT)

    assert marked(lesion("a", right), lesion("b", condition=""), identity("c")) == [False, False, False]


def test_a_lesion_called_new_is_not_the_primary() -> None:
    assert marked(lesion("a"), role=Role.NEW) == [False]


def test_a_metastasis_condition_has_no_primary_tumour() -> None:
    secondary = Diagnosis(
        id="c", kind=DiagnosisKind.SECONDARY, site=LEFT_BREAST, source=source("c", "Condition")
    )
    sighting = Sighting(identity=lesion("a"), taken_on=on("2024-01-01"))

    assert with_primary([sighting], [secondary]) == (sighting,)
