"""What stands on the review page, and where."""

from dataclasses import replace
from typing import Any

from markup import Element
from review_page import page
from reviewed import DIGEST, decided, drawn, follow_up, launch

from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.uncertainty import LIMITS_OF_THE_MODEL
from fhirgate.report.now import NOT_VALIDATED
from fhirgate.services.decisions import Act, Decision, LocalTherapy, Reason


def with_form(rich: Assessment, **more: Any) -> Element:
    return page(drawn(rich, follow_up=follow_up(rich)), **more)


def way(found: Element, act: str) -> Element:
    (form,) = [each for each in found.all("form") if each.all("button", name="act", value=act)]
    return form


def fields(form: Element) -> dict[str, list[str]]:
    """What would be sent when nothing is touched."""
    sent: dict[str, list[str]] = {}
    for each in form.all("input"):
        if each.get("type") == "hidden" or "checked" in each.attributes:
            sent.setdefault(each.get("name"), []).append(each.get("value"))
    return sent


def test_the_state_and_its_reason_stand_first_in_the_main_part(rich: Assessment) -> None:
    first = page(drawn(rich)).one("main").children[0]

    assert first.one("h1").text == "Oligoprogression"
    assert "1 of 2 evaluable known lesions progresses" in first.text
    assert first.one(of="stale").text == "STALE: the last imaging is 180 days old, too old to act on."


def test_a_notice_stands_before_everything_else(rich: Assessment) -> None:
    told = "The record has changed since this page was drawn; nothing was decided."
    first = page(drawn(rich), notice=told).one("main").children[0]

    assert (first.get("role"), first.text) == ("alert", told)
    assert page(drawn(rich)).all(role="alert") == []


def test_the_title_names_nobody_and_a_banner_is_there_only_when_asked_for(rich: Assessment) -> None:
    patient = {"resourceType": "Patient", "id": "p-1", "name": [{"text": "Ada Sample"}]}
    asked = page(drawn(rich, launch=launch(banner=True), resources=(patient,)))
    silent = page(drawn(rich, launch=launch(banner=None), resources=(patient,)))

    assert asked.one(of="banner").one(of="name").one("dd").text == "Ada Sample"
    assert asked.one("title").text == "Progression review – fhirgate"
    assert "Ada Sample" not in silent.text


def test_progressing_lesions_come_first_with_numbers_to_the_right(rich: Assessment) -> None:
    row = page(drawn(rich)).one("table", of="lesions").all("tr")[1]

    assert row.get("class") == "urgent"
    assert row.one("th").text == "T01 left lung S6 target"
    assert row.one(of="status").text == "progressing"
    assert [each.text for each in row.all("td", of="number")] == ["27", "18.5 2024-03-12", "+8.5", "+45.9"]
    assert [each.text for each in row.one(of="sources").all("li")] == [
        "Observation/b1/_history/1",
        "Observation/c1/_history/1",
    ]


def test_sources_are_text_and_no_link_leads_out_of_the_page(rich: Assessment) -> None:
    links = [each.get("href") for each in with_form(rich).all("a")]

    assert all(each.startswith(("#", "/review/l1")) for each in links)


def test_the_table_of_sizes_says_in_words_what_marks_say(rich: Assessment) -> None:
    cells = page(drawn(rich)).one("table", of="sizes").all("tr")[1].all("td")

    assert [each.text for each in cells] == ["20", "18.5, compared with", "27 , progressing"]


def test_a_probability_is_never_without_its_limits(rich: Assessment, minimal: Assessment) -> None:
    found = page(drawn(rich))

    assert LIMITS_OF_THE_MODEL in found.one("p", of="limits").text
    assert (
        found.one("table", of="chances").all("tr")[1].text.startswith("Oligoprogression judged 0.91 to 0.99")
    )
    assert page(drawn(minimal)).all("table", of="chances") == []


def test_other_presets_are_a_link_away_and_say_where_they_differ(
    rich: Assessment, minimal: Assessment
) -> None:
    rows = page(drawn(rich, replace(minimal, preset="CURB"))).one("table", of="presets").all("tr")[1:]

    assert "shown here" in rows[0].text
    assert rows[0].all("a") == []
    assert rows[1].one("a").get("href") == "/review/l1?preset=CURB"
    assert "differs" in rows[1].text


def test_a_proposal_is_called_no_order_and_comes_with_evidence_both_ways(rich: Assessment) -> None:
    found = with_form(rich)

    assert found.one("h2", id="proposal").text == "Proposal, not an order"
    assert [each.text for each in found.all("ul", of="evidence")] == ["CURB says so", "STOP does not"]


def test_accepting_sends_what_was_shown_and_nothing_else(rich: Assessment) -> None:
    form = way(with_form(rich), "accept")

    assert form.get("action") == "/review/l1/decision"
    assert fields(form) == {"csrf": ["t0ken"], "shown": [DIGEST], "preset": ["DEFAULT"]}


