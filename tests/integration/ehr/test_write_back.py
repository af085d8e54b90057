"""Results written to two real FHIR servers that nobody here wrote, and that have different habits."""

import json

import pytest
from between import Between
from real_store import Json, Store, fates, said_by, write
from written_results import changed, of, results, revoked, taken_back

from fhirgate.exact_json import decode
from fhirgate.mapping.canonical import STATES
from fhirgate.mapping.compose.invariants import problems
from fhirgate.mapping.r4b import check_r4
from fhirgate.services.result_writer import Fate

pytestmark = pytest.mark.peer


def state_tags(copy: Json) -> list[str]:
    return [each["code"] for each in copy["meta"]["tag"] if each["system"] == STATES]


def test_a_first_write_creates_one_copy_of_each_under_an_id_of_the_servers(
    store: Store, patient: str
) -> None:
    given = results(patient, states=True)

    written = store.write(given)

    assert {each.fate for each in written} == {Fate.CREATED}
    for ours, told in zip(given, written, strict=True):
        copy = store.one(ours)
        assert copy["id"] != ours.name.resource.id
        assert told.reference == f"{copy['resourceType']}/{copy['id']}/_history/{copy['meta']['versionId']}"


def test_results_refer_to_each_other_as_the_server_knows_them(store: Store, patient: str) -> None:
    given = results(patient)

    store.write(given)

    risk, plan, provenance = (store.one(each) for each in given)
    assert plan["supportingInfo"] == [{"reference": f"RiskAssessment/{risk['id']}"}]
    targets = [each["reference"] for each in provenance["target"]]
    named = [f"{each['resourceType']}/{each['id']}" for each in (risk, plan)]
    versions = [f"/_history/{each['meta']['versionId']}" for each in (risk, plan)]
    if store.name == "hapi":  # it takes the version off every reference, and we say so
        assert targets == named
    else:
        assert targets == [name + version for name, version in zip(named, versions, strict=True)]


def test_a_server_that_keeps_no_versions_in_references_is_told_of(store: Store, patient: str) -> None:
    *_, provenance = store.write(results(patient))

    assert ("without their version" in provenance.why) is (store.name == "hapi")


def test_what_the_server_holds_is_what_we_keep(store: Store, patient: str) -> None:
    given = results(patient)

    store.write(given)

    ours, copy = decode(of("RiskAssessment", given).body), store.one(of("RiskAssessment", given))
    for name in ("status", "code", "method", "condition", "prediction", "note", "contained"):
        assert json.loads(json.dumps(ours[name], default=float)) == copy[name]
    assert ours["identifier"][0] in copy["identifier"]
    assert {each["code"] for each in copy["meta"]["security"]} == {"DEVAST", "AIAST"}


def test_what_the_server_holds_is_still_valid(store: Store, patient: str) -> None:
    first = results(patient, states=True)
    store.write(first)
    store.write(taken_back(*first[:2]))

    copies = [store.one(each) for each in first]

    assert [check_r4(each) for each in copies] == [()] * len(copies)
    assert [problems(each) for each in copies] == [()] * len(copies)


def test_writing_again_sends_nothing(store: Store, patient: str, proxy: Between) -> None:
    given = results(patient, states=True)
    first = store.write(given)

    again = write(proxy.base, given)

    assert proxy.writes() == []
    assert {each.fate for each in again} == {Fate.UNCHANGED}
    assert [each.reference for each in again] == [each.reference for each in first]


def test_a_changed_result_is_the_next_version_of_the_same_copy(store: Store, patient: str) -> None:
    first, second = results(patient, "27"), results(patient, "29", again=True)
    store.write(first)
    before = store.one(of("RiskAssessment", first))

    written = store.write(second)

    assert fates(written) == {
        "RiskAssessment": Fate.UPDATED,
        "CarePlan": Fate.UPDATED,
        "Provenance": Fate.CREATED,
    }
    now = store.one(of("RiskAssessment", second))
    assert (now["id"], store.versions(of("RiskAssessment", second))) == (before["id"], 2)
    assert now["prediction"] != before["prediction"]
    assert store.one(of("CarePlan", second))["status"] == "draft"


def test_a_result_is_not_found_under_a_state_that_it_had_before(store: Store, patient: str) -> None:
    first, second = results(patient, "27"), results(patient, "20")
    store.write(first)

    store.write((*second, revoked(of("CarePlan", first))))

    assert state_tags(store.one(of("RiskAssessment", second))) == ["stable-disease"]


def test_a_plan_that_is_gone_is_revoked_before_its_result_changes(
    store: Store, patient: str, proxy: Between
) -> None:
    first, second = results(patient, "27"), results(patient, "20")
    store.write(first)
    plan = of("CarePlan", first)

    written = write(proxy.base, (*second, revoked(plan)))

    assert [path.partition("/")[0] for _, path in proxy.writes()][:2] == ["CarePlan", "RiskAssessment"]
    assert store.one(plan)["status"] == "revoked"
    assert store.one(plan)["activity"]
    assert fates(written)["CarePlan"] is Fate.UPDATED


