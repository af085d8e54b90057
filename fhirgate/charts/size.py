"""How large the picture is, before it is drawn: a page keeps that much room, and nothing moves when it comes."""

from fhirgate.charts import style
from fhirgate.charts.spec import chart_spec
from fhirgate.oncology.assessment import Assessment

WIDTH = style.LEFT + style.PLOT + style.RIGHT + 2 * style.PADDING
_HEAD = 51
"""Padding, title and the gap below it [px], as the renderer lays them out; a test compares it with what is drawn."""
_SUBTITLE = 17
"""Of each line below the title [px]."""


def picture_size(assessment: Assessment) -> tuple[int, int]:
    """Width and height of the picture of an assessment [px]."""
    spec = chart_spec(assessment)
    views, between = spec["vconcat"], spec["spacing"]
    panels = sum(each["height"] for each in views) + between * (len(views) - 1)
    return WIDTH, panels + _HEAD + _SUBTITLE * len(spec["title"]["subtitle"])
