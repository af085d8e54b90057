"""A patient of a server judged again and again: what is kept each time, what it takes the place of, what is told."""

import json
import re
from typing import Any

import pytest
from databases import fresh_url
from fhir_records import AS_OF, SCANS, cancer, resources, size
from keeping_ehr import Fault
from patient_world import PATIENT, STABLE, World, measurements, record, scan, server_of, world

from fhirgate.ehr.record import ServerRecords
from fhirgate.errors import EhrError, InvalidRequest, UnknownResource
from fhirgate.outbound.client import Outbound
from fhirgate.services.assess_patient import assess_patient
from fhirgate.services.ports import PatientKey
from fhirgate.services.succession import (
    JUDGED_SINCE,
    KNOWS_LESS,
    LATER_SCAN,
    NO_SCAN,
    NOT_PROPOSED,
    SCAN_GONE,
    TWIN,
)

LATER, LATER_AS_OF = "2025-10-10", "2025-10-20"


def no_observations(call: str) -> Fault | None:
    return Fault(status=403) if call.startswith("GET Observation") else None


def test_a_first_result_is_kept_with_its_plan_and_where_it_comes_from(here: World) -> None:
    outcome = here.assess()

    assert [str(each.resource.type) for each in outcome.kept] == ["RiskAssessment", "CarePlan", "Provenance"]
    assert outcome.news == outcome.kept
    assert outcome.not_kept == ()
    assert here.owed() == [str(each) for each in outcome.kept]
    (risk,), (plan,), (source,) = (here.bodies(kind) for kind in ("RiskAssessment", "CarePlan", "Provenance"))
    assert plan["supportingInfo"] == [{"reference": f"RiskAssessment/{risk['id']}"}]
    assert [each["reference"] for each in source["target"]] == [
        f"RiskAssessment/{risk['id']}",
        f"CarePlan/{plan['id']}",
    ]
    assert source["recorded"].startswith(f"{AS_OF}T09:00:")
    assert source["activity"]["coding"][0]["code"] == "CREATE"
    assert "urn:uuid" not in json.dumps([risk, plan, source])
    (stored,) = here.stored("RiskAssessment")
    assert (stored.state, stored.preset, stored.as_of.isoformat()) == ("OLIGOPROGRESSION", "DEFAULT", AS_OF)
    assert stored.patient == PATIENT


def test_judging_once_more_says_nothing_new(here: World) -> None:
    first = here.assess()
    here.owed()

    again = here.assess()
    a_day_later = here.assess("2025-07-21")

    assert again.news == a_day_later.news == ()
    assert again.kept == a_day_later.kept == first.kept[:2]
    assert [len(here.stored(kind)) for kind in ("RiskAssessment", "CarePlan", "Provenance")] == [1, 1, 1]
    assert here.outbox.hasten(first.channel) == 3


def test_without_write_nobody_is_told_until_it_is_asked_for(here: World) -> None:
    assert here.assess(write=False).channel == ""
    assert here.owed() == []

    outcome = here.assess()

    assert outcome.news == ()
    assert here.owed() == [str(each) for each in outcome.kept]


def test_a_changed_measurement_is_the_next_version(here: World) -> None:
    here.assess()
    here.owed()
    here.ehr.put([size(1, SCANS[2], 34)])

    outcome = here.assess()

    assert here.standing("RiskAssessment") == [("preliminary", 2)]
    assert sorted(each.resource.type for each in outcome.news) == ["CarePlan", "Provenance", "RiskAssessment"]
    latest = here.bodies("Provenance")[-1]
    assert latest["activity"]["coding"][0]["code"] == "UPDATE"


def test_a_state_that_allows_no_plan_any_more_revokes_it(here: World) -> None:
    here.assess()
    here.ehr.put(record(STABLE))

    here.assess()

    assert here.standing("CarePlan") == [("revoked", 2)]
    (plan,) = here.bodies("CarePlan")
    assert plan["note"][0]["text"] == f"No longer proposed: {NOT_PROPOSED}"
    result, revocation = here.bodies("Provenance")[1:]
    assert [each["reference"] for each in result["target"]] == [
        f"RiskAssessment/{here.bodies('RiskAssessment')[0]['id']}"
    ]
    assert [each["reference"] for each in revocation["target"]] == [f"CarePlan/{plan['id']}"]
    assert revocation["entity"][0]["what"]["reference"] == f"CarePlan/{plan['id']}/_history/1"
    assert here.assess().news == ()


