"""The whole page as texts."""

import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from reviewed import decided, drawn, follow_up, launch, renamed

from fhirgate.oncology.assessment import Assessment
from fhirgate.report.now import NOT_VALIDATED
from fhirgate.report.review.parts import ReviewView
from fhirgate.report.review.view import NO_PROPOSAL, review_view
from fhirgate.services.fetch_record import Asked

STEERING = "x\x00y\x1b[2J\u202ez\u2066\u200f\ufeff\u2028\ud800\r\n\tw"


def texts(value: Any) -> Iterator[str]:
    """Every string in a view."""
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, tuple):
        for each in value:
            yield from texts(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from texts(getattr(value, each.name))


def test_a_page_has_all_its_parts(rich: Assessment) -> None:
    found = review_view(drawn(rich, follow_up=follow_up(rich)))

    assert (found.headline.code, len(found.lesions), found.banner) == ("OLIGOPROGRESSION", 4, None)
    assert (found.proposal is not None, found.no_proposal) == (True, "")
    assert "Measurement noise only" in found.chances_limits
    assert found.not_validated == NOT_VALIDATED
    assert found.picture == (
        "Sizes of 4 lesions over 3 timepoints, with lines of therapy and states on one time axis;"
        " growing, new or open: T01, 脳転移 1 and lymph node 4R. The tables have all numbers."
    )


def test_the_foot_tells_by_what_and_for_whom_it_was_judged(rich: Assessment) -> None:
    foot = review_view(drawn(rich)).foot

    assert (foot.as_of, foot.preset, foot.rules) == ("2024-12-01", "DEFAULT", "1.0.0")
    assert (foot.policy, foot.reader, foot.server) == ("default 1", "reader A", "ward")
    assert (foot.signed_in, foot.ends_at) == ("Dr Ada Example", "2024-12-01 10:30 UTC")


def test_the_page_speaks_of_the_preset_that_was_drawn(rich: Assessment, minimal: Assessment) -> None:
    other = replace(minimal, preset="CURB")
    found = review_view(drawn(rich, other, preset="CURB"))

    assert (found.headline.code, found.foot.preset) == ("INDETERMINATE", "CURB")
    assert [(each.name, each.is_shown) for each in found.presets] == [("DEFAULT", False), ("CURB", True)]


def test_of_a_patient_of_whom_nothing_is_known_the_page_says_so(minimal: Assessment) -> None:
    found = review_view(drawn(minimal))

    assert (found.lesions, found.sizes, found.chances, found.chances_limits) == ((), None, (), "")
    assert (found.proposal, found.no_proposal) == (None, NO_PROPOSAL)
    assert found.picture.startswith("Sizes of 0 lesions over 0 timepoints")


def test_of_many_lesions_the_picture_names_a_few(rich: Assessment) -> None:
    at = rich.timepoints[-1]
    many = tuple(
        replace(at.lesions[0], lesion=replace(at.lesions[0].lesion, id=f"L{each}")) for each in range(6)
    )
    told = replace(
        rich,
        lesions=tuple(each.lesion for each in many),
        current=replace(rich.current, assessed=replace(at, lesions=many)),
    )

    assert "T01, T01, T01, T01 and 2 more." in review_view(drawn(told)).picture


def hostile(rich: Assessment) -> ReviewView:
    """A page of a record, an EHR and a person who write what steers others' screens."""
    record = renamed(rich, STEERING)
    patient = {
        "resourceType": "Patient",
        "id": "p-1",
        "name": [{"text": STEERING}],
        "gender": STEERING,
        "identifier": [{"value": STEERING, "type": {"text": STEERING}}],
    }
    return review_view(
        drawn(
            record,
            follow_up=replace(follow_up(record), title=STEERING, limits=(STEERING,)),
            launch=launch(banner=True, server=STEERING),
            resources=(patient, {"resourceType": STEERING}),
            asked=(Asked(type=STEERING, parameters=(), status=403, count=0, refused=STEERING),),
            decided_before=decided(by=STEERING, comment=STEERING, lesions=(STEERING,)),
            person={"name": [{"text": STEERING}]},
        )
    )


def test_no_text_of_the_page_steers_whoever_shows_it(rich: Assessment) -> None:
    found = list(texts(hostile(rich)))
    steering = {"Cc", "Cf", "Cs", "Zl", "Zp"}

    assert sum("w" in each and "x" in each for each in found) > 20
    assert not [each for each in found if any(unicodedata.category(sign) in steering for sign in each)]


def test_printing_a_page_names_neither_patient_nor_person(rich: Assessment) -> None:
    patient = {"resourceType": "Patient", "id": "p-1", "name": [{"text": "Ada Sample"}], "birthDate": "1960"}
    found = review_view(
        drawn(
            rich,
            follow_up=follow_up(rich),
            launch=launch(banner=True),
            resources=(patient,),
            decided_before=decided(comment="for her"),
        )
    )

    assert found.banner is not None
    assert found.banner.name == "Ada Sample"
    assert not [word for word in ("Ada", "1960", "for her") if word in repr(found)]
