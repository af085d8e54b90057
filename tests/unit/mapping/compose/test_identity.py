"""The same scan gives the same identity, whatever else changes; anything that makes another result changes it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from assessments import assessment, judged, nsclc, without_imaging
from builders import timepoint

from fhirgate.mapping.compose.identity import Kind, identity, provenance_identity, state_identity
from fhirgate.mapping.compose.occasion import Occasion
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


def test_all_kinds_are_told_apart() -> None:
    assert len({identity(BASE, kind).id for kind in Kind}) == len(Kind)


class TestStates:
    def test_the_state_of_the_last_scan_is_found_by_its_day(self) -> None:
        assert state_identity(BASE, judged()) == identity(BASE, Kind.STATE)

    def test_each_timepoint_has_its_own(self) -> None:
        other = judged(timepoint=timepoint("2024-11-04"))

        assert state_identity(BASE, other).key != state_identity(BASE, judged()).key


class TestProvenance:
    AT = Occasion(recorded=datetime(2025, 2, 10, 9, tzinfo=UTC))

    def of(self, occasion: Occasion, given: Assessment = BASE) -> str:
        return provenance_identity(identity(given, Kind.RESULT), given, occasion).key

    def test_the_same_writing_gives_the_same_one(self) -> None:
        again = Occasion(recorded=datetime(2025, 2, 10, 9, tzinfo=UTC))

        assert self.of(again) == self.of(self.AT)

    @pytest.mark.parametrize(
        "other",
        [
            replace(AT, recorded=datetime(2025, 2, 10, 9, 0, 1, tzinfo=UTC)),
            replace(AT, again=True),
            Occasion(),
        ],
    )
    def test_another_writing_is_another_one(self, other: Occasion) -> None:
        assert self.of(other) != self.of(self.AT)

    def test_another_result_or_day_of_judgement_is_another_one(self) -> None:
        assert self.of(self.AT, replace(BASE, preset="CURB")) != self.of(self.AT)
        assert self.of(self.AT, replace(BASE, as_of=date(2025, 3, 1))) != self.of(self.AT)
