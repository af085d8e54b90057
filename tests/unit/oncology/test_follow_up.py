"""Which state gets a plan and which none, and what the limits of a plan say."""

from dataclasses import replace
from datetime import date

import pytest
from assessments import SCAN, assessment, judged, nsclc, proposed, without_imaging
from builders import (
    diagnosis,
    line,
    on,
    reason,
    source,
)

from fhirgate.oncology.chart import Patient
from fhirgate.oncology.diagnosis import Diagnosis, Tumour
from fhirgate.oncology.evidence import READING
from fhirgate.oncology.follow_up import FollowUp, primary_of, propose
from fhirgate.oncology.policy import StatePolicy
from fhirgate.oncology.proposals import ProposalKind
from fhirgate.oncology.verdict import Qualifier, State

DEFAULT = StatePolicy()
ON_LIMITED = StatePolicy(propose_on_limited_progression=True)


def kinds(follow_up: FollowUp) -> list[ProposalKind]:
    return [each.kind for each in follow_up.proposals]


PLANLESS = [state for state in State if state not in (State.OLIGOPROGRESSION, State.PROGRESSION_UNCONFIRMED)]


class TestWhichStateGetsAPlan:
    @pytest.mark.parametrize("state", PLANLESS)
    def test_no_plan_for_any_other_state(self, state: State) -> None:
        assert propose(assessment(state=state), DEFAULT) is None

    def test_no_plan_without_imaging(self) -> None:
        assert propose(without_imaging(), DEFAULT) is None

    def test_oligoprogression_gets_the_whole_plan_in_order(self) -> None:
        follow_up = proposed(assessment())

        assert follow_up.title == "oligoprogression, local therapy of 2 lesions to be discussed"
        assert kinds(follow_up) == [
            ProposalKind.BOARD,
            ProposalKind.LOCAL_THERAPY,
            ProposalKind.CONTINUE,
            ProposalKind.BIOPSY,
            ProposalKind.BRAIN_MRI,
            ProposalKind.REIMAGE,
            ProposalKind.NEXT_LINE,
            ProposalKind.OBSERVE,
        ]

    def test_unconfirmed_progression_gets_imaging_only(self) -> None:
        follow_up = proposed(assessment(state=State.PROGRESSION_UNCONFIRMED))

        assert kinds(follow_up) == [ProposalKind.REPEAT_IMAGING]
        assert follow_up.evidence_for == ()
        assert follow_up.proposals[0].text == (
            "Repeat imaging in the same technique. To be settled: 2 of 9 evaluable known lesions progress."
        )

    @pytest.mark.parametrize("preset", ["DEFAULT", "CURB"])
    def test_limited_progression_gets_none_under_other_presets(self, preset: str) -> None:
        given = replace(assessment(state=State.LIMITED_PROGRESSION), preset=preset)

        assert propose(given, ON_LIMITED) is None

    def test_limited_progression_gets_none_unless_the_site_asks(self) -> None:
        given = replace(assessment(state=State.LIMITED_PROGRESSION), preset="ESTRO_EORTC")

        assert propose(given, DEFAULT) is None

    def test_limited_progression_under_estro_eortc_quotes_no_trial_medians(self) -> None:
        given = replace(assessment(state=State.LIMITED_PROGRESSION), preset="ESTRO_EORTC")

        follow_up = proposed(given, ON_LIMITED)

        assert follow_up.title == "limited progression, local therapy of 2 lesions to be discussed"
        assert not [text for text in follow_up.evidence_for + follow_up.evidence_against if "months" in text]
        assert follow_up.limits[3] == (
            "Not every criterion of the preset is met, so no trial medians are quoted:"
            " 2 of 9 evaluable known lesions progress."
        )


class TestNoPlanForASituationThatIsOver:
    @pytest.mark.parametrize("state", [State.OLIGOPROGRESSION, State.PROGRESSION_UNCONFIRMED])
    def test_none_for_a_label_of_low_confidence(self, state: State) -> None:
        given = assessment(judged(state, qualifiers=(Qualifier.LOW_CONFIDENCE,)))

        assert propose(given, DEFAULT) is None

    def test_none_when_the_last_imaging_is_too_old(self) -> None:
        assert propose(assessment(stale=True), DEFAULT) is None

    @pytest.mark.parametrize("patient", [Patient(id="p1", dead=True), Patient(id="p1", died_on=on("2025"))])
    def test_none_after_death(self, patient: Patient) -> None:
        assert propose(assessment(patient=patient), DEFAULT) is None

    def test_none_when_a_new_line_began_after_the_scan(self) -> None:
        lines = (line("2024-03-01", SCAN, end=date(2025, 2, 4)), line("2025-02-05", "2025-02-05", number=2))

        assert propose(assessment(lines=lines), DEFAULT) is None

    def test_a_line_that_begins_on_the_day_of_the_scan_or_after_the_judgement_changes_nothing(self) -> None:
        lines = (line("2025-02-03", SCAN), line("2025-02-11", "2025-02-11", number=2))

        assert propose(assessment(lines=lines), DEFAULT) is not None


class TestLimits:
    def test_no_benefit_is_predicted_and_feasibility_is_left_to_people(self) -> None:
        assert proposed(assessment()).limits == (
            "No individual benefit is predicted: trial results describe groups, not this patient.",
            "Whether local therapy is feasible was not assessed by software: a radiation oncologist decides.",
            READING,
        )

    def test_lesions_of_the_brain_and_earlier_treatment_are_pointed_out(self) -> None:
        qualifiers = (
            Qualifier.CNS_REPORTED_SEPARATELY,
            Qualifier.PREVIOUSLY_TREATED_LESION_PROGRESSING,
        )

        limits = proposed(assessment(judged(qualifiers=qualifiers))).limits

        assert limits[3:] == (
            "Lesions of the central nervous system are outside the preset's count.",
            "A progressing lesion had local therapy before: earlier dose has to be looked up.",
        )

    def test_newer_imaging_without_measurements_is_pointed_out(self) -> None:
        newer = reason("NEWER_IMAGING_NOT_MEASURED", "CT of 2025-02-09 has no lesion measurements")

        limits = proposed(assessment(judged(reasons=(newer, reason())))).limits

        assert limits[-1] == "CT of 2025-02-09 has no lesion measurements."


class TestPrimary:
    def test_an_active_one_is_preferred(self) -> None:
        past = nsclc(active=False)
        now = diagnosis(id="c2", tumour=Tumour.BREAST, source=source("c2", "Condition"))

        assert primary_of((past, now, diagnosis("secondary"))) is now

    def test_a_resolved_one_stands_when_none_is_active(self) -> None:
        past = nsclc(active=False)

        assert primary_of((past,)) is past

    def test_none_of_several(self) -> None:
        assert primary_of((nsclc(), diagnosis(id="c2", tumour=Tumour.BREAST))) is None

    @pytest.mark.parametrize("order", [1, -1])
    def test_of_one_cancer_recorded_twice_the_earliest_stands(self, order: int) -> None:
        first = nsclc()
        again: Diagnosis = replace(first, id="a1", dated=None)

        assert primary_of((first, again)[::order]) is first
