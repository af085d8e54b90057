"""Everything said of one patient, for every state: valid, the same every time, and never more than allowed."""

import json
import re
from dataclasses import replace
from datetime import date

import pytest
from assessments import assessment, facts, judged, probabilities, without_imaging
from builders import PEMBROLIZUMAB, line, reason
from golden import as_text
from xhtml_read import parsed

from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.invariants import problems
from fhirgate.mapping.r4b import check_r4
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.diagnosis import Tumour
from fhirgate.oncology.evidence import FACTS
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.verdict import State, TherapyStatus

SURE = probabilities(0.011, 0.944, 0.045, 0.0)


def composed(given: Assessment) -> Json:
    return compose_bundle(given, facts(), DEFAULT_POLICY)


def resources(bundle: Json) -> list[str]:
    return [entry["resource"]["resourceType"] for entry in bundle["entry"]]


@pytest.mark.parametrize("status", list(TherapyStatus))
@pytest.mark.parametrize("sure", [None, SURE])
@pytest.mark.parametrize("state", list(State))
def test_every_state_is_valid(state: State, sure: object, status: TherapyStatus) -> None:
    bundle = composed(assessment(judged(state, probabilities=sure, therapy_status=status)))

    assert problems(bundle) == ()
    assert check_r4(bundle) == ()


def test_a_record_without_imaging_is_valid() -> None:
    bundle = composed(without_imaging(diagnoses=(), reasons=(reason("NO_IMAGING", "no imaging"),)))

    assert problems(bundle) == ()
    assert check_r4(bundle) == ()


@pytest.mark.parametrize("state", list(State))
def test_a_plan_comes_with_two_states_only(state: State) -> None:
    with_plan = state in (State.OLIGOPROGRESSION, State.PROGRESSION_UNCONFIRMED)

    expected = ["RiskAssessment", "CarePlan"] if with_plan else ["RiskAssessment"]

    assert resources(composed(assessment(state=state))) == [*expected, "Provenance"]


def test_the_policy_decides_on_a_plan_for_limited_progression() -> None:
    given = replace(assessment(state=State.LIMITED_PROGRESSION), preset="ESTRO_EORTC")
    asks = replace(DEFAULT_POLICY, state=replace(DEFAULT_POLICY.state, propose_on_limited_progression=True))

    assert resources(compose_bundle(given, facts(), asks)) == ["RiskAssessment", "CarePlan", "Provenance"]


def test_the_same_input_gives_the_same_bytes() -> None:
    first, second = (as_text(composed(assessment(judged(probabilities=SURE)))) for _ in range(2))

    assert first == second


def test_judging_once_more_on_another_day_changes_the_times_and_nothing_else() -> None:
    given = assessment(judged(State.PROGRESSION_UNCONFIRMED, probabilities=SURE))
    one, other = (
        [each["resource"] for each in composed(replace(given, as_of=day))["entry"][:2]]
        for day in (date(2025, 2, 10), date(2025, 2, 11))
    )

    for first, second in zip(one, other, strict=True):
        differ = {name for name in first if first[name] != second[name]}
        assert differ in ({"text", "occurrenceDateTime"}, {"created"})


def test_the_order_of_diagnoses_gives_the_same_bytes() -> None:
    given = assessment()
    metastases = tuple(
        replace(
            given.diagnoses[0],
            id=id,
            kind="secondary",
            source=given.diagnoses[0].source._replace(id=id),
        )
        for id in ("c2", "c3")
    )
    one = composed(replace(given, diagnoses=(*given.diagnoses, *metastases)))
    other = composed(replace(given, diagnoses=(*metastases[::-1], *given.diagnoses)))

    assert as_text(one) == as_text(other)


def test_the_plan_points_to_the_result_in_the_bundle() -> None:
    result, plan, _ = composed(assessment())["entry"]

    assert plan["resource"]["supportingInfo"] == [{"reference": result["fullUrl"]}]


@pytest.mark.parametrize("tumour", list(Tumour))
@pytest.mark.parametrize("treatment", [None, line(agents=(PEMBROLIZUMAB,))])
def test_months_and_medians_stand_only_in_quoted_trials(tumour: Tumour, treatment: object) -> None:
    now = judged(probabilities=SURE, **({"line": treatment} if treatment else {}))
    given = assessment(now)
    bundle = composed(replace(given, diagnoses=(replace(given.diagnoses[0], tumour=tumour),)))

    quoted = {fact.quoted(with_numbers=True) for fact in FACTS}
    spoken = [text for text in _texts(bundle) if re.search(r"\bmonths?\b|\bmedians?\b|survival", text)]
    assert [text for text in spoken if not _is_quoted(text, quoted)] == []


def test_hazard_ratios_and_predicted_benefit_are_never_written() -> None:
    written = "\n".join(json.dumps(composed(_of(tumour)), ensure_ascii=False) for tumour in Tumour)

    assert not re.search(r"\b0\.(53|41|78|57|54|93)\b|hazard|HR\b", written)
    assert "relativeRisk" not in written
    assert '"certain"' not in written


def _of(tumour: Tumour) -> Assessment:
    given = assessment(judged(probabilities=SURE))
    return replace(given, diagnoses=(replace(given.diagnoses[0], tumour=tumour),))


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return list(parsed(value).itertext()) if value.startswith("<div") else [value]
    each = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in each for text in _texts(part)]


READINGS = ("Randomised support", "Pseudo-progression on checkpoint inhibitors, in the literature")


def _is_quoted(text: str, quoted: set[str]) -> bool:
    bare = re.sub(r"^Evidence (for|against): ", "", text)
    return bare in quoted or bare.startswith(READINGS)