def test_a_plan_that_was_revoked_is_proposed_again_when_the_state_allows_it(here: World) -> None:
    here.assess()
    here.ehr.put(record(STABLE))
    here.assess()
    here.ehr.put(record())

    here.assess()

    assert here.standing("CarePlan") == [("draft", 3)]


def test_a_later_scan_makes_a_result_of_its_own_and_leaves_the_former_as_history(here: World) -> None:
    here.assess()
    here.ehr.put(scan(LATER, 38, 30, 24, 40))

    outcome = here.assess(LATER_AS_OF)

    assert here.standing("RiskAssessment") == [("preliminary", 1), ("preliminary", 1)]
    assert sorted(here.standing("CarePlan")) == [("draft", 1), ("revoked", 2)]
    former, latest = here.bodies("RiskAssessment")
    assert latest["basis"][-1] == {"reference": f"RiskAssessment/{former['id']}"}
    plans = {each["status"]: each for each in here.bodies("CarePlan")}
    assert plans["draft"]["replaces"] == [{"reference": f"CarePlan/{plans['revoked']['id']}"}]
    assert plans["revoked"]["note"][0]["text"] == f"No longer proposed: {LATER_SCAN}"
    assert len(outcome.news) == 5
    assert here.assess(LATER_AS_OF).news == ()


def test_a_scan_that_was_dated_anew_takes_the_old_result_back(here: World) -> None:
    first = here.assess()
    for each in measurements():
        here.ehr.remove("Observation", each)
    here.ehr.put(scan("2025-07-15", 30, 30, 24, 40))

    outcome = here.assess()

    assert sorted(here.standing("RiskAssessment")) == [("entered-in-error", 2), ("preliminary", 1)]
    assert sorted(here.standing("CarePlan")) == [("draft", 1), ("entered-in-error", 2)]
    back = here.results.read(first.kept[0].resource)
    assert back is not None
    assert back.state == ""
    body = json.loads(back.body)
    assert "prediction" not in body
    assert body["note"][0]["text"] == f"Retracted, not to be used: {SCAN_GONE}"
    assert len([each for each in outcome.news if each.resource.type == "Provenance"]) == 2
    assert here.assess().news == ()


def test_a_scan_dated_back_makes_the_old_result_stand_again(here: World) -> None:
    first = here.assess()
    for each in measurements():
        here.ehr.remove("Observation", each)
    here.ehr.put(scan("2025-07-15", 30, 30, 24, 40))
    here.assess()
    for number in range(1, 5):
        here.ehr.remove("Observation", f"p1-size-{number}-2025-07-15")
    here.ehr.put(scan(SCANS[2], 30, 30, 24, 40))

    here.assess()

    again = here.results.read(first.kept[0].resource)
    assert again is not None
    assert (again.status, again.name.version) == ("preliminary", 3)
    assert sorted(here.standing("RiskAssessment")) == [("entered-in-error", 2), ("preliminary", 3)]


def test_another_record_of_the_primary_leaves_no_twin(here: World) -> None:
    here.assess()
    here.ehr.remove("Condition", "p1-cancer")
    here.ehr.put([cancer() | {"id": "p1-cancer-anew"}])

    here.assess()

    assert sorted(here.standing("RiskAssessment")) == [("entered-in-error", 2), ("preliminary", 1)]
    back = next(each for each in here.bodies("RiskAssessment") if each["status"] == "entered-in-error")
    assert back["note"][0]["text"] == f"Retracted, not to be used: {TWIN}"


def test_looking_back_at_a_scan_judged_since_keeps_nothing(here: World) -> None:
    here.assess("2025-07-25")

    outcome = here.assess("2025-07-20")

    assert (outcome.kept, outcome.news) == ((), ())
    assert [(each.preset, each.why) for each in outcome.not_kept] == [("DEFAULT", JUDGED_SINCE)]
    assert here.standing("RiskAssessment") == [("preliminary", 1)]


