"""The assessment as JSON: the published names, the published shape, nothing lost."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from builders import lesion, measurement, mm, site
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from fhirgate.oncology.assessment import Assessment, LesionVerdict
from fhirgate.oncology.lesion import Kind, Role
from fhirgate.oncology.verdict import IResponse, LesionStatus, Qualifier, State
from fhirgate.report.assessment_json import assessment_json
from fhirgate.report.lesion_json import roles_of
from fhirgate.report.schema import assessment_schema

VALIDATOR = Draft202012Validator(assessment_schema())
SIZES = st.decimals(0, 500, allow_nan=False, allow_infinity=False, places=6)


def written(assessment: Assessment) -> Any:
    """The JSON after a round through text, valid by the schema."""
    made = assessment_json(assessment)
    read = json.loads(json.dumps(made, allow_nan=False))
    assert read == made
    VALIDATOR.validate(read)
    return read


def test_the_keys_are_those_published_in_their_order(rich: Assessment) -> None:
    made = assessment_json(rich)

    assert list(made) == assessment_schema()["required"]


def test_every_object_of_a_rich_assessment_has_the_keys_of_the_schema_in_order(rich: Assessment) -> None:
    shapes = assessment_schema()["$defs"]
    made = written(rich)
    found = {
        "diagnosis": made["diagnoses"],
        "lesion": made["lesions"],
        "measurement": made["lesions"][0]["measurements"],
        "localTreatment": made["lesions"][1]["localTreatments"],
        "lineOfTherapy": made["linesOfTherapy"],
        "segment": made["linesOfTherapy"][1]["segments"],
        "timepoint": made["timepoints"],
        "study": made["timepoints"][0]["studies"],
        "recist": [made["timepoints"][1]["response"]],
        "reason": made["timepoints"][0]["reasons"],
        "counts": [made["timepoints"][0]["counts"]],
        "lesionVerdict": made["timepoints"][2]["lesions"],
        "probabilities": [made["timepoints"][2]["probabilities"]],
        "bestOverallResponse": [made["bestOverallResponse"]],
        "progression": [made["firstProgression"]],
        "current": [made["current"]],
        "finding": made["findings"],
    }

    for name, examples in found.items():
        assert examples
        for each in examples:
            assert list(each) == shapes[name]["required"], name


def test_a_patient_of_whom_nothing_is_known_is_indeterminate_with_a_reason(minimal: Assessment) -> None:
    assert written(minimal) == {
        "patient": "p-0",
        "asOf": "2024-12-01",
        "preset": "DEFAULT",
        "rulesVersion": "1.0.0",
        "policy": "default 1",
        "reader": None,
        "diagnoses": [],
        "lesions": [],
        "linesOfTherapy": [],
        "timepoints": [],
        "bestOverallResponse": {
            "unconfirmed": None,
            "confirmed": None,
            "dates": {"unconfirmed": None, "confirmed": None},
            "flags": [],
        },
        "firstProgression": None,
        "current": {
            "date": None,
            "state": "INDETERMINATE",
            "qualifiers": [],
            "reasons": [
                {
                    "code": "NO_IMAGING",
                    "text": "no imaging with measurements or statements of lesions",
                    "resolvedBy": "an imaging report with tumour measurements",
                    "sources": [],
                }
            ],
            "stale": False,
            "therapyStatus": None,
            "line": None,
            "lineStart": None,
            "counts": None,
            "estroEortcClass": None,
            "probabilities": None,
            "rule": None,
            "because": None,
        },
        "supporting": [],
        "findings": [],
    }


def test_a_lesion_carries_its_place_role_measurements_and_treatments(rich: Assessment) -> None:
    assert written(rich)["lesions"][1] == {
        "id": "L2",
        "label": "T02",
        "organ": "liver",
        "laterality": None,
        "detail": "segment VI",
        "node": False,
        "cns": False,
        "bone": False,
        "primary": False,
        "role": "target",
        "firstSeen": "2024-01-10",
        "measurements": [
            a_measurement("2024-01-10", "30", "measured", "a2"),
            a_measurement("2024-03-12", "20", "measured", "b2"),
            a_measurement("2024-06-04", "5", "tooSmall", "c2"),
        ],
        "localTreatments": [{"date": "2024-03-28", "modality": "SBRT", "source": "Procedure/p1"}],
    }


def a_measurement(day: str, size: str, kind: str, id: str) -> dict[str, object]:
    return {
        "date": day,
        "mm": size,
        "axis": "long",
        "kind": kind,
        "note": "",
        "source": f"Observation/{id}/_history/1",
    }


def test_a_measurement_says_why_it_has_no_size_in_the_records_words_or_ours(rich: Assessment) -> None:
    own = measurement(Kind.NOT_EVALUABLE, note="image obscured", refused="no unit")
    ours = measurement(Kind.NOT_EVALUABLE, "2024-02-10", refused="no unit")
    seen = written(replace(rich, lesions=(lesion("L1", measurements=(own, ours)),)))["lesions"][0][
        "measurements"
    ]

    assert [(each["mm"], each["note"], each["source"]) for each in seen] == [
        (None, "image obscured", None),
        (None, "no unit", None),
    ]


def test_a_curative_line_has_no_number(rich: Assessment) -> None:
    assert written(rich)["linesOfTherapy"][0] == {
        "number": None,
        "setting": "curative",
        "start": "2023-12-01",
        "lastExposure": "2024-01-05",
        "end": "2024-01-05",
        "agents": ["cisplatin", "pemetrexed"],
        "substitutions": ["carboplatin"],
        "maintenance": [],
        "phase": "SWITCH_MAINTENANCE",
        "segments": [],
        "endReason": "TOXICITY",
        "openedBy": "NEW_DRUG",
        "carried": ["bevacizumab"],
        "evidence": "ADMINISTERED",
        "flags": [],
        "sources": [],
    }


def test_a_timepoint_gives_the_sum_its_changes_and_the_rules_behind_each_response(rich: Assessment) -> None:
    second = written(rich)["timepoints"][1]

    assert {
        name: second[name] for name in ("date", "lastDate", "baseline", "sumOfDiameters", "nadir", "line")
    } == {
        "date": "2024-03-12",
        "lastDate": "2024-03-12",
        "baseline": False,
        "sumOfDiameters": "38.5",
        "nadir": "50",
        "line": 1,
    }
    assert second["percentChangeFromBaseline"] == second["percentChangeFromNadir"] == -23.0
    assert second["response"] == {
        "target": "SD",
        "nonTarget": "NON-CR/NON-PD",
        "newLesions": False,
        "overall": "SD",
        "explained": {
            "target": explained("target-stable", "sum 38.5 mm is −23 % against the baseline 50 mm"),
            "nonTarget": explained("non-target-persists", "lymph node 4R persisting"),
            "overall": explained("overall-stable", "target SD, non-target NON-CR/NON-PD, new lesions no"),
        },
    }


def explained(rule: str, because: str) -> dict[str, object]:
    return {"rule": rule, "because": because, "sources": ["Observation/a1/_history/1"]}


def test_at_the_baseline_there_is_no_response_and_no_nadir(rich: Assessment) -> None:
    first = written(rich)["timepoints"][0]

    assert first["response"] == {
        "target": None,
        "nonTarget": None,
        "newLesions": False,
        "overall": None,
        "explained": {"target": None, "nonTarget": None, "overall": None},
    }
    assert (first["nadir"], first["percentChangeFromNadir"], first["percentChangeFromBaseline"]) == (
        None,
        None,
        0.0,
    )


def test_a_lesion_verdict_carries_the_numbers_that_decided(rich: Assessment) -> None:
    assert written(rich)["timepoints"][2]["lesions"][0] == {
        "id": "L1",
        "label": "T01",
        "status": "PROGRESSING",
        "value": "27",
        "reference": "18.5",
        "changeMm": "8.5",
        "changePercent": 45.9459,
        "qualifiers": ["MIXED_TECHNIQUE"],
        "rule": "lesion-progressing",
        "because": "27 mm is +45.9 % and +8.5 mm against 18.5 mm of 2024-03-12",
        "sources": ["Observation/b1/_history/1", "Observation/c1/_history/1"],
    }


def test_the_current_state_has_what_a_caller_needs_to_act(rich: Assessment) -> None:
    assert written(rich)["current"] == {
        "date": "2024-06-04",
        "state": "OLIGOPROGRESSION",
        "qualifiers": ["MIXED_RESPONSE", "NE_LESIONS_NOT_DECISIVE", "STALE"],
        "reasons": [],
        "stale": True,
        "therapyStatus": "on",
        "line": 1,
        "lineStart": "2024-01-15",
        "counts": {"progressing": 1, "new": 1, "controlled": 1, "equivocal": 0, "notEvaluable": 1},
        "estroEortcClass": "REPEAT_OLIGOPROGRESSION",
        "probabilities": {
            "none": 0.0,
            "oligo": {"low": 0.9123, "high": 0.9877},
            "limited": {"low": 0.0123, "high": 0.0877},
            "systemic": 0.0,
        },
        "rule": "oligoprogression",
        "because": "1 of 2 evaluable known lesions progresses and 1 new lesion (T01 and 脳転移 1); limit 5",
    }


def test_findings_and_diagnoses_are_given_as_found(rich: Assessment) -> None:
    made = written(rich)

    assert made["findings"][0] == {
        "code": "UNIT_MISSING",
        "severity": "error",
        "text": "a size without a unit was not used; add the unit",
        "path": "Observation.valueQuantity",
        "source": "Observation/x1",
    }
    assert [(each["date"], each["site"], each["active"]) for each in made["diagnoses"]] == [
        ("2023-11", "left lung", True),
        (None, None, False),
    ]


def test_roles_are_those_of_the_line_then_the_records_then_new_or_non_target(rich: Assessment) -> None:
    stated = lesion("L5", stated_role=Role.NEW)
    unknown = lesion("L6")

    assert roles_of(replace(rich, lesions=(*rich.lesions, stated, unknown))) == {
        "L1": Role.TARGET,
        "L2": Role.TARGET,
        "L3": Role.NON_TARGET,
        "L4": Role.NEW,
        "L5": Role.NEW,
        "L6": Role.NON_TARGET,
    }


def with_verdict(assessment: Assessment, verdict: LesionVerdict, **more: Any) -> Assessment:
    """The assessment with this one lesion at the last timepoint."""
    last = replace(assessment.timepoints[-1], lesions=(verdict,), **more)
    return replace(assessment, lesions=(verdict.lesion,), timepoints=(last,))


@given(now=SIZES, before=SIZES, status=st.sampled_from(LesionStatus), organ=st.text(min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_lesion_survives_a_round_through_text_and_is_valid(
    rich: Assessment, now: Decimal, before: Decimal, status: LesionStatus, organ: str
) -> None:
    verdict = LesionVerdict(
        lesion=lesion("X", site=site(organ), measurements=(measurement(now),)),
        status=status,
        value=mm(now),
        reference=mm(before),
        rule="r",
        because="b",
    )

    made = written(with_verdict(rich, verdict))

    assert Decimal(made["timepoints"][0]["lesions"][0]["changeMm"]) == now - before
    assert Decimal(made["lesions"][0]["measurements"][0]["mm"]) == now


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("qualifier", [Qualifier.STALE, Qualifier.REAPPEARED])
def test_any_state_is_valid(rich: Assessment, state: State, qualifier: Qualifier) -> None:
    current = replace(rich.current, state=state, qualifiers=(qualifier,))

    assert written(replace(rich, current=current))["current"]["state"] == state.value


@pytest.mark.parametrize("category", IResponse)
def test_any_immune_response_is_valid(rich: Assessment, category: IResponse) -> None:
    first = replace(rich.timepoints[0], irecist=category)

    assert written(replace(rich, timepoints=(first,)))["timepoints"][0]["iRecist"] == category.value


def test_a_state_on_a_curative_line_is_found_by_the_start_of_the_line(rich: Assessment) -> None:
    last = replace(rich.timepoints[-1], line=rich.lines[0])
    current = written(replace(rich, current=replace(rich.current, assessed=last)))["current"]

    assert (current["line"], current["lineStart"]) == (None, str(date(2023, 12, 1)))
