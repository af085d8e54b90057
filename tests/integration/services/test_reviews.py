"""What a review draws: the same for the same record, nobody else's, and nothing in the store."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import fresh_url
from fhir_records import SCANS, size
from patient_world import PATIENT, World, world

from fhirgate.ehr.record import ServerRecords
from fhirgate.errors import EhrUnavailable, InvalidRequest
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.services.assess_record import Choices
from fhirgate.services.decisions import Act, Decision, DecisionRefused
from fhirgate.services.drawings import Drawn
from fhirgate.services.launches import Flow, Granted, Launch, LaunchContext, LaunchUser
from fhirgate.services.reviews import REMEMBERED, Reviews

MINE, OTHERS = "my-browser", "another-browser"


@dataclass
class OneLaunch:
    """A launch that was let in, of one browser; the EHR itself is the world's."""

    here: World
    person_fails: bool = False
    user: LaunchUser | None = None

    def find(self, launch_id: str, browser: str) -> Launch | None:
        if (launch_id, browser) != ("l1", MINE):
            return None
        return Launch(
            id="l1",
            flow=Flow.EHR,
            server="main",
            context=LaunchContext(patient=PATIENT.id),
            user=self.user,
            granted=Granted(requested="", granted=None),
            began_at=self.here.clock.now,
            ends_at=self.here.clock.now + timedelta(hours=1),
        )

    def records(self, launch_id: str, browser: str) -> ServerRecords | None:
        return None if self.find(launch_id, browser) is None else ServerRecords(self.here.server)

    def results(self, _launch_id: str, _browser: str) -> None:
        """The EHR did not grant writing."""

    def person(self, _launch_id: str, _browser: str) -> Mapping[str, Any] | None:
        if self.person_fails:
            raise EhrUnavailable("it does not answer")
        return {"resourceType": "Practitioner", "id": "7"}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(fresh_url("sqlite", tmp_path)) as found:
        yield found


def reviews(here: World, **more: Any) -> Reviews:
    launches: Any = OneLaunch(here, **more)
    return Reviews(
        launches=launches,
        store=here.results,
        outbox=here.outbox,
        servers={"main": here.server.entry},
        choices=Choices(),
        clock=here.clock,
        monotonic=lambda: here.clock.now.timestamp(),  # noqa: PLW0108 - the clock's hands are others each time
    )


def drawn_now(found: Reviews) -> Drawn:
    drawn = found.draw("l1", MINE)
    assert drawn is not None
    return drawn


def test_it_judges_under_every_preset_and_keeps_nothing(here: World) -> None:
    drawn = reviews(here).draw("l1", MINE, "CURB")

    assert drawn is not None
    assert [each.preset for each in drawn.result.assessments] == list(PRESETS)
    assert drawn.assessment.preset == drawn.preset == "CURB"
    assert drawn.person == {"resourceType": "Practitioner", "id": "7"}
    assert here.results.last_of(PATIENT) == 0
    assert here.ehr.sent() == []


def test_another_browser_sees_nothing(here: World) -> None:
    found = reviews(here)
    drawn = found.draw("l1", MINE)

    assert drawn is not None
    assert found.draw("l1", OTHERS) is None
    assert found.assessment("l1", OTHERS, "", drawn.digest) is None
    assert found.decide("l1", OTHERS, Decision(act=Act.ACCEPT, preset="DEFAULT", shown=drawn.digest)) is None


def test_an_unknown_preset_is_refused(here: World) -> None:
    with pytest.raises(InvalidRequest):
        reviews(here).draw("l1", MINE, "NONE_SUCH")


def test_a_person_who_cannot_be_read_does_not_stop_the_page(here: World) -> None:
    drawn = reviews(here, person_fails=True).draw("l1", MINE)

    assert drawn is not None
    assert drawn.person is None


def test_the_digest_is_of_the_record_and_not_of_the_day(here: World) -> None:
    found = reviews(here)
    first = drawn_now(found)
    here.clock.pass_by(days=1)
    next_day = drawn_now(found)
    here.ehr.put([size(1, SCANS[2], 37)])
    changed = drawn_now(found)

    assert first.as_of != next_day.as_of
    assert first.digest == next_day.digest != changed.digest


def test_the_picture_of_a_page_needs_no_second_fetch_for_a_while(here: World) -> None:
    found = reviews(here)
    drawn = found.draw("l1", MINE)
    assert drawn is not None
    calls = len(here.ehr.calls)

    assert found.assessment("l1", MINE, "DEFAULT", drawn.digest) is drawn.assessment
    assert len(here.ehr.calls) == calls

    here.clock.pass_by(seconds=REMEMBERED + 1)
    assert found.assessment("l1", MINE, "DEFAULT", drawn.digest) == drawn.assessment
    assert len(here.ehr.calls) > calls


def test_the_picture_of_a_record_that_changed_is_not_shown_under_the_old_text(here: World) -> None:
    found = reviews(here)
    drawn = found.draw("l1", MINE)
    assert drawn is not None
    here.clock.pass_by(seconds=REMEMBERED + 1)
    here.ehr.put([size(1, SCANS[2], 37)])

    assert found.assessment("l1", MINE, "DEFAULT", drawn.digest) is None


def test_nobody_decides_whom_the_ehr_does_not_name(here: World) -> None:
    found = reviews(here)
    drawn = drawn_now(found)

    assert drawn.follow_up is not None
    assert "does not say who you are" in drawn.why_no_decision
    with pytest.raises(DecisionRefused):
        found.decide("l1", MINE, Decision(act=Act.ACCEPT, preset="DEFAULT", shown=drawn.digest))
    assert here.results.last_of(PATIENT) == 0
