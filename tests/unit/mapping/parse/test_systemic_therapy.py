"""Procedures that are a systemic therapy: MII, SNOMED, OPS; with and without the drugs beside them."""

from typing import Any

import pytest
from therapy_json import (
    MII,
    OPS,
    SNOMED,
    administration,
    codes,
    concept,
    mii,
    names,
    procedure,
    record_of,
    statement,
)

from fhirgate.mapping.agent_table import standard_agents, with_codes
from fhirgate.mapping.parse.cancer_context import is_systemic_therapy
from fhirgate.mapping.parse.exposures import parse_exposures
from fhirgate.mapping.vocabulary import Vocabulary
from fhirgate.oncology.therapy import Evidence, Intent, StopReason

TYPE = f"{MII}/CodeSystem/mii-cs-onko-therapie-typ"
END = f"{MII}/CodeSystem/mii-cs-therapie-grund-ende"
PERIOD = {"start": "2023-02-01", "end": "2023-08-01"}


def therapy(id: str = "t", code: dict[str, Any] | None = None, **elements: Any) -> dict[str, Any]:
    return procedure(id, code or concept("CH", TYPE), **{"performedPeriod": PERIOD, **elements})


def part(
    of: str = "Procedure/t", id: str = "s", text: str = "Carboplatin", **elements: Any
) -> dict[str, Any]:
    return statement(id, concept(text=text), status="completed", partOf=[{"reference": of}], **elements)


@pytest.mark.parametrize("reference", ["Procedure/t", "t", "https://ehr.example/fhir/Procedure/t"])
def test_a_therapy_gives_period_intent_and_outcome_to_its_drugs(reference: str) -> None:
    whole = therapy(
        outcome=concept("P", END),
        extension=[mii("systemische-therapie", "intention", "P", "mii-cs-onko-intention")],
    )
    (exposure,) = parse_exposures(record_of(whole, part(reference)))
    assert (str(exposure.start), str(exposure.end), exposure.ended) == ("2023-02-01", "2023-08-01", True)
    assert (exposure.intent, exposure.stop_reason) == (Intent.PALLIATIVE, StopReason.PROGRESSION)
    assert [str(each) for each in exposure.sources] == ["MedicationStatement/s", "Procedure/t"]


def test_a_drug_that_ended_before_its_therapy_did_not_end_for_its_reason() -> None:
    whole = therapy(outcome=concept("P", END))
    early = part(id="early", effectivePeriod={"start": "2023-02-01", "end": "2023-05-01"})
    late = part(id="late", text="Pemetrexed", effectivePeriod=PERIOD)
    found = parse_exposures(record_of(whole, early, late))
    assert {each.agent.name: each.stop_reason for each in found} == {
        "carboplatin": None,
        "pemetrexed": StopReason.PROGRESSION,
    }


def test_a_reference_that_leads_nowhere_means_the_only_therapy_of_that_period() -> None:
    whole = therapy(extension=[mii("systemische-therapie", "intention", "K", "mii-cs-onko-intention")])
    (exposure,) = parse_exposures(record_of(whole, part("SystemicTherapy1", effectivePeriod=PERIOD)))
    assert exposure.intent is Intent.CURATIVE


def test_a_reference_that_leads_nowhere_is_not_guessed_between_two_therapies() -> None:
    extension = [mii("systemische-therapie", "intention", "K", "mii-cs-onko-intention")]
    both = [therapy(id, extension=extension) for id in ("t1", "t2")]
    (exposure,) = parse_exposures(record_of(*both, part("SystemicTherapy1", effectivePeriod=PERIOD)))
    assert exposure.intent is None


def test_completed_without_end_and_outcome_is_open_in_mii_data() -> None:
    whole = therapy(performedPeriod={"start": "2023-02-01"})
    record = record_of(whole, part(effectivePeriod={"start": "2023-02-01"}))
    (exposure,) = parse_exposures(record)
    assert (exposure.end, exposure.ended, str(exposure.asserted_on)) == (None, False, "2023-02-01")
    assert record.findings == []


def test_completed_with_an_outcome_but_without_end_is_over() -> None:
    whole = therapy(performedPeriod={"start": "2023-02-01"}, outcome=concept("A", END))
    record = record_of(whole, part())
    (exposure,) = parse_exposures(record)
    assert (str(exposure.end), exposure.ended, exposure.stop_reason) == (
        "2023-02-01",
        True,
        StopReason.TOXICITY,
    )
    assert codes(record) == ["EXPOSURE_END_UNKNOWN"]


