"""Words of a record that would act where they are shown: in a terminal, in FHIR's Markdown and XHTML, in an SVG."""

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from fhir_records import SCT, concept
from security.hostile import AS_OF, P1, SCANS, base, labelled, size

from fhirgate.charts.render import render_svg
from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.mapping.compose.elements import notes, reference, subject
from fhirgate.mapping.compose.invariants import problems
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.chart import Patient
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.source import Source
from fhirgate.report.assessment_json import assessment_json
from fhirgate.report.story import tell
from fhirgate.services.assess_record import Choices, PatientResult, assess_patients

STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
OUR_MARKUP = {"div", "h3", "p", "b", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
EVIL = (
    "\x1b]0;owned\x07\x1b[2J\x1b[31m", "\x9b2J", "\u202emm 02\u202c", "\u2066x\u2069", "a\r\nSTATE: fine", "\x00x",
    "<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "]]><svg onload=alert(1)>", "{{7*7}}${7*7}",
    "[click](http://evil.example)", r"\[click](http://evil.example)", "![x](http://evil.example/x.png)",
    "see http://evil.example/login", "<http://evil.example>", "datum['lesion']", 'signal("x")', "&lt;b&gt;",
)  # fmt: skip


def result(evil: str) -> PatientResult:
    """A record that says it everywhere that words are shown: labels, sites, drugs, diagnoses, ids, units, codes."""
    record: list[dict[str, Any]] = [
        *base(),
        *(labelled(f"{evil}{number}", on, evil, 20 + 15 * number) for number, on in enumerate(SCANS)),
        *(size(f"s{number}", on, bodySite={"text": f"liver {evil}"}) for number, on in enumerate(SCANS)),
        size("u", SCANS[2], {"value": 1, "unit": evil}, bodySite=concept(SCT, "39607008", evil)),
        size(
            "c", SCANS[2], bodySite=concept(SCT, "39607008"), category=[{"text": evil}], valueString=evil[:80]
        ),
        {"resourceType": "Condition", "id": "d", "subject": P1, "code": {"text": f"carcinoma {evil}"}},
        {
            "resourceType": "MedicationStatement",
            "id": "m",
            "status": "active",
            "category": {"text": "chemotherapy"},
            "subject": P1,
            "effectivePeriod": {"start": SCANS[0]},
            "medicationCodeableConcept": {"text": f"{evil}mab"},
        },
        {"resourceType": evil, "subject": P1},
        {"resourceType": "OperationOutcome", "issue": [{"diagnostics": evil}]},
    ]
    (found,) = assess_patients(record, AS_OF, Choices())
    return found


def assessment(evil: str) -> Assessment:
    return result(evil).assessments[0]


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
def test_text_and_json_hold_nothing_that_steers_a_terminal(evil: str) -> None:
    found = assessment(evil)

    assert STEERING.findall(tell(found)) == []
    assert STEERING.findall(json.dumps(assessment_json(found), ensure_ascii=False)) == []


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
def test_a_picture_has_no_element_link_or_script_that_the_record_wrote(evil: str) -> None:
    tree = ET.fromstring(render_svg(assessment(evil)))  # noqa: S314 - our own output

    assert {each.tag.rpartition("}")[2] for each in tree.iter()} <= {
        "svg", "g", "rect", "path", "line", "text", "tspan", "title", "desc",
    }  # fmt: skip
    written = {name for each in tree.iter() for name in each.attrib}
    assert not [
        name for name in written if name.lower().startswith("on") or "href" in name or name == "style"
    ]


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
def test_fhir_is_valid_and_its_words_are_only_words(evil: str) -> None:
    found = result(evil)
    bundle = compose_bundle(found.assessments[0], found.chart, DEFAULT_POLICY)

    assert problems(bundle) == ()
    assert STEERING.findall(json.dumps(bundle, default=str, ensure_ascii=False)) == []
    for entry in bundle["entry"]:
        div = ET.fromstring(entry["resource"].get("text", {}).get("div", "<div/>"))  # noqa: S314 - our own output
        assert {each.tag.rpartition("}")[2] for each in div.iter()} <= OUR_MARKUP
        assert [each.attrib for each in div.iter() if each.attrib] == []


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("[x](http://e)", r"\[x](http:\//e)"),
        (r"\[x](y)", r"\\\[x](y)"),
        ("<b>", r"\<b>"),
        ("www.evil.example", r"www\.evil.example"),
        ("![x](y)", r"!\[x](y)"),
        ("5 mm, stable", "5 mm, stable"),
        ("a\u202e\x1b\nb", "a b"),
    ],
)
def test_a_note_is_markdown_in_which_nothing_of_the_record_is_markup(said: str, shown: str) -> None:
    assert notes([said]) == [{"text": shown}]


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        ("p1", {"reference": "Patient/p1"}),
        ("p_1", {"reference": "Patient/p_1"}),
        ("https://one/fhir/Patient/1", {"reference": "https://one/fhir/Patient/1"}),
        ("urn:oid:1.2.3", {"reference": "urn:oid:1.2.3"}),
        ("../../x", {"type": "Patient", "identifier": {"value": "../../x"}}),
        ("x" * 65, {"type": "Patient", "identifier": {"value": "x" * 65}}),
    ],
)
def test_a_patient_is_referred_to_only_by_what_can_be_a_reference(id: str, expected: dict[str, Any]) -> None:
    assert subject(Patient(id=id)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (Source("Observation", "1", "2"), {"reference": "Observation/1/_history/2"}),
        (Source("Observation", "1", 'W/"2"'), {"reference": "Observation/1"}),
        (
            Source("Observation", "a b", "2"),
            {"type": "Observation", "display": "Observation that has no FHIR id in the record"},
        ),
    ],
)
def test_a_source_is_referred_to_only_by_what_can_be_a_reference(
    source: Source, expected: dict[str, Any]
) -> None:
    assert reference(source) == expected
