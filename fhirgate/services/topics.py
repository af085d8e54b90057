"""What can be subscribed to, and which event each topic tells of. Published in `profiles/r5`, and for R4 as Basic.

Decisions
- `progression-result` is the lossless one: every version of every result. `state-changed` is told as well when the
  first result of a patient is kept, from no state to one, so that who waits for a state never misses a patient who
  has it when first judged; `previous-state:missing=false` leaves these out.
- What is taken back changes no state: `retraction` tells of it, alone.
- A plan is accepted by a person: software writes proposals (fhir-contracts B3), so a CarePlan of intent `plan` is one.
"""

from collections.abc import Callable

from fhirgate.mapping.canonical import BASE, PROFILES_VERSION
from fhirgate.mapping.subscriptions import Filterable, FilterKind, Modifier, Topic
from fhirgate.services.subscriptions import ResultEvent, Sight, Subscription, wants
from fhirgate.services.succession import PLAN, RESULT

TAKEN_BACK = "entered-in-error"
_STATUS = f"{BASE}/SearchParameter/risk-assessment-status"
_OWN = f"{BASE}/filter"
"""Before the name of a filter that no search parameter defines: what it means stands in the topic."""


def _filter(resource: str, name: str, definition: str = "", *modifiers: Modifier) -> Filterable:
    references = ("patient", "condition")
    kind = FilterKind.REFERENCE if name in references else FilterKind.TOKEN
    return Filterable(
        resource=resource, name=name, kind=kind, definition=definition, modifiers=frozenset(modifiers)
    )


def _topic(id: str, title: str, *filters: Filterable) -> Topic:
    url = f"{BASE}/SubscriptionTopic/{id}"
    return Topic(id=id, url=url, version=PROFILES_VERSION, title=title, filters=filters)


PROGRESSION_RESULT = _topic(
    "progression-result",
    "A progression state was assessed",
    _filter(RESULT, "patient"),
    _filter(RESULT, "identifier"),
    _filter(RESULT, "condition"),
    _filter(RESULT, "_tag"),
    _filter(RESULT, "status", _STATUS),
)
STATE_CHANGED = _topic(
    "state-changed",
    "The progression state of a patient changed",
    _filter(RESULT, "patient"),
    _filter(RESULT, "_tag"),
    _filter(RESULT, "status", _STATUS),
    _filter(RESULT, "state", f"{_OWN}/state", Modifier.NOT),
    _filter(RESULT, "previous-state", f"{_OWN}/previous-state", Modifier.NOT, Modifier.MISSING),
    _filter(RESULT, "preset", f"{_OWN}/preset"),
)
PLAN_PROPOSAL = _topic(
    "plan-proposal",
    "A follow-up was proposed",
    _filter(PLAN, "patient"),
    _filter(PLAN, "identifier"),
    _filter(PLAN, "_tag"),
    _filter(PLAN, "status"),
)
PLAN_ACCEPTED = _topic(
    "plan-accepted",
    "A follow-up was accepted",
    _filter(PLAN, "patient"),
    _filter(PLAN, "identifier"),
    _filter(PLAN, "_tag"),
)
RETRACTION = _topic(
    "retraction", "A result was taken back", _filter(RESULT, "patient"), _filter(PLAN, "patient")
)


def _is_result(event: ResultEvent) -> bool:
    return event.name.resource.type == RESULT and event.status != TAKEN_BACK


def _is_change(event: ResultEvent) -> bool:
    return _is_result(event) and event.state not in ("", event.previous_state)


def _is_proposal(event: ResultEvent) -> bool:
    return event.name.resource.type == PLAN and event.intent != "plan" and event.status != TAKEN_BACK


def _is_acceptance(event: ResultEvent) -> bool:
    accepted = event.name.resource.type == PLAN and event.intent == "plan"
    return accepted and event.status == "active" and event.previous_status != "active"


def _is_retraction(event: ResultEvent) -> bool:
    taken_back = event.status == TAKEN_BACK and event.previous_status not in ("", TAKEN_BACK)
    return taken_back and event.name.resource.type in (RESULT, PLAN)


_TRIGGERS: dict[str, Callable[[ResultEvent], bool]] = {
    PROGRESSION_RESULT.url: _is_result,
    STATE_CHANGED.url: _is_change,
    PLAN_PROPOSAL.url: _is_proposal,
    PLAN_ACCEPTED.url: _is_acceptance,
    RETRACTION.url: _is_retraction,
}

TOPICS = (PROGRESSION_RESULT, STATE_CHANGED, PLAN_PROPOSAL, PLAN_ACCEPTED, RETRACTION)
"""All on offer."""


def tells_of(topic: Topic, event: ResultEvent) -> bool:
    """Whether an event is one of this topic, before any filter."""
    return _TRIGGERS[topic.url](event)


def is_for(subscription: Subscription, event: ResultEvent, sight: Sight) -> bool:
    """Whether an event gets a number of this subscription: of its topic, past its filters, within what it may see."""
    return tells_of(subscription.asked.topic, event) and wants(subscription, event, sight)
