"""Intent and reason for stopping, by code and by words."""

import pytest
from therapy_json import MII, SNOMED, concept, intent, mii

from fhirgate.mapping.code_tables import table
from fhirgate.mapping.therapy_codes import intent_of, is_diagnostic, stop_reason
from fhirgate.oncology.therapy import Intent, Modality, StopReason

END = f"{MII}/CodeSystem/mii-cs-therapie-grund-ende"


@pytest.mark.parametrize(
    ("drug", "reason"),
    [
        (concept("266721009", SNOMED), "PROGRESSION"),
        (concept("407563006", SNOMED), "TOXICITY"),
        (concept("105480006", SNOMED), "REFUSAL"),
        (concept("419620001", SNOMED), "DEATH"),
        (concept("182992009", SNOMED), "PLANNED_COMPLETION"),
        (concept("160932005", SNOMED, "Financial problem"), "OTHER"),
        (concept("E", END), "PLANNED_COMPLETION"),
        (concept("A", END), "TOXICITY"),
        (concept("P", END), "PROGRESSION"),
        (concept("V", END), "REFUSAL"),
        (concept("T", END), "DEATH"),
        (concept("S", END), "OTHER"),
        (concept("U", END), None),
        (
            concept("sintol", "http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason"),
            "TOXICITY",
        ),
        (concept(text="Disease progression in liver"), "PROGRESSION"),
        (concept(text="Progress der Erkrankung"), "PROGRESSION"),
        (concept(text="Unverträglichkeit"), "TOXICITY"),
        (concept(text="Patient declined further treatment"), "REFUSAL"),
        (concept(text="completed 6 cycles"), "PLANNED_COMPLETION"),
        (concept(text="No progression, end of planned course"), "OTHER"),
        (concept(text="No response to treatment"), "PROGRESSION"),
        (concept(text="method changed"), "OTHER"),
        ({}, None),
    ],
)
def test_a_reason_for_stopping(drug: dict[str, object], reason: str | None) -> None:
    assert stop_reason(drug) == (StopReason[reason] if reason else None)


@pytest.mark.parametrize(
    ("extensions", "expected"),
    [
        ([intent("373808002")], Intent.CURATIVE),
        ([intent("363676003")], Intent.PALLIATIVE),
        ([intent("399707004")], Intent.SUPPORTIVE),
        (
            [mii("strahlentherapie", "intention", "O", "mii-cs-onko-intention")],
            Intent.LOCAL_CURATIVE_OLIGOMETASTATIC,
        ),
        (
            [
                mii("systemische-therapie", "intention", "K", "mii-cs-onko-intention"),
                mii("systemische-therapie", "stellung-zur-op", "N", "mii-cs-therapie-stellung"),
            ],
            Intent.NEOADJUVANT,
        ),
        (
            [
                mii("systemische-therapie", "intention", "P", "mii-cs-onko-intention"),
                mii("systemische-therapie", "stellung-zur-op", "A", "mii-cs-therapie-stellung"),
            ],
            Intent.PALLIATIVE,
        ),
        ([mii("systemische-therapie", "intention", "X", "mii-cs-onko-intention")], None),
        ([{"url": "http://other.example/x", "valueCodeableConcept": concept("373808002", SNOMED)}], None),
        ([], None),
    ],
)
def test_the_intent_of_a_treatment(extensions: list[dict[str, object]], expected: Intent | None) -> None:
    assert intent_of({"extension": extensions}) is expected


def test_an_intent_among_the_reasons_counts() -> None:
    assert intent_of({"reasonCode": [concept("363676003", SNOMED)]}) is Intent.PALLIATIVE


def test_diagnostic_surgery_is_known_by_its_intention() -> None:
    assert is_diagnostic({"extension": [mii("operation", "intention", "D", "mii-cs-onko-intention")]})
    assert not is_diagnostic({"extension": [mii("operation", "intention", "K", "mii-cs-onko-intention")]})


@pytest.mark.parametrize(
    ("section", "names"), [("intent", Intent), ("stop_reason", StopReason), ("modality", Modality)]
)
def test_every_row_means_something_we_have_and_names_its_source(section: str, names: type) -> None:
    rows = [row for rows in table("therapy")[section].values() for row in rows]
    assert rows
    assert all(row["means"] in names.__members__ and row["source"] for row in rows)
