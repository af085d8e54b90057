"""Records built to cost more than they weigh: four times the record takes about four times as long.

Where a step compares everything with everything it takes sixteen times as long, and ten thousand lesions take hours.
"""

from collections.abc import Callable
from datetime import date
from time import process_time
from typing import Any

import pytest
from fhir_records import SCT, SITES, concept
from security.hostile import AS_OF, DICOM, P1, SCANS, base, day, labelled, size, structure, unseen

from fhirgate.charts.spec import chart_spec
from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.progression.coverage import MOST_CASES, both_ways
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.oncology.progression.situation import LesionInPlay
from fhirgate.oncology.uncertainty import Field, state_probabilities
from fhirgate.oncology.verdict import LesionStatus
from fhirgate.report.assessment_json import assessment_json
from fhirgate.report.story import tell
from fhirgate.services.assess_record import Choices, assess_patients

Json = dict[str, Any]
MOST_GROWTH = 8
"""Between four times, which grows with the record, and sixteen times, which grows with its square."""


def lesions(number: int) -> list[Json]:
    return [
        *(structure(each) for each in range(number)),
        *(size(f"{each}-{on}", on, of=each) for each in range(number) for on in SCANS),
    ]


def lesions_that_merge(number: int) -> list[Json]:
    """Every lesion is said to have coalesced with the next one."""
    found = lesions(number)[: number + 2 * number]
    for each in range(number):
        both = [{"reference": f"BodyStructure/b{other}"} for other in (each, (each + 1) % number)]
        found.append(
            size(
                f"{each}-merged", SCANS[2], focus=both, component=[], valueCodeableConcept={"text": "merged"}
            )
        )
    return found


def timepoints(number: int) -> list[Json]:
    return [structure(1), *(size(str(each), day(each), 20 + each % 30, of=1) for each in range(number))]


def names_in_a_chain(number: int) -> list[Json]:
    """Each measurement shares a name with the one before and the one after."""
    kind = concept(DICOM, "112040", "Tracking Unique Identifier")
    return [
        size(
            str(each),
            SCANS[each % 3],
            identifier=[{"type": kind, "value": f"1.2.{each}"}, {"type": kind, "value": f"1.2.{each + 1}"}],
        )
        for each in range(number)
    ]


def groups(number: int) -> list[Json]:
    """Every group holds every measurement and every group, itself included."""
    members = [{"reference": f"Observation/{kind}{each}"} for each in range(number) for kind in "go"]
    found = [
        {"resourceType": "Observation", "id": f"g{each}", "status": "final", "subject": P1, "code": {"text": "group"},
         "effectiveDateTime": SCANS[0], "hasMember": members}
        for each in range(number)
    ]  # fmt: skip
    return [*found, *(size(f"o{each}", SCANS[0]) for each in range(number))]


def contained(number: int) -> list[Json]:
    inner = [
        {"resourceType": "BodyStructure", "id": f"x{each}", "location": concept(SCT, *SITES[0])}
        for each in range(number)
    ]
    return [
        size("a", SCANS[0], contained=inner, focus=[{"reference": f"#x{each}"} for each in range(number)])
    ]


def biopsies(number: int) -> list[Json]:
    target = "http://hl7.org/fhir/StructureDefinition/procedure-targetBodyStructure"
    found = [
        {"resourceType": "Procedure", "id": f"p{each}", "status": "completed", "subject": P1,
         "code": {"text": "biopsy of liver"}, "performedDateTime": "2024-01-01",
         "extension": [{"url": target, "valueReference": {"reference": f"BodyStructure/b{each}"}}]}
        for each in range(number)
    ]  # fmt: skip
    return [*lesions(number), *found]


def orders(number: int) -> list[Json]:
    return [
        {"resourceType": "MedicationRequest", "id": f"m{each}", "status": "active", "intent": "order", "subject": P1,
         "authoredOn": day(each), "medicationCodeableConcept": {"text": "osimertinib"}}
        for each in range(number)
    ]  # fmt: skip


