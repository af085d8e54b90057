"""When metastatic disease began, and whether the record shows that beginning."""

import pytest
from builders import (
    agent,
    chart,
    diagnosis,
    exposure,
    identity,
    linked,
    measurement,
    node_site,
    on,
    sighting,
    spread,
    timepoint,
)

from fhirgate.oncology.chart import Chart
from fhirgate.oncology.lesion import Axis, Kind, Measurement
from fhirgate.oncology.reconstruct.onset import (
    Onset,
    find_onset,
    is_first_documentation,
    shows,
    undecided_nodes,
)
from fhirgate.oncology.therapy import Intent, LotRole

SEEN = linked("L1", sighting("2024-01-10", kind=Kind.NOT_EVALUABLE), sighting("2024-03-10", 20))
PRIMARY = linked("P", sighting("2023-01-10", 40), identity=identity("P", primary=True))


def test_metastatic_disease_begins_with_the_first_image_or_statement_whichever_is_earlier() -> None:
    record = chart(
        diagnoses=(diagnosis("primary", "2023-01-05"), diagnosis("secondary", "2024-04-01")),
        spreads=(spread("present", "2024-02-20"), spread("none", "2023-06-01"), spread("present", None)),
    )

    assert find_onset(record, [PRIMARY, SEEN]) == Onset(
        dated=on("2024-02-20"),
        primary=on("2023-01-05"),
        stated=on("2024-02-20"),
        seen=on("2024-03-10"),
        ever=True,
    )


def test_a_node_under_10_mm_is_no_metastasis() -> None:
    node = linked(
        "N", sighting("2023-05-01", short=8), sighting("2023-06-01", kind=Kind.TOO_SMALL), organ="lymph node"
    )
    grown = linked("N", *node.sightings, sighting("2024-01-10", short=12), organ="lymph node")

    assert not find_onset(chart(), [node]).ever
    assert find_onset(chart(), [grown]).seen == on("2024-01-10")


def test_a_lesion_that_is_only_named_is_seen_where_nothing_else_is_said_of_it() -> None:
    absent = linked(
        "L", sighting("2023-05-01"), sighting("2023-05-01", kind=Kind.ABSENT), sighting("2023-06-01", 0)
    )
    named = linked("L", *absent.sightings, sighting("2023-07-01"))

    assert not find_onset(chart(), [absent]).ever
    assert find_onset(chart(), [named]).seen == on("2023-07-01")


def test_without_metastasis_nothing_has_begun() -> None:
    gone = linked("L1", sighting("2024-01-10", kind=Kind.ABSENT))

    assert find_onset(chart(), [PRIMARY, gone]) == Onset(
        dated=None, primary=None, stated=None, seen=None, ever=False
    )


@pytest.mark.parametrize(
    "record",
    [chart(diagnoses=(diagnosis("secondary", None),)), chart(spreads=(spread("present", None),))],
)
def test_an_undated_statement_says_that_there_were_metastases_not_when(record: Chart) -> None:
    onset = find_onset(record, [])

    assert (onset.ever, onset.dated) == (True, None)


def test_the_primary_is_the_active_one_of_several_else_the_earliest() -> None:
    old, new = diagnosis("primary", "2010-01-01", active=False), diagnosis("primary", "2023-01-01")

    assert find_onset(chart(diagnoses=(old, new)), []).primary == on("2023-01-01")
    assert find_onset(chart(diagnoses=(old,)), []).primary == on("2010-01-01")


AT = timepoint("2024-03-10")
EARLIER = [timepoint("2023-12-10")]


def _first(record: Chart, *, earlier: bool = False, lesions: bool = True) -> bool:
    onset = find_onset(record, [SEEN] if lesions else [])
    return is_first_documentation(AT, EARLIER if earlier else [], record, onset, 90)


def _given(start: str, **more: object) -> Chart:
    return chart(exposures=(exposure(start, **more),), diagnoses=(diagnosis("primary", "2023-01-10"),))


