"""Which sightings are the same lesion."""

from itertools import permutations

from builders import identity, reader, sighting, site, source

from fhirgate.oncology.lesion import LesionIdentity, Sighting
from fhirgate.oncology.reconstruct.lesions import Linked, link_lesions
from fhirgate.oncology.site import Diffuse, Site


def _said(day: int, who: LesionIdentity, size: int | None = 20, **more: object) -> Sighting:
    return sighting(f"2024-01-{day:02}", size, identity=who, sources=(source(f"o{day}"),), **more)


def _grouped(linked: Linked) -> list[tuple[str, int]]:
    return [(each.id, len(each.sightings)) for each in linked.lesions]


def _codes(linked: Linked) -> list[str]:
    return [each.code for each in linked.findings]


def test_a_recurring_identifier_joins_sightings() -> None:
    linked = link_lesions([_said(1, identity("uid:1")), _said(2, identity("uid:1", label="other"))])

    assert (_grouped(linked), _codes(linked)) == ([("uid:1", 2)], [])


def test_identifiers_join_through_one_another_in_any_order() -> None:
    said = [_said(1, identity("a")), _said(2, identity("b", "c")), _said(3, identity("a", "c"))]

    assert {tuple(_grouped(link_lesions(order))) for order in permutations(said)} == {(("a", 3),)}


def test_a_body_structure_gives_a_lesion_its_name() -> None:
    linked = link_lesions([_said(1, identity("uid:1", "https://ehr.example/BodyStructure/t1"))])

    assert _grouped(linked) == [("t1", 1)]


def test_lesions_with_different_identifiers_stay_apart_although_site_and_size_agree() -> None:
    linked = link_lesions([_said(1, identity("a")), _said(2, identity("b"))])

    assert _grouped(linked) == [("a", 1), ("b", 1)]


def test_a_label_joins_sightings_of_one_site() -> None:
    linked = link_lesions([_said(1, identity(label="T1")), _said(2, identity(label="t1"))])

    assert (_grouped(linked), _codes(linked)) == ([("T1", 2)], [])


def test_a_label_at_another_organ_is_another_lesion() -> None:
    linked = link_lesions([_said(1, identity(label="T1")), _said(2, identity(label="T1", organ="liver"))])

    assert _grouped(linked) == [("T1", 1), ("T1-2", 1)]


def test_a_label_joins_the_identified_lesion_of_that_label_and_site() -> None:
    linked = link_lesions([_said(1, identity("uid:1", label="T1")), _said(2, identity(label="T1"))])

    assert _grouped(linked) == [("uid:1", 2)]


def test_a_label_without_site_joins_the_only_lesion_of_that_label_and_says_so() -> None:
    linked = link_lesions([_said(1, identity(label="T1")), _said(2, identity(label="T1", organ=None))])

    assert (_grouped(linked), _codes(linked)) == ([("T1", 2)], ["LESION_LINKED_BY_LABEL"])
    assert linked.findings[0].text == (
        "lesion 'T1' is followed by its label alone: the record names no identifier and no full site with it"
    )
    assert linked.findings[0].source == source("o2")


def test_a_label_without_site_that_could_be_several_lesions_stays_apart() -> None:
    linked = link_lesions(
        [
            _said(1, identity(label="T1")),
            _said(1, identity(label="T1", organ="liver")),
            _said(2, identity(label="T1", organ=None)),
        ]
    )

    assert [number for _, number in _grouped(linked)] == [1, 1, 1]


def test_a_label_without_any_site_is_followed_by_the_label_alone_and_says_so() -> None:
    linked = link_lesions(
        [_said(1, identity(label="T1", organ=None)), _said(2, identity(label="T1", organ=None))]
    )

    assert (_grouped(linked), _codes(linked)) == ([("T1", 2)], ["LESION_LINKED_BY_LABEL"])


def test_a_label_that_is_told_once_without_site_needs_no_word() -> None:
    assert _codes(link_lesions([_said(1, identity(label="T1", organ=None))])) == []


def test_a_label_whose_side_is_left_out_once_is_the_same_lesion_and_says_so() -> None:
    left = identity(label="T1", site=site("lung", laterality="left"))
    linked = link_lesions([_said(2, identity(label="T1")), _said(1, left)])

    assert (_grouped(linked), _codes(linked)) == ([("T1", 2)], ["LESION_LINKED_BY_LABEL"])
    assert linked.lesions[0].identity.site == left.site


def test_labels_on_two_sides_are_two_lesions_and_one_without_side_is_neither() -> None:
    left, right = (identity(label="T1", site=site("lung", laterality=side)) for side in ("left", "right"))
    linked = link_lesions([_said(1, left), _said(1, right), _said(2, identity(label="T1"))])

    assert [number for _, number in _grouped(linked)] == [1, 1, 1]


def test_a_site_that_is_unique_each_time_joins_sightings_and_says_so() -> None:
    linked = link_lesions([_said(1, identity()), _said(2, identity())])

    assert (_grouped(linked), _codes(linked)) == ([("lung", 2)], ["LESION_LINKED_BY_SITE"])
    assert linked.findings[0].text == (
        "lung: the record gives no lesion identifier; its sightings are taken as one lesion because the site is"
        " unique each time"
    )


