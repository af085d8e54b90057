"""What the judgement rests on, what did not come, and what is open."""

from dataclasses import replace

from builders import source
from reviewed import drawn, launch

from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.verdict import Reason
from fhirgate.report.review.basis import MOST_OPEN, basis
from fhirgate.report.review.parts import AskedRow, Basis
from fhirgate.services.fetch_record import Asked
from fhirgate.services.launches import Granted, Launch

PATIENT, SCAN = {"resourceType": "Patient"}, {"resourceType": "Observation"}


def of(assessment: Assessment, by: Launch | None = None, **fetched: object) -> Basis:
    return basis(assessment, drawn(assessment, **fetched).fetched, by or launch())


def test_resources_are_counted_by_type_the_most_first(minimal: Assessment) -> None:
    found = of(minimal, resources=(PATIENT, SCAN, SCAN, 7, {}))

    assert found.resources == (("Observation", 2), ("Patient", 1), ("no type", 1))
    assert found.total == "4 resources"


def test_what_was_asked_tells_what_came_and_what_did_not(minimal: Assessment) -> None:
    asked = (
        Asked(type="Patient", parameters=(), status=200, count=1),
        Asked(type="Observation", parameters=("patient", "category"), status=200, count=9),
        Asked(type="Condition", parameters=("patient",), status=403, count=0, refused="not allowed"),
    )
    found = of(minimal, asked=asked)

    assert found.asked == (
        AskedRow(what="Patient by id", brought=1, how="all of it", is_whole=True),
        AskedRow(what="Observation by patient and category", brought=9, how="all of it", is_whole=True),
        AskedRow(what="Condition by patient", brought=0, how="not allowed", is_whole=False),
    )
    assert found.incomplete == "Not all of the record came: Condition. What is missing was not judged."
    assert of(minimal, asked=asked[:2]).incomplete == ""


def test_an_error_of_the_fetch_is_told_even_when_no_search_was_refused(minimal: Assessment) -> None:
    lost = Finding(code="X", severity=Severity.ERROR, text="a page was lost")
    noted = Finding(code="Y", severity=Severity.WARNING, text="slow")

    assert "a page was lost" in of(minimal, findings=(lost, noted)).incomplete
    assert of(minimal, findings=(noted,)).incomplete == ""


def test_scopes_that_were_lost_and_what_the_launch_found_are_told(minimal: Assessment) -> None:
    granted = Granted(requested="x", granted="y", lost=("Condition", "Procedure"))
    odd = Finding(code="X", severity=Severity.WARNING, text="the EHR named no issuer")
    found = of(minimal, launch(granted=granted, findings=(odd,)))

    assert found.lost == (
        "The EHR grants less than was asked for of Condition and Procedure;"
        " what could not be read of it was not judged."
    )
    assert found.launch == ("the EHR named no issuer",)
    assert of(minimal).lost == ""


def test_an_open_point_comes_with_the_datum_that_settles_it_and_its_timepoints(rich: Assessment) -> None:
    (point,) = of(rich).open_points

    assert (point.code, point.dates) == ("NO_COMPARATOR", "at 2024-01-10")
    assert point.resolved_by == "earlier measurements of the same lesions, or the next scan"


def test_very_many_open_points_are_counted_and_the_latest_are_kept(rich: Assessment) -> None:
    many = tuple(
        Reason(code=f"R{each}", text="t", resolved_by="d", sources=(source(str(each)),))
        for each in range(MOST_OPEN + 1)
    )
    first, *others = rich.timepoints
    found = of(replace(rich, timepoints=(replace(first, reasons=many), *others)))

    assert (len(found.open_points), found.open_left_out) == (MOST_OPEN, "1 earlier point not shown here")
    assert found.open_points[-1].sources == (f"Observation/{MOST_OPEN}",)


def test_findings_are_grouped_by_severity_and_what_was_asked_is_not_told_twice(rich: Assessment) -> None:
    asked = Finding(code="SOURCE_ASKED", severity=Severity.INFORMATION, text="asked")
    found = of(replace(rich, findings=(*rich.findings, rich.findings[0], asked)))

    assert [(each.severity, each.code, each.number) for each in found.notes] == [
        ("error", "UNIT_MISSING", 2),
        ("information", "ROLE_CHOSEN", 1),
    ]
    assert found.notes[0].texts == (
        "a size without a unit was not used; add the unit (Observation/x1 at Observation.valueQuantity, and others)",
    )
    assert found.findings == "3 findings"
