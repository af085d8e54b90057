"""The picture of an assessment as SVG or PNG, drawn by vl-convert in this process.

Nothing is fetched: all data stand in the specification, and the fonts come with vl-convert. The first picture takes
about half a second more than the next ones, while the renderer starts.
"""

import json

from fhirgate.charts.accessible import with_words
from fhirgate.charts.spec import chart_spec
from fhirgate.charts.telling import description, title
from fhirgate.charts.trajectory import trajectories
from fhirgate.oncology.assessment import Assessment

_VEGA_LITE = "6.1"
_SCALE = 2
"""Dots for a pixel: about 200 to the inch when printed across A4."""


def render_svg(assessment: Assessment) -> str:
    """An SVG with a title and a description, without script and without style attributes."""
    return with_words(_svg(assessment), title(assessment), description(assessment, trajectories(assessment)))


def render_png(assessment: Assessment) -> bytes:
    """The same picture as PNG."""
    # The renderer takes a while to import, and a page of memory.
    import vl_convert  # noqa: PLC0415

    return vl_convert.svg_to_png(_svg(assessment), scale=_SCALE)


def _svg(assessment: Assessment) -> str:
    import vl_convert  # noqa: PLC0415

    spec = json.dumps(chart_spec(assessment), ensure_ascii=False, separators=(",", ":"))
    return vl_convert.vegalite_to_svg(spec, vl_version=_VEGA_LITE, allowed_base_urls=[])