def test_a_site_seen_once_needs_no_word() -> None:
    assert link_lesions([_said(1, identity())]).findings == ()


def test_a_site_joins_the_one_known_lesion_of_the_same_place() -> None:
    s6 = identity("uid:1", site=site("lung", "S6"))
    linked = link_lesions([_said(1, s6), _said(2, identity(site=site("lung", "s6")))])

    assert (_grouped(linked), _codes(linked)) == ([("uid:1", 2)], ["LESION_LINKED_BY_SITE"])


def test_another_segment_is_another_place() -> None:
    linked = link_lesions(
        [_said(1, identity(site=site("lung", "S6"))), _said(2, identity(site=site("lung", "S2")))]
    )

    assert _grouped(linked) == [("lung-S6", 1), ("lung-S2", 1)]


def test_two_sizes_at_one_site_on_one_day_are_ambiguous() -> None:
    linked = link_lesions([_said(1, identity(), 20), _said(1, identity(), 12), _said(2, identity(), 15)])

    assert [each.ambiguous for each in linked.lesions] == [True, True, True]
    assert [each.id for each in linked.lesions] == ["lung", "lung-2", "lung-3"]
    assert [(each.code, each.text) for each in linked.findings] == [
        (
            "LESION_IDENTITY_AMBIGUOUS",
            "lung (2024-01-01, 2024-01-02): several lesions share this site and nothing tells them apart;"
            " a tracking identifier or a BodyStructure for each would",
        )
    ]


def test_long_and_short_axis_and_two_readers_are_no_two_lesions() -> None:
    linked = link_lesions(
        [
            _said(1, identity(), 20, reader=reader("a")),
            _said(1, identity(), 21, reader=reader("b")),
            _said(1, identity(), None, short=9, reader=reader("a")),
        ]
    )

    assert _grouped(linked) == [("lung", 3)]


def test_an_unnamed_sighting_beside_a_known_lesion_of_another_size_is_not_that_lesion() -> None:
    linked = link_lesions([_said(1, identity("uid:1"), 20), _said(1, identity(), 12)])

    assert _grouped(linked) == [("lung", 1), ("uid:1", 1)]
    assert _codes(linked) == ["LESION_IDENTITY_AMBIGUOUS"]


def test_a_site_shared_by_two_known_lesions_is_ambiguous() -> None:
    linked = link_lesions([_said(1, identity("a")), _said(1, identity("b")), _said(2, identity())])

    assert [each.ambiguous for each in linked.lesions] == [False, False, True]


def test_a_sighting_without_any_site_is_ambiguous() -> None:
    assert link_lesions([_said(1, identity(organ=None))]).lesions[0].ambiguous


def test_spread_without_a_count_is_not_a_nodule_of_the_same_organ() -> None:
    spread = identity(site=Site(organ="lung", diffuse=Diffuse.LYMPHANGITIC))
    linked = link_lesions([_said(1, identity()), _said(1, spread, None)])

    assert _grouped(linked) == [("lung", 1), ("lung-2", 1)]


def test_a_lesion_takes_the_most_precise_site_and_says_when_organs_differ() -> None:
    precise = identity("uid:1", site=site("lung", "S6", "left"), label="B", condition="c2")
    other = identity("uid:1", site=site("liver"), label="A", primary=True, condition="c1")
    linked = link_lesions([_said(1, other), _said(2, precise), _said(3, identity("uid:1", organ=None))])

    (lesion,) = linked.lesions
    assert lesion.identity == LesionIdentity(
        identifiers=frozenset({"uid:1"}), label="A", site=precise.site, primary=True, condition="c1"
    )
    assert [(each.code, each.text) for each in linked.findings] == [
        ("LESION_SITE_CONFLICT", "lesion A is given the sites liver, lung; lung is used")
    ]


def test_a_lesions_own_resource_knows_its_site_better_than_an_observation() -> None:
    own = identity("uid:1", organ="liver", sources=(source("b1", "BodyStructure"),))
    linked = link_lesions([_said(1, identity("uid:1", site=site("lung", "S6", "left"))), _said(2, own)])

    assert linked.lesions[0].identity.site == own.site


def test_lesions_come_in_the_order_of_first_sighting_whatever_the_order_of_input() -> None:
    said = [_said(3, identity("a")), _said(1, identity("c", label="Z")), _said(1, identity("b", label="Y"))]

    assert {tuple(_grouped(link_lesions(order))) for order in permutations(said)} == {
        (("b", 1), ("c", 1), ("a", 1))
    }


def test_findings_of_sightings_without_a_source_have_none() -> None:
    bare = [sighting("2024-01-01", 20, identity=identity()), sighting("2024-01-02", 20, identity=identity())]
    labelled = [sighting(f"2024-01-0{n}", 20, identity=identity(label="T", organ=None)) for n in (1, 2)]
    conflict = [
        sighting("2024-01-01", 20, identity=identity("x", organ=organ)) for organ in ("lung", "liver")
    ]

    assert {each.source for each in link_lesions([*bare, *labelled, *conflict]).findings} == {None}
    assert link_lesions([sighting(identity=identity(organ=None))]).findings[0].source is None
