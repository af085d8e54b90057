"""Every code has words, and short ones where a table needs them."""

from enum import StrEnum

import pytest

from fhirgate.oncology.reconstruct.line_ends import END_RULES
from fhirgate.oncology.therapy import Evidence, LineFlag, Phase
from fhirgate.oncology.verdict import EstroEortcClass, LesionStatus, Qualifier, State, TherapyStatus
from fhirgate.report import words


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (words.STATES, State),
        (words.SHORT_STATES, State),
        (words.STATUSES, LesionStatus),
        (words.MARKS, LesionStatus),
        (words.QUALIFIERS, Qualifier),
        (words.ESTRO_EORTC, EstroEortcClass),
        (words.THERAPY, TherapyStatus),
        (words.PHASES, Phase),
        (words.EVIDENCE, Evidence),
        (words.LINE_FLAGS, LineFlag),
    ],
)
def test_every_code_has_its_words(table: dict[StrEnum, str], codes: type[StrEnum]) -> None:
    assert list(table) == list(codes)


def test_every_reason_for_the_end_of_a_line_has_its_words() -> None:
    assert list(words.END_REASONS) == [rule.name for rule in END_RULES]


def test_short_states_fit_a_column_and_differ() -> None:
    assert max(map(len, words.SHORT_STATES.values())) == 10
    assert len(set(words.SHORT_STATES.values())) == len(State)


def test_a_state_is_painted_by_how_urgent_it_is() -> None:
    assert words.state_styles(State.OLIGOPROGRESSION) == ("bold", "red")
    assert words.state_styles(State.INDETERMINATE) == ("bold", "yellow")
    assert words.state_styles(State.STABLE_DISEASE) == ("bold",)
