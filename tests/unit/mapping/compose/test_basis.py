"""Which resources a result names as its basis."""

from dataclasses import replace

from assessments import GROWING, assessment, facts, judged, treated, verdict, without_imaging
from builders import chart, local_treatment, measurement, reason, source, timepoint

from fhirgate.mapping.compose.basis import basis
from fhirgate.oncology.chart import Patient
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.source import Source
from fhirgate.oncology.timepoint import StudyAt


def named(references: list[dict[str, str]]) -> list[str]:
    return [each["reference"] for each in references]


def test_everything_up_to_the_scan_is_named_once_by_version() -> None:
    scan = StudyAt(
        id="s1",
        taken_on=ClinicalDate.parse("2024-11-04"),
        modality="CT",
        sources=(Source("ImagingStudy", "s1"),),
    )
    earlier = judged(
        lesions=(),
        timepoint=timepoint(
            "2024-11-04",
            {"L1": measurement(20, "2024-11-04", sources=(source("l1-1", version="5"),))},
            studies=(scan,),
        ),
        line=None,
    )
    later = judged(lesions=(verdict("LATER"),), timepoint=timepoint("2025-04-01"))
    lesion = treated(GROWING[0], local_treatment("2024-06-01", sources=(Source("Procedure", "r1"),)))
    now = judged(
        lesions=(lesion,),
        reasons=(reason(sources=(source("why"),)),),
    )

    now = replace(now, state=replace(now.state, sources=(source("st"),)))

    given = assessment(now, timepoints=(earlier, now, later))

    assert named(basis(given, facts())) == [
        "Condition/c1/_history/2",
        "ImagingStudy/s1",
        "ImagingStudy/s2",
        "MedicationStatement/m1/_history/4",
        "Observation/l1-1/_history/5",
        "Observation/l1-2/_history/1",
        "Observation/st",
        "Observation/why",
        "Patient/p1/_history/3",
        "Procedure/r1",
    ]


def test_without_imaging_the_reasons_and_diagnoses_are_the_basis() -> None:
    given = without_imaging(reasons=(reason(sources=(source("r1", "DiagnosticReport"),)),))

    assert named(basis(given, chart())) == ["Condition/c1/_history/2", "DiagnosticReport/r1"]


def test_with_nothing_at_all_the_patient_is_the_basis() -> None:
    given = replace(without_imaging(diagnoses=()), patient=Patient(id="p9"))

    assert named(basis(given, chart())) == ["Patient/p9"]


def test_the_timepoint_judged_is_used_even_if_it_is_not_listed() -> None:
    given = assessment(judged(lesions=(verdict("L1"),)), timepoints=())

    assert "Observation/l1-2/_history/1" in named(basis(given, chart()))
