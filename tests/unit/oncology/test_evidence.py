"""For whom which trial is quoted, and what is always told."""

from dataclasses import replace

from assessments import GROWING, STILL, assessment, on_drugs, proposed
from builders import (
    CARBOPLATIN,
    LETROZOLE,
    OSIMERTINIB,
    PALBOCICLIB,
    PEMBROLIZUMAB,
    diagnosis,
)

from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.diagnosis import Tumour
from fhirgate.oncology.evidence import FACTS, READING, Case, Side, evidence
from fhirgate.oncology.therapy import Agent
from fhirgate.oncology.verdict import Qualifier


def names(texts: tuple[str, ...]) -> list[str]:
    return [text.split(" (")[0] for text in texts]


def of_tumour(tumour: Tumour, *agents: Agent, **more: object) -> Assessment:
    return replace(on_drugs(*agents, **more), diagnoses=(diagnosis(tumour=tumour),))


class TestEvidenceByTumour:
    def test_lung_cancer_without_a_driver_has_curb_for_it(self) -> None:
        follow_up = proposed(of_tumour(Tumour.NSCLC, CARBOPLATIN))

        assert names(follow_up.evidence_for) == ["CURB, lung cohort"]
        assert "medians 10.0 and 2.2 months" in follow_up.evidence_for[0]
        assert names(follow_up.evidence_against) == ["STOP", "NRG-LU002", "SABR-COMET, harm"]

    def test_lung_cancer_on_a_tki_has_no_randomised_support(self) -> None:
        follow_up = proposed(of_tumour(Tumour.NSCLC, OSIMERTINIB))

        assert names(follow_up.evidence_for) == ["Weickhardt 2012"]
        assert names(follow_up.evidence_against) == ["STOP", "HALT", "NRG-LU002", "SABR-COMET, harm"]

    def test_lung_cancer_on_a_checkpoint_inhibitor_has_retrospective_support_too(self) -> None:
        follow_up = proposed(of_tumour(Tumour.NSCLC, PEMBROLIZUMAB))

        assert names(follow_up.evidence_for) == ["CURB, lung cohort", "Brown 2024"]

    def test_breast_cancer_is_told_that_curb_found_no_benefit(self) -> None:
        follow_up = proposed(of_tumour(Tumour.BREAST, CARBOPLATIN))

        assert follow_up.evidence_for == ()
        assert names(follow_up.evidence_against) == [
            "CURB, breast cohort",
            "STOP",
            "EXTEND, breast and kidney baskets",
            "SABR-COMET, harm",
        ]

    def test_breast_cancer_on_a_cdk46_inhibitor_has_avatar_for_it(self) -> None:
        follow_up = proposed(of_tumour(Tumour.BREAST, PALBOCICLIB, LETROZOLE))

        assert names(follow_up.evidence_for) == ["AVATAR"]

    def test_another_tumour_with_few_metastases_has_sabr_comet_and_stop(self) -> None:
        given = of_tumour(Tumour.COLORECTAL, CARBOPLATIN, lesions=(*GROWING, *STILL[:3]))

        follow_up = proposed(given)

        assert names(follow_up.evidence_for) == ["SABR-COMET"]
        assert names(follow_up.evidence_against) == ["STOP", "SABR-COMET, harm"]

    def test_pancreatic_cancer_with_few_metastases_has_its_extend_basket(self) -> None:
        given = of_tumour(Tumour.PANCREAS, CARBOPLATIN, lesions=GROWING)

        assert names(proposed(given).evidence_for) == ["EXTEND, pancreas basket", "SABR-COMET"]

    def test_on_adjuvant_therapy_curb_does_not_apply(self) -> None:
        given = of_tumour(Tumour.NSCLC, CARBOPLATIN, qualifiers=(Qualifier.SETTING_ADJUVANT,))

        follow_up = proposed(given)

        assert follow_up.evidence_for == ()
        assert READING not in follow_up.limits
        assert follow_up.limits[2].startswith("CURB treated metastatic disease after at least one line")

    def test_an_unknown_tumour_is_said_to_be_unknown(self) -> None:
        follow_up = proposed(assessment(diagnoses=()))

        assert names(follow_up.evidence_against) == ["STOP", "SABR-COMET, harm"]
        assert follow_up.limits[-1] == (
            "The tumour type is not known, or there are several: evidence by tumour type could not be chosen."
        )

    def test_treatment_related_deaths_are_always_told(self) -> None:
        for tumour in Tumour:
            assert (
                "3 of 66 patients died of the treatment"
                in evidence(Case(tumour=tumour), Side.AGAINST, with_numbers=False)[-1]
            )

    def test_every_fact_has_population_citation_and_limits(self) -> None:
        for fact in FACTS:
            assert fact.citation
            assert fact.population
            assert fact.limits

    def test_every_fact_fits_somebody(self) -> None:
        cases = [
            Case(
                tumour=tumour, drug_classes=frozenset({drug}), subclasses=frozenset({"CDK4/6"}), metastases=3
            )
            for tumour in Tumour
            for drug in ("tki", "ici", "chemotherapy")
        ]

        assert [fact.name for fact in FACTS if not any(fact.fits(case) for case in cases)] == []