def test_looking_back_at_an_earlier_scan_is_history_without_a_proposal(here: World) -> None:
    here.ehr.put(scan(LATER, 38, 30, 24, 40))
    here.assess(LATER_AS_OF)
    before = here.bodies("CarePlan")

    outcome = here.assess(AS_OF)

    assert [each.resource.type for each in outcome.news] == ["RiskAssessment", "Provenance"]
    assert here.bodies("CarePlan") == before
    assert len(here.bodies("Provenance")[-1]["target"]) == 1
    assert here.standing("RiskAssessment") == [("preliminary", 1), ("preliminary", 1)]


def test_a_day_to_come_is_refused(here: World) -> None:
    request = here.request("2025-07-22")

    with pytest.raises(InvalidRequest, match="a day to come"):
        assess_patient(request, ServerRecords(here.server), here.results, here.clock)

    assert here.ehr.calls == []


def test_part_of_a_record_takes_nothing_good_back(here: World) -> None:
    first = here.assess()
    here.ehr.faults = no_observations

    outcome = here.assess()

    assert [(each.preset, each.why) for each in outcome.not_kept] == [("DEFAULT", KNOWS_LESS)]
    assert outcome.news == ()
    assert not outcome.fetched.is_complete
    assert here.standing("RiskAssessment") == [("preliminary", 1)]
    assert here.standing("CarePlan") == [("draft", 1)]
    here.ehr.faults = lambda _call: None
    assert here.assess().kept == first.kept[:2]


def test_what_was_judged_on_part_of_a_record_is_taken_back_by_the_whole(here: World) -> None:
    here.ehr.faults = lambda call: Fault(status=403) if call.startswith("GET Condition") else None
    here.assess()
    assert here.standing("RiskAssessment") == [("cancelled", 1)]
    assert here.assess().news == ()
    here.ehr.faults = lambda _call: None

    here.assess()

    assert sorted(here.standing("RiskAssessment")) == [("entered-in-error", 2), ("preliminary", 1)]


def test_a_newer_scan_in_part_of_a_record_is_kept_and_revokes_nothing(here: World) -> None:
    here.assess()
    here.ehr.put(scan(LATER, 38, 30, 24, 40))
    here.ehr.faults = lambda call: Fault(status=403) if call.startswith("GET MedicationStatement") else None

    here.assess(LATER_AS_OF)

    assert len(here.standing("RiskAssessment")) == 2
    assert ("draft", 1) in here.standing("CarePlan")
    here.ehr.faults = lambda _call: None
    here.assess(LATER_AS_OF)
    assert sorted(here.standing("CarePlan")) == [("draft", 1), ("revoked", 2)]


def without_scans(here: World) -> None:
    for on in SCANS:
        for each in measurements(on):
            here.ehr.remove("Observation", each)


def test_no_scan_at_all_is_judged_too_and_taken_back_by_the_first(here: World) -> None:
    without_scans(here)
    here.assess()
    here.deliver()
    assert here.copies("RiskAssessment") == [("cancelled", "1")]
    here.ehr.put(record())

    here.assess()
    here.deliver()

    assert here.standing("RiskAssessment") == [("preliminary", 1), ("entered-in-error", 2)]
    assert sorted(here.copies("RiskAssessment")) == [("entered-in-error", "2"), ("preliminary", "1")]
    first, none = here.bodies("RiskAssessment")
    assert none["note"][0]["text"] == f"Retracted, not to be used: {NO_SCAN}"
    assert not any(none["id"] in str(each) for each in first["basis"])
    assert here.assess().news == ()

    without_scans(here)
    here.assess()
    assert sorted(here.standing("RiskAssessment")) == [("cancelled", 3), ("entered-in-error", 2)]


def test_what_was_judged_while_the_measurements_did_not_come_is_taken_back(here: World) -> None:
    here.ehr.faults = no_observations
    here.assess()
    assert here.standing("RiskAssessment") == [("cancelled", 1)]
    here.ehr.faults = lambda _call: None

    here.assess()

    assert sorted(here.standing("RiskAssessment")) == [("entered-in-error", 2), ("preliminary", 1)]


