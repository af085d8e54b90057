"""States considered: their order, the judged one among them, percentages and words."""

from typing import Any

import pytest
from assessments import assessment, interval, judged, probabilities, without_imaging
from builders import line, reason, timepoint

from fhirgate.mapping.compose.predictions import outcomes, predictions, probability
from fhirgate.oncology.assessment import Interval, Probabilities
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.therapy import Setting
from fhirgate.oncology.verdict import State, TherapyStatus

SURE = probabilities(0.142, 0.829, 0.029, 0.0)
ON_THERAPY = ("oligoprogression", "no-progression", "limited-progression", "systemic-progression")


def considered(
    state: State, sure: Probabilities | None = SURE, **more: Any
) -> list[tuple[str, float | None, bool]]:
    found = outcomes(assessment(judged(state, probabilities=sure, **more)))
    return [(each.code.code, each.chance.low if each.chance else None, each.is_call) for each in found]


class TestOrder:
    def test_most_likely_first(self) -> None:
        assert considered(State.OLIGOPROGRESSION) == [
            ("oligoprogression", 0.829, True),
            ("no-progression", 0.142, False),
            ("limited-progression", 0.029, False),
            ("systemic-progression", 0.0, False),
        ]

    def test_a_judged_state_that_is_less_likely_than_another_comes_after_it(self) -> None:
        found = considered(State.SYSTEMIC_PROGRESSION, probabilities(0.0, 0.533, 0.0, 0.467))

        assert found[:2] == [("oligoprogression", 0.533, False), ("systemic-progression", 0.467, True)]

    def test_the_judged_state_comes_first_among_equals(self) -> None:
        found = considered(State.SYSTEMIC_PROGRESSION, probabilities(0.25, 0.25, 0.25, 0.25))

        assert found[0] == ("systemic-progression", 0.25, True)

    @pytest.mark.parametrize(
        "state",
        [
            State.COMPLETE_RESPONSE,
            State.PARTIAL_RESPONSE,
            State.STABLE_DISEASE,
            State.OLIGOPERSISTENCE,
        ],
    )
    def test_without_progression_the_judged_state_stands_for_none(self, state: State) -> None:
        found = considered(state, probabilities(0.9, 0.1, 0.0, 0.0))

        assert found[0] == (state.value.lower().replace("_", "-"), 0.9, True)
        assert [call for _, _, call in found].count(True) == 1

    def test_a_judged_state_outside_the_alternatives_comes_first_without_a_number(self) -> None:
        found = considered(State.PROGRESSION_UNCONFIRMED)

        assert found[0] == ("progression-unconfirmed", None, True)
        assert tuple(code for code, _, _ in found[1:]) == ON_THERAPY

    def test_intervals_are_ordered_by_their_middle(self) -> None:
        wide = Probabilities(
            none=interval(0.0, 0.3), oligo=interval(0.1, 0.9), limited=interval(0.3), systemic=interval(0, 1)
        )

        found = considered(State.OLIGOPROGRESSION, wide)

        assert [code for code, _, _ in found] == [
            "oligoprogression",
            "systemic-progression",
            "limited-progression",
            "no-progression",
        ]


class TestOffTherapy:
    def test_what_is_limited_on_therapy_is_recurrence_of_few_lesions(self) -> None:
        found = considered(
            State.OLIGORECURRENCE, probabilities(0.1, 0.6, 0.2, 0.1), therapy_status=TherapyStatus.OFF
        )

        assert [(code, call) for code, _, call in found] == [
            ("oligorecurrence", True),
            ("no-progression", False),
            ("systemic-recurrence", False),
        ]
        assert found[0][1] == pytest.approx(0.8)

    def test_a_sum_of_bounds_never_passes_one(self) -> None:
        wide = Probabilities(
            none=interval(0), oligo=interval(0.2, 0.9), limited=interval(0, 0.8), systemic=interval(0)
        )
        now = judged(State.OLIGORECURRENCE, probabilities=wide, therapy_status=TherapyStatus.OFF)

        assert outcomes(assessment(now))[0].chance == Interval(low=0.2, high=1.0)


