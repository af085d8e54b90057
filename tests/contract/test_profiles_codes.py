"""What is published as codes is what the code writes: no code system can drift from the values it stands for."""

import ast
import json
from pathlib import Path

import pytest
from profile_files import ROOT, resources
from profiles_build import build

from fhirgate.mapping import canonical
from fhirgate.mapping.compose.answers import CLASS_TERMS, QUALIFIER_TERMS, RESPONSE_TERMS, THERAPY_TERMS
from fhirgate.mapping.compose.code_systems import CODE_SYSTEMS, OwnCodeSystem
from fhirgate.mapping.compose.reasons import REASON_TERMS
from fhirgate.mapping.compose.states import STATE_CODES
from fhirgate.oncology.criteria.recist_1_1 import PROGRESSION_FACTOR, PROGRESSION_INCREASE
from fhirgate.oncology.progression.criteria import CRITERIA
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.oncology.verdict import EstroEortcClass, IResponse, Qualifier, Response, State, TherapyStatus

PUBLISHED = {each["url"]: each for each in resources("CodeSystem")}


@pytest.mark.parametrize("system", CODE_SYSTEMS, ids=lambda each: each.id)
def test_a_published_code_system_is_the_one_the_code_writes(system: OwnCodeSystem) -> None:
    published = PUBLISHED[system.url]

    assert [(c["code"], c["display"], c["definition"]) for c in published.get("concept", [])] == [
        (each.code, each.display, each.definition) for each in system.terms
    ]
    assert published["content"] == ("complete" if system.terms else "not-present")
    assert published["caseSensitive"] is True
    assert published["description"] == system.description


def test_no_other_code_system_is_published() -> None:
    assert set(PUBLISHED) == {each.url for each in CODE_SYSTEMS}


def test_the_fsh_of_the_codes_is_written_from_the_code() -> None:
    assert build.CODES.read_text("utf-8") == build.code_systems_fsh(), "run python profiles/build_profiles.py"


@pytest.mark.parametrize("system", CODE_SYSTEMS, ids=lambda each: each.id)
def test_a_code_system_names_each_concept_once_with_a_full_definition(system: OwnCodeSystem) -> None:
    assert len({each.code for each in system.terms}) == len(system.terms)
    assert len({each.display for each in system.terms}) == len(system.terms)
    assert all(each.definition.endswith(".") for each in system.terms)


def test_every_answer_of_the_core_has_a_term() -> None:
    assert set(STATE_CODES) == set(State)
    assert set(QUALIFIER_TERMS) == set(Qualifier)
    assert set(THERAPY_TERMS) == set(TherapyStatus)
    assert set(CLASS_TERMS) == set(EstroEortcClass)
    assert set(RESPONSE_TERMS) == {each.value for each in (*Response, *IResponse)}
    assert [each.code for each in _system(canonical.PRESETS).terms] == list(PRESETS)


def test_every_reason_the_core_can_give_is_published_and_no_other() -> None:
    assert set(REASON_TERMS) == _reasons_in_the_core() | {each.code for each in CRITERIA}


def test_a_state_with_a_count_says_the_limit_the_therapy_and_the_rule() -> None:
    default = PRESETS["DEFAULT"]
    progressing = [STATE_CODES[each] for each in (State.OLIGOPROGRESSION, State.LIMITED_PROGRESSION)]

    for each in progressing:
        assert f"one to {default.max_lesions} by default" in each.definition
        assert "On systemic therapy" in each.definition
    rule = PUBLISHED[canonical.STATES]["description"]
    assert f"{(PROGRESSION_FACTOR - 1) * 100:f} % and {PROGRESSION_INCREASE} mm over" in rule


def test_every_preset_says_its_limit() -> None:
    for term in _system(canonical.PRESETS).terms:
        assert f"at most {PRESETS[term.code].max_lesions}" in term.definition
        assert PRESETS[term.code].source in term.definition


def _system(url: str) -> OwnCodeSystem:
    return next(each for each in CODE_SYSTEMS if each.url == url)


def _reasons_in_the_core() -> set[str]:
    """The code of every Reason that the core makes, from its source."""
    found = set()
    for path in sorted((ROOT / "fhirgate" / "oncology").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found |= _code_of(node, node.func.id)
    return found


def _code_of(call: ast.Call, name: str) -> set[str]:
    """The code given to a Reason, or to the one helper that makes one; codes passed on are those given elsewhere."""
    if name == "Reason":
        (code,) = (each.value for each in call.keywords if each.arg == "code")
    elif name == "_reason" and len(call.args) > 1:
        code = call.args[0]
    else:
        return set()
    if isinstance(code, ast.Constant):
        return {str(code.value)}
    assert ast.unparse(code) in ("code", "each.code"), (
        f"a reason whose code cannot be read: {ast.unparse(call)}"
    )
    return set()


def test_canonical_urls_in_the_code_are_published() -> None:
    published = {each["url"] for each in resources() if "url" in each}
    named = {
        value
        for name, value in vars(canonical).items()
        if isinstance(value, str)
        and value.startswith((f"{canonical.BASE}/CodeSystem", f"{canonical.BASE}/StructureDefinition"))
    }

    assert len(named) == len(CODE_SYSTEMS) + 6
    assert named <= published


def test_everything_published_has_the_version_of_the_code() -> None:
    versions = {each["version"] for each in resources() if "url" in each}

    assert versions == {canonical.PROFILES_VERSION} == {canonical.CODES_VERSION}


def test_the_files_are_named_by_what_they_hold() -> None:
    for path in sorted(Path(ROOT / "profiles" / "resources").glob("*.json")):
        resource = json.loads(path.read_text("utf-8"))
        assert path.stem == f"{resource['resourceType']}-{resource['id']}"