def test_a_dose_may_be_part_of_a_therapy() -> None:
    whole = therapy(
        outcome=concept("P", END),
        extension=[mii("systemische-therapie", "intention", "P", "mii-cs-onko-intention")],
    )
    doses = [
        administration(
            str(n), concept(text="Carboplatin"), effectiveDateTime=day, partOf=[{"reference": "Procedure/t"}]
        )
        for n, day in enumerate(("2023-02-01", "2023-08-01"))
    ]
    found = parse_exposures(record_of(whole, *doses))
    assert [(each.intent, each.stop_reason, each.ended) for each in found] == [
        (Intent.PALLIATIVE, None, False),
        (Intent.PALLIATIVE, StopReason.PROGRESSION, True),
    ]


@pytest.mark.parametrize(
    ("elements", "agents"),
    [
        ({"note": [{"text": "FOLFOX"}]}, ["fluorouracil", "oxaliplatin"]),
        ({"note": [{"text": "Carboplatin/Pemetrexed q3w"}]}, ["carboplatin", "pemetrexed"]),
        ({"code": concept("8-54", OPS, text="CarboTax")}, ["carboplatin", "paclitaxel"]),
        ({"usedCode": [concept(text="Docetaxel")]}, ["docetaxel"]),
    ],
)
def test_a_therapy_alone_has_the_drugs_its_words_name(elements: dict[str, Any], agents: list[str]) -> None:
    code = elements.pop("code", None)
    found = parse_exposures(record_of(therapy(code=code, **elements)))
    assert names(found) == agents
    assert {each.evidence for each in found} == {Evidence.STATED}
    assert {(str(each.start), str(each.end), each.ended) for each in found} == {
        ("2023-02-01", "2023-08-01", True)
    }


@pytest.mark.parametrize(
    ("code", "drug_class"),
    [
        (concept("CH", TYPE), "chemotherapy"),
        (concept("HO", TYPE), "endocrine"),
        (concept("IM", TYPE), "immunotherapy"),
        (concept("ZS", TYPE), "targeted therapy"),
        (concept("367336001", SNOMED), "chemotherapy"),
        (concept("8-542.1", OPS), "chemotherapy"),
        (
            {"coding": [{"system": SNOMED, "code": "897713009"}, {"system": TYPE, "code": "IM"}]},
            "immunotherapy",
        ),
    ],
)
def test_a_therapy_without_names_counts_by_its_kind(code: dict[str, Any], drug_class: str) -> None:
    record = record_of(therapy(code=code))
    (exposure,) = parse_exposures(record)
    assert (exposure.agent.name, exposure.agent.drug_class) == (
        f"{drug_class}, agents not stated",
        drug_class,
    )
    assert codes(record) == ["SYSTEMIC_THERAPY_WITHOUT_AGENTS"]


@pytest.mark.parametrize("code", ["WW", "AS", "WS", "KW"])
def test_watching_is_no_therapy(code: str) -> None:
    record = record_of(therapy(code=concept(code, TYPE)))
    assert parse_exposures(record) == ()
    assert record.findings == []


def test_a_billed_infusion_beside_its_drugs_is_no_therapy_of_its_own() -> None:
    billed = procedure("b", concept("367336001", SNOMED), performedDateTime="2023-02-01")
    record = record_of(
        billed, administration(drug=concept(text="Carboplatin"), effectiveDateTime="2023-02-03")
    )
    assert names(parse_exposures(record)) == ["carboplatin"]
    assert record.findings == []


@pytest.mark.parametrize(("drug", "day"), [("Carboplatin", "2023-04-01"), ("Ondansetron", "2023-02-01")])
def test_drugs_of_another_time_or_kind_do_not_replace_a_nameless_therapy(drug: str, day: str) -> None:
    billed = procedure("b", concept("367336001", SNOMED), performedDateTime="2023-02-01")
    found = parse_exposures(record_of(billed, administration(drug=concept(text=drug), effectiveDateTime=day)))
    assert "chemotherapy, agents not stated" in names(found)


@pytest.mark.parametrize("elements", [{"status": "not-done"}, {"notDone": True}])
def test_a_therapy_that_was_not_done_is_information(elements: dict[str, Any]) -> None:
    record = record_of(therapy(**elements))
    assert parse_exposures(record) == ()
    assert codes(record) == ["THERAPY_NOT_GIVEN"]


