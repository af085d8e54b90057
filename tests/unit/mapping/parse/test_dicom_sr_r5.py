"""The example report of the DICOM SR guide, as published: its one measurable number is a volume called diameter."""

import json
from decimal import Decimal
from pathlib import Path

from lesion_records import parsed

from fhirgate.oncology.lesion import Kind

REPORT = Path(__file__).parents[3] / "data" / "dicom-sr-r5" / "measurement-report.json"


def test_the_published_report_is_read_as_a_radiologist_would() -> None:
    found = parsed(json.loads(REPORT.read_text("utf-8"), parse_float=Decimal))

    assert {
        (each.identity.label, str(each.identity.site), str(each.taken_on), str(each.reader), each.study)
        for each in found.sightings
    } == {
        (
            "Nodule 1",
            "left lung",
            "2024-07-24",
            "EXAMPLE RADIOLOGIST",
            "ImagingStudy/measurement-report-imaging-study",
        )
    }
    assert {(each.sources[0].id, each.kind, each.long_axis) for each in found.sightings} == {
        ("imaging-measurement-001", None, None),
        ("imaging-measurement-002", Kind.NOT_EVALUABLE, None),
        ("imaging-measurement-group", None, None),
        ("imaging-observation", None, None),
    }


def test_its_faults_and_unknown_codes_are_named() -> None:
    found = parsed(json.loads(REPORT.read_text("utf-8"), parse_float=Decimal))

    assert [(each.code, each.source.id if each.source else "") for each in found.findings] == [
        ("SIZE_IMPLAUSIBLE", "imaging-measurement-002"),
        ("UNKNOWN_LESION_CODE", "qualitative-evaluation-001"),
        ("UNKNOWN_LESION_CODE", "qualitative-evaluation-002"),
        ("UNKNOWN_LESION_CODE", "imaging-measurement-003"),
        ("VOLUME_NOT_USED", "imaging-measurement-001"),
    ]
