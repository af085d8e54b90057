"""Create, update and transactions: checked, versioned, all or nothing."""

import json
from typing import Any

import pytest
from sandbox_world import FHIR, PATIENT, Ehr, diagnostics, ehr

Json = dict[str, Any]
IDENTIFIER = "identifier=urn:x%7C1"


def result(**more: Any) -> Json:
    return {
        "resourceType": "RiskAssessment",
        "identifier": [{"system": "urn:x", "value": "1"}],
        "status": "preliminary",
        "subject": {"reference": f"Patient/{PATIENT}"},
        "prediction": [{"outcome": {"text": "growth"}, "probabilityDecimal": 12.340}],
    } | more


@pytest.fixture
def here() -> Ehr:
    return ehr()


@pytest.fixture
def token(here: Ehr) -> str:
    return here.system()


def made(here: Ehr, token: str, **more: Any) -> Json:
    return json.loads(here.call("POST", "/RiskAssessment", token, result(**more)).data)


def test_a_new_resource_gets_an_id_a_version_and_a_place(here: Ehr, token: str) -> None:
    body = json.dumps(result(id="mine")).replace("12.34", "12.340")

    answer = here.call("POST", "/RiskAssessment", token, body)

    kept = json.loads(answer.data)
    assert (answer.status_code, answer.headers["ETag"], kept["id"] != "mine") == (201, 'W/"1"', True)
    assert answer.headers["Location"] == f"{FHIR}/RiskAssessment/{kept['id']}/_history/1"
    assert kept["meta"]["versionId"] == "1"
    assert b'"probabilityDecimal":12.340' in here.get(f"/RiskAssessment/{kept['id']}", token).data


def test_who_wants_little_gets_little(here: Ehr, token: str) -> None:
    answer = here.call("POST", "/RiskAssessment", token, result(), Prefer="return=minimal")

    assert (answer.status_code, answer.data) == (201, b"")


def test_an_update_is_the_next_version_and_the_former_is_kept(here: Ehr, token: str) -> None:
    first = made(here, token)
    path = f"/RiskAssessment/{first['id']}"

    answer = here.call("PUT", path, token, first | {"status": "final"}, If_Match='W/"1"')

    assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"2"')
    assert answer.headers["Location"] == f"{FHIR}{path}/_history/2"
    assert json.loads(here.get(f"{path}/_history/1", token).data)["status"] == "preliminary"
    assert json.loads(here.get(path, token).data)["status"] == "final"
    history = json.loads(here.get(f"{path}/_history?_count=1", token).data)
    (newest,) = history["entry"]
    assert (history["total"], newest["request"]["method"], newest["response"]["etag"]) == (2, "PUT", 'W/"2"')
    older = json.loads(here.get(history["link"][1]["url"].removeprefix(FHIR), token).data)
    assert [each["request"]["method"] for each in older["entry"]] == ["POST"]


@pytest.mark.parametrize(
    ("header", "status"), [('W/"1"', 412), ('"1"', 412), ('W/"2"', 200), ('W/"7", "2"', 200), ("2", 412)]
)
def test_an_update_of_a_version_that_is_over_is_refused(
    header: str, status: int, here: Ehr, token: str
) -> None:
    first = made(here, token)
    path = f"/RiskAssessment/{first['id']}"
    here.call("PUT", path, token, first)

    answer = here.call("PUT", path, token, first, If_Match=header)

    assert answer.status_code == status
    if status == 412:
        assert diagnostics(answer) == ("conflict", "it is version 2 by now")


def test_ids_are_given_by_the_server(here: Ehr, token: str) -> None:
    answer = here.call("PUT", "/RiskAssessment/mine", token, result(id="mine"))

    assert (answer.status_code, diagnostics(answer)[0]) == (405, "not-supported")


def test_a_conditional_create_makes_one_and_no_second(here: Ehr, token: str) -> None:
    first, second = (
        here.call("POST", "/RiskAssessment", token, result(), If_None_Exist=f"{prefix}{IDENTIFIER}")
        for prefix in ("", "RiskAssessment?")
    )

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.headers["Location"] == second.headers["Location"]
    assert json.loads(here.get("/RiskAssessment", token).data)["total"] == 1


def test_a_condition_that_fits_several_makes_none(here: Ehr, token: str) -> None:
    made(here, token)
    made(here, token)

    answer = here.call("POST", "/RiskAssessment", token, result(), If_None_Exist=IDENTIFIER)

    assert (answer.status_code, diagnostics(answer)) == (
        412,
        ("multiple-matches", "2 resources meet the condition"),
    )


