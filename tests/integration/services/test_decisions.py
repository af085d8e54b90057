"""A decision on a drawn page: what it leaves in the store, who is told, and what the machine does afterwards."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from databases import fresh_url
from fhir_records import SCANS, size
from patient_world import PATIENT, World, world

from fhirgate.ehr.record import ServerRecords
from fhirgate.ehr.result_writer import ServerResults
from fhirgate.mapping.r4b import check_r4
from fhirgate.services.assess_patient import PatientRequest, assess_patient
from fhirgate.services.assess_record import Choices
from fhirgate.services.decisions import (
    Act,
    Decided,
    DecidedAlready,
    Decision,
    DecisionRefused,
    LocalTherapy,
    Reason,
    RecordChanged,
)
from fhirgate.services.drawings import Drawn
from fhirgate.services.launches import Flow, Granted, Launch, LaunchContext, LaunchUser
from fhirgate.services.ports import Search, Stored
from fhirgate.services.reviews import Reviews

MINE = "my-browser"
Json = dict[str, Any]


class OneLaunch:
    """A launch by a practitioner, or by somebody else."""

    def __init__(self, here: World, reference: str) -> None:
        self.here, self.reference = here, reference

    def find(self, _launch_id: str, _browser: str) -> Launch:
        return Launch(
            id="l1",
            flow=Flow.EHR,
            server="main",
            context=LaunchContext(patient=PATIENT.id),
            user=LaunchUser(issuer="https://ehr", subject="u7", reference=self.reference, is_on_server=True),
            granted=Granted(requested="", granted=None),
            began_at=self.here.clock.now,
            ends_at=self.here.clock.now + timedelta(hours=1),
        )

    def records(self, _launch_id: str, _browser: str) -> Any:
        return ServerRecords(self.here.server)

    def results(self, _launch_id: str, _browser: str) -> None:
        """The EHR did not grant writing."""

    def person(self, _launch_id: str, _browser: str) -> Json:
        return {"resourceType": "Practitioner", "id": "7", "name": [{"text": "A. Clinician"}]}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(fresh_url("sqlite", tmp_path)) as found:
        yield found


def reviews(here: World, reference: str = "Practitioner/7") -> Reviews:
    launches: Any = OneLaunch(here, reference)
    return Reviews(
        launches=launches,
        store=here.results,
        outbox=here.outbox,
        servers={"main": here.server.entry},
        choices=Choices(),
        clock=here.clock,
    )


def drawn_now(found: Reviews) -> Drawn:
    drawn = found.draw("l1", MINE)
    assert drawn is not None
    return drawn


def decide(found: Reviews, act: Act = Act.ACCEPT, shown: str = "", **more: Any) -> Decided:
    decided = found.decide(
        "l1",
        MINE,
        Decision(act=act, preset="DEFAULT", shown=shown or drawn_now(found).digest, **more),
    )
    assert decided is not None
    return decided


def kept(here: World, kind: str) -> list[Stored]:
    return list(here.results.search(Search(type=kind)))


def bodies(here: World, kind: str) -> list[Json]:
    return [msgspec.json.decode(each.body) for each in kept(here, kind)]


def proposed(drawn: Drawn) -> list[str]:
    assert drawn.follow_up is not None
    return list({one.lesion.id: 0 for each in drawn.follow_up.proposals for one in each.lesions})


def judged_again(here: World) -> None:
    request = PatientRequest(patient=PATIENT, as_of=here.clock.now.date())
    assess_patient(request, ServerRecords(here.server), here.results, here.clock)


def test_who_accepts_makes_a_plan_of_their_own_and_the_proposal_is_kept(here: World) -> None:
    found = reviews(here)

    decided = decide(found, comment="Board on Friday, < 15 mm")

    assert (decided.act, decided.by, decided.comment) == (
        Act.ACCEPT,
        "A. Clinician",
        "Board on Friday, < 15 mm",
    )
    (result,) = bodies(here, "RiskAssessment")
    proposal, plan = sorted(bodies(here, "CarePlan"), key=lambda each: str(each["intent"]), reverse=True)
    assert result["status"] == "final"
    assert (proposal["intent"], proposal["status"]) == ("proposal", "completed")
    assert (plan["intent"], plan["status"]) == ("plan", "active")
    assert plan["basedOn"] == [{"reference": f"CarePlan/{proposal['id']}"}]
    assert plan["author"] == {"reference": "Practitioner/7", "display": "A. Clinician"}
    assert plan["activity"] == proposal["activity"]
    assert [each["code"] for each in plan["meta"]["security"]] == ["CLINAST"]
    provenances = bodies(here, "Provenance")
    assert {
        each["code"] for made in provenances for agent in made["agent"] for each in agent["type"]["coding"]
    } == {
        "assembler",
        "author",
        "verifier",
    }
    for each in (result, proposal, plan, *provenances):
        assert check_r4(each) == ()


def test_a_changed_plan_is_about_the_chosen_lesions_and_says_what_to_discuss(here: World) -> None:
    found = reviews(here)
    first = proposed(drawn_now(found))[:1]

    decide(found, Act.AMEND, lesions=tuple(first), therapies=(LocalTherapy.SURGERY, LocalTherapy.ABLATION))

    (plan,) = (each for each in bodies(here, "CarePlan") if each["intent"] == "plan")
    assert check_r4(plan) == ()
    (local,) = (
        each["detail"] for each in plan["activity"] if "local ablative" in each["detail"]["code"]["text"]
    )
    assert [each["code"] for each in local["code"]["coding"]] == ["65801008"]
    assert "surgery and ablation" in local["description"]


def test_a_dismissed_proposal_says_why_and_the_result_stays_preliminary(here: World) -> None:
    found = reviews(here)

    decided = decide(found, Act.DISMISS, reason=Reason.WISH)

    assert (decided.act, decided.reason, decided.plan) == (Act.DISMISS, Reason.WISH, None)
    (proposal,) = bodies(here, "CarePlan")
    assert (proposal["status"], bodies(here, "RiskAssessment")[0]["status"]) == ("revoked", "preliminary")
    assert check_r4(proposal) == ()


@pytest.mark.parametrize(
    ("act", "more"),
    [
        (Act.AMEND, {}),
        (Act.AMEND, {"lesions": ("not-proposed",)}),
        (Act.DISMISS, {}),
        (Act.DISMISS, {"reason": Reason.OTHER, "comment": " "}),
        (Act.ACCEPT, {"comment": "x" * 2001}),
    ],
)
def test_a_form_that_is_not_whole_decides_nothing(here: World, act: Act, more: Json) -> None:
    with pytest.raises(DecisionRefused):
        decide(reviews(here), act, **more)
    assert here.results.last_of(PATIENT) == 0


def test_a_patient_may_look_and_not_decide(here: World) -> None:
    with pytest.raises(DecisionRefused):
        decide(reviews(here, "Patient/p1"))
    assert here.results.last_of(PATIENT) == 0


def test_what_changed_since_it_was_seen_is_not_decided_on(here: World) -> None:
    found = reviews(here)
    shown = drawn_now(found).digest
    here.ehr.put([size(1, SCANS[2], 37)])

    with pytest.raises(RecordChanged):
        decide(found, shown=shown)
    assert here.results.last_of(PATIENT) == 0


def test_of_two_who_decide_at_once_one_is_told(here: World) -> None:
    shown = drawn_now(reviews(here)).digest

    def one(_number: int) -> bool:
        try:
            decide(reviews(here), shown=shown)
        except DecidedAlready:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == [False, True]
    assert len([each for each in bodies(here, "CarePlan") if each["intent"] == "plan"]) == 1


def test_judging_the_same_record_again_leaves_what_was_decided(here: World) -> None:
    decide(reviews(here))
    before = [
        (each.name, each.status) for kind in ("RiskAssessment", "CarePlan") for each in kept(here, kind)
    ]

    judged_again(here)

    assert before == [
        (each.name, each.status) for kind in ("RiskAssessment", "CarePlan") for each in kept(here, kind)
    ]
    assert drawn_now(reviews(here)).decided is not None


def test_another_size_in_the_scan_amends_the_result_and_proposes_anew(here: World) -> None:
    found = reviews(here)
    decided = decide(found)
    here.ehr.put([size(1, SCANS[2], 37)])

    judged_again(here)

    assert [each["status"] for each in bodies(here, "RiskAssessment")] == ["amended"]
    by_intent = {each["intent"]: each["status"] for each in bodies(here, "CarePlan")}
    assert by_intent == {"proposal": "draft", "plan": "active"}
    now = drawn_now(found)
    assert now.decided is None
    assert now.decided_before == decided


def delivered(here: World) -> dict[str, str]:
    """The statuses on the server after its copies were brought up to date, by type and intent."""
    stored = [each for kind in ("RiskAssessment", "CarePlan", "Provenance") for each in kept(here, kind)]
    ServerResults(here.server).write(sorted(stored, key=lambda each: each.sequence))
    copies = [*here.ehr.all("RiskAssessment"), *here.ehr.all("CarePlan")]
    return {each.get("intent", "result"): each["status"] for each in copies}


@pytest.mark.parametrize(
    ("act", "more", "first", "later"),
    [
        (
            Act.ACCEPT,
            {},
            {"result": "final", "proposal": "completed", "plan": "active"},
            {"result": "amended", "proposal": "draft", "plan": "active"},
        ),
        (
            Act.DISMISS,
            {"reason": Reason.WISH},
            {"result": "preliminary", "proposal": "revoked"},
            {"result": "preliminary", "proposal": "draft"},
        ),
    ],
)
def test_the_ehr_is_told_of_a_decision_once_and_of_what_changes_after_it(
    here: World, act: Act, more: Json, first: dict[str, str], later: dict[str, str]
) -> None:
    decide(reviews(here), act, **more)

    assert delivered(here) == first
    sent = len(here.ehr.sent())
    assert delivered(here) == first
    assert len(here.ehr.sent()) == sent

    here.ehr.put([size(1, SCANS[2], 37)])
    judged_again(here)
    assert delivered(here) == later
