"""Codes, refresh tokens and backends at the token endpoint, and those who try what they may not."""

import json
from base64 import b64encode
from urllib.parse import quote_plus

import pytest
from sandbox_world import OTHER, PATIENT, READ, REDIRECT, SECRET, Ehr, ehr
from werkzeug.test import TestResponse

LASTING = f"{READ} offline_access"


@pytest.fixture(scope="module")
def here() -> Ehr:
    return ehr()


def told(answer: TestResponse) -> tuple[int, str, str]:
    """Status, error and words of a refusal."""
    assert answer.headers["Cache-Control"] == "no-store"
    body = json.loads(answer.data)
    return answer.status_code, body["error"], body["error_description"]


def by_secret(client: str = "with-secret", secret: str = SECRET) -> dict[str, str]:
    both = f"{quote_plus(client)}:{quote_plus(secret)}"
    return {"Authorization": f"Basic {b64encode(both.encode()).decode()}"}


def test_a_code_gives_a_token_and_tells_of_the_launch(here: Ehr) -> None:
    answer = here.redeem(here.code())

    body = json.loads(answer.data)
    assert (answer.status_code, body.pop("access_token") != "", body.pop("id_token") != "") == (
        200,
        True,
        True,
    )
    assert body == {
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": READ,
        "patient": PATIENT,
        "encounter": f"visit-{PATIENT}",
        "need_patient_banner": True,
        "smart_style_url": "https://sandbox.example/style.json",
    }
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")


def test_in_a_frame_no_banner_is_needed_and_an_intent_is_told(here: Ehr) -> None:
    frame = here.browser.get(f"/launch/{PATIENT}?in=frame&intent=review-progression").text
    launch = frame.partition("launch=")[2].partition('"')[0]

    page = here.authorize(launch=launch)
    code = here.decide(page).headers["Location"].partition("code=")[2].partition("&")[0]

    body = here.redeem(code).get_json()
    assert (body["need_patient_banner"], body["intent"]) == (False, "review-progression")


def test_a_code_that_comes_again_ends_what_it_gave(here: Ehr) -> None:
    """Attack: replayed code."""
    code = here.code(scope=LASTING)
    first = here.redeem(code).get_json()
    before = here.get(f"/Patient/{PATIENT}", first["access_token"]).status_code

    again = here.redeem(code)

    assert told(again) == (400, "invalid_grant", "the code was used before")
    assert (before, here.get(f"/Patient/{PATIENT}", first["access_token"]).status_code) == (200, 401)
    refresh = here.token(
        {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "client_id": "app"}
    )
    assert told(refresh)[1] == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"code_verifier": None}, "code_verifier does not fit the code_challenge"),
        ({"code_verifier": "w" * 43}, "code_verifier does not fit the code_challenge"),
        ({"code_verifier": "v" * 42}, "code_verifier does not fit the code_challenge"),
        ({"redirect_uri": None}, "redirect_uri is not the one the code was asked for with"),
        ({"redirect_uri": f"{REDIRECT}/"}, "redirect_uri is not the one the code was asked for with"),
        ({"client_id": "other-app"}, "the code is another client's"),
        ({"code": "wrong"}, "the code is unknown or over"),
        ({"code": None}, "the code is unknown or over"),
    ],
)
def test_a_code_is_bound_to_verifier_address_and_client(
    changed: dict[str, str | None], says: str, here: Ehr
) -> None:
    """Attacks: missing PKCE, wrong verifier, other client's code, other address."""
    code = here.code()

    first = here.redeem(code, **changed)

    assert told(first) == (400, "invalid_grant", says)
    if "code" not in changed:
        # Whatever was wrong: the code is of no more use.
        assert told(here.redeem(code))[1] == "invalid_grant"


def test_a_code_that_comes_again_is_noticed_after_its_minute_too() -> None:
    here = ehr()
    code = here.code(scope=LASTING)
    first = here.redeem(code).get_json()

    here.clock.forward(minutes=4)
    here.redeem(code)

    assert here.get(f"/Patient/{PATIENT}", first["access_token"]).status_code == 401


def test_a_code_lives_for_a_minute() -> None:
    here = ehr()
    code = here.code()

    here.clock.forward(seconds=60)

    assert told(here.redeem(code))[2] == "the code is unknown or over"


def test_each_client_proves_itself_in_its_own_way(here: Ehr) -> None:
    def form(code: str) -> dict[str, str | None]:
        return {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": "v" * 43,
        }

    page = here.authorize(client_id="with-secret", scope="launch/patient patient/Patient.rs")
    code = here.decide(page, patient=OTHER).headers["Location"].partition("code=")[2].partition("&")[0]
    nobody = here.token(form(code) | {"client_id": "with-secret"})
    in_body = here.token(form(code) | {"client_id": "with-secret", "client_secret": SECRET})
    both = here.token(form(code) | {"client_secret": SECRET}, **by_secret())
    another = here.token(form(code) | {"client_id": "app"}, **by_secret())
    wrong = here.token(form(code), **by_secret(secret="wrong"))  # noqa: S106
    public = here.token(form(code), **by_secret("app", ""))
    garbled = here.token(form(code), Authorization="Basic !!!")
    right = here.token(form(code), **by_secret())

    assert [told(each)[:2] for each in (nobody, in_body, wrong, public, garbled)] == [
        (401, "invalid_client")
    ] * 5
    assert [told(each)[:2] for each in (both, another)] == [(400, "invalid_request")] * 2
    assert (right.status_code, right.get_json()["patient"]) == (200, OTHER)
    assert wrong.headers["WWW-Authenticate"] == 'Basic realm="token"'


