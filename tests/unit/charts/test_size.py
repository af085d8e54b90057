"""The size of a picture is known before it is drawn."""

import re

import pytest
import told
from drawn import MISSING, ORDERED, RECURRENCE, TREATED, assessed, stories

from fhirgate.charts.render import render_svg
from fhirgate.charts.size import picture_size
from fhirgate.oncology.assessment import Assessment


def drawn_size(assessment: Assessment) -> tuple[int, int]:
    found = re.search(r'<svg [^>]*width="(\d+)" height="(\d+)"', render_svg(assessment))
    assert found is not None
    return int(found[1]), int(found[2])


@pytest.mark.parametrize("slug", [TREATED, RECURRENCE, MISSING, ORDERED])
def test_the_room_kept_is_the_room_taken(slug: str) -> None:
    assessment = assessed(stories()[slug])

    assert picture_size(assessment) == drawn_size(assessment)


def test_without_any_imaging_too() -> None:
    minimal = told.minimal()
    assert picture_size(minimal) == drawn_size(minimal)
