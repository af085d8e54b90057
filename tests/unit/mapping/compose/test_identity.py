"""The same scan gives the same identity, whatever else changes; anything that makes another result changes it."""

from dataclasses import replace
from datetime import date

import pytest
from assessments import assessment, judged, nsclc, without_imaging
from builders import timepoint

from fhirgate.mapping.compose.identity import Kind, identity
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.chart import Patient
from fhirgate.oncology.verdict import State

BASE = assessment()


def test_an_identity_is_a_hash_and_a_uuid_made_from_it() -> None:
    who = identity(BASE, Kind.RESULT)

    assert who.identifier == {
        "system": "https://fhirgate.example/fhir/sid/result",
        "value": "e255a1a16ac858195df40b13011184c487d46a01aec561914a7e15b3f1ef3f11",
    }
    assert who.id == "64960036-311f-5b6d-a4b7-36ed3308be55"
    assert who.url == "urn:uuid:64960036-311f-5b6d-a4b7-36ed3308be55"


@pytest.mark.parametrize(
    "again",
    [
        assessment(state=State.SYSTEMIC_PROGRESSION),
        replace(BASE, as_of=date(2025, 3, 1)),
        replace(BASE, rules_version="9"),
        replace(BASE, policy="site 2"),
    ],
)
def test_a_run_over_the_same_scan_supersedes(again: Assessment) -> None:
    assert identity(again, Kind.RESULT) == identity(BASE, Kind.RESULT)


@pytest.mark.parametrize(
    "other",
    [
        replace(BASE, patient=Patient(id="p2")),
        replace(BASE, preset="CURB"),
        replace(BASE, diagnoses=(replace(nsclc(), id="c2"),)),
        replace(BASE, diagnoses=()),
        assessment(judged(timepoint=timepoint("2025-02-04"))),
        without_imaging(),
    ],
)
def test_another_patient_preset_cancer_or_scan_is_another_result(other: Assessment) -> None:
    assert identity(other, Kind.RESULT).key != identity(BASE, Kind.RESULT).key


def test_result_plan_and_bundle_are_told_apart() -> None:
    assert len({identity(BASE, kind).id for kind in Kind}) == 3
