"""Slice thickness, where the record states it as a number; a series' name ("Thorax 5mm") is no number."""

from decimal import Decimal

from fhirgate.mapping.datatypes import DICOM, Raw, codings, items, number, quantity, text, words
from fhirgate.mapping.vocabulary import folded
from fhirgate.oncology.millimetres import millimetres

THICKEST = Decimal(50)
"""Slices over this are not believed [mm] (our choice)."""
_CODE = "112225"
"""DICOM PS3.16: Slice Thickness."""


def stated_thickness(holder: Raw) -> Decimal | None:
    """The slice thickness [mm] in an extension of a study, a series or an Observation."""
    for each in items(holder, "extension") if "extension" in holder else ():
        if folded(text(each, "url").rsplit("/", 1)[-1]).endswith("slicethickness"):
            return _length(each)
    return None


def component_thickness(component: Raw) -> Decimal | None:
    """The slice thickness [mm] a component states; None when it is about something else."""
    code = component.get("code")
    named = any(each.system == DICOM and each.code == _CODE for each in codings(code)) or any(
        folded(each) == "slicethickness" for each in words(code)
    )
    return _length(component) if named else None


def _length(holder: Raw) -> Decimal | None:
    plain = number(holder.get("valueDecimal", holder.get("valueInteger")))
    given = quantity(holder.get("valueQuantity"))
    try:
        found = plain if given is None else Decimal(millimetres(given.value, given.unit or "mm"))
    except ValueError:
        return None
    return found if found is not None and 0 < found <= THICKEST else None
