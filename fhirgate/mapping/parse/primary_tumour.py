"""Which lesion is the primary tumour itself, where the record does not call it so.

A lesion that the record ties to a primary diagnosis, sits exactly where that diagnosis does, and is the only
one of which both is true. Our choice, and strict: a primary tumour never counts as a new lesion.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from fhirgate.oncology.diagnosis import Diagnosis, DiagnosisKind
from fhirgate.oncology.lesion import LesionIdentity, Role, Sighting


def with_primary(sightings: Iterable[Sighting], diagnoses: Iterable[Diagnosis]) -> tuple[Sighting, ...]:
    """The sightings, with the identity of a diagnosis' own tumour marked as primary."""
    found = tuple(sightings)
    known = {each.id: each for each in diagnoses if each.kind is DiagnosisKind.PRIMARY}
    called_new = {each.identity for each in found if each.role is Role.NEW}
    claims: dict[str, set[LesionIdentity]] = defaultdict(set)
    for identity in {each.identity for each in found if each.identity.condition} - called_new:
        diagnosis = known.get(identity.condition)
        if diagnosis is not None and _same_place(identity, diagnosis):
            claims[diagnosis.id].add(identity)
    if not claims:
        return found
    primary = {one for each in claims.values() if len({_name(other) for other in each}) == 1 for one in each}
    return tuple(
        replace(each, identity=replace(each.identity, primary=True)) if each.identity in primary else each
        for each in found
    )


def _same_place(identity: LesionIdentity, diagnosis: Diagnosis) -> bool:
    site = identity.site
    return site.organ is not None and not site.node and site == diagnosis.site


def _name(identity: LesionIdentity) -> object:
    return identity.identifiers or identity
