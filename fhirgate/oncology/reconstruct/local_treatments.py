"""Which lesion a local treatment was given to: as the record links them, else by site and date.

A site without a link is used only when exactly one lesion known at that time fits it; our choice.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.reconstruct.lesions import LinkedLesion
from fhirgate.oncology.reconstruct.naming import LesionNames, fits
from fhirgate.oncology.therapy import LocalTreatment


def treatments_of(
    lesions: Sequence[LinkedLesion], treatments: Iterable[LocalTreatment], findings: list[Finding]
) -> Mapping[str, tuple[LocalTreatment, ...]]:
    """Local treatments by lesion id, each lesion's in order of date."""
    found: dict[str, list[LocalTreatment]] = defaultdict(list)
    names = LesionNames(lesions)
    for treatment in sorted(treatments, key=lambda each: (each.started_on.earliest, each.id)):
        linked = names.meant_by(treatment.lesions)
        if not linked:
            linked = _by_site(lesions, treatment, findings)
        for lesion in linked:
            found[lesion.id].append(treatment)
    return {lesion: tuple(given) for lesion, given in found.items()}


def _by_site(
    lesions: Sequence[LinkedLesion], treatment: LocalTreatment, findings: list[Finding]
) -> list[LinkedLesion]:
    sites = [target.site for target in treatment.lesions if target.site.organ] or [treatment.site]
    before = [
        lesion for lesion in lesions if not lesion.sightings[0].taken_on.surely_after(treatment.started_on)
    ]
    fitting = [lesion for lesion in before if any(fits(lesion.identity.site, site) for site in sites)]
    source = treatment.sources[0] if treatment.sources else None
    what = f"{treatment.modality} of {treatment.started_on}"
    if len(fitting) == 1:
        name = fitting[0].identity.label or fitting[0].identity.site
        findings.append(
            Finding(
                code="TREATMENT_LINKED_BY_SITE",
                severity=Severity.WARNING,
                text=f"{what} is taken as treatment of lesion {name}: it is the only one known then at {sites[0]}",
                source=source,
            )
        )
        return fitting
    findings.append(
        Finding(
            code="TREATMENT_NOT_LINKED",
            severity=Severity.WARNING,
            text=f"{what} ({sites[0]}) fits {len(fitting) or 'no'} lesion{'s' if len(fitting) != 1 else ''}"
            " known then; a reference to the treated body structure would settle it",
            source=source,
        )
    )
    return []
