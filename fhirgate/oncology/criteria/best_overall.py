"""Best overall response on a line: the best category, without and with confirmation.

RECIST 1.1 §4.4.3, §4.6 and table 3 (Eisenhauer 2009); corner cases as discussed in pharmaverse/admiralonco
(issues 93, 244, 275). Confirmation is asked of non-randomised studies only, so both are given.
"""

from collections.abc import Sequence

from fhirgate.oncology.assessment import BestOverallResponse
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.policy import ResponsePolicy
from fhirgate.oncology.value import value
from fhirgate.oncology.verdict import Qualifier, Response

_RESPONSES = (Response.CR, Response.PR)


@value
class Dated:
    """An overall response and its timepoint."""

    date: ClinicalDate
    response: Response


def best_overall_response(
    responses: Sequence[Dated], start: ClinicalDate, policy: ResponsePolicy
) -> BestOverallResponse:
    """The best of the responses up to the first progression, in order of date.

    `start` is the start of treatment. CR after which a PR follows is read as PR and flagged for review: a
    complete response cannot become partial. SD after CR is disease that is back, hence PD (table 3). SD counts
    from the policy's minimum; PD counts however early.
    """
    course, flags = _relabelled(_until_progression(responses))
    course = _until_progression(_returned(course))
    unconfirmed = _best_unconfirmed(course, start, policy)
    confirmed = _best_confirmed(course, start, policy)
    return BestOverallResponse(
        unconfirmed=unconfirmed.response if unconfirmed else Response.NE,
        unconfirmed_on=unconfirmed.date if unconfirmed else None,
        confirmed=confirmed.response if confirmed else Response.NE,
        confirmed_on=confirmed.date if confirmed else None,
        flags=flags,
    )


def confirmed_partial(responses: Sequence[Dated], policy: ResponsePolicy) -> bool:
    """Whether a partial response has been confirmed among these responses."""
    return any(
        _confirms(responses, position, _RESPONSES, policy)
        for position, each in enumerate(responses)
        if each.response in _RESPONSES
    )


def _until_progression(responses: Sequence[Dated]) -> list[Dated]:
    course: list[Dated] = []
    for each in responses:
        course.append(each)
        if each.response is Response.PD:
            break
    return course


def _relabelled(course: list[Dated]) -> tuple[list[Dated], tuple[Qualifier, ...]]:
    last_partial = max((at for at, each in enumerate(course) if each.response is Response.PR), default=-1)
    relabelled = [
        Dated(date=each.date, response=Response.PR)
        if each.response is Response.CR and at < last_partial
        else each
        for at, each in enumerate(course)
    ]
    return relabelled, ((Qualifier.CR_THEN_PR_REVIEW,) if relabelled != course else ())


def _returned(course: list[Dated]) -> list[Dated]:
    """The course with SD after CR read as PD."""
    complete = next((at for at, each in enumerate(course) if each.response is Response.CR), len(course))
    return [
        Dated(date=each.date, response=Response.PD)
        if each.response is Response.SD and at > complete
        else each
        for at, each in enumerate(course)
    ]


def _best_unconfirmed(course: list[Dated], start: ClinicalDate, policy: ResponsePolicy) -> Dated | None:
    for wanted in _RESPONSES:
        for each in course:
            if each.response is wanted:
                return each
    return _stable_or_worse(course, start, policy)


def _best_confirmed(course: list[Dated], start: ClinicalDate, policy: ResponsePolicy) -> Dated | None:
    for wanted, counts in ((Response.CR, (Response.CR,)), (Response.PR, _RESPONSES)):
        for position, each in enumerate(course):
            if each.response in counts and _confirms(course, position, counts, policy):
                return Dated(date=each.date, response=wanted)
    return _stable_or_worse(course, start, policy)


def _confirms(
    course: Sequence[Dated], position: int, counts: tuple[Response, ...], policy: ResponsePolicy
) -> bool:
    """Whether a later response confirms the one at `position`, with at most the tolerated NE in between."""
    first, not_evaluable = course[position], 0
    for later in course[position + 1 :]:
        if later.response is Response.NE:
            not_evaluable += 1
            if not_evaluable > policy.not_evaluable_between:
                return False
        elif later.response not in counts:
            return False
        elif later.date.least_days_since(first.date) >= policy.confirmation_days:
            return True
    return False


def _stable_or_worse(course: list[Dated], start: ClinicalDate, policy: ResponsePolicy) -> Dated | None:
    """SD where the disease was held long enough, else PD, else nothing that can be told."""
    held = [each for each in course if each.date.least_days_since(start) >= policy.sd_min_days]
    for each in held:
        if each.response in (*_RESPONSES, Response.SD):
            return Dated(date=each.date, response=Response.SD)
    for wanted, among in ((Response.NON_CR_NON_PD, held), (Response.PD, course)):
        for each in among:
            if each.response is wanted:
                return each
    return None
