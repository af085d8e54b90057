"""Two lesions that become one mass, followed over several timepoints."""

from builders import chart, identity, line, sighting, site

from fhirgate.oncology.judgement.lesions import follow_lesions
from fhirgate.oncology.judgement.response import follow_response
from fhirgate.oncology.judgement.roles import roles_on
from fhirgate.oncology.lesion import Kind
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.reconstruct.history import History, reconstruct_history
from fhirgate.oncology.reconstruct.lesions import link_lesions
from fhirgate.oncology.reconstruct.readers import Read

ONE = identity("L1", label="T1", site=site("liver", "S6"))
TWO = identity("L2", label="T2", site=site("liver", "S7"))
RECORD = chart(
    sighting("2024-01-05", 20, identity=ONE),
    sighting("2024-01-05", 15, identity=TWO),
    sighting("2024-03-05", 36, identity=ONE),
    sighting("2024-03-05", kind=Kind.MERGED, merged_into=frozenset({"L1"}), identity=TWO),
    sighting("2024-05-05", 37, identity=ONE),
    sighting("2024-07-05", 44, identity=ONE),
)


def _history() -> History:
    linked = link_lesions(RECORD.sightings).lesions
    return reconstruct_history(RECORD, linked, [line("2024-01-10")], Read(), DEFAULT_POLICY)


def test_the_mass_is_compared_with_both_lesions_at_every_later_timepoint() -> None:
    history = _history()
    (course,) = history.courses

    followed = follow_lesions(history, course, roles_on(history, course).of, DEFAULT_POLICY)

    mass = {
        position: next(each.verdict for each in lesions if each.lesion.id == "L1")
        for position, lesions in followed.items()
    }
    assert [(each.reference, each.status.value) for each in mass.values()] == [
        (35, "STABLE"),
        (35, "STABLE"),
        (35, "PROGRESSING"),
    ]
    assert all(each.merged for lesions in followed.values() for each in lesions if each.lesion.id == "L2")


def test_the_sum_stays_complete_with_the_mass_counted_once() -> None:
    history = _history()
    (course,) = history.courses
    roles = roles_on(history, course)
    followed = follow_lesions(history, course, roles.of, DEFAULT_POLICY)

    responses = follow_response(history, course, roles, followed, DEFAULT_POLICY)

    assert [each.sum_of_diameters for each in responses.values()] == [36, 37, 44]
    assert [each.overall.value for each in responses.values()] == ["SD", "SD", "PD"]


def test_growth_of_a_mass_that_had_shrunk_is_measured_from_its_own_nadir() -> None:
    said = (
        sighting("2024-03-05", 36, identity=ONE),
        sighting("2024-03-05", kind=Kind.MERGED, merged_into=frozenset({"L1"}), identity=TWO),
        sighting("2024-05-05", 18, identity=ONE),
        sighting("2024-07-05", 25, identity=ONE),
    )
    record = chart(*RECORD.sightings[:2], *said)
    linked = link_lesions(record.sightings).lesions
    history = reconstruct_history(record, linked, [line("2024-01-10")], Read(), DEFAULT_POLICY)
    (course,) = history.courses

    followed = follow_lesions(history, course, roles_on(history, course).of, DEFAULT_POLICY)

    last = next(each.verdict for each in followed[3] if each.lesion.id == "L1")
    assert (last.reference, last.status.value) == (18, "PROGRESSING")
