"""Bone disease that no measured lesion need show."""

import pytest
from builders import bone_scan, chart, timepoint

from fhirgate.oncology.chart import BoneScan
from fhirgate.oncology.judgement.bones import bone_disease_counted


@pytest.mark.parametrize(
    ("scans", "counted"),
    [
        ((), False),
        ((bone_scan("2024-01-10", 0),), False),
        ((bone_scan("2024-01-10", 1),), True),
        ((bone_scan("2023-06-01", 2), bone_scan("2024-01-10", 0)), True),
        ((bone_scan("2024-01-10", 0, 2),), True),
        ((bone_scan("2024-01-11", 3),), False),
    ],
)
def test_new_lesions_counted_up_to_a_timepoint_are_disease_there(
    scans: tuple[BoneScan, ...], counted: bool
) -> None:
    assert bone_disease_counted(chart(bone_scans=scans), timepoint("2024-01-10")) is counted