def test_amending_offers_every_proposed_lesion_ticked_and_leaves_the_therapy_open(rich: Assessment) -> None:
    form = way(with_form(rich), "amend")

    assert fields(form) == {
        "csrf": ["t0ken"],
        "shown": [DIGEST],
        "preset": ["DEFAULT"],
        "lesion": ["L1", "L2"],
    }
    assert [each.get("value") for each in form.all("input", name="therapy")] == [
        each.value for each in LocalTherapy
    ]
    assert form.one("textarea").get("name") == "comment"


def test_dismissing_asks_for_a_reason(rich: Assessment) -> None:
    form = way(with_form(rich), "dismiss")
    reasons = form.all("input", name="reason")

    assert [each.get("value") for each in reasons] == [each.value for each in Reason]
    assert all("required" in each.attributes for each in reasons)
    assert "reason" not in fields(form)
    assert form.one("textarea").get("maxlength") == "2000"


def test_each_form_sends_one_act(rich: Assessment) -> None:
    buttons = with_form(rich).all("button", name="act")

    assert [each.get("value") for each in buttons] == ["accept", "amend", "dismiss"]


def test_a_proposal_about_no_lesion_cannot_be_amended(rich: Assessment) -> None:
    proposed = follow_up(rich)
    found = page(drawn(rich, follow_up=replace(proposed, proposals=proposed.proposals[-1:])))

    assert [each.get("value") for each in found.all("button", name="act")] == ["accept", "dismiss"]


def test_what_was_entered_stands_in_the_form_again(rich: Assessment) -> None:
    amended = Decision(
        act=Act.AMEND,
        preset="DEFAULT",
        shown="old",
        lesions=("L2",),
        therapies=(LocalTherapy.SURGERY,),
        comment="why",
    )
    dismissed = Decision(act=Act.DISMISS, preset="DEFAULT", shown="old", reason=Reason.WISH, comment="no")
    once, twice = with_form(rich, entered=amended), with_form(rich, entered=dismissed)

    assert fields(way(once, "amend"))["lesion"] == ["L2"]
    assert fields(way(once, "amend"))["therapy"] == ["surgery"]
    assert (way(once, "amend").one("textarea").text, way(once, "dismiss").one("textarea").text) == ("why", "")
    assert fields(way(once, "accept"))["shown"] == [DIGEST]
    assert fields(way(twice, "dismiss"))["reason"] == ["wish"]
    assert fields(way(twice, "amend"))["lesion"] == ["L1", "L2"]


def test_where_it_is_decided_there_is_no_form_but_who_when_and_what(rich: Assessment) -> None:
    stands = decided(Act.AMEND, comment="On Thursday.", lesions=("T01 in the lung",))
    found = page(drawn(rich, follow_up=follow_up(rich), decided=stands))
    part = found.one("section", of="decision")

    assert found.all("button", name="act") == []
    assert [each.text for each in part.all("dd")] == [
        "Accepted with changes",
        "Dr Ada Example",
        "2024-12-01 09:30 UTC",
    ]
    assert "T01 in the lung" in part.text
    assert part.one("blockquote").text == "On Thursday."


def test_whoever_cannot_decide_is_told_why(rich: Assessment) -> None:
    why = "The EHR does not say who you are."
    found = page(drawn(rich, follow_up=follow_up(rich), why_no_decision=why))

    assert found.all("button", name="act") == []
    assert why in found.one("section", of="decision").text


def test_the_page_tells_its_limits_who_is_signed_in_and_how_to_leave(rich: Assessment) -> None:
    found = page(drawn(rich))
    (leave,) = [each for each in found.all("form") if each.get("action") == "/review/l1/end"]

    assert NOT_VALIDATED in found.one("footer").text
    assert "as of 2024-12-01" in found.one("main").text
    assert found.one("p", of="who").text == "Signed in: Dr Ada Example"
    assert leave.one("button").text == "Log out"
    assert [each.get("href") for each in found.one("p", of="again").all("a")] == ["/review/l1?preset=DEFAULT"]


def test_a_known_size_of_the_picture_is_kept_free_for_it(rich: Assessment) -> None:
    images = page(drawn(rich), picture=(900, 654)).all("img")

    assert {(each.get("width"), each.get("height")) for each in images} == {("900", "654")}


def test_under_the_style_of_an_ehr_there_is_one_picture_which_is_light(rich: Assessment) -> None:
    told = page(drawn(rich), theme="/review/l1/style.css")

    assert "light" in told.one("img").get("src")
    assert told.all("source") == []


def test_the_picture_alone_is_not_offered_in_a_frame_since_its_window_would_have_no_cookie(
    rich: Assessment,
) -> None:
    links = [
        [
            each.get("target")
            for each in page(drawn(rich), framed=framed).all("a")
            if "chart" in each.get("href")
        ]
        for framed in (False, True)
    ]

    assert links == [["_blank"], []]
