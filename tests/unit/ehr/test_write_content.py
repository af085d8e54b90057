"""What a server may do to a copy without making it another one, and what makes it another one."""

from decimal import Decimal
from typing import Any

import pytest

from fhirgate.ehr.write_content import differences, lost_beside, same_subject
from fhirgate.mapping.canonical import REASON_EXTENSION, STATES

BASE = "https://ehr.example.org/fhir"
OURS: dict[str, Any] = {
    "resourceType": "RiskAssessment",
    "id": "ours",
    "meta": {"tag": [{"system": STATES, "code": "oligoprogression"}]},
    "text": {"status": "generated", "div": "<div>ours</div>"},
    "extension": [{"url": REASON_EXTENSION, "valueCode": "COVERAGE"}],
    "identifier": [{"system": "urn:ours", "value": "1"}],
    "status": "preliminary",
    "subject": {"reference": "Patient/p1"},
    "occurrenceDateTime": "2026-03-02",
    "basis": [{"reference": "Observation/o1/_history/2"}],
    "prediction": [{"outcome": {"coding": [{"code": "x"}]}, "probabilityDecimal": Decimal("83.10")}],
    "note": [{"text": "a"}],
}


def lacking(**elements: Any) -> tuple[str, ...]:
    theirs = {name: value for name, value in {**OURS, **elements}.items() if value is not None}
    return differences(OURS, theirs, BASE)


@pytest.mark.parametrize(
    "elements",
    [
        {"id": "4711", "meta": {"versionId": "3"}, "language": "en", "implicitRules": "urn:x"},
        {"text": None},
        {"text": {"status": "additional", "div": "<div>more</div>"}},
        {"text": "nonsense"},
        {"occurrenceDateTime": "2026-03-03"},
        {"identifier": [{"system": "urn:theirs", "value": "9"}, {"system": "urn:ours", "value": "1"}]},
        {"identifier": [{"use": "official", "system": "urn:ours", "value": "1"}] + OURS["identifier"]},
        {"subject": {"reference": f"{BASE}/Patient/p1", "type": "Patient", "display": "somebody"}},
        {"basis": [{"reference": "Observation/o1"}]},
        {"basis": [{"reference": f"{BASE}/Observation/o1/_history/2"}]},
        {
            "prediction": [
                {
                    "id": "e1",
                    "outcome": {"coding": [{"code": "x", "display": "X", "userSelected": False}]},
                    "probabilityDecimal": Decimal("83.1"),
                }
            ]
        },
        {"note": [{"text": "a", "time": "2026-03-03T10:00:00Z"}]},
        {"extension": [{"url": "urn:theirs", "valueCode": "x"}, *OURS["extension"]]},
    ],
    ids="-".join,
)
def test_what_servers_do_to_copies_is_no_other_content(elements: dict[str, Any]) -> None:
    assert lacking(**elements) == ()


@pytest.mark.parametrize(
    ("elements", "names"),
    [
        ({"status": "final"}, ("status",)),
        ({"status": None}, ("status",)),
        ({"subject": {"reference": "Patient/p2"}}, ("subject",)),
        ({"subject": {"reference": "https://elsewhere.example.org/fhir/Patient/p1"}}, ("subject",)),
        ({"subject": None}, ("subject",)),
        ({"basis": [{"reference": "Observation/o1/_history/3"}]}, ("basis",)),
        ({"basis": []}, ("basis",)),
        ({"prediction": [{**OURS["prediction"][0], "probabilityDecimal": Decimal("83.2")}]}, ("prediction",)),
        ({"prediction": [{**OURS["prediction"][0], "probabilityDecimal": "83.10"}]}, ("prediction",)),
        ({"prediction": [{**OURS["prediction"][0], "probabilityDecimal": True}]}, ("prediction",)),
        ({"prediction": [{**OURS["prediction"][0], "rationale": "theirs"}]}, ("prediction",)),
        ({"prediction": "nonsense"}, ("prediction",)),
        ({"note": ["nonsense"]}, ("note",)),
        ({"note": [{"text": "b"}]}, ("note",)),
        ({"identifier": [{"system": "urn:theirs", "value": "9"}]}, ("identifier",)),
        ({"identifier": "nonsense"}, ("identifier",)),
        ({"extension": None}, ("extension",)),
        ({"extension": [*OURS["extension"], *OURS["extension"]]}, ("extension",)),
        ({"extension": ["nonsense"]}, ("extension",)),
        ({"encounter": {"reference": "Encounter/1"}}, ("elements of its own",)),
        ({"Jane Doe": 1, "John Doe": 2}, ("elements of its own",)),
        ({"status": "final", "note": []}, ("status", "note")),
    ],
)
def test_another_content_is_named_by_our_elements(elements: dict[str, Any], names: tuple[str, ...]) -> None:
    assert lacking(**elements) == names


def test_a_copy_of_what_could_not_be_classified_is_the_same_in_another_period() -> None:
    ours = {**OURS, "status": "cancelled", "prediction": [{"whenPeriod": {"start": "2026-03-02"}}]}

    assert differences(ours, {**ours, "prediction": [{"whenPeriod": {"start": "2026-04-02"}}]}, BASE) == ()


def test_a_base_with_a_slash_at_its_end_is_the_same_base() -> None:
    assert same_subject(OURS, {"subject": {"reference": f"{BASE}/Patient/p1"}}, f"{BASE}/")


@pytest.mark.parametrize(
    "meta", [None, "nonsense", {"tag": "nonsense"}, {"tag": ["nonsense", {"system": "urn:x", "code": "y"}]}]
)
def test_odd_tags_are_no_states(meta: Any) -> None:
    assert lost_beside(OURS, {**OURS, "meta": meta}) == ()


def test_a_tag_of_another_state_is_told() -> None:
    tag = [*OURS["meta"]["tag"], {"system": STATES, "code": "stable-disease"}]

    assert lost_beside(OURS, {**OURS, "meta": {"tag": tag}}) == (
        "the server keeps tags of earlier states on it",
    )


def test_labels_that_a_server_drops_are_told() -> None:
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "AIAST"}
    ours = {**OURS, "meta": {**OURS["meta"], "security": [label]}}

    assert lost_beside(ours, ours) == ()
    assert lost_beside(ours, {**ours, "meta": {"security": ["nonsense"]}}) == (
        "the server drops the security labels that tell it from a person's",
    )