class TestNoNumber:
    @pytest.mark.parametrize("state", [State.INDETERMINATE, State.BASELINE])
    def test_a_state_that_compares_nothing_has_none_even_when_one_is_given(self, state: State) -> None:
        assert considered(state) == [(state.value.lower(), None, True)]

    def test_a_state_without_probabilities_stands_alone(self) -> None:
        (only,) = predictions(assessment(), DEFAULT_POLICY)

        assert only == {
            "outcome": only["outcome"],
            "whenPeriod": {"start": "2025-02-03", "end": "2025-06-03"},
            "rationale": "Judged state: 2 of 9 evaluable known lesions progress. 2 known lesions progressing, 0 new,"
            " 7 controlled, 0 equivocal, 0 not evaluable on the scan of 2025-02-03."
            " Systemic therapy: on, line 1 since 2024-03-01 (osimertinib).",
        }

    def test_without_imaging_the_reasons_are_the_rationale(self) -> None:
        given = without_imaging(reasons=(reason("NO_IMAGING", "the record holds no imaging"),))

        (only,) = predictions(given, DEFAULT_POLICY)

        assert only["outcome"]["text"] == "Indeterminate"
        assert only["whenPeriod"] == {"start": "2025-02-10", "end": "2025-06-10"}
        assert only["rationale"] == "Judged state: the record holds no imaging."

    def test_without_imaging_and_reasons_the_definition_is_the_rationale(self) -> None:
        (only,) = predictions(without_imaging(), DEFAULT_POLICY)

        assert only["rationale"] == (
            "Judged state: Something essential is missing or contradictory; the reasons say what."
        )


class TestProbability:
    @pytest.mark.parametrize(
        ("chance", "percent", "word"),
        [
            (0.0, 0.0, "negligible"),
            (0.0499, 4.99, "negligible"),
            (0.05, 5.0, "low"),
            (0.2499, 24.99, "low"),
            (0.25, 25.0, "moderate"),
            (0.7499, 74.99, "moderate"),
            (0.75, 75.0, "high"),
            (0.83, 83.0, "high"),
            (1.0, 100.0, "high"),
            (1.0000000001, 100.0, "high"),
            (-1e-17, 0.0, "negligible"),
        ],
    )
    def test_percent_and_word(self, chance: float, percent: float, word: str) -> None:
        written = probability(interval(chance))

        assert written["probabilityDecimal"] == percent
        assert written["qualitativeRisk"]["coding"][0]["code"] == word

    def test_a_percentage_has_two_decimals(self) -> None:
        assert probability(interval(0.123456))["probabilityDecimal"] == 12.35

    def test_bounds_are_a_range_in_percent(self) -> None:
        written = probability(interval(0.3, 0.655))

        assert written["probabilityRange"] == {
            "low": {"value": 30.0, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
            "high": {"value": 65.5, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
        }
        assert written["qualitativeRisk"]["coding"][0]["code"] == "moderate"

    def test_bounds_of_different_words_get_no_word(self) -> None:
        assert list(probability(interval(0.1, 0.9))) == ["probabilityRange"]

    def test_bounds_that_round_to_one_number_are_that_number(self) -> None:
        assert probability(interval(0.30001, 0.30002))["probabilityDecimal"] == 30.0


class TestRationale:
    def test_an_alternative_says_that_it_is_not_the_judged_state(self) -> None:
        _, other, *_ = predictions(assessment(judged(probabilities=SURE)), DEFAULT_POLICY)

        assert other["rationale"] == (
            "Not the judged state. 2 known lesions progressing, 0 new, 7 controlled, 0 equivocal,"
            " 0 not evaluable on the scan of 2025-02-03. Systemic therapy: on, line 1 since 2024-03-01"
            " (osimertinib). Probability that this label is right at the scan. Measurement noise only: not the"
            " choice of lesions, biology or pseudo-progression; never calibrated on patients."
        )

    def test_therapy_without_a_line(self) -> None:
        now = judged(line=None, therapy_status=TherapyStatus.UNKNOWN)

        (only,) = predictions(assessment(now), DEFAULT_POLICY)

        assert only["rationale"].endswith("Systemic therapy: unknown.")

    def test_a_curative_line_has_no_number(self) -> None:
        now = judged(line=line("2024-03-01", number=None, setting=Setting.CURATIVE))

        (only,) = predictions(assessment(now), DEFAULT_POLICY)

        assert only["rationale"].endswith("on, therapy with curative intent since 2024-03-01 (osimertinib).")

    def test_a_scan_known_by_month_keeps_its_precision(self) -> None:
        (only,) = predictions(assessment(judged(timepoint=timepoint("2025-01"))), DEFAULT_POLICY)

        assert only["whenPeriod"] == {"start": "2025-01", "end": "2025-05-31"}
