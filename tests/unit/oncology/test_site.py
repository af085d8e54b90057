"""Where a lesion sits."""

import pytest
from builders import site

from fhirgate.oncology.site import UNKNOWN_SITE, Diffuse, Site


@pytest.mark.parametrize(
    ("place", "node", "cns", "bone"),
    [
        (site("lung"), False, False, False),
        (site("lymph node"), True, False, False),
        (site("brain"), False, True, False),
        (site("spinal cord"), False, True, False),
        (site("meninges"), False, True, False),
        (Site(diffuse=Diffuse.LEPTOMENINGEAL), False, True, False),
        (Site(diffuse=Diffuse.ASCITES), False, False, False),
        (site("bone"), False, False, True),
        (UNKNOWN_SITE, False, False, False),
    ],
)
def test_a_site_knows_whether_it_is_a_node_or_in_the_nervous_system_or_in_bone(
    place: Site, node: bool, cns: bool, bone: bool
) -> None:
    assert (place.node, place.cns, place.bone) == (node, cns, bone)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (site("lung", "S6", "left"), "left lung S6"),
        (site("liver"), "liver"),
        (Site(diffuse=Diffuse.EFFUSION), "malignant effusion"),
        (site("lung", diffuse=Diffuse.LYMPHANGITIC), "lung"),
        (UNKNOWN_SITE, "unknown site"),
    ],
)
def test_a_site_has_a_name(place: Site, text: str) -> None:
    assert str(place) == text