@pytest.mark.parametrize(("condition", "status"), [("colour=red", 400), ("", 400)])
def test_a_condition_is_read_strictly(condition: str, status: int, here: Ehr, token: str) -> None:
    answer = here.call("POST", "/RiskAssessment", token, result(), If_None_Exist=condition)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("body", "status", "code", "says"),
    [
        ("{", 400, "structure", "the JSON ends before it is complete"),
        (
            '{"resourceType": "RiskAssessment", "id": "a", "id": "b"}',
            400,
            "structure",
            "an object names the key",
        ),
        ([], 400, "invalid", "what was sent is no RiskAssessment"),
        ({"resourceType": "Patient"}, 400, "invalid", "what was sent is no RiskAssessment"),
        (result(meta=[]), 422, "structure", "meta: not an object"),
        (result(prediction=5), 422, "structure", "prediction: "),
        (result(colour="red"), 422, "structure", "colour: "),
        (
            result(subject={"reference": "Patient/nobody"}),
            422,
            "not-found",
            "it refers to a resource that is not",
        ),
        (
            result(subject={"reference": "Unheard/1"}),
            422,
            "not-found",
            "it refers to a resource that is not here",
        ),
        (
            result(basis=[{"reference": "Observation/x"}]),
            422,
            "not-found",
            "it refers to a resource that is not",
        ),
        (
            result(basis=[{"reference": "urn:uuid:1"}]),
            422,
            "not-found",
            "it refers to a resource that is not here",
        ),
        (
            result(basis=[{"reference": "#inner"}]),
            422,
            "not-found",
            "it refers to a resource that is not here",
        ),
        (
            result(basis=[{"reference": "nonsense"}]),
            422,
            "not-found",
            "it refers to a resource that is not here",
        ),
    ],
)
def test_what_is_not_valid_is_not_kept(
    body: Any, status: int, code: str, says: str, here: Ehr, token: str
) -> None:
    answer = here.call("POST", "/RiskAssessment", token, body)

    told = diagnostics(answer)
    assert (answer.status_code, told[0], told[1][: len(says)]) == (status, code, says)
    assert json.loads(here.get("/RiskAssessment", token).data)["total"] == 0


def test_what_is_elsewhere_or_inside_may_be_referred_to(here: Ehr, token: str) -> None:
    inner = {"resourceType": "Device", "id": "us"}
    body = result(
        contained=[inner],
        performer={"reference": "#us"},
        basis=[{"reference": "https://elsewhere.example/Observation/1"}, {"reference": f"Patient/{PATIENT}"}],
    )

    assert here.call("POST", "/RiskAssessment", token, body).status_code == 201


def test_what_a_record_always_referred_to_may_be_kept_and_nothing_added(here: Ehr, token: str) -> None:
    bundle = json.loads(here.get(f"/Observation?patient={PATIENT}&_count=50", token).data)
    loaded = next(each["resource"] for each in bundle["entry"] if "performer" in each["resource"])
    (performer,) = loaded["performer"]
    assert here.get(f"/{performer['reference']}", token).status_code == 404

    kept = here.call("PUT", f"/Observation/{loaded['id']}", token, loaded)
    more = {**loaded, "performer": [performer, {"reference": "Practitioner/another"}]}
    added = here.call("PUT", f"/Observation/{loaded['id']}", token, more)

    assert (kept.status_code, added.status_code) == (200, 422)


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/RiskAssessment"), ("PUT", "/RiskAssessment/x"), ("POST", "")]
)
def test_a_write_takes_no_parameter(method: str, path: str, here: Ehr, token: str) -> None:
    answer = here.call(method, f"{path}?identifier=urn:x|1", token, result())

    assert (answer.status_code, diagnostics(answer)[0]) == (400, "not-supported")


def test_what_is_sent_is_json_and_not_too_long(here: Ehr, token: str) -> None:
    form = here.call("POST", "/RiskAssessment", token, "a=b", Content_Type="text/plain")
    long = here.call("POST", "/RiskAssessment", token, b" " * (9 << 20))

    assert (form.status_code, diagnostics(form)[0]) == (415, "not-supported")
    assert (long.status_code, diagnostics(long)[0]) == (413, "too-long")


@pytest.mark.parametrize(
    ("body", "severity", "says"),
    [
        (result(), "information", "nothing is wrong with it"),
        (result(subject={"display": "Nobody"}), "information", "nothing is wrong with it"),
        (result(prediction=5), "error", "prediction: "),
        ({"resourceType": "Patient"}, "error", "what was sent is no RiskAssessment"),
    ],
)
def test_a_resource_can_be_checked_without_being_kept(
    body: Json, severity: str, says: str, here: Ehr, token: str
) -> None:
    answer = here.call("POST", "/RiskAssessment/$validate", here.system("system/Patient.r"), body)

    (issue,) = json.loads(answer.data)["issue"]
    assert (answer.status_code, issue["severity"]) == (200, severity)
    assert issue["diagnostics"].startswith(says)
    assert json.loads(here.get("/RiskAssessment", token).data)["total"] == 0
    assert here.call("POST", "/Patient/$validate", token, body).status_code == 405
    assert here.call("POST", "/RiskAssessment/$validate", "", body).status_code == 401


def test_the_id_in_a_resource_is_that_of_its_address(here: Ehr, token: str) -> None:
    first = made(here, token)

    answer = here.call("PUT", f"/RiskAssessment/{first['id']}", token, first | {"id": "other"})

    assert (answer.status_code, diagnostics(answer)[0]) == (400, "invalid")


def entry(resource: Any, method: str = "POST", url: str = "RiskAssessment", **request: str) -> Json:
    return {
        "fullUrl": request.pop("fullUrl", ""),
        "resource": resource,
        "request": {"method": method, "url": url, **request},
    }


