"""Whatever is sent, the answer is one of the protocol's own, and nothing falls over."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_world import ASSERTION_TYPE, PATIENT, Ehr, ehr

TEXT = st.text(max_size=30) | st.sampled_from(
    [
        "",
        "\x00",
        "..",
        "'",
        "<script>",
        "%",
        "Patient/",
        "|",
        ",",
        "\\",
        "$",
        "é",
        "9999-12-31",
        "0000",
        "2024-02",
    ]
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    st.sampled_from(["_id", "code", "date", "patient", "_tag", "_lastUpdated", "_count", "_format", "status"])
    | TEXT
)


@pytest.fixture(scope="module")
def here() -> Ehr:
    return ehr()


@pytest.fixture(scope="module")
def token(here: Ehr) -> str:
    return here.system()


def is_fhir(answer: Any, *statuses: int) -> bool:
    return answer.status_code in statuses and answer.content_type.startswith("application/fhir+json")


@given(asked=st.lists(st.tuples(NAMES, TEXT), max_size=4))
def test_any_search_is_answered(asked: list[tuple[str, str]], here: Ehr, token: str) -> None:
    assert is_fhir(here.get(f"/Observation?{urlencode(asked)}", token), 200, 400, 406)


@given(steps=st.lists(TEXT, max_size=4))
def test_any_path_is_answered(steps: list[str], here: Ehr, token: str) -> None:
    path = "".join(f"/{quote(each, safe='')}" for each in steps)

    answer = here.get(path, token)

    # A path with an empty step is another path, to which the browser is sent.
    assert answer.status_code == 308 or is_fhir(answer, 400, 404, 405, 410)


RESULT: dict[str, Any] = {
    "resourceType": "RiskAssessment",
    "status": "final",
    "subject": {"reference": f"Patient/{PATIENT}"},
}
PARTS = st.sampled_from(["meta", "subject", "identifier", "contained", "basis", "extension", "id", "status"])


@given(changed=st.dictionaries(PARTS | TEXT, JSON, max_size=3))
def test_any_resource_is_answered(changed: dict[str, Any], here: Ehr, token: str) -> None:
    answer = here.call("POST", "/RiskAssessment", token, json.dumps(RESULT | changed))

    assert is_fhir(answer, 201, 400, 422)


REQUEST = st.sampled_from(["method", "url", "ifMatch", "ifNoneExist"])


@given(
    changed=st.dictionaries(st.sampled_from(["fullUrl", "resource", "request"]) | TEXT, JSON, max_size=2),
    request_changed=st.dictionaries(REQUEST, JSON, max_size=2),
)
def test_any_transaction_is_answered(
    changed: dict[str, Any], request_changed: dict[str, Any], here: Ehr, token: str
) -> None:
    request = {"method": "POST", "url": "RiskAssessment"} | request_changed
    entry = {"fullUrl": "urn:uuid:1", "resource": RESULT, "request": request} | changed
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}

    answer = here.call("POST", "", token, json.dumps(bundle))

    assert is_fhir(answer, 200, 400, 404, 405, 412, 422)


PARAMETERS = st.sampled_from(
    ["client_id", "redirect_uri", "scope", "state", "aud", "launch", "code_challenge", "prompt"]
)


@given(changed=st.dictionaries(PARAMETERS | TEXT, TEXT, max_size=3))
def test_any_authorization_request_is_answered(changed: dict[str, str], here: Ehr) -> None:
    answer = here.authorize(**changed)

    assert answer.status_code in (200, 303, 400)
    assert answer.headers.get("Location", "https://app.example/callback").startswith(
        "https://app.example/callback"
    )
    assert "<script" not in answer.text.lower()


FORM = st.sampled_from(
    ["grant_type", "code", "client_id", "client_assertion", "refresh_token", "scope", "code_verifier"]
)


@given(form=st.dictionaries(FORM | TEXT, TEXT, max_size=4), header=st.none() | st.binary(max_size=20))
def test_any_token_request_is_refused(form: dict[str, str], header: bytes | None, here: Ehr) -> None:
    headers = {} if header is None else {"Authorization": f"Basic {header.hex()}"}

    answer = here.browser.post("/auth/token", data=form, headers=headers)

    assert (answer.status_code in (400, 401), "error" in json.loads(answer.data)) == (True, True)


@given(
    claims=st.dictionaries(
        st.sampled_from(["iss", "aud", "exp", "jti", "iat", "nbf"]), JSON, min_size=1, max_size=3
    )
)
def test_any_claims_are_answered(claims: dict[str, Any], here: Ehr) -> None:
    form = {
        "grant_type": "client_credentials",
        "scope": "system/*.rs",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": here.assertion(**claims),
    }

    assert here.token(form).status_code in (200, 401)
