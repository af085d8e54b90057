"""The engine: the first rule that holds decides."""

import pytest
from builders import source

from fhirgate.oncology.criteria.rule import Rule, first_match
from fhirgate.oncology.verdict import Verdict

EVEN: Rule[int, str] = Rule(
    "even", "It is even.", "arithmetic", lambda n: n % 2 == 0, "even", lambda n: f"{n}/2"
)
LARGE: Rule[int, str] = Rule(
    "large", "It is large.", "arithmetic", lambda n: n > 9, "large", lambda n: f"{n} > 9"
)


def test_the_first_rule_that_holds_decides() -> None:
    assert first_match((EVEN, LARGE), 12, (source("a"),)) == Verdict(
        answer="even", rule="even", because="12/2", sources=(source("a"),)
    )
    assert first_match((EVEN, LARGE), 11) == Verdict(answer="large", rule="large", because="11 > 9")


def test_a_criterion_in_which_no_rule_holds_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="without a last rule"):
        first_match((EVEN, LARGE), 1)
