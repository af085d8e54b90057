"""HL7's own validator on every definition we publish and on every resource we compose, in one start, offline.

Nobody here wrote it. It reads each result against the profile that the result itself names, and what it must
refuse is in the same run, so that silence means something.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from assessments import assessment, facts, interval, judged, without_imaging
from builders import line, reason
from peers.hl7_validator.validator import EXCUSED, Issue, errors, validate
from profile_files import RESOURCES

from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.mapping.compose.invariants import problems
from fhirgate.mapping.compose.occasion import SHOWN, Occasion
from fhirgate.mapping.compose.retraction import compose_retraction_provenance, retract, revoke
from fhirgate.oncology.assessment import Assessment, Probabilities
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.source import Source
from fhirgate.oncology.verdict import Qualifier, State
from fhirgate.sandbox.dialects.record import as_bundle, write_record
from fhirgate.sandbox.stories import load_stories
from fhirgate.services.assess_record import Choices, assess_patients

pytestmark = pytest.mark.peer

Json = dict[str, Any]
WRITTEN = Occasion(recorded=datetime(2025, 2, 10, 9, tzinfo=UTC))
AGAIN = Occasion(
    recorded=datetime(2025, 2, 10, 9, tzinfo=UTC),
    again=True,
    former_result=Source("RiskAssessment", "r0", "2"),
    former_plan=Source("CarePlan", "p0", "1"),
)
WIDE = Probabilities(
    none=interval(0.011), oligo=interval(0.8, 0.944), limited=interval(0.045), systemic=interval(0.0, 0.144)
)


def _bundle(given: Assessment, occasion: Occasion = WRITTEN) -> Json:
    return compose_bundle(given, facts(), DEFAULT_POLICY, occasion=occasion, states=True)


def _composed() -> Iterator[tuple[str, Json]]:
    """Every story under DEFAULT, every state, and every way in which a result can be written."""
    for story in load_stories():
        (result,) = assess_patients(
            [as_bundle(write_record(story))], date.fromisoformat(story.as_of), Choices()
        )
        given = result.assessments[0]
        yield story.slug, compose_bundle(given, result.chart, DEFAULT_POLICY, occasion=WRITTEN, states=True)
    for state in State:
        yield (
            f"state-{state}",
            _bundle(assessment(judged(state, probabilities=WIDE, qualifiers=tuple(Qualifier)))),
        )
    yield "no-imaging", _bundle(without_imaging(diagnoses=(), reasons=(reason("NO_IMAGING", "no imaging"),)))
    yield "written-again", _bundle(assessment(), AGAIN)
    yield "shown", _bundle(assessment(judged(line=line("2024-03-01"))), SHOWN)
    yield from _taken_back()


def _taken_back() -> Iterator[tuple[str, Json]]:
    risk, plan, state, provenance = (each["resource"] for each in _bundle(assessment())["entry"])
    for name, resource in (("result", risk), ("plan", plan), ("state", state)):
        yield f"retracted-{name}", retract(resource, "the scan was another patient's")
    yield "revoked-plan", revoke(plan, "a newer one replaces it")
    former = (Source("RiskAssessment", "r1", "1"), Source("CarePlan", "p1", "1"))
    yield "retraction", compose_retraction_provenance(former, provenance["policy"], "wrong scan", AGAIN)


def _faulty() -> Iterator[tuple[str, Json, str]]:
    """Results with one fault each, and what the validator must say of it."""
    risk, plan, state, provenance = (
        each["resource"] for each in _bundle(assessment(judged(probabilities=WIDE)))["entry"]
    )
    yield "fault-no-method", _without(risk, "method"), "RiskAssessment.method: minimum required = 1"
    yield "fault-no-basis", _without(risk, "basis"), "RiskAssessment.basis: minimum required = 1"
    yield "fault-no-text", _without(risk, "text"), "RiskAssessment.text: minimum required = 1"
    yield "fault-retracted", risk | {"status": "entered-in-error"}, "fg-risk-retracted"
    yield "fault-number", risk | {"status": "cancelled"}, "fg-risk-no-number"
    yield "fault-percent", _with(risk, ("prediction", 2, "probabilityDecimal"), 101), "fg-risk-percent"
    yield (
        "fault-certain",
        _with(risk, ("prediction", 2, "qualitativeRisk", "coding", 0, "code"), "certain"),
        "certain",
    )
    wrong = _with(risk, ("prediction", 0, "outcome", "coding", 0, "code"), "oligo")
    yield "fault-unknown-state", wrong, "oligo"
    yield "fault-script", _with(risk, ("text", "div"), f"{_DIV}<script>x</script></div>"), "script"
    yield "fault-order", plan | {"intent": "order"}, "order"
    yield "fault-started", _with(plan, ("activity", 0, "detail", "status"), "in-progress"), "in-progress"
    yield "fault-no-option", _without(plan, "activity"), "fg-plan-proposes"
    yield "fault-no-software", _without(_first(provenance, "agent"), "type"), "agent"
    yield "fault-no-value", _without(state, "valueCodeableConcept"), "fg-state-concludes"
    yield (
        "fault-count",
        _with(state, ("component", 0), {"code": state["component"][0]["code"], "valueString": "two"}),
        "value",
    )


_DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'


def _without(resource: Json, name: str) -> Json:
    return {key: value for key, value in resource.items() if key != name}


def _first(resource: Json, name: str) -> Json:
    """The resource whose first element of a list has lost its type."""
    return resource | {name: [_without(resource[name][0], "type")]}


def _with(resource: Json, path: tuple[str | int, ...], value: object) -> Json:
    changed: Any = deepcopy(resource)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return dict(changed)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every composed and every faulty resource."""
    folder = tmp_path_factory.mktemp("composed")
    for name, resource in (*_composed(), *((name, faulty) for name, faulty, _ in _faulty())):
        (folder / f"{name}.json").write_text(json.dumps(resource, default=float), "utf-8")
    return folder