def transaction(*entries: Any, kind: str = "transaction") -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def plan(**more: Any) -> Json:
    return {
        "resourceType": "CarePlan",
        "status": "draft",
        "intent": "proposal",
        "subject": {"reference": f"Patient/{PATIENT}"},
        "supportingInfo": [{"reference": "urn:uuid:1"}],
    } | more


def test_a_transaction_makes_all_and_ties_them_together(here: Ehr, token: str) -> None:
    answer = here.call(
        "POST", "", token, transaction(entry(plan(), url="CarePlan"), entry(result(), fullUrl="urn:uuid:1"))
    )

    told = json.loads(answer.data)
    assert (answer.status_code, told["type"]) == (200, "transaction-response")
    assert [each["response"]["status"] for each in told["entry"]] == ["201 Created", "201 Created"]
    where = [
        each["response"]["location"].removeprefix(FHIR).partition("/_history")[0] for each in told["entry"]
    ]
    kept = json.loads(here.get(where[0], token).data)
    assert kept["supportingInfo"] == [{"reference": where[1].removeprefix("/")}]
    assert told["entry"][1]["response"]["etag"] == 'W/"1"'


def test_a_transaction_takes_what_is_there_and_changes_what_is_asked(here: Ehr, token: str) -> None:
    standing = made(here, token)
    old = json.loads(here.call("POST", "/CarePlan", token, plan(supportingInfo=[])).data)
    changed = {**old, "supportingInfo": [{"reference": "urn:uuid:1"}]}

    answer = here.call(
        "POST",
        "",
        token,
        transaction(
            entry(result(), fullUrl="urn:uuid:1", ifNoneExist=IDENTIFIER),
            entry(changed, "PUT", f"CarePlan/{old['id']}", ifMatch='W/"1"'),
        ),
    )

    assert [each["response"]["status"] for each in json.loads(answer.data)["entry"]] == ["200 OK", "200 OK"]
    kept = json.loads(here.get(f"/CarePlan/{old['id']}", token).data)
    assert kept["supportingInfo"] == [{"reference": f"RiskAssessment/{standing['id']}"}]
    assert json.loads(here.get("/RiskAssessment", token).data)["total"] == 1


FINE = entry(result(), fullUrl="urn:uuid:1")


@pytest.mark.parametrize(
    ("bad", "status", "says"),
    [
        (
            entry(plan(supportingInfo=[{"reference": "urn:uuid:2"}]), url="CarePlan"),
            422,
            "it refers to a resource",
        ),
        (
            entry(plan(subject={"reference": "Patient/x"}), url="CarePlan"),
            422,
            "it refers to a resource that is not",
        ),
        (entry(plan(status=5), url="CarePlan"), 422, "status: "),
        (entry(plan(id="x"), "PUT", "CarePlan/x"), 405, "ids are given by this server"),
        (entry(plan(), "POST", "CarePlan/x"), 400, "an entry is POST to a type, or PUT to a resource"),
        (entry(plan(), "PUT", "CarePlan"), 400, "an entry is POST to a type, or PUT to a resource"),
        (entry(None, "GET", "CarePlan/x"), 400, "an entry is POST to a type, or PUT to a resource"),
        (entry({}, url="Patient"), 405, "Patient is not written here"),
        (entry({}, url="Unheard"), 404, "a type with the name in request.url is not known here"),
        ({"resource": {}}, 400, "an entry has no request"),
        (5, 400, "an entry has no request"),
    ],
)
def test_a_transaction_with_one_fault_does_nothing(
    bad: Any, status: int, says: str, here: Ehr, token: str
) -> None:
    answer = here.call("POST", "", token, transaction(FINE, bad))

    (issue,) = json.loads(answer.data)["issue"]
    assert (answer.status_code, issue["diagnostics"][: len(says)]) == (status, says)
    assert issue["expression"] == ["Bundle.entry[1]"]
    assert json.loads(here.get("/RiskAssessment", token).data)["total"] == 0


@pytest.mark.parametrize(
    ("bundle", "says"),
    [
        ({}, "what was sent is no Bundle"),
        (transaction(FINE, kind="batch"), "only a Bundle of type transaction is carried out"),
        (transaction() | {"entry": {}}, "entry is no array of at most 1000"),
        (transaction(FINE, FINE), "a resource is there twice"),
    ],
)
def test_what_is_no_transaction_is_refused(bundle: Json, says: str, here: Ehr, token: str) -> None:
    answer = here.call("POST", "", token, bundle)

    assert (answer.status_code, diagnostics(answer)[1]) == (400, says)


def test_each_entry_of_a_transaction_needs_its_own_scope(here: Ehr) -> None:
    token = here.system("system/RiskAssessment.c")

    answer = here.call("POST", "", token, transaction(FINE, entry(plan(), url="CarePlan")))

    assert answer.status_code == 403
    assert json.loads(here.get("/RiskAssessment", here.system()).data)["total"] == 0


def test_a_transaction_needs_a_token(here: Ehr) -> None:
    assert here.call("POST", "", "", transaction(FINE)).status_code == 401
