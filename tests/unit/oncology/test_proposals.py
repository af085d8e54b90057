"""What is proposed: for which lesions, with which drugs, which scans."""

from dataclasses import replace
from datetime import date

import pytest
from assessments import GROWING, SCAN, STILL, assessment, judged, on_drugs, proposed, treated, verdict
from builders import (
    CARBOPLATIN,
    LETROZOLE,
    OSIMERTINIB,
    PALBOCICLIB,
    PEMBROLIZUMAB,
    agent,
    exposure,
    line,
    local_treatment,
    measurement,
    on,
    site,
    timepoint,
)

from fhirgate.oncology.evidence import PSEUDOPROGRESSION
from fhirgate.oncology.follow_up import FollowUp
from fhirgate.oncology.proposals import ProposalKind, current_agents, described, lesions_concerned
from fhirgate.oncology.timepoint import StudyAt
from fhirgate.oncology.verdict import IResponse, Qualifier, State


def kinds(follow_up: FollowUp) -> list[ProposalKind]:
    return [each.kind for each in follow_up.proposals]


def the(follow_up: FollowUp, kind: ProposalKind) -> str:
    (found,) = (each.text for each in follow_up.proposals if each.kind is kind)
    return found


class TestLesions:
    def test_a_lesion_is_named_with_organ_size_and_change(self) -> None:
        assert described(GROWING[0]) == "L1 (left lung segment 6, 27 mm, +7 mm, +35 % from 20 mm)"

    def test_a_new_lesion_is_called_new(self) -> None:
        assert described(verdict("N1", "NEW", "12", None, place=site("liver"))) == "N1 (liver, 12 mm, new)"

    def test_a_lesion_without_a_size_says_so(self) -> None:
        assert described(verdict("L1", "PROGRESSING", None, None)) == "L1 (lung, not measured)"

    def test_a_lesion_without_a_label_is_named_by_its_site_once(self) -> None:
        unnamed = verdict("L1", "NEW", "12", None)
        unnamed = replace(
            unnamed, lesion=replace(unnamed.lesion, identity=replace(unnamed.lesion.identity, label=""))
        )

        assert described(unnamed) == "lung (12 mm, new)"

    def test_progressing_and_new_lesions_are_concerned(self) -> None:
        new = verdict("N1", "NEW", "12", None)

        assert lesions_concerned(judged(lesions=(*STILL, new, *GROWING))) == (new, *GROWING)

    def test_when_only_the_sum_grows_those_with_a_fifth_more_are_concerned(self) -> None:
        fifth = verdict("L1", "EQUIVOCAL", "24", "20")
        less = verdict("L2", "STABLE", "22", "20")
        now = judged(lesions=(fifth, less), qualifiers=(Qualifier.SLD_PD_NO_LESION_PD,))

        assert lesions_concerned(now) == (fifth,)

    def test_when_only_the_sum_grows_and_none_by_a_fifth_those_that_grew_are_concerned(self) -> None:
        grown = verdict("L1", "STABLE", "23", "20")
        others = (verdict("L2"), verdict("L3", "NE", None, None))
        now = judged(lesions=(grown, *others), qualifiers=(Qualifier.SLD_PD_NO_LESION_PD,))

        assert lesions_concerned(now) == (grown,)

    def test_at_first_metastases_all_that_are_visible_but_the_primary_are_concerned(self) -> None:
        seen = verdict("L1", "BASELINE", "20", None)
        gone = verdict("L2", "ABSENT", "0", None, visible=False)
        primary = verdict("P", "BASELINE", "30", None)
        identity = replace(primary.lesion.identity, primary=True)
        primary = replace(primary, lesion=replace(primary.lesion, identity=identity))

        assert lesions_concerned(judged(lesions=(seen, gone, primary))) == (seen,)

    def test_a_lesion_treated_since_the_scan_is_not_proposed_again(self) -> None:
        done = treated(GROWING[0], local_treatment("2025-02-06"))
        follow_up = proposed(assessment(judged(lesions=(done, GROWING[1], *STILL))))

        (local,) = (each for each in follow_up.proposals if each.kind is ProposalKind.LOCAL_THERAPY)
        assert local.lesions == (GROWING[1],)
        assert the(follow_up, ProposalKind.REIMAGE) == (
            "Imaging of all known lesions after local therapy, in the technique of the earlier scans."
            " Treated since the scan: L1 (left lung segment 6, 27 mm, +7 mm, +35 % from 20 mm)."
        )

    def test_with_all_lesions_treated_since_only_the_rest_of_the_plan_remains(self) -> None:
        done = tuple(treated(each, local_treatment("2025-02-06")) for each in GROWING)

        follow_up = proposed(assessment(judged(lesions=(*done, *STILL))))

        assert ProposalKind.LOCAL_THERAPY not in kinds(follow_up)
        assert ProposalKind.BIOPSY not in kinds(follow_up)

    @pytest.mark.parametrize("started", ["2024-06-01", "2025-02-20"])
    def test_treatment_before_the_scan_or_after_the_judgement_takes_no_lesion_out(self, started: str) -> None:
        lesions = (treated(GROWING[0], local_treatment(started)), *STILL)

        assert ProposalKind.LOCAL_THERAPY in kinds(proposed(assessment(judged(lesions=lesions))))