def test_a_therapy_without_date_cannot_be_used() -> None:
    record = record_of(therapy(performedPeriod={}))
    assert parse_exposures(record) == ()
    assert codes(record) == ["EXPOSURE_UNDATED"]


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"status": "in-progress"}, (None, False, None)),
        ({"status": "in-progress", "meta": {"lastUpdated": "2023-04-01"}}, (None, False, "2023-04-01")),
        ({"status": "completed"}, (None, False, "2023-02-01")),
        ({"status": "completed", "outcome": concept("E", END)}, ("2023-02-01", True, None)),
    ],
)
def test_the_end_of_a_therapy_alone(
    elements: dict[str, Any], expected: tuple[str | None, bool, str | None]
) -> None:
    alone = therapy(note=[{"text": "FLOT"}], performedPeriod={"start": "2023-02-01"}, **elements)
    exposure = parse_exposures(record_of(alone))[0]
    end, asserted = exposure.end and str(exposure.end), exposure.asserted_on and str(exposure.asserted_on)
    assert (end, exposure.ended, asserted) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            procedure("x", meta={"profile": [f"{MII}/StructureDefinition/mii-pr-onko-systemische-therapie"]}),
            True,
        ),
        (procedure("x", concept("8-54", OPS)), True),
        (procedure("x", concept("8-52", OPS)), False),
        (procedure("x", concept("8-54", "urn:other")), False),
        (statement(), False),
    ],
)
def test_which_procedures_are_systemic_therapies(raw: dict[str, Any], expected: bool) -> None:
    assert is_systemic_therapy(raw) is expected


def radionuclide(application: str, nuclide: str, **elements: Any) -> dict[str, Any]:
    parts = {"Applikationsart": application, "Strahlenart": nuclide}
    irradiation = {
        "url": f"{MII}/StructureDefinition/mii-ex-onko-strahlentherapie-bestrahlung",
        "extension": [
            {
                "url": name,
                "valueCodeableConcept": concept(
                    code, f"{MII}/CodeSystem/mii-cs-onko-strahlentherapie-{name.lower()}"
                ),
            }
            for name, code in parts.items()
        ],
    }
    return procedure("r", concept("8-53", OPS), extension=[irradiation], **elements)


@pytest.mark.parametrize(
    ("application", "nuclide", "agent"),
    [
        ("MPSMA", "Lu-177", "lutetium vipivotide tetraxetan"),
        ("MPRRT", "Lu-177", "lutetium oxodotreotide"),
        ("M", "Ra-223", "radium ra-223"),
        ("MRJT", "J-131", "radiopharmaceutical, agent not stated"),
    ],
)
def test_a_radionuclide_is_systemic_therapy(application: str, nuclide: str, agent: str) -> None:
    record = record_of(
        radionuclide(application, nuclide, performedPeriod={"start": "2023-02-01", "end": "2023-08-01"})
    )
    (exposure,) = parse_exposures(record)
    assert (exposure.agent.name, exposure.agent.drug_class, exposure.ended) == (
        agent,
        "radiopharmaceutical",
        True,
    )
    assert codes(record) == ["RADIONUCLIDE_IS_SYSTEMIC"]


def test_a_radionuclide_may_be_named_in_words_and_end_for_a_reason() -> None:
    named = radionuclide("M", "SONU", note=[{"text": "Pluvicto cycle 2"}], outcome=concept("P", END))
    (exposure,) = parse_exposures(record_of(named))
    assert exposure.agent.name == "lutetium vipivotide tetraxetan"
    assert (exposure.ended, exposure.stop_reason) == (True, StopReason.PROGRESSION)


def test_a_radionuclide_given_as_a_drug_too_is_one_therapy() -> None:
    dose = administration(drug=concept(text="Pluvicto"), effectiveDateTime="2024-03-02")
    record = record_of(radionuclide("MPSMA", "Lu-177"), dose)
    assert len(parse_exposures(record)) == 1


@pytest.mark.parametrize(
    ("elements", "code"),
    [({"status": "not-done"}, "THERAPY_NOT_GIVEN"), ({"performedPeriod": {}}, "EXPOSURE_UNDATED")],
)
def test_a_radionuclide_not_given_or_undated_is_told(elements: dict[str, Any], code: str) -> None:
    record = record_of(radionuclide("MPSMA", "Lu-177", **elements))
    assert parse_exposures(record) == ()
    assert codes(record) == [code]


SITES = "Study product O"


@pytest.mark.parametrize(
    ("given", "agent"),
    [
        (therapy(code=concept("ZS", TYPE) | {"text": SITES}), "osimertinib"),
        (
            radionuclide("M", "SONU", note=[{"text": SITES}], performedPeriod=PERIOD),
            "lutetium vipivotide tetraxetan",
        ),
    ],
)
def test_a_sites_product_in_the_words_of_a_procedure_is_its_agent(given: dict[str, Any], agent: str) -> None:
    own = with_codes(standard_agents(), {}, {SITES: (agent,)})

    (exposure,) = parse_exposures(record_of(given, vocabulary=Vocabulary(agents=own)))

    assert exposure.agent.name == agent
