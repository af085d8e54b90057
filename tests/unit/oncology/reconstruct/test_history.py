"""A chart as a history of one read."""

from datetime import date

from builders import (
    OSIMERTINIB,
    agent,
    chart,
    exposure,
    identity,
    line,
    local_treatment,
    reader,
    sighting,
    source,
)

from fhirgate.oncology.chart import Chart
from fhirgate.oncology.lesion import Kind, Role
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.reconstruct.history import History, reconstruct_history, therapy_starts, with_lines
from fhirgate.oncology.reconstruct.lesions import link_lesions
from fhirgate.oncology.reconstruct.readers import Read
from fhirgate.oncology.therapy import LotRole


def _history(record: Chart, *, read: Read | None = None, **more: object) -> History:
    linked = link_lesions(record.sightings).lesions
    return reconstruct_history(record, linked, (), read or Read(), DEFAULT_POLICY, **more)


ONE, TWO = identity("L1", label="T1"), identity("L2", label="T2", organ="liver")
RECORD = chart(
    sighting("2024-01-05", 20, identity=ONE, role=Role.TARGET),
    sighting("2024-01-05", 15, identity=TWO),
    sighting("2024-03-05", 27, identity=ONE),
    sighting("2024-03-05", kind=Kind.ABSENT, identity=TWO),
    local_treatments=(local_treatment("2024-03-20", ONE, id="sbrt"),),
)


def test_every_lesion_has_its_measurements_role_and_treatments() -> None:
    history = _history(RECORD)

    one, two = history.lesions
    assert (one.id, [each.size for each in one.measurements], one.stated_role) == (
        "L1",
        [20, 27],
        Role.TARGET,
    )
    assert [each.id for each in one.local_treatments] == ["sbrt"]
    assert ([each.size for each in two.measurements], two.stated_role, two.local_treatments) == (
        [15, 0],
        None,
        (),
    )
    assert [str(each.date) for each in history.timepoints] == ["2024-01-05", "2024-03-05"]
    assert (history.ambiguous_from, history.findings) == (None, ())


def test_a_history_is_judged_on_the_lines_it_is_given() -> None:
    history = _history(RECORD)
    treated = with_lines(history, [line("2024-01-10")], DEFAULT_POLICY)

    assert [each.line for each in history.courses] == [None]
    assert [each.line for each in treated.courses] == list(treated.lines)
    assert treated.baselines == {0}
    assert treated.lesions == history.lesions


def test_a_lesion_only_another_reader_saw_is_no_part_of_a_read() -> None:
    a, b = reader("a"), reader("b")
    record = chart(
        sighting("2024-01-05", 20, identity=ONE, reader=a), sighting("2024-01-05", 15, identity=TWO, reader=b)
    )

    history = _history(record, read=Read(reader=a, excluded=frozenset({"b"})))

    assert [each.id for each in history.lesions] == ["L1"]


def test_a_role_is_fixed_when_it_is_first_given_and_a_later_other_one_is_reported() -> None:
    record = chart(
        sighting("2024-03-05", 27, identity=ONE, role=Role.NON_TARGET),
        sighting("2024-01-05", 20, identity=ONE, role=Role.TARGET, sources=(source("o1"),)),
    )

    history = _history(record)

    assert history.lesions[0].stated_role is Role.TARGET
    assert [(each.code, each.text, each.source) for each in history.findings] == [
        (
            "ROLE_CONFLICT",
            "lesion T1 is called nonTarget and target; the first is used, because a role is fixed at baseline",
            source("o1"),
        )
    ]


def test_a_role_another_reader_gives_does_not_count() -> None:
    a, b = reader("a"), reader("b")
    record = chart(
        sighting("2024-01-05", 20, identity=ONE, reader=a),
        sighting("2024-01-05", 21, identity=ONE, reader=b, role=Role.TARGET),
    )

    history = _history(record, read=Read(reader=a, excluded=frozenset({"b"})))

    assert history.lesions[0].stated_role is None


def test_a_role_conflict_of_a_lesion_without_label_and_source_names_its_site() -> None:
    bare = identity("x", organ="liver")
    record = chart(
        sighting("2024-01-05", 20, identity=bare, role=Role.TARGET),
        sighting("2024-03-05", 20, identity=bare, role=Role.NEW),
    )

    (finding,) = _history(record).findings

    assert (finding.text.startswith("lesion liver is called new and target"), finding.source) == (True, None)


def test_lesions_that_cannot_be_told_apart_are_dated_from_their_first_sighting() -> None:
    unnamed = identity(organ="bone")
    record = chart(
        sighting("2024-03-05", 20, identity=unnamed),
        sighting("2024-03-05", 12, identity=unnamed),
        sighting("2024-05-05", 12, identity=unnamed),
    )

    assert _history(record).ambiguous_from == date(2024, 3, 5)


def test_a_coalesced_lesion_stays_so_while_its_mass_is_measured() -> None:
    record = chart(
        sighting("2024-01-05", 20, identity=ONE),
        sighting("2024-01-05", 15, identity=TWO),
        sighting("2024-03-05", 36, identity=ONE),
        sighting("2024-03-05", kind=Kind.MERGED, merged_into=frozenset({"L1"}), identity=TWO),
        sighting("2024-05-05", 36, identity=ONE),
    )

    history = _history(record)

    assert [each.kind for each in history.lesions[1].measurements] == [
        Kind.MEASURED,
        Kind.MERGED,
        Kind.MERGED,
    ]


def test_therapy_starts_when_an_agent_is_first_given_or_a_local_treatment_begins() -> None:
    record = chart(
        exposures=(
            exposure("2024-02-01"),
            exposure("2024-01-10"),
            exposure("2024-01-12", agent=agent("carboplatin", "chemotherapy")),
            exposure("2024-01-01", agent=agent("dexamethasone", "supportive", lot_role=LotRole.SUPPORTIVE)),
            exposure("2024-01-02", agent=agent("leucovorin", "modulator", lot_role=LotRole.MODULATOR)),
            exposure("2024-03", agent=OSIMERTINIB),
        ),
        local_treatments=(
            local_treatment("2024-02-20"),
            local_treatment("2024-02-20"),
            local_treatment("2024-04"),
        ),
    )

    assert therapy_starts(record) == (date(2024, 1, 10), date(2024, 1, 12), date(2024, 2, 20))
