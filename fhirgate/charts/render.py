"""The picture of an assessment as SVG or PNG, drawn by vl-convert in this process.

Nothing is fetched: all data stand in the specification, and the fonts come with vl-convert. The first picture takes
about half a second more than the next ones, while the renderer starts: `warm` has that done before anyone waits.

The renderer holds the interpreter while it draws (vl-convert 1.9, about 70 ms), so threads that want pictures queue at
a lock of ours: in between, every other thread gets its turn.
"""

import json
from threading import Lock

from fhirgate.charts.accessible import with_words
from fhirgate.charts.scheme import Scheme
from fhirgate.charts.spec import chart_spec
from fhirgate.charts.telling import description, title
from fhirgate.charts.trajectory import trajectories
from fhirgate.oncology.assessment import Assessment

_VEGA_LITE = "6.1"
_SCALE = 2
"""Dots for a pixel: about 200 to the inch when printed across A4."""
_NOTHING = '{"data": {"values": []}, "mark": "point"}'
_DRAWING = Lock()


def render_svg(assessment: Assessment, scheme: Scheme = Scheme.LIGHT) -> str:
    """An SVG with a title and a description, without script and without style attributes."""
    with _DRAWING:
        told = description(assessment, trajectories(assessment))
        return with_words(_svg(assessment), title(assessment), told, scheme.colours)


def render_png(assessment: Assessment) -> bytes:
    """The same picture as PNG, for a light page."""
    # The renderer takes a while to import, and a page of memory.
    import vl_convert  # noqa: PLC0415

    with _DRAWING:
        return vl_convert.svg_to_png(_svg(assessment), scale=_SCALE)


def warm() -> None:
    """Start the renderer, which stays for the life of the process; at once when it runs already."""
    with _DRAWING:
        _drawn(_NOTHING)


def _svg(assessment: Assessment) -> str:
    return _drawn(json.dumps(chart_spec(assessment), ensure_ascii=False, separators=(",", ":")))


def _drawn(spec: str) -> str:
    import vl_convert  # noqa: PLC0415

    return vl_convert.vegalite_to_svg(spec, vl_version=_VEGA_LITE, allowed_base_urls=[])