def test_each_preset_has_its_own_result(here: World) -> None:
    outcome = here.assess(presets=("DEFAULT", "CURB"))

    assert [each.preset for each in here.stored("RiskAssessment")] == ["DEFAULT", "CURB"]
    assert len(set(outcome.kept)) == len(outcome.kept)
    here.ehr.put(scan(LATER, 38, 30, 24, 40))

    here.assess(LATER_AS_OF)

    assert [each.preset for each in here.stored("RiskAssessment")] == ["DEFAULT", "CURB", "DEFAULT"]
    curb = [each.status for each in here.stored("CarePlan") if each.preset == "CURB"]
    assert "revoked" not in curb


def test_patients_of_two_servers_with_the_same_ids_do_not_mix(here: World) -> None:
    here.assess()
    elsewhere = PatientKey(server="other", id="p1")
    with Outbound() as outbound:
        records = ServerRecords(server_of(here.ehr, outbound, "other"))
        outcome = assess_patient(here.request(patient=elsewhere), records, here.results, here.clock)

    assert len(outcome.news) == 3
    assert here.results.last_of(PATIENT) == 3
    assert [each.patient.server for each in here.stored("RiskAssessment")] == ["main", "other"]
    assert outcome.channel.startswith("write-back:other/")


def test_the_channel_of_a_patient_does_not_hold_the_patients_id(here: World) -> None:
    assert re.fullmatch(r"write-back:main/[0-9a-f]{32}", here.assess().channel)


def test_what_the_server_cannot_give_is_told_and_nothing_is_kept(here: World) -> None:
    with pytest.raises(UnknownResource):
        here.assess(patient=PatientKey(server="main", id="nobody"))
    here.ehr.faults = lambda call: Fault(status=403) if "?patient=" in call else None
    with pytest.raises(EhrError):
        here.assess()

    assert here.results.last_of(PATIENT) == 0


def test_progress_is_told_step_by_step(here: World) -> None:
    told: list[Any] = []
    records = ServerRecords(here.server)

    assess_patient(here.request(), records, here.results, here.clock, lambda *each: told.append(each))

    assert told == [("fetching", 0, 3), ("judging", 1, 3), ("keeping", 2, 3)]


def test_the_same_occasion_gives_the_same_bytes(tmp_path: Any) -> None:
    def bodies(name: str) -> list[bytes]:
        folder = tmp_path / name
        folder.mkdir()
        with world(fresh_url("sqlite", folder)) as here:
            here.assess()
            return [
                each.body
                for kind in ("RiskAssessment", "CarePlan", "Provenance")
                for each in here.stored(kind)
            ]

    assert bodies("one") == bodies("two")


def test_decimals_are_kept_as_the_record_wrote_them(here: World) -> None:
    here.ehr.put([size(1, SCANS[2], 30.25)])
    here.assess()

    (risk,) = here.stored("RiskAssessment")

    assert b"30.25 mm" in risk.body


def test_others_in_the_same_record_are_not_the_patients(here: World) -> None:
    here.ehr.put(resources("p2"))

    outcome = here.assess()

    assert outcome.result.patient == "p1"
    assert b"p2" not in b"".join(each.body for each in here.stored("RiskAssessment"))


def test_what_did_not_come_is_remembered_whatever_else_is_wrong_with_the_record(here: World) -> None:
    """A result forgets what it lacked when that is lost among its notes; then nothing could take its place."""
    here.ehr.put(
        {
            **size(number, SCANS[2], 30),
            "id": f"wrong-{number}",
            "valueQuantity": {"value": -number, "unit": "mm"},
        }
        for number in range(1, 30)
    )
    here.ehr.faults = lambda call: Fault(status=403) if call.startswith("GET MedicationStatement") else None
    here.assess()
    here.ehr.put([size(1, SCANS[2], 34)])

    outcome = here.assess()

    assert outcome.not_kept == ()
    assert here.standing("RiskAssessment") == [(here.stored("RiskAssessment")[0].status, 2)]
