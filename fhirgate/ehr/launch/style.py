"""The colours and fonts an EHR offers (smart_style_url): fetched as anything else from outside, and never needed.

What is read are the names of the guide with texts as their values. They are hostile until who draws a page has judged
each: nothing here says that a colour is one.
https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#styling
"""

from collections.abc import Mapping

from fhirgate.ehr.launch.registered import Registered
from fhirgate.errors import EhrError

SECONDS = 3.0
"""A page waits for it no longer [s]."""
MOST_BYTES = 64 << 10
LONGEST = 200
NAMES = (
    "color_background",
    "color_error",
    "color_highlight",
    "color_modal_backdrop",
    "color_success",
    "color_text",
    "dim_border_radius",
    "dim_font_size",
    "dim_spacing_size",
    "font_family_body",
    "font_family_heading",
)


def style_at(registered: Registered, url: str) -> Mapping[str, str]:
    """The style at an address of the EHR's own or of a host its entry lists; nothing when it cannot be had."""
    if not url:
        return {}
    try:
        place = registered.place(url, "style")
        said = registered.common.outbound.get(
            place,
            url,
            headers={"Accept": "application/json"},
            most_bytes=MOST_BYTES,
            total_seconds=SECONDS,
        ).json
    except EhrError:
        return {}
    if not isinstance(said, Mapping):
        return {}
    found = {name: said.get(name) for name in NAMES}
    return {
        name: value for name, value in found.items() if isinstance(value, str) and 0 < len(value) <= LONGEST
    }