def by_labels(number: int) -> list[Json]:
    return [labelled(f"{each}-{on}", on, f"L{each}") for each in range(number) for on in SCANS]


def at_sites_nobody_knows(number: int) -> list[Json]:
    return [
        size(f"{each}-{on}", on, bodySite={"text": f"place {each}"}) for each in range(number) for on in SCANS
    ]


def that_nobody_sees(number: int) -> list[Json]:
    return [*lesions(number), *(unseen(f"u{each}", day(13_000), each) for each in range(number))]


def copies(number: int) -> list[Json]:
    return [size("a", SCANS[0], each % 50) for each in range(number)]


RECORDS: dict[str, tuple[Callable[[int], list[Json]], int]] = {
    "lesions": (lesions, 1000),
    "lesions known by labels": (by_labels, 600),
    "lesions at sites nobody knows": (at_sites_nobody_knows, 600),
    "lesions that merge": (lesions_that_merge, 800),
    "lesions that nobody sees": (that_nobody_sees, 600),
    "timepoints": (timepoints, 1000),
    "names in a chain": (names_in_a_chain, 2000),
    "groups in groups": (lambda number: groups(int(number**0.5)), 3600),
    "contained resources": (contained, 2500),
    "biopsies of lesions": (biopsies, 800),
    "orders": (orders, 2000),
    "copies of one measurement": (copies, 2500),
}
"""What makes a record of about so many things, and how many make the smaller one."""


@pytest.mark.slow
@pytest.mark.parametrize("name", RECORDS)
def test_time_grows_with_the_record_and_not_with_its_square(name: str) -> None:
    build, few = RECORDS[name]
    _seconds(build(few // 4))  # what is loaded and read once

    once, four_times = _seconds(build(few)), _seconds(build(4 * few))

    assert four_times < MOST_GROWTH * once + 0.1


def _seconds(record: list[Json]) -> float:
    """How long a record takes this processor, from resources to every output."""
    start = process_time()
    (result,) = assess_patients([*base(), *record], AS_OF, Choices())
    (assessment,) = result.assessments
    assessment_json(assessment)
    tell(assessment)
    compose_bundle(assessment, result.chart, DEFAULT_POLICY)
    chart_spec(assessment)
    return process_time() - start


def in_play(number: int, organs: int, *, new: bool) -> tuple[LesionInPlay, ...]:
    return tuple(
        LesionInPlay(
            id=f"{new}-{organ}-{each}",
            label="x",
            status=LesionStatus.NE,
            organ=f"organ {organ}",
            cns=False,
            new=new,
        )
        for organ in range(organs)
        for each in range(number)
    )


def test_unseen_lesions_in_many_organs_are_tried_in_so_many_ways_and_no_more() -> None:
    lesions = (*in_play(8, 6, new=True), *in_play(8, 6, new=False))

    cases = [set(each) for each in both_ways(lesions, PRESETS["SUPPRESS"], date(2026, 5, 31))]

    grown = [
        sum(each.status in (LesionStatus.NEW, LesionStatus.PROGRESSING) for each in case) for case in cases
    ]
    assert len(cases) <= MOST_CASES
    assert (grown[0], max(grown)) == (0, 7)
    assert {len(case) for case in cases} == {len(lesions)}


def test_the_chance_of_few_growing_among_thousands_is_the_same_as_by_the_whole_distribution() -> None:
    found = state_probabilities(Field(growing=(0.001,) * 3000, cap=5, majority_needed=False))

    none, few = 0.999**3000, 0.0
    term = none
    for count in range(1, 6):
        term *= (3000 - count + 1) / count * 0.001 / 0.999
        few += term
    assert found.none.low == pytest.approx(none)
    assert found.oligo.low == pytest.approx(few)
    assert found.systemic.low == pytest.approx(1 - none - few)
