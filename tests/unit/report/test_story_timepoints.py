"""Each timepoint in words."""

from dataclasses import replace

from told import last, section

from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.verdict import IResponse, Reason, Response, Verdict
from fhirgate.report.story import tell


def test_a_reason_already_in_the_states_words_gives_its_code_only(stable: Assessment) -> None:
    reason = Reason(code="SIZE_CAP", text="3 metastases visible")

    assert "            reason SIZE_CAP" in tell(last(stable, reasons=(reason,))).splitlines()


def test_immune_response_stands_beside_recist(stable: Assessment) -> None:
    told = tell(last(stable, irecist=IResponse.IUPD))

    assert "iRECIST                                       iUPD" in told.splitlines()
    assert (
        "            RECIST 1.1 SD: target SD, non-target NON-CR/NON-PD, no new lesion; iRECIST iUPD"
        in told.splitlines()
    )


def test_a_new_lesion_only_patient_has_no_target(stable: Assessment) -> None:
    response = stable.timepoints[1].response
    only = replace(response, target=None, non_target=None, new_lesions=True)

    assert (
        "            RECIST 1.1 SD: no target, no non-target, new lesion"
        in tell(last(stable, response=only)).splitlines()
    )


def test_what_a_rule_says_beyond_the_numbers_of_the_sum_is_told(stable: Assessment) -> None:
    verdict = Verdict(
        answer=Response.PR, rule="target-partial-persists", because="partial response was confirmed"
    )
    response = replace(stable.timepoints[1].response, target=verdict)

    assert (
        "            target PR: partial response was confirmed"
        in tell(last(stable, response=response)).splitlines()
    )


def test_a_sum_without_anything_to_compare_stands_alone(stable: Assessment) -> None:
    told = tell(last(stable, baseline_sum=None, nadir=None))

    assert "            sum of target diameters 38.5 mm" in told.splitlines()


def test_a_baseline_without_targets_has_no_sum_to_tell(stable: Assessment) -> None:
    first = replace(stable.timepoints[0], sum_of_diameters=None)
    told = tell(replace(stable, timepoints=(first,)))

    assert (
        section(told, "Timepoints")[-1]
        == "            reason NO_COMPARATOR: no earlier imaging to compare with"
    )


def test_the_baseline_of_a_later_line_is_still_compared_on_the_line_before(stable: Assessment) -> None:
    told = tell(last(stable, baseline=True))

    assert "Sum vs nadir                                  −23 %" in told.splitlines()
    assert section(told, "Timepoints")[7].strip().startswith("sum of target diameters 38.5 mm: −23 %")
