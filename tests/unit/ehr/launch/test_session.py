"""A launch that was let in is its browser session's alone, its token goes to its EHR alone, and it can be ended."""

from pathlib import Path

import pytest
from launch_sessions import server, stored
from launch_world import (
    BASE,
    BROWSER,
    OTHER_BROWSER,
    LaunchEhr,
    LaunchWorld,
    as_json,
    entry,
    launching,
    smart,
)

from fhirgate.errors import (
    EhrForbiddenAddress,
    UnknownResource,
)
from fhirgate.outbound.call import Call

OVER = "this launch is over: "


def test_a_launch_is_found_by_the_browser_session_it_belongs_to_alone(world: LaunchWorld) -> None:
    launch = world.launched()

    assert world.launches.find(launch.id, BROWSER) == launch
    assert world.launches.find(launch.id, OTHER_BROWSER) is None
    assert world.launches.find("another", BROWSER) is None
    assert world.launches.records(launch.id, OTHER_BROWSER) is None
    assert world.launches.end(launch.id, OTHER_BROWSER) == ()
    assert world.launches.find(launch.id, BROWSER) == launch


def test_c7_4_two_tabs_with_two_patients_never_mix(world: LaunchWorld) -> None:
    first = world.launched()
    world.ehr.context = {"patient": "p2"}
    second = world.launched()
    found = [world.launches.find(each.id, BROWSER) for each in (first, second)]
    records = world.launches.records(first.id, BROWSER)

    assert [each.context.patient for each in found if each] == ["p1", "p2"]
    assert records is not None
    with pytest.raises(UnknownResource, match="for another patient"):
        records.fetch("p2")


def test_logout_forgets_the_launch_and_hands_its_tokens_back(world: LaunchWorld) -> None:
    launch = world.launched()
    tokens = stored(world, launch).tokens

    assert world.launches.end(launch.id, BROWSER) == ()
    assert world.ehr.revoked == [tokens.refresh, tokens.access]
    assert world.ehr.forms[-1] == {
        "token": tokens.access,
        "token_type_hint": "access_token",
        "client_id": "fhirgate-app",
    }
    assert world.launches.find(launch.id, BROWSER) is None
    assert world.launches.end(launch.id, BROWSER) == ()


def test_logout_tells_what_could_not_be_handed_back_and_forgets_all_the_same(world: LaunchWorld) -> None:
    launch = world.launched()
    world.ehr.fails["/revoke"] = [as_json({"error": "invalid_client"}, 401), (503, {}, "")]
    told = world.launches.end(launch.id, BROWSER)

    assert [each.code for each in told] == ["TOKEN_NOT_REVOKED"] * 2
    assert "revocation: it refused (401): check client_id" in told[0].text
    assert told[1].text.startswith("The access token is forgotten here, and may still be good at the EHR")
    assert world.launches.find(launch.id, BROWSER) is None


def test_logout_at_a_server_that_takes_no_tokens_back_forgets(tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(smart=smart(revocation_endpoint=None))) as world:
        launch = world.launched()

        assert world.launches.end(launch.id, BROWSER) == ()
        assert world.ehr.revoked == []


def test_logout_without_a_refresh_token_hands_back_the_other(tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(token={"refresh_token": 7})) as world:
        launch = world.launched()
        world.launches.end(launch.id, BROWSER)

        assert len(world.ehr.revoked) == 1


def test_a_launch_of_a_server_that_moved_or_left_the_registry_is_over(world: LaunchWorld) -> None:
    launch = world.launched()
    moved = world.again(entry(base_url="https://moved.example.org/fhir"))

    assert moved.find(launch.id, BROWSER) is None
    assert world.again(entry(name="other")).find(launch.id, BROWSER) is None
    assert world.again().find(launch.id, BROWSER) == launch


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.org/fhir/R4/Patient/p1",
        "https://ehr.example.org/fhir/R4x/Patient/p1",
        "https://ehr.example.org/other-tenant/Patient/p1",
        "http://ehr.example.org/fhir/R4/Patient/p1",
        "//evil.example.org/fhir/R4/Patient/p1",
        "../other-tenant/Patient/p1",
    ],
)
def test_c2_11_a_token_is_sent_to_the_base_of_its_own_ehr_alone(url: str, world: LaunchWorld) -> None:
    found = server(world, world.launched())
    calls = len(world.ehr.calls)

    with pytest.raises(EhrForbiddenAddress):
        found.visit().send(Call(url=url))
    assert len(world.ehr.calls) == calls
    assert found.visit().send(Call(url=f"{BASE}/Patient/p1")).status == 200


def test_the_statement_of_a_server_is_read_once_for_all_launches(world: LaunchWorld) -> None:
    for _ in range(3):
        launch = world.launched()
        records = world.launches.records(launch.id, BROWSER)
        assert records is not None
        records.fetch("p1")

    assert len(world.ehr.asked("/metadata")) == 1
