"""The sandbox's own page."""

import re
from dataclasses import replace
from html import unescape

import pytest
from sandbox_world import FHIR, LAUNCH_URL, OTHER, PATIENT, Ehr, clients, ehr, query_of, records

from fhirgate.sandbox.ehr.front import launch_link
from fhirgate.sandbox.ehr.patients import PatientRecord


@pytest.fixture(scope="module")
def here() -> Ehr:
    return ehr()


def test_every_patient_is_listed_with_a_launch_in_a_frame_and_outside(here: Ehr) -> None:
    page = here.browser.get("/")

    links = [unescape(each) for each in re.findall(r'href="(/launch/[^"]+)"', page.text)]
    assert links == [
        f"/launch/{patient}?client=app&in={where}"
        for patient in (PATIENT, OTHER)
        for where in ("frame", "window")
    ]
    for each in records(PATIENT, OTHER):
        assert each.title in unescape(page.text)
    assert "<script" not in page.text
    assert FHIR in page.text


def test_the_links_of_the_page_are_those_that_are_printed(here: Ehr) -> None:
    assert launch_link("", PATIENT, client="app", frame=True) == f"/launch/{PATIENT}?client=app&in=frame"
    assert here.browser.get(launch_link("", PATIENT)).status_code == 303


def test_a_failure_that_is_chosen_is_in_every_link(here: Ehr) -> None:
    page = here.browser.get("/?failure=slow").text

    assert len(re.findall(r'href="/launch/[^"]+failure=slow', page)) == 4
    assert "launches go wrong: slow" in page


def test_outside_the_browser_goes_to_the_app_with_issuer_and_launch(here: Ehr) -> None:
    answer = here.browser.get(f"/launch/{PATIENT}?client=app&in=window")

    assert answer.headers["Location"].startswith(f"{LAUNCH_URL}?")
    told = query_of(answer.headers["Location"])
    assert (set(told), told["iss"]) == ({"iss", "launch"}, FHIR)
    assert len(told["launch"]) >= 40
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_in_a_frame_the_app_is_inside_of_a_page_that_allows_nothing_else(here: Ehr) -> None:
    answer = here.browser.get(f"/launch/{PATIENT}?in=frame")

    source = re.search(r'<iframe[^>]+src="([^"]+)"', answer.text)
    assert source
    assert unescape(source[1]).startswith(f"{LAUNCH_URL}?iss=")
    assert "frame-src 'self' https://app.example" in answer.headers["Content-Security-Policy"]


def test_a_launch_url_keeps_its_own_query() -> None:
    here = ehr(registered=[replace(clients()[0], launch_url=f"{LAUNCH_URL}?site=1")])

    assert here.browser.get(f"/launch/{PATIENT}").headers["Location"].startswith(f"{LAUNCH_URL}?site=1&iss=")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/launch/nobody", "There is no such patient here."),
        (f"/launch/{PATIENT}?client=nobody", "There is no such app here"),
        (f"/launch/{PATIENT}?client=with-secret", "There is no such app here"),
        (f"/launch/{PATIENT}?intent=unheard", "There is no intent of this name."),
    ],
)
def test_what_is_not_there_is_said(path: str, says: str, here: Ehr) -> None:
    answer = here.browser.get(path)

    assert (answer.status_code, says in answer.text) == (400, True)


def test_without_an_app_the_page_says_so() -> None:
    page = ehr(registered=[]).browser.get("/").text

    assert "No app with a launch URL is registered." in page
    assert "/launch/" not in page


def test_what_records_say_is_text_and_never_markup() -> None:
    title = '"><script>alert(1)</script>'
    given = PatientRecord(title=title, tells="<b>", resources=({"resourceType": "Patient", "id": "p"},))
    here = ehr([given])

    pages = [here.browser.get("/").text, here.authorize(scope="launch/patient").text]
    pages.append(here.browser.get("/launch/p?in=frame").text)

    for page in pages:
        assert "<script" not in page
        assert "&lt;script&gt;" in page


def test_the_style_is_served_for_apps_and_for_the_page(here: Ehr) -> None:
    assert here.browser.get("/style.json").get_json()["color_background"] == "#ffffff"
    sheet = re.search(r'href="(/static/[^"]+)"', here.browser.get("/").text)
    assert sheet
    with here.browser.get(sheet[1]) as found:
        assert found.content_type.startswith("text/css")
        assert b"prefers-color-scheme: dark" in found.data


def test_a_page_that_is_not_there_is_a_page(here: Ehr) -> None:
    answer = here.browser.get("/nothing")

    assert (answer.status_code, "Back to the patients" in answer.text) == (404, True)
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"):
        assert name in answer.headers
