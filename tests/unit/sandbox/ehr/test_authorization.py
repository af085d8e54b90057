"""The authorization request, and the click that answers it."""

import re

import pytest
from sandbox_world import BASE, LAUNCH_URL, OTHER, PATIENT, REDIRECT, Ehr, ehr, query_of, ticket_of
from werkzeug.test import TestResponse


@pytest.fixture(scope="module")
def here() -> Ehr:
    return ehr()


def back(answer: TestResponse) -> dict[str, str]:
    """What an app is told at its redirect_uri."""
    assert answer.status_code == 303
    where = answer.headers["Location"]
    assert where.startswith(f"{REDIRECT}?")
    return query_of(where)


def test_a_launch_and_a_click_give_a_code_and_the_state(here: Ehr) -> None:
    page = here.authorize(launch=here.launch())

    told = back(here.decide(page))

    assert page.status_code == 200
    assert set(told) == {"code", "state", "iss"}
    assert (told["state"], told["iss"]) == ("s" * 22, f"{BASE}/auth")


def test_the_page_says_who_asks_for_what_about_whom(here: Ehr) -> None:
    page = here.authorize(
        launch=here.launch(), scope="launch patient/Observation.rs patient/Unheard.rs system/*.rs"
    )

    assert "Allow The app?" in page.text
    assert f"({PATIENT})" in page.text
    assert "read, search Observation of this patient" in page.text
    refused = page.text.partition("Not given")[2]
    assert "patient/Unheard.rs" in refused
    assert "system/*.rs" in refused
    assert "<script" not in page.text


def test_the_page_can_be_shown_in_a_frame_of_the_sandbox_alone(here: Ehr) -> None:
    policy = here.authorize(launch=here.launch()).headers["Content-Security-Policy"]

    assert "frame-ancestors 'self'" in policy
    assert "form-action 'self' https://app.example" in policy
    assert "default-src 'none'" in policy


def test_there_is_no_code_without_a_click(here: Ehr) -> None:
    page = here.authorize(launch=here.launch())

    assert page.status_code == 200
    assert "code=" not in page.text
    assert back(here.authorize(launch=here.launch(), prompt="none"))["error"] == "consent_required"
    assert here.browser.get(f"/auth/decision?request={ticket_of(page)}&decision=allow").status_code == 405


@pytest.mark.parametrize("decision", ["deny", "", "perhaps"])
def test_a_no_is_a_no(decision: str, here: Ehr) -> None:
    told = back(here.decide(here.authorize(launch=here.launch()), decision))

    assert told == {
        "error": "access_denied",
        "error_description": "access was denied",
        "state": "s" * 22,
        "iss": f"{BASE}/auth",
    }


def test_a_click_is_good_once(here: Ehr) -> None:
    page = here.authorize(launch=here.launch())
    here.decide(page)

    again = here.decide(page)

    assert (again.status_code, "was used before, or is over" in again.text) == (400, True)
    assert here.browser.post("/auth/decision", data={"decision": "allow"}).status_code == 400


def test_a_request_by_post_is_the_same(here: Ehr) -> None:
    asked = dict(query_of(here.authorize(state=None).headers["Location"]))
    assert asked["error"] == "invalid_request"

    answer = here.browser.post("/auth/authorize", data={"client_id": "app", "redirect_uri": REDIRECT})

    assert back(answer)["error"] == "unsupported_response_type"