def test_a_retracted_result_says_nothing_any_more(store: Store, patient: str) -> None:
    given = results(patient)
    risk, plan = of("RiskAssessment", given), of("CarePlan", given)
    store.write(given)
    back = taken_back(risk, plan)

    store.write(back)

    for each in (risk, plan):
        copy = store.one(each)
        assert (copy["status"], state_tags(copy)) == ("entered-in-error", [])
        assert not {"prediction", "activity"} & set(copy)
    provenance = store.one(of("Provenance", back))
    assert {each["reference"].split("/")[1] for each in provenance["target"]} == {
        store.one(risk)["id"],
        store.one(plan)["id"],
    }
    assert {each.fate for each in store.write(back)} == {Fate.UNCHANGED}


def test_what_was_retracted_can_be_said_again(store: Store, patient: str) -> None:
    given = results(patient)
    store.write(given)
    store.write(taken_back(of("RiskAssessment", given), of("CarePlan", given)))

    store.write(given)

    assert store.one(of("RiskAssessment", given))["status"] == "preliminary"
    assert store.one(of("CarePlan", given))["status"] == "draft"


def test_taking_back_what_was_never_written_writes_nothing_of_it(
    store: Store, patient: str, proxy: Between
) -> None:
    written = write(proxy.base, taken_back(of("RiskAssessment", results(patient))))

    assert proxy.writes() == []
    assert [each.fate for each in written] == [Fate.UNCHANGED, Fate.NOT_TAKEN]
    assert "holds no copy of it" in written[0].why


def test_a_result_of_an_earlier_scan_is_referred_to_where_it_stands(store: Store, patient: str) -> None:
    former, given = results(patient), results(store.new_patient())
    store.write(former)
    risk = of("RiskAssessment", given)
    basis = [*decode(risk.body)["basis"], {"reference": str(of("RiskAssessment", former).name.resource)}]

    store.write((changed(risk, basis=basis),))

    at = store.one(of("RiskAssessment", former))
    assert store.one(risk)["basis"][-1] == {"reference": f"RiskAssessment/{at['id']}"}


def test_a_result_that_the_server_does_not_have_is_referred_to_by_identifier(
    store: Store, patient: str
) -> None:
    former, given = results(patient + "-never"), results(patient)
    risk = of("RiskAssessment", given)
    missing = of("RiskAssessment", former).name.resource

    store.write((changed(risk, basis=[{"reference": str(missing)}]),))

    assert store.one(risk)["basis"] == [
        {
            "type": "RiskAssessment",
            "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{missing.id}"},
        }
    ]


def test_a_result_that_a_person_has_acted_on_stays_and_no_new_plan_beside_it(
    store: Store, patient: str, proxy: Between
) -> None:
    first, second = results(patient, "27"), results(patient, "29", again=True)
    store.write(first)
    store.edit(store.one(of("RiskAssessment", first)), status="final")

    written = write(proxy.base, second)

    assert fates(written) == dict.fromkeys(("RiskAssessment", "CarePlan", "Provenance"), Fate.LEFT)
    assert proxy.writes() == []
    assert said_by(store.one(of("CarePlan", first))) == said_by(decode(of("CarePlan", first).body))


@pytest.mark.parametrize(
    ("act", "why"),
    [({"status": "active", "intent": "plan"}, "it is active"), ({"status": "revoked"}, "it is revoked")],
    ids=["accepted", "declined"],
)
def test_a_plan_that_a_person_has_acted_on_stays(store: Store, patient: str, act: Json, why: str) -> None:
    first, second = results(patient, "27"), results(patient, "29", again=True)
    store.write(first)
    store.edit(store.one(of("CarePlan", first)), **act)

    written = store.write(second)

    assert fates(written)["CarePlan"] is Fate.LEFT
    assert written[1].why.endswith(why)
    copy = store.one(of("CarePlan", first))
    assert copy["status"] == act["status"]
    assert said_by(copy) == said_by(decode(of("CarePlan", first).body))


def test_of_two_copies_one_is_kept_and_the_other_marked(store: Store, patient: str) -> None:
    given = results(patient)
    risk = of("RiskAssessment", given)
    store.write(given)
    copy = store.one(risk)
    twin = {name: value for name, value in copy.items() if name not in ("id", "meta")}
    store.call("POST", "/RiskAssessment", {**twin, "meta": {"tag": copy["meta"]["tag"]}})

    written = store.write(given)

    assert "1 further copy of it was marked entered-in-error" in written[0].why
    assert len(store.copies(risk)) == 2
    (kept,) = store.standing(risk)
    assert written[0].reference.startswith(f"RiskAssessment/{kept['id']}/")
    assert {each.fate for each in store.write(given)} <= {Fate.UNCHANGED, Fate.UPDATED}
