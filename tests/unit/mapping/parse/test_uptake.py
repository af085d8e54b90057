"""PET uptake: SUV types are not interchangeable."""

from decimal import Decimal
from typing import Any

import pytest
from lesion_records import DCM, SCT, component, concept, on_lesion, parsed, structure

from fhirgate.oncology.lesion import Uptake

PEAK = component((DCM, "121401"), valueCodeableConcept=concept(DCM, "126031"))
MAXIMUM = component((DCM, "121401"), valueCodeableConcept=concept(SCT, "56851009"))


def uptake(code: Any, unit: str = "g/ml", value: Any = "4.2", **elements: Any) -> Uptake | None:
    size = {"value": value, "unit": unit}
    return parsed(structure(), on_lesion(code=code, size=size, **elements)).only.uptake


@pytest.mark.parametrize(
    ("code", "unit", "components", "expected"),
    [
        ((DCM, "126402"), "g/ml{SUVlbm}", [PEAK], "sul_peak"),
        ((DCM, "126402"), "", [component((DCM, "126031"))], "sul_peak"),
        ((DCM, "126401"), "g/ml{SUVbw}", [MAXIMUM], "suv_max"),
        (("", "", "SULpeak"), "g/ml", [], "sul_peak"),
        (("", "", "SUVmax"), "g/ml", [], "suv_max"),
        ((DCM, "126402"), "g/ml{SUVlbm}", [], None),  # lean body mass, but mean or maximum is not said
        ((DCM, "126402"), "g/ml{SUVlbm}", [MAXIMUM], None),
        ((DCM, "126401"), "g/ml{SUVbw}", [PEAK], None),
        ((DCM, "126400"), "g/ml", [MAXIMUM], None),  # the type is not said
        ((DCM, "126402"), "g/ml{SUVbw}", [PEAK], None),  # code and unit contradict
        (("", "", "SUVmax"), "g/ml{SUVlbm}", [], None),
        ((DCM, "126403"), "cm2/ml{SUVbsa}", [MAXIMUM], None),
    ],
)
def test_only_sulpeak_and_suvmax_by_name_are_compared(
    code: Any, unit: str, components: list[Any], expected: str | None
) -> None:
    found = uptake(code, unit, component=components)

    assert found == (Uptake(**{expected: Decimal("4.2")}) if expected else None)


def test_the_modifier_may_be_the_method_or_a_second_coding() -> None:
    both = {"coding": [{"system": DCM, "code": "126402"}, {"system": DCM, "code": "126031"}]}

    assert uptake(both) is not None
    assert uptake((DCM, "126402"), method=concept(DCM, "126031")) is not None


@pytest.mark.parametrize("value", [-1, None, "high"])
def test_what_is_no_uptake_is_none(value: Any) -> None:
    assert uptake(("", "", "SUVmax"), value=value) is None


def test_uptake_that_is_compared_with_nothing_is_said_once() -> None:
    other = [on_lesion(f"o{n}", (DCM, "126400"), {"value": n, "unit": "g/ml"}) for n in (1, 2)]

    found = parsed(structure(), *other)

    assert [each.text for each in found.findings] == [
        "2 uptake values neither SULpeak nor SUVmax by code and unit; not used"
    ]
    assert [each.says_nothing_of_size for each in found.sightings] == [True, True]


def test_both_values_may_be_components_of_one_group() -> None:
    parts = [component(("", "", "SULpeak"), {"value": 3}), component(("", "", "SUVmax"), {"value": 5})]

    found = parsed(structure(), on_lesion(code=("", "", "TUMSTATE"), component=parts)).only

    assert found.uptake == Uptake(sul_peak=3, suv_max=5)  # type: ignore[arg-type]


def test_the_uptake_of_what_is_no_lesion_is_not_taken() -> None:
    raw = on_lesion(code=("", "", "SUVmax"), size={"value": 3}, focus=[], bodySite={"text": "liver"})

    assert parsed(raw).sightings == ()