class TestTherapy:
    def test_the_regimen_is_named(self) -> None:
        assert the(proposed(assessment()), ProposalKind.CONTINUE) == (
            "Continue the current systemic therapy meanwhile, if tolerated: osimertinib."
        )

    def test_a_drug_on_hold_is_said_to_be(self) -> None:
        given = on_drugs(OSIMERTINIB, qualifiers=(Qualifier.ON_HOLD,))

        assert the(proposed(given), ProposalKind.CONTINUE) == (
            "Continue the current systemic therapy meanwhile, if tolerated: osimertinib, recorded as on hold."
        )

    def test_nothing_is_continued_without_a_line(self) -> None:
        assert ProposalKind.CONTINUE not in kinds(proposed(assessment(judged(line=None))))

    def test_nothing_is_continued_after_the_line_ended(self) -> None:
        ended = line("2024-03-01", SCAN, end=date(2025, 2, 5))

        assert ProposalKind.CONTINUE not in kinds(proposed(assessment(judged(line=ended))))

    def test_a_dropped_drug_is_not_continued(self) -> None:
        maintenance = agent("pemetrexed", "chemotherapy")
        exposures = (
            exposure("2024-03-01", "2024-05-10", agent=CARBOPLATIN),
            exposure("2024-03-01", "2024-12-20", agent=maintenance),
            exposure("2024-12-30", "2025-01-31", agent=maintenance),
        )

        given = line(agents=(CARBOPLATIN, maintenance), exposures=exposures)

        assert current_agents(given, date(2025, 2, 10)) == (maintenance,)

    def test_a_substituted_drug_is_not_continued(self) -> None:
        cisplatin = agent("cisplatin", "chemotherapy", interchange_group="platinum")
        exposures = (
            exposure("2025-01-01", "2025-01-01", agent=cisplatin),
            exposure("2025-01-22", "2025-01-22", agent=CARBOPLATIN),
        )

        given = line(agents=(cisplatin,), substitutions=(CARBOPLATIN,), exposures=exposures)

        assert current_agents(given, date(2025, 2, 10)) == (CARBOPLATIN,)

    def test_an_open_drug_and_one_given_lately_are_both_continued(self) -> None:
        bevacizumab = agent("bevacizumab", "monoclonal antibody")
        exposures = (
            exposure("2024-03-01", agent=OSIMERTINIB),
            exposure("2025-01-20", "2025-01-20", agent=bevacizumab),
        )

        given = line(agents=(OSIMERTINIB, bevacizumab), exposures=exposures)

        assert current_agents(given, date(2025, 2, 10)) == (OSIMERTINIB, bevacizumab)

    def test_a_drug_last_asserted_long_ago_has_been_dropped(self) -> None:
        exposures = (
            exposure("2024-03-01", agent=LETROZOLE, asserted_on=on("2024-06-01")),
            exposure("2024-03-01", agent=PALBOCICLIB, asserted_on=on("2025-02-01")),
        )

        given = line(agents=(LETROZOLE, PALBOCICLIB), exposures=exposures)

        assert current_agents(given, date(2025, 2, 10)) == (PALBOCICLIB,)


