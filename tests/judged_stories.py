"""A clinical case as a whole record: a story in the sandbox's format, judged, and what must come out.

Beside the fields of a story a case may give `stable` (how many bone metastases that never change stand beside the
lesions told), `said` (what a reading says beyond the story: PET uptake, a merge, a refused size), `stated` (what a
person says of spread or course) and `policy` (a site's own choices).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from fhirgate.oncology.assessment import Assessment, TimepointAssessment
from fhirgate.oncology.chart import Chart, Course, CourseStatement, Spread, SpreadStatement
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.diagnosis import Diagnosis, Tumour
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.judgement.assess import assess_chart, find_reader
from fhirgate.oncology.lesion import Change, Kind, LesionIdentity, Sighting, Uptake
from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.policy import (
    DEFAULT_POLICY,
    GapPolicy,
    IciPolicy,
    Policy,
    ReferenceMode,
    sections,
)
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.oncology.site import Diffuse, Site
from fhirgate.oncology.source import Source
from fhirgate.oncology.therapy import LocalTreatment
from fhirgate.sandbox.facts import chart_of
from fhirgate.sandbox.stories import story_from
from fhirgate.sandbox.story import Story

Case = dict[str, Any]

PRIMARY = {"kind": "lung", "on": "2020-01-10"}
UNTREATED: list[dict[str, Any]] = []
ON_OSIMERTINIB = [{"drug": "osimertinib", "start": "2024-01-15"}]
OF_THE_LESION = ("diffuse", "anonymous", "condition")
"""What a case says of a lesion that a story does not know."""


def story_of(case: Case) -> Story:
    """The story of a case: lung cancer of 2020, on osimertinib from 2024-01-15, unless it says otherwise."""
    scans = [{"on": each} if isinstance(each, str) else each for each in case["scans"]]
    lesions = [
        {name: value for name, value in each.items() if name not in OF_THE_LESION}
        for each in case.get("lesions", [])
    ]
    cancers = case.get("cancers", [PRIMARY, {"kind": "metastasis lung", "on": _day(scans)}])
    return story_from(
        case["id"],
        {
            "title": case["name"],
            "tells": case["source"],
            "dialect": "plain",
            "as_of": case.get("as_of", (_last_day(scans) + timedelta(days=14)).isoformat()),
            "born": case.get("born", "1960-01-01"),
            "sex": "female",
            "cancers": cancers,
            "scans": scans,
            "lesions": [*lesions, *_stable(case, len(scans))],
            "given": case.get("given", ON_OSIMERTINIB),
            "local": case.get("local", []),
            "bone_counts": case.get("bone_counts", []),
            "preset": case.get("preset", "DEFAULT"),
        },
    )


def _day(scans: list[dict[str, Any]]) -> str:
    return str(scans[0]["on"]) if scans else "2024-01-10"


def _last_day(scans: list[dict[str, Any]]) -> date:
    return max((ClinicalDate.parse(each["on"]).latest for each in scans), default=date(2024, 6, 1))


def _stable(case: Case, scans: int) -> Iterator[dict[str, Any]]:
    """Bone metastases that never change; a second reader of other lesions sees them too, unless told not to."""
    twice = any("second_reader" in each for each in case.get("lesions", []))
    for each in range(case.get("stable", 0)):
        yield {
            "label": f"B{each + 1}",
            "place": "bone",
            "role": "nonTarget",
            "detail": f"vertebra {each + 1}",
            "readings": " ".join(["P"] * scans),
            "second_reader": " ".join(["P"] * scans) if twice and not case.get("stable_read_once") else "",
        }


def chart_from(case: Case) -> Chart:
    """The chart of a case."""
    chart = chart_of(story_of(case))
    sightings = tuple(_as_told(case, each) for each in chart.sightings)
    return replace(
        chart,
        sightings=tuple(_beyond(case, each) for each in sightings),
        diagnoses=tuple(_diagnoses(case, chart.diagnoses)),
        courses=tuple(_courses(case)),
        spreads=tuple(_spreads(case)),
        local_treatments=tuple(_untied(case, each) for each in chart.local_treatments),
    )


def _diagnoses(case: Case, diagnoses: tuple[Diagnosis, ...]) -> Iterator[Diagnosis]:
    """The diagnoses of a story with the organ of a metastasis, and the tumour type or spread the case names."""
    for number, each in enumerate(diagnoses):
        kind = story_of(case).cancers[number].kind
        told = {**case.get("diagnoses", {}).get(each.id, {})}
        yield replace(
            each,
            site=Site(organ=kind.removeprefix("metastasis ")),
            tumour=Tumour(told["tumour"]) if "tumour" in told else each.tumour,
            diffuse=Diffuse(told["diffuse"]) if "diffuse" in told else None,
        )


def _as_told(case: Case, sighting: Sighting) -> Sighting:
    told = next((each for each in case.get("lesions", []) if each["label"] == sighting.identity.label), {})
    identity = sighting.identity
    if "diffuse" in told:
        identity = replace(identity, site=replace(identity.site, diffuse=Diffuse(told["diffuse"])))
    if "condition" in told:
        identity = replace(identity, condition=told["condition"])
    if told.get("anonymous"):
        identity = LesionIdentity(site=replace(identity.site, detail=""))
    return replace(sighting, identity=identity, reader=None if case.get("no_readers") else sighting.reader)


def _beyond(case: Case, sighting: Sighting) -> Sighting:
    for row in case.get("said", []):
        if row["lesion"] == sighting.identity.label and row["on"] == sighting.taken_on.text:
            sighting = replace(sighting, **dict(_more(row)))
    return sighting


def _more(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields of a sighting that a row of `said` gives."""
    if "sul_peak" in row or "suv_max" in row:
        yield "uptake", Uptake(sul_peak=_decimal(row.get("sul_peak")), suv_max=_decimal(row.get("suv_max")))
    if "merged_into" in row:
        yield "merged_into", frozenset({f"BodyStructure/{row['merged_into']}"} - {"BodyStructure/"})
        yield "kind", Kind.MERGED
    if "fragments" in row:
        yield "fragments", tuple(Millimetres(Decimal(each)) for each in row["fragments"])
        yield "kind", Kind.SPLIT
    if "refused" in row:
        yield "refused", row["refused"]
        yield "kind", Kind.NOT_EVALUABLE
        yield "long_axis", None
    if "kind" in row:
        yield "kind", Kind(row["kind"])
    if "change" in row:
        yield "change", Change(row["change"])
    if "modality" in row:
        yield "modality", row["modality"]
    if "slices" in row:
        yield "slice_thickness", Millimetres(Decimal(row["slices"]))


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _courses(case: Case) -> Iterator[CourseStatement]:
    for number, row in enumerate(case.get("stated", {}).get("courses", [])):
        yield CourseStatement(
            stated_on=ClinicalDate.parse(row["on"]),
            course=Course(row["course"]),
            source=Source("Observation", f"course-{number}"),
        )


