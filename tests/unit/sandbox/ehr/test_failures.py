"""Each named failure does what its name says, and nothing else."""

import json

import pytest
from sandbox_world import PATIENT, READ, Ehr, ehr, query_of

from fhirgate.sandbox.ehr.failures import TELLS, Failure, Failures

LASTING = f"{READ} offline_access"
EVERYTHING = "system/Patient.rs system/Observation.rs system/*.r"


def statuses(here: Ehr, token: str, calls: int = 4) -> list[int]:
    return [here.get(f"/Patient/{PATIENT}", token).status_code for _ in range(calls)]


def test_every_failure_is_told_and_can_be_chosen() -> None:
    here = ehr()

    page = here.browser.get("/").text

    assert set(TELLS) == set(Failure)
    for each in Failure:
        assert f"<option>{each}</option>" in page
        assert here.browser.get(f"/?failure={each}").status_code == 200
        assert here.browser.get(f"/launch/{PATIENT}?failure={each}").status_code == 303
    assert here.browser.get("/?failure=unheard").status_code == 400
    assert here.browser.get(f"/launch/{PATIENT}?failure=unheard").status_code == 400


def test_denied_is_denied_in_spite_of_a_yes() -> None:
    here = ehr()

    answer = here.decide(here.authorize(launch=here.launch(failure="denied")))

    assert query_of(answer.headers["Location"])["error"] == "access_denied"


def test_denied_holds_for_a_backend() -> None:
    answer = ehr(failure=Failure.DENIED).backend()

    assert (answer.status_code, answer.get_json()["error"]) == (400, "unauthorized_client")


def test_narrowed_scope_leaves_out_observations() -> None:
    here = ehr()
    asked = "launch patient/Patient.rs patient/Observation.rs patient/*.rs"

    answer = here.launched(scope=asked, failure="narrowed-scope")

    assert answer["scope"] == "launch patient/Patient.rs"
    assert here.get("/Observation", answer["access_token"]).status_code == 403
    assert statuses(here, answer["access_token"], 1) == [200]


def test_no_scope_leaves_out_every_type() -> None:
    here = ehr(failure=Failure.NO_SCOPE)

    launched, backend = here.launched(scope=READ), here.backend(EVERYTHING).get_json()

    assert (launched["scope"], backend["scope"]) == ("launch openid fhirUser", "")
    assert statuses(here, launched["access_token"], 1) == [403]
    assert statuses(here, backend["access_token"], 1) == [403]


def test_expired_token_is_over_at_once_and_the_next_is_good() -> None:
    here = ehr()
    first = here.launched(scope=LASTING, failure="expired-token")
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "client_id": "app"}

    second = here.token(form).get_json()

    assert first["expires_in"] == 300
    assert statuses(here, first["access_token"], 1) == [401]
    assert statuses(here, second["access_token"]) == [200] * 4


def test_expired_token_happens_once_to_a_backend() -> None:
    here = ehr(failure=Failure.EXPIRED)

    first, second = here.system(), here.system()

    assert (statuses(here, first, 1), statuses(here, second, 1)) == ([401], [200])


def test_slow_waits_before_every_call() -> None:
    here = ehr()
    token = here.launched(failure="slow")["access_token"]
    assert here.failures.everywhere is None

    assert statuses(here, token, 2) == [200, 200]

    # The sleep of the sandbox is the clock's list.
    assert here.clock.slept == [3.0, 3.0]
    assert statuses(here, here.launched()["access_token"], 1) == [200]
    assert here.clock.slept == [3.0, 3.0]


@pytest.mark.parametrize(("failure", "wait"), [("too-many", "1"), ("too-many-silent", None)])
def test_too_many_refuses_the_first_two_calls(failure: str, wait: str | None) -> None:
    here = ehr()
    token = here.launched(failure=failure)["access_token"]

    answers = [here.get(f"/Patient/{PATIENT}", token) for _ in range(3)]

    assert [each.status_code for each in answers] == [429, 429, 200]
    assert [each.headers.get("Retry-After") for each in answers] == [wait, wait, None]
    assert json.loads(answers[0].data)["issue"][0]["code"] == "throttled"


def test_server_error_passes_after_two_calls() -> None:
    here = ehr()

    assert statuses(here, here.launched(failure="server-error")["access_token"]) == [500, 500, 200, 200]


def test_no_context_tells_of_no_patient_and_gives_nothing_of_any() -> None:
    here = ehr()

    answer = here.launched(failure="no-context")

    assert {"patient", "encounter"} & set(answer) == set()
    assert answer["scope"] == READ
    assert statuses(here, answer["access_token"], 1) == [403]
    assert json.loads(here.get("/Observation", answer["access_token"]).data)["total"] == 0


def test_no_context_has_nothing_to_take_from_a_backend() -> None:
    here = ehr(failure=Failure.NO_CONTEXT)

    assert statuses(here, here.system(), 1) == [200]


def test_a_failure_of_one_launch_is_not_that_of_another() -> None:
    here = ehr()
    bad, good = here.launched(failure="server-error"), here.launched()

    assert statuses(here, good["access_token"]) == [200] * 4
    assert statuses(here, bad["access_token"], 1) == [500]


def test_what_happens_everywhere_can_be_chosen_anew() -> None:
    here = ehr(failure=Failure.SERVER_ERROR)
    broken = here.system()

    assert statuses(here, broken, 3) == [500, 500, 200]
    # The tokens of a backend share its trouble, which is over.
    assert statuses(here, here.system(), 1) == [200]
    here.failures.choose(Failure.TOO_MANY)
    assert statuses(here, here.system(), 1) == [429]
    here.failures.choose(None)
    assert statuses(here, here.system(), 1) == [200]


def test_a_failure_of_an_app_on_its_own_is_chosen_with_the_patient() -> None:
    here = ehr()
    page = here.authorize(scope="launch/patient patient/Patient.rs")

    answer = here.decide(page, patient=PATIENT, failure="server-error")

    code = query_of(answer.headers["Location"])["code"]
    assert statuses(here, here.redeem(code).get_json()["access_token"], 1) == [500]


def test_what_is_open_to_anybody_is_always_well() -> None:
    here = ehr(failure=Failure.SERVER_ERROR)

    assert here.get("/metadata").status_code == 200
    assert here.get("/.well-known/smart-configuration").status_code == 200


def test_without_a_failure_nothing_goes_wrong() -> None:
    trouble = Failures(lambda _seconds: None).of_launch(None)

    assert trouble.granted(("launch", "patient/Observation.rs")) == ("launch", "patient/Observation.rs")
    assert not trouble.next_token_is_over()