class TestCheckpointInhibitor:
    def test_a_confirmation_scan_is_proposed_with_its_dates(self) -> None:
        follow_up = proposed(on_drugs(PEMBROLIZUMAB))

        assert the(follow_up, ProposalKind.CONFIRM) == (
            "Confirmation scan 4 to 8 weeks after the scan of 2025-02-03 (2025-03-03 to 2025-03-31):"
            " growth on a checkpoint inhibitor can be pseudo-progression."
        )
        assert PSEUDOPROGRESSION in follow_up.limits

    def test_no_dates_are_made_up_for_a_scan_known_by_month(self) -> None:
        now = judged(line=line(agents=(PEMBROLIZUMAB,)), timepoint=timepoint("2025-01"))

        assert the(proposed(assessment(now)), ProposalKind.CONFIRM) == (
            "Confirmation scan 4 to 8 weeks after the scan of 2025-01:"
            " growth on a checkpoint inhibitor can be pseudo-progression."
        )

    def test_confirmed_progression_is_not_confirmed_again(self) -> None:
        follow_up = proposed(on_drugs(PEMBROLIZUMAB, irecist=IResponse.ICPD))

        assert ProposalKind.CONFIRM not in kinds(follow_up)
        assert PSEUDOPROGRESSION not in follow_up.limits

    def test_unconfirmed_progression_is_imaged_in_the_window_of_irecist(self) -> None:
        treatment = line("2024-03-01", SCAN, agents=(PEMBROLIZUMAB,))

        follow_up = proposed(assessment(judged(State.PROGRESSION_UNCONFIRMED, line=treatment)))

        assert follow_up.evidence_for == (PSEUDOPROGRESSION,)
        assert follow_up.proposals[0].text == (
            "Repeat imaging in the same technique, 4 to 8 weeks after the scan of 2025-02-03"
            " (2025-03-03 to 2025-03-31). To be settled: 2 of 9 evaluable known lesions progress."
        )


class TestBrainMri:
    def test_not_proposed_when_a_recent_one_is_recorded(self) -> None:
        brain = StudyAt(id="s3", taken_on=on("2024-12-01"), modality="MR", body=("Brain",))
        earlier = judged(timepoint=timepoint("2024-12-01", studies=(brain,)))
        given = assessment()

        follow_up = proposed(replace(given, timepoints=(earlier, *given.timepoints)))

        assert ProposalKind.BRAIN_MRI not in kinds(follow_up)

    def test_not_proposed_when_a_brain_lesion_was_measured_on_mri(self) -> None:
        place = site("brain")
        lesions = (*GROWING, verdict("B1", place=place))
        values = {"B1": measurement(8, "2025-02-04", modality="magnetic resonance imaging")}

        given = assessment(judged(lesions=lesions, timepoint=timepoint(SCAN, values)))

        assert ProposalKind.BRAIN_MRI not in kinds(proposed(given))

    @pytest.mark.parametrize(
        ("taken_on", "modality", "body", "why"),
        [
            (
                "2024-11-11",
                "MR",
                ("Brain",),
                "the last one recorded is of 2024-11-11, more than 90 days before the date of judgement",
            ),
            ("2025-02-03", "MR", ("Liver",), "none is recorded"),
            ("2025-02-03", "CT", ("Head",), "none is recorded"),
            ("2025-02-11", "MR", ("Brain",), "none is recorded"),
        ],
    )
    def test_proposed_when_it_is_too_old_or_of_something_else(
        self, taken_on: str, modality: str, body: tuple[str, ...], why: str
    ) -> None:
        study = StudyAt(id="s3", taken_on=on(taken_on), modality=modality, body=body)

        given = assessment(judged(timepoint=timepoint(SCAN, studies=(study,))))

        assert the(proposed(given), ProposalKind.BRAIN_MRI) == f"Brain MRI if indicated: {why}."