def _spreads(case: Case) -> Iterator[SpreadStatement]:
    for number, row in enumerate(case.get("stated", {}).get("spreads", [])):
        yield SpreadStatement(
            stated_on=ClinicalDate.parse(row["on"]) if "on" in row else None,
            spread=Spread(row.get("spread", "present")),
            diffuse=Diffuse(row["diffuse"]) if "diffuse" in row else None,
            source=Source("Observation", f"spread-{number}"),
        )


def _untied(case: Case, treatment: LocalTreatment) -> LocalTreatment:
    """A treatment without a day of end, where the case says so."""
    return replace(treatment, ended_on=None) if case.get("local_without_end") else treatment


_ENUMS = {"reference_mode": ReferenceMode, "gap_policy": GapPolicy, "ici_policy": IciPolicy}


def policy_of(case: Case) -> Policy:
    """The default policy with the case's own choices."""
    policy = DEFAULT_POLICY
    for section, values in case.get("policy", {}).items():
        chosen = {name: _ENUMS[name](value) if name in _ENUMS else value for name, value in values.items()}
        assert section in sections()
        policy = replace(policy, **{section: replace(getattr(policy, section), **chosen)})
    return policy


_JUDGED: dict[str, Assessment] = {}


def judged(case: Case) -> Assessment:
    """The assessment of a case, made once."""
    if case["id"] not in _JUDGED:
        _JUDGED[case["id"]] = judge_case(case)
    return _JUDGED[case["id"]]


def judge_case(case: Case) -> Assessment:
    """The assessment of a case."""
    chart, story = chart_from(case), story_of(case)
    reader = find_reader(chart, case["reader"]) if "reader" in case else None
    return assess_chart(
        chart, PRESETS[story.preset], policy_of(case), date.fromisoformat(story.as_of), reader
    )


COUNTS = ("progressing", "new", "controlled", "equivocal", "not_evaluable")


def told(at: TimepointAssessment, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What a timepoint came to, in the words of a case, as far as it asks; state and codes always."""
    found: dict[str, Any] = {
        "on": at.timepoint.date.text,
        "state": at.state.answer.value,
        "qualifiers": [each.value for each in at.qualifiers],
        "reasons": sorted({each.code for each in at.reasons}),
    }
    response = at.response
    optional: dict[str, Any] = {
        "rule": at.state.rule,
        "sum": _number(at.sum_of_diameters),
        "nadir": _number(at.nadir),
        "target": response.target.answer.value if response.target else "none",
        "non_target": response.non_target.answer.value if response.non_target else "none",
        "overall": response.overall.answer.value if response.overall else "none",
        "new": response.new_lesions,
        "irecist": at.irecist.value if at.irecist else "none",
        "therapy": at.therapy_status.value,
        "line": at.line.number if at.line and at.line.number else 0,
        "estro": at.estro_eortc.value if at.estro_eortc else "none",
        "baseline": at.baseline,
        "counts": {name: getattr(at.counts, name) for name in COUNTS if getattr(at.counts, name)},
    }
    found.update({name: value for name, value in optional.items() if name in asked})
    if "lesions" in asked:
        statuses = {each.lesion.label: each.status.value for each in at.lesions}
        found["lesions"] = {name: statuses.get(name, "none") for name in asked["lesions"]}
    if "reference" in asked:
        references = {each.lesion.label: _number(each.reference) for each in at.lesions}
        found["reference"] = {name: references.get(name, "none") for name in asked["reference"]}
    return found


def _number(value: Decimal | None) -> Decimal | str:
    return "none" if value is None else value


def expected(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a case with what it leaves out: no qualifier, no reason."""
    words = {"qualifiers": [], **asked, "reasons": sorted(asked.get("reasons", []))}
    return {name: value for name, value in words.items() if name not in ("why", "resolved_by", "because")}


def finding_codes(assessment: Assessment) -> list[str]:
    """Codes of what was odd in the data; mere information apart."""
    return sorted({each.code for each in assessment.findings if each.severity is not Severity.INFORMATION})