def test_an_earlier_timepoint_without_metastases_is_evidence_of_the_beginning() -> None:
    assert _first(chart(), earlier=True)
    assert not _first(chart())


def test_a_statement_that_there_were_none_before_is_evidence() -> None:
    assert _first(chart(spreads=(spread("none", "2024-01-01"),)))
    assert not _first(chart(spreads=(spread("none", "2024-03-10"),)))
    assert not _first(chart(spreads=(spread("none", None),)))


def test_a_metastatic_diagnosis_near_the_image_is_evidence_and_one_long_before_it_is_the_contrary() -> None:
    assert _first(chart(diagnoses=(diagnosis("secondary", "2024-01-01"),)))
    assert _first(chart(diagnoses=(diagnosis("secondary", "2024-04-01"),)))
    assert not _first(chart(diagnoses=(diagnosis("secondary", "2023-12-01"),)), earlier=True)
    assert not _first(chart(diagnoses=(diagnosis("secondary", "2024-12-01"),)))


@pytest.mark.parametrize("intent", [Intent.ADJUVANT, Intent.NEOADJUVANT, Intent.CURATIVE])
def test_earlier_therapy_stated_as_early_is_evidence(intent: Intent) -> None:
    assert _first(_given("2023-02-01", intent=intent))


@pytest.mark.parametrize("intent", [None, Intent.PALLIATIVE])
def test_earlier_therapy_that_may_have_been_palliative_leaves_the_beginning_open(
    intent: Intent | None,
) -> None:
    assert not _first(_given("2023-02-01", intent=intent))


def test_therapy_just_started_or_merely_supportive_hides_no_earlier_image() -> None:
    assert _first(_given("2024-02-12"))
    assert not _first(_given("2024-02-11"))
    assert _first(
        _given("2023-02-01", agent=agent("dexamethasone", "supportive", lot_role=LotRole.SUPPORTIVE))
    )


def test_a_primary_diagnosed_before_without_therapy_in_between_is_evidence() -> None:
    assert _first(chart(diagnoses=(diagnosis("primary", "2024-02-01"),)))
    assert not _first(chart(diagnoses=(diagnosis("primary", "2024-04-01"),)))
    assert not _first(chart(diagnoses=(diagnosis("primary", None),)))


@pytest.mark.parametrize(
    ("measured", "shown"),
    [
        (measurement(20), True),
        (measurement(None), True),
        (measurement(Kind.TOO_SMALL), True),
        (measurement(Kind.ABSENT), False),
        (measurement(Kind.NOT_EVALUABLE), False),
        (measurement("9.9", axis=Axis.SHORT), False),
        (measurement(10, axis=Axis.SHORT), True),
        (measurement(None, axis=Axis.SHORT), True),
        (measurement("9.9"), True),
    ],
)
def test_only_what_is_there_and_no_normal_node_shows_disease(measured: Measurement, shown: bool) -> None:
    assert shows(measured) is shown


def test_a_nodal_diagnosis_alone_does_not_date_the_first_metastasis_and_that_is_said() -> None:
    nodal = diagnosis("secondary", "2023-02-01", site=node_site())
    seen = chart(diagnoses=(diagnosis("primary", "2023-01-10"), nodal))

    onset = find_onset(seen, ())

    assert (onset.dated, onset.ever) == (None, False)
    assert [(each.code, each.source) for each in undecided_nodes(seen, onset)] == [
        ("NODES_MAY_BE_REGIONAL", nodal.source)
    ]


def test_a_nodal_diagnosis_after_the_first_distant_metastasis_changes_nothing() -> None:
    distant = diagnosis("secondary", "2023-02-01")
    seen = chart(diagnoses=(distant, diagnosis("secondary", "2023-05-01", site=node_site())))

    assert undecided_nodes(seen, find_onset(seen, ())) == ()
