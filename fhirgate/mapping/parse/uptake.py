"""PET uptake of a lesion: SULpeak and SUVmax, each only when the record says that it is this one.

SUV types are not interchangeable: DCM 126402 (lean body mass) with 126031 (peak) is SULpeak, 126401 (body
weight) as a maximum is SUVmax; 126400 does not say its type and is compared with nothing.
Source: DICOM PS3.16; fhir-contracts §A3.
"""

from fhirgate.mapping.datatypes import DICOM, SNOMED, Raw, codings, item, items, quantity
from fhirgate.oncology.lesion import Uptake

PEAK = (DICOM, "126031")
MAXIMUM = (SNOMED, "56851009")
LEAN_BODY_MASS = (DICOM, "126402")
BODY_WEIGHT = (DICOM, "126401")
DERIVATION = (DICOM, "121401")
_UNIT_OF = {"{suvlbm}": "sul", "{suvbw}": "suv", "{suvbsa}": "other", "{suvibw}": "other"}


def uptake_of(meaning: str, holder: Raw, raw: Raw) -> Uptake | None:
    """The uptake an Observation or component carries; None when it is of a type that is compared with nothing."""
    found = quantity(holder.get("valueQuantity"))
    if found is None or found.value < 0 or found.comparator:
        return None
    kind = _kind(meaning, holder, raw)
    if _UNIT_OF.get(found.unit.lower()[found.unit.find("{") :], kind[:3]) != kind[:3]:
        return None
    if kind == "sul_peak":
        return Uptake(sul_peak=found.value)
    return Uptake(suv_max=found.value) if kind == "suv_max" else None


def _kind(meaning: str, holder: Raw, raw: Raw) -> str:
    if meaning != "uptake.other":
        return meaning.removeprefix("uptake.")
    said = {(each.system, each.code) for each in codings(holder.get("code"))}
    if holder is raw:
        said |= _modifiers(raw)
    if LEAN_BODY_MASS in said and PEAK in said:
        return "sul_peak"
    return "suv_max" if BODY_WEIGHT in said and MAXIMUM in said else ""


def _modifiers(raw: Raw) -> set[tuple[str, str]]:
    """Peak and maximum as components (DICOM derivation) or as the method."""
    concepts = [item(raw, "method")]
    for component in items(raw, "component"):
        code = component.get("code")
        named = [(each.system, each.code) for each in codings(code)]
        if DERIVATION in named:
            concepts.append(item(component, "valueCodeableConcept"))
        elif PEAK in named:
            concepts.append(item(component, "code"))
    return {(each.system, each.code) for concept in concepts for each in codings(concept)}
