"""No call without a token, and no token beyond its scopes and its patient."""

import json

import pytest
from sandbox_world import OTHER, PATIENT, Ehr, diagnostics, ehr

LESION = f"{PATIENT}-t01-1"


@pytest.fixture(scope="module")
def here() -> Ehr:
    return ehr()


def result_of(patient: str) -> dict[str, object]:
    return {
        "resourceType": "RiskAssessment",
        "status": "preliminary",
        "subject": {"reference": f"Patient/{patient}"},
    }


@pytest.mark.parametrize(
    "path", [f"/Patient/{PATIENT}", "/Observation", f"/Observation?patient={PATIENT}", "/Unheard"]
)
def test_nothing_is_told_to_nobody(path: str, here: Ehr) -> None:
    answer = here.get(path)

    assert (answer.status_code, diagnostics(answer)) == (401, ("login", "a token is needed"))
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer ", "Basic YTpi", "Bearer a b"])
def test_a_token_that_was_not_given_here_opens_nothing(header: str, here: Ehr) -> None:
    answer = here.browser.get(f"/fhir/Patient/{PATIENT}", headers={"Authorization": header})

    assert (answer.status_code, diagnostics(answer)) == (401, ("login", "the token is unknown or over"))
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_token_in_the_address_is_no_token(here: Ehr) -> None:
    assert here.get(f"/Patient/{PATIENT}?access_token={here.system()}").status_code == 401


def test_a_token_is_over_when_it_said() -> None:
    here = ehr()
    token = here.system()

    here.clock.forward(seconds=299)
    before = here.get(f"/Patient/{PATIENT}", token).status_code
    here.clock.forward(seconds=1)

    assert (before, here.get(f"/Patient/{PATIENT}", token).status_code) == (200, 401)


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [
        ("system/Observation.r", f"/Observation/{LESION}", 200),
        ("system/Observation.r", f"/Observation/{LESION}/_history", 200),
        ("system/Observation.r", f"/Observation/{LESION}/_history/1", 200),
        ("system/Observation.r", "/Observation", 403),
        ("system/Observation.s", "/Observation", 200),
        ("system/Observation.s", f"/Observation/{LESION}", 403),
        ("system/Observation.read", "/Observation", 200),
        ("system/Observation.write", "/Observation", 403),
        ("system/Observation.rs", f"/Patient/{PATIENT}", 403),
        ("system/*.rs", f"/Patient/{PATIENT}", 200),
    ],
)
def test_each_scope_is_held_to_its_type_and_interaction(
    scope: str, path: str, status: int, here: Ehr
) -> None:
    answer = here.get(path, here.system(scope))

    assert answer.status_code == status
    if status == 403:
        assert diagnostics(answer)[0] == "forbidden"
        assert answer.headers["WWW-Authenticate"].startswith('Bearer error="insufficient_scope"')


@pytest.mark.parametrize(("scope", "status"), [("rs", 403), ("c", 201), ("u", 403)])
def test_writing_needs_a_letter_of_its_own(scope: str, status: int, here: Ehr) -> None:
    answer = here.call(
        "POST", "/RiskAssessment", here.system(f"system/RiskAssessment.{scope}"), result_of(PATIENT)
    )

    assert answer.status_code == status


def test_a_conditional_create_needs_the_right_to_search(here: Ehr) -> None:
    token = here.system("system/RiskAssessment.c")

    answer = here.call("POST", "/RiskAssessment", token, result_of(PATIENT), If_None_Exist="identifier=x")

    assert (answer.status_code, diagnostics(answer)[0]) == (403, "forbidden")


def test_a_filter_in_a_scope_is_kept(here: Ehr) -> None:
    token = here.system("system/Observation.rs?date=lt2024-01-01")

    found = json.loads(here.get(f"/Observation?patient={PATIENT}", token).data)

    everything = json.loads(here.get(f"/Observation?patient={PATIENT}", here.system()).data)
    assert 0 < found["total"] < everything["total"]
    for each in found["entry"]:
        assert each["resource"]["effectiveDateTime"] < "2024"


def test_a_launch_reads_its_own_patient(here: Ehr) -> None:
    token = here.launched(PATIENT)["access_token"]

    own = json.loads(here.get("/Observation?_count=0", token).data)["total"]
    named = json.loads(here.get(f"/Observation?patient={PATIENT}&_count=0", token).data)["total"]

    assert here.get(f"/Patient/{PATIENT}", token).status_code == 200
    assert own == named > 0