@pytest.fixture(scope="module")
def found(written: Path) -> tuple[tuple[str, ...], tuple[Issue, ...]]:
    """The one run over everything."""
    return validate([RESOURCES, written], guides=[RESOURCES])


def test_every_file_was_looked_at(written: Path, found: tuple[tuple[str, ...], tuple[Issue, ...]]) -> None:
    expected = sorted(path.name for folder in (RESOURCES, written) for path in folder.glob("*.json"))

    assert sorted(found[0]) == expected


def test_definitions_and_composed_resources_have_no_error(
    found: tuple[tuple[str, ...], tuple[Issue, ...]],
) -> None:
    assert errors(each for each in found[1] if not each.file.startswith("fault-")) == []


@pytest.mark.parametrize(("name", "said"), [(name, said) for name, _, said in _faulty()])
def test_a_fault_is_found(name: str, said: str, found: tuple[tuple[str, ...], tuple[Issue, ...]]) -> None:
    told = errors(each for each in found[1] if each.file == f"{name}.json")

    assert any(said in each for each in told), told


def test_every_excuse_is_needed(found: tuple[tuple[str, ...], tuple[Issue, ...]]) -> None:
    assert [each.message for each in EXCUSED if not any(each.covers(issue) for issue in found[1])] == []


def test_every_profile_of_ours_was_known(found: tuple[tuple[str, ...], tuple[Issue, ...]]) -> None:
    ours = [
        each.message
        for each in found[1]
        if "https://fhirgate.example/fhir/StructureDefinition" in each.message
    ]

    assert [each for each in ours if "could not be found" in each] == []


def test_what_is_called_a_fault_here_is_one_by_our_own_rules_or_only_theirs() -> None:
    """Guards the test data: each composed resource is right by our own check before the validator sees it."""
    assert [name for name, resource in _composed() if problems(resource)] == []