@pytest.mark.parametrize(
    ("changed", "error", "says"),
    [
        ({"response_type": "token"}, "unsupported_response_type", "response_type is to be code"),
        ({"state": None}, "invalid_request", "state is missing"),
        ({"aud": None}, "invalid_request", "aud is to be the FHIR base of this server"),
        (
            {"aud": "https://evil.example/fhir"},
            "invalid_request",
            "aud is to be the FHIR base of this server",
        ),
        ({"code_challenge": None}, "invalid_request", "code_challenge is no SHA-256 in base64url"),
        ({"code_challenge": "short"}, "invalid_request", "code_challenge is no SHA-256 in base64url"),
        ({"code_challenge_method": None}, "invalid_request", "code_challenge_method is to be S256"),
        ({"code_challenge_method": "plain"}, "invalid_request", "code_challenge_method is to be S256"),
        ({"scope": None}, "invalid_scope", "no scope of those asked for can be given to this app"),
        ({"scope": "system/*.rs"}, "invalid_scope", "no scope of those asked for can be given to this app"),
        (
            {"scope": "launch openid"},
            "invalid_request",
            "the parameter launch and the scope launch go together",
        ),
        (
            {"launch": "wrong"},
            "invalid_request",
            "the launch is unknown, over, used, or another app's",
        ),
        ({"state": "s" * 3000}, "invalid_request", "a parameter has more than 2048 characters"),
    ],
)
def test_a_request_with_a_fault_goes_back(
    changed: dict[str, str | None], error: str, says: str, here: Ehr
) -> None:
    told = back(here.authorize(**changed))

    assert (told["error"], told["error_description"]) == (error, says)
    assert told.get("state") == (changed.get("state", "s" * 22))


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": f"{REDIRECT}/more"},
        {"redirect_uri": f"{REDIRECT}?x=1"},
        {"redirect_uri": REDIRECT.replace("https", "http")},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "https://other.example/callback"},
        {"client_id": "small-backend"},
    ],
)
def test_a_browser_is_sent_nowhere_that_is_not_registered(changed: dict[str, str | None], here: Ehr) -> None:
    """Attack: redirect_uri not registered, or another app's."""
    answer = here.authorize(**changed)

    assert (answer.status_code, "Location" in answer.headers) == (400, False)
    assert "That did not work" in answer.text


def test_a_parameter_that_comes_twice_is_refused(here: Ehr) -> None:
    answer = here.browser.get("/auth/authorize?client_id=app&client_id=other-app")

    assert (answer.status_code, "a parameter comes twice" in answer.text) == (400, True)


def test_a_launch_is_good_once_for_its_app_and_for_a_while(here: Ehr) -> None:
    own = ehr()
    launch = own.launch()
    own.authorize(launch=launch)
    again = back(own.authorize(launch=launch))
    other = own.launch()
    stolen = own.authorize(client_id="other-app", redirect_uri="https://other.example/callback", launch=other)
    late = own.launch()
    own.clock.forward(minutes=6)

    assert again["error"] == "invalid_request"
    assert query_of(stolen.headers["Location"])["error"] == "invalid_request"
    assert back(own.authorize(launch=late))["error"] == "invalid_request"


def test_a_launch_without_its_scope_is_refused(here: Ehr) -> None:
    told = back(here.authorize(launch=here.launch(), scope="patient/Patient.rs"))

    assert told["error_description"] == "the parameter launch and the scope launch go together"


def test_a_page_that_was_left_open_is_over() -> None:
    here = ehr()
    page = here.authorize(launch=here.launch())

    here.clock.forward(minutes=11)

    assert here.decide(page).status_code == 400


def test_an_app_on_its_own_lets_a_person_choose_the_patient(here: Ehr) -> None:
    page = here.authorize(scope="launch/patient openid patient/Patient.rs")

    choices = re.findall(r'name="patient" value="([^"]+)"', page.text)
    code = back(here.decide(page, patient=OTHER))["code"]

    assert choices == [PATIENT, OTHER]
    assert here.redeem(code).get_json()["patient"] == OTHER


def test_nobody_is_chosen_by_accident(here: Ehr) -> None:
    for patient in ("", "nobody"):
        page = here.authorize(scope="launch/patient patient/Patient.rs")

        answer = here.decide(page, patient=patient)

        assert (answer.status_code, "No patient was chosen." in answer.text) == (400, True)


def test_an_app_that_needs_no_patient_is_not_asked_for_one(here: Ehr) -> None:
    page = here.authorize(scope="openid fhirUser user/Patient.rs")

    answer = here.redeem(back(here.decide(page))["code"]).get_json()

    assert 'name="patient"' not in page.text
    assert "patient" not in answer


def test_a_way_back_keeps_its_own_query() -> None:
    from dataclasses import replace  # noqa: PLC0415

    from sandbox_world import clients  # noqa: PLC0415

    app = replace(clients()[0], redirect_uris=(f"{REDIRECT}?site=1",))
    here = ehr(registered=[app])

    answer = here.decide(here.authorize(redirect_uri=f"{REDIRECT}?site=1", launch=here.launch()))

    assert answer.headers["Location"].startswith(f"{REDIRECT}?site=1&code=")
    assert app.launch_url == LAUNCH_URL