@pytest.mark.parametrize(
    "path",
    [
        f"/Patient/{OTHER}",
        f"/Observation?patient={OTHER}",
        f"/Observation?subject=Patient/{OTHER}",
        f"/Observation?patient={PATIENT},{OTHER}",
        f"/Observation/{OTHER}-t01-1",
    ],
)
def test_a_launch_reads_no_other_patient(path: str, here: Ehr) -> None:
    """Attack: the token of one patient's launch, used for another."""
    token = here.launched(PATIENT)["access_token"]
    if path.startswith("/Observation/"):
        first = json.loads(here.get(f"/Observation?patient={OTHER}&_count=1", here.system()).data)["entry"][0]
        path = f"/Observation/{first['resource']['id']}"

    answer = here.get(path, token)

    assert (answer.status_code, diagnostics(answer)[0]) == (403, "forbidden")


def test_a_search_of_a_launch_brings_nothing_of_others(here: Ehr) -> None:
    token = here.launched(PATIENT)["access_token"]

    patients = json.loads(here.get(f"/Patient?_id={OTHER}", token).data)
    observations = json.loads(here.get("/Observation?_count=100", token).data)

    assert patients["total"] == 0
    assert {each["resource"]["subject"]["reference"] for each in observations["entry"]} == {
        f"Patient/{PATIENT}"
    }


def test_a_launch_writes_about_its_own_patient_only(here: Ehr) -> None:
    token = here.launched(PATIENT, "launch patient/RiskAssessment.cu")["access_token"]

    own = here.call("POST", "/RiskAssessment", token, result_of(PATIENT))
    others = here.call("POST", "/RiskAssessment", token, result_of(OTHER))
    moved = {**json.loads(own.data), "subject": {"reference": f"Patient/{OTHER}"}}
    taken = here.call("PUT", f"/RiskAssessment/{moved['id']}", token, moved)

    assert (own.status_code, others.status_code, taken.status_code) == (201, 403, 403)
    found = json.loads(here.get(f"/RiskAssessment?patient={OTHER}", here.system()).data)
    assert found["total"] == 0


def test_a_provenance_is_about_whom_its_targets_are_about(here: Ehr) -> None:
    token = here.launched(PATIENT, "launch patient/Provenance.crs patient/RiskAssessment.c")["access_token"]
    own, others = (
        json.loads(here.call("POST", "/RiskAssessment", here.system(), result_of(each)).data)
        for each in (PATIENT, OTHER)
    )

    def provenance(*targets: str) -> dict[str, object]:
        return {
            "resourceType": "Provenance",
            "target": [{"reference": each} for each in targets],
            "recorded": "2026-03-01T12:00:00Z",
            "agent": [{"who": {"display": "us"}}],
        }

    mine, strange = f"RiskAssessment/{own['id']}", f"RiskAssessment/{others['id']}"
    statuses = [
        here.call("POST", "/Provenance", token, provenance(*targets)).status_code
        for targets in (
            (mine,),
            (mine, f"Patient/{PATIENT}"),
            (mine, strange),
            (mine, "https://x.example/Patient/1"),
            (mine, "RiskAssessment/x"),
        )
    ]

    assert statuses == [201, 201, 403, 403, 403]
    assert json.loads(here.get("/Provenance", token).data)["total"] == 2


def test_what_a_user_may_see_is_not_only_one_patient(here: Ehr) -> None:
    token = here.launched(PATIENT, "launch user/Observation.rs")["access_token"]

    assert json.loads(here.get(f"/Observation?patient={OTHER}", token).data)["total"] > 0


def test_a_user_is_read_with_the_scope_for_it_alone(here: Ehr) -> None:
    with_scope = here.launched(PATIENT)["access_token"]
    without = here.launched(PATIENT, "launch openid patient/Patient.rs")["access_token"]

    assert here.get("/Practitioner/sandbox-clinician", with_scope).status_code == 200
    assert here.get("/Practitioner", with_scope).status_code == 403
    assert here.get("/Practitioner/sandbox-clinician", without).status_code == 403
    assert here.get("/Practitioner/someone", with_scope).status_code == 404
