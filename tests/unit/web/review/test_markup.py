"""What every review page must be, whatever it shows: valid, navigable, and without anything of its own to run."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from markup import Element
from review_page import page
from reviewed import decided, drawn, follow_up, launch

from fhirgate.oncology.assessment import Assessment
from fhirgate.report.review.parts import Mark, Tone
from fhirgate.services.assessment_jobs import WriteBack, WriteState
from fhirgate.services.fetch_record import Asked
from fhirgate.web.pages import environment


def full(rich: Assessment) -> Element:
    """A page with everything that can be on it."""
    asked = (Asked(type="Condition", parameters=("patient",), status=403, count=0, refused="no"),)
    return page(
        drawn(
            rich,
            replace(rich, preset="CURB"),
            follow_up=follow_up(rich),
            launch=launch(banner=True),
            asked=asked,
            resources=({"resourceType": "Patient", "id": "p-1"},),
            decided_before=decided(),
            written=WriteBack(state=WriteState.WAITING),
        ),
        notice="The record has changed.",
    )


@pytest.fixture(params=["full", "nothing known", "decided"])
def any_page(request: pytest.FixtureRequest, rich: Assessment, minimal: Assessment) -> Element:
    if request.param == "full":
        return full(rich)
    if request.param == "decided":
        return page(drawn(rich, follow_up=follow_up(rich), decided=decided(comment="c", lesions=("T01",))))
    return page(drawn(minimal))


def test_headings_begin_with_the_state_and_skip_no_level(any_page: Element) -> None:
    levels = [int(each.name[1]) for each in any_page.all() if re.fullmatch("h[1-6]", each.name)]

    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_ids_are_unique_and_every_reference_to_one_is_kept(any_page: Element) -> None:
    ids = [each.get("id") for each in any_page.all() if each.get("id")]
    named = {
        each.get(kind) for kind in ("aria-labelledby", "for") for each in any_page.all() if each.get(kind)
    }
    linked = {each.get("href")[1:] for each in any_page.all("a") if each.get("href").startswith("#")}

    assert len(ids) == len(set(ids))
    assert "main" in linked
    assert named | linked <= set(ids)


def test_there_is_no_script_and_no_style_but_those_linked(any_page: Element) -> None:
    found = any_page.all()

    assert not [
        each.name for each in found if each.name in ("script", "style", "iframe", "object", "embed", "base")
    ]
    assert not [
        name for each in found for name in each.attributes if name == "style" or name.startswith("on")
    ]
    assert not [
        each for each in found for url in ("href", "src") if each.get(url).startswith(("http", "//", "j"))
    ]


def test_all_content_lies_in_a_landmark(any_page: Element) -> None:
    landmarks = {"main", "header", "footer", "nav"}
    body = any_page.one("body")
    outside = [
        each
        for each in body.all()
        if each.text
        and not each.children
        and each.get("class") != "skip"
        and not landmarks & {above.name for above in (each, *each.above())}
        and "banner" not in {above.get("class") for above in each.above()}
    ]

    assert outside == []
    assert [each.name for each in body.all("main")] == ["main"]


def test_landmarks_and_regions_can_be_told_apart(any_page: Element) -> None:
    titles = {each.get("id"): each.text for each in any_page.all() if each.get("id")}
    named = [
        each.get("aria-label") or titles[each.get("aria-labelledby")]
        for each in any_page.all()
        if each.name in ("section", "nav") or each.get("role") == "region"
    ]

    assert len(named) == len(set(named))


def test_tables_have_captions_and_every_heading_says_what_it_heads(any_page: Element) -> None:
    tables = any_page.all("table")

    assert all(each.children[0].name == "caption" and each.children[0].text for each in tables)
    assert all(each.get("scope") in ("col", "row") for each in any_page.all("th"))


def test_whatever_can_be_wider_than_the_screen_scrolls_and_can_be_reached_by_key(any_page: Element) -> None:
    scrolled = any_page.all("div", of="scroll")

    assert scrolled
    assert all((each.get("role"), each.get("tabindex")) == ("region", "0") for each in scrolled)


def test_every_field_has_a_label_and_every_form_carries_the_token(any_page: Element) -> None:
    labels = {each.get("for") for each in any_page.all("label")}
    fields = [
        each for each in any_page.all() if each.name in ("input", "textarea") and each.get("type") != "hidden"
    ]

    assert all(
        each.get("id") in labels or "label" in {above.name for above in each.above()} for each in fields
    )
    for form in any_page.all("form"):
        assert form.get("method") == "post"
        assert form.one("input", name="csrf").get("value") == "t0ken"


def test_shapes_beside_words_are_not_read_out(any_page: Element) -> None:
    drawn_shapes = any_page.all("svg")

    assert drawn_shapes
    assert all(each.get("aria-hidden") == "true" and not each.text for each in drawn_shapes)


def test_a_picture_has_words_and_its_size_before_it_comes(any_page: Element) -> None:
    on_screen, on_paper = any_page.all("img")

    assert "lesions over" in on_screen.get("alt")
    # Never seen together with the other: to be read to once is enough.
    assert on_paper.get("alt") == ""
    for image in (on_screen, on_paper):
        assert image.get("width").isdecimal()
        assert image.get("height").isdecimal()
    assert any_page.one("source").get("media") == "(prefers-color-scheme: dark)"


@pytest.mark.parametrize(("macro", "values"), [("mark", Mark), ("tone", Tone)])
def test_every_meaning_has_a_shape_of_its_own(macro: str, values: type[Mark] | type[Tone]) -> None:
    made = getattr(environment().get_template("review/macros.html").module, macro)
    shapes = {re.sub("<svg[^>]*>", "", made(each.value)) for each in values}

    assert len(shapes) == len(values)
