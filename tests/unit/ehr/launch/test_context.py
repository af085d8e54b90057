"""Where the clinician stands: every parameter of the token answer, good and bad (C4)."""

from pathlib import Path
from typing import Any

import pytest
from launch_world import BROWSER, LaunchEhr, codes, launching

from fhirgate.ehr.launch.context import context_again, context_of
from fhirgate.services.launches import ContextItem, LaunchContext, LaunchRefused, Why

WHOLE = {
    "patient": "p1",
    "encounter": "e1",
    "fhirContext": [
        {"reference": "ImagingStudy/17"},
        {"reference": "DiagnosticReport/3/_history/2", "role": "https://ehr.example.org/role"},
        {"canonical": "https://ehr.example.org/Questionnaire/1|2", "type": "Questionnaire", "role": ""},
        {"identifier": {"system": "urn:x", "value": "7"}, "type": "not a type"},
        {"identifier": {"value": "7"}, "type": "ImagingStudy"},
        {"reference": "Patient/2", "role": "related"},
    ],
    "need_patient_banner": False,
    "smart_style_url": "https://ehr.example.org/style.json",
    "intent": "reconcile-lesions",
    "tenant": "t 1/é",
}


def test_c4_everything_an_ehr_may_say_is_kept() -> None:
    assert context_of(WHOLE) == (
        LaunchContext(
            patient="p1",
            encounter="e1",
            items=(
                ContextItem(reference="ImagingStudy/17", type="ImagingStudy"),
                ContextItem(
                    reference="DiagnosticReport/3/_history/2",
                    type="DiagnosticReport",
                    role="https://ehr.example.org/role",
                ),
                ContextItem(canonical="https://ehr.example.org/Questionnaire/1|2", type="Questionnaire"),
                ContextItem(identifier="urn:x|7"),
                ContextItem(identifier="|7", type="ImagingStudy"),
                ContextItem(reference="Patient/2", type="Patient", role="related"),
            ),
            need_patient_banner=False,
            smart_style_url="https://ehr.example.org/style.json",
            intent="reconcile-lesions",
            tenant="t 1/é",
        ),
        (),
    )


def test_c4_what_is_not_said_is_not_assumed() -> None:
    empty = {"smart_style_url": "", "intent": "", "tenant": None, "encounter": ""}

    for said in ({}, empty):
        assert context_of(said) == (LaunchContext(), ())
    assert LaunchContext().need_patient_banner is None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"patient": "../Patient/2"}, "patient"),
        ({"patient": 7}, "patient"),
        ({"encounter": "e" * 65}, "encounter"),
        ({"need_patient_banner": 1}, "need_patient_banner"),
        ({"need_patient_banner": "yes"}, "need_patient_banner"),
        ({"smart_style_url": "javascript:alert(1)"}, "smart_style_url"),
        ({"smart_style_url": "https://x.example/" + "y" * 2048}, "smart_style_url"),
        ({"smart_style_url": {}}, "smart_style_url"),
        ({"intent": "two words"}, "intent"),
        ({"intent": ["x"]}, "intent"),
        ({"intent": "x" * 257}, "intent"),
        ({"tenant": "t" * 1025}, "tenant"),
        ({"tenant": 7}, "tenant"),
        ({"fhirContext": "ImagingStudy/1"}, "fhirContext"),
        ({"fhirContext": [{"reference": "ImagingStudy/1"}] * 65}, "fhirContext"),
        ({"fhirContext": ["ImagingStudy/1"]}, "fhirContext[0]"),
        ({"fhirContext": [{"reference": "https://evil.example.org/ImagingStudy/1"}]}, "fhirContext[0]"),
        ({"fhirContext": [{"reference": 7}]}, "fhirContext[0]"),
        ({"fhirContext": [{"type": "ImagingStudy"}]}, "fhirContext[0]"),
        ({"fhirContext": [{"identifier": {"value": 7}}]}, "fhirContext[0]"),
        ({"fhirContext": [{"identifier": {"system": "s", "value": "a\n"}}]}, "fhirContext[0]"),
    ],
)
def test_c4_what_cannot_be_read_is_passed_over_and_told(said: dict[str, Any], name: str) -> None:
    context, (finding,) = context_of(said)

    assert context == LaunchContext()
    assert finding.code == "CONTEXT_UNREADABLE"
    assert finding.text == f"The launch context's {name} cannot be read and was passed over."


@pytest.mark.parametrize("kind", ["Patient", "Encounter"])
def test_c4_patient_and_encounter_of_the_launch_do_not_belong_into_fhir_context(kind: str) -> None:
    context, (finding,) = context_of({"fhirContext": [{"reference": f"{kind}/2"}]})

    assert context.items == ()
    assert finding.code == "CONTEXT_MISPLACED"
    assert finding.text.startswith(f"fhirContext[0] is a {kind} of the launch")


def test_a_flag_as_text_is_read_as_it_is_meant() -> None:
    assert [
        context_of({"need_patient_banner": each})[0].need_patient_banner for each in ("true", "false")
    ] == [
        True,
        False,
    ]


def test_c4_without_a_patient_nothing_is_shown_and_the_remedy_is_told(tmp_path: Path) -> None:
    ehr = LaunchEhr(context={})
    with launching(tmp_path, ehr) as world:
        with pytest.raises(LaunchRefused) as from_chart:
            world.launched()
        begun = world.launches.begin_standalone("main", BROWSER)
        with pytest.raises(LaunchRefused) as standalone:
            world.launches.finish("main", ehr.authorize(begun.url), BROWSER)

    assert from_chart.value.why is standalone.value.why is Why.NO_PATIENT
    assert "open a patient's chart and launch again from there" in str(from_chart.value)
    assert "have the scope launch/patient registered for the client" in str(standalone.value)
    # Its tokens are handed back.
    assert len(ehr.revoked) == 4


def test_c4_a_patient_that_cannot_be_read_is_no_patient(tmp_path: Path) -> None:
    with (
        launching(tmp_path, LaunchEhr(context={"patient": "a/b"})) as world,
        pytest.raises(LaunchRefused) as error,
    ):
        world.launched()

    assert error.value.why is Why.NO_PATIENT


def test_c4_an_unknown_intent_is_kept_and_is_no_error(tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(context={"patient": "p1", "intent": "x-unknown"})) as world:
        launch = world.launched()

    assert (launch.context.intent, codes(launch)) == ("x-unknown", [])


def test_a_renewal_keeps_the_context_and_does_not_follow_to_another_patient() -> None:
    before, _ = context_of(WHOLE)

    assert context_again(before, {}) == (before, ())
    assert context_again(before, {"patient": "p1", "intent": "other"}) == (before, ())
    after, (finding,) = context_again(before, {"patient": "p2"})
    assert (after, finding.code) == (before, "CONTEXT_CHANGED")