def test_a_refresh_token_gives_the_next_and_is_used_up(here: Ehr) -> None:
    first = here.launched(scope=LASTING)
    form = {"grant_type": "refresh_token", "client_id": "app"}

    second = here.token(form | {"refresh_token": first["refresh_token"]}).get_json()

    assert set(second) == {"access_token", "token_type", "expires_in", "scope", "refresh_token"}
    assert second["scope"] == LASTING
    assert here.get(f"/Patient/{PATIENT}", second["access_token"]).status_code == 200
    again = here.token(form | {"refresh_token": first["refresh_token"]})
    assert told(again) == (400, "invalid_grant", "the refresh token was used before")
    # Somebody else has it: what was given since is of no more use either.
    assert here.get(f"/Patient/{PATIENT}", second["access_token"]).status_code == 401
    assert told(here.token(form | {"refresh_token": second["refresh_token"]}))[1] == "invalid_grant"


def test_a_refresh_may_ask_for_less_and_never_for_more(here: Ehr) -> None:
    first = here.launched(scope=LASTING)
    form = {"grant_type": "refresh_token", "client_id": "app", "refresh_token": first["refresh_token"]}

    more = here.token(form | {"scope": "patient/Condition.rs"})
    less = here.token(form | {"scope": "patient/Patient.r"}).get_json()
    whole = here.token(form | {"refresh_token": less["refresh_token"]}).get_json()

    assert told(more) == (400, "invalid_scope", "a refresh gives no scope that was not given before")
    assert less["scope"] == "patient/Patient.r"
    assert here.get("/Observation", less["access_token"]).status_code == 403
    assert whole["scope"] == LASTING


@pytest.mark.parametrize(
    "changed", [{"client_id": "other-app"}, {"refresh_token": "wrong"}, {"refresh_token": None}]
)
def test_a_refresh_token_is_its_clients(changed: dict[str, str | None], here: Ehr) -> None:
    first = here.launched(scope=LASTING)
    form: dict[str, str | None] = {
        "grant_type": "refresh_token",
        "client_id": "app",
        "refresh_token": first["refresh_token"],
    }

    assert told(here.token(form | changed))[:2] == (400, "invalid_grant")


def test_without_the_scope_there_is_no_refresh_token(here: Ehr) -> None:
    assert "refresh_token" not in here.launched()
    assert "refresh_token" in here.launched(scope=f"{READ} online_access")


def test_a_backend_gets_what_it_asks_for_and_no_refresh_token(here: Ehr) -> None:
    body = here.backend("system/Observation.rs system/Observation.rs system/Condition.read").get_json()

    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert body["scope"] == "system/Observation.rs system/Condition.read"


@pytest.mark.parametrize(
    ("scope", "says"),
    [
        ("", "a backend asks for scopes that begin with system/"),
        ("patient/Observation.rs", "a backend asks for scopes that begin with system/"),
        ("system/Observation.rs launch", "a backend asks for scopes that begin with system/"),
        ("system/Observation.sr", "a backend asks for scopes that begin with system/"),
    ],
)
def test_a_backend_asks_for_system_scopes(scope: str, says: str, here: Ehr) -> None:
    assert told(here.backend(scope)) == (400, "invalid_scope", says)


def test_a_backend_gets_nothing_beyond_its_registration(here: Ehr) -> None:
    form = {"grant_type": "client_credentials", "scope": "system/Observation.rs"}

    fits = here.token(form, **by_secret("small-backend"))
    beyond = here.token(
        form | {"scope": "system/Observation.rs system/Condition.rs"}, **by_secret("small-backend")
    )
    app = here.token(form, **by_secret())

    assert fits.status_code == 200
    assert told(beyond) == (400, "invalid_scope", "a scope is not registered for this client")
    assert told(app)[:2] == (400, "unauthorized_client")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password", "client_id": "app"}, "unsupported_grant_type"),
        ({"client_id": "app"}, "invalid_request"),
        ({"grant_type": ["a", "b"], "client_id": "app"}, "invalid_request"),
    ],
)
def test_other_grants_are_refused(form: dict[str, str], error: str, here: Ehr) -> None:
    assert told(here.browser.post("/auth/token", data=form))[:2] == (400, error)


def test_a_token_request_is_a_form_and_nothing_stands_in_its_address(here: Ehr) -> None:
    as_json = here.browser.post("/auth/token", json={"grant_type": "authorization_code"})
    in_address = here.browser.post("/auth/token?code=x", data={"grant_type": "authorization_code"})
    by_get = here.browser.get("/auth/token")

    assert told(as_json)[:2] == (400, "invalid_request")
    assert told(in_address)[:2] == (400, "invalid_request")
    assert (told(by_get)[:2], by_get.headers["Allow"]) == ((405, "invalid_request"), "POST")


def test_what_is_revoked_is_over(here: Ehr) -> None:
    first, second = here.launched(scope=LASTING), here.launched(scope=LASTING)

    def revoke(token: str, client: str = "app") -> TestResponse:
        return here.browser.post("/auth/revoke", data={"token": token, "client_id": client})

    stranger = revoke(first["access_token"], "other-app")
    assert told(stranger)[:2] == (400, "invalid_request")
    assert here.get(f"/Patient/{PATIENT}", first["access_token"]).status_code == 200
    assert revoke(first["access_token"]).status_code == 200
    assert revoke(first["access_token"]).status_code == 200
    assert revoke("unknown").status_code == 200
    assert here.get(f"/Patient/{PATIENT}", first["access_token"]).status_code == 401
    assert revoke(second["refresh_token"]).status_code == 200
    assert here.get(f"/Patient/{PATIENT}", second["access_token"]).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": second["refresh_token"], "client_id": "app"}
    assert told(here.token(form))[1] == "invalid_grant"
