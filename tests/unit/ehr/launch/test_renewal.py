"""The token of a launch is renewed once for all threads and processes, and what is not sent again is kept (C2-9)."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from launch_sessions import bearer, failed, refreshes, stored
from launch_world import (
    BROWSER,
    Answer,
    LaunchEhr,
    LaunchWorld,
    as_json,
    launching,
)

from fhirgate.ehr.launch.session_bearer import LEASE, LONGEST_CALL
from fhirgate.ehr.scopes import Scopes
from fhirgate.errors import (
    EhrDenied,
    EhrError,
    EhrGarbled,
    EhrUnavailable,
)

OVER = "this launch is over: "


def test_a_token_that_lives_is_used_as_it_is(world: LaunchWorld) -> None:
    launch = world.launched()
    headers = bearer(world, launch).headers()

    assert headers == {"Authorization": f"Bearer {stored(world, launch).tokens.access}"}
    assert bearer(world, launch).headers(within=0) == headers
    assert refreshes(world) == 0
    assert bearer(world, launch).granted == Scopes.of(str(launch.granted.granted))
    assert bearer(world, launch).findings == launch.findings
    assert repr(bearer(world, launch)) == "SessionBearer(server='main')"


def test_c2_9_a_token_is_renewed_before_it_ends_and_the_new_refresh_token_is_kept(world: LaunchWorld) -> None:
    launch = world.launched()
    first = stored(world, launch)
    authorizer = bearer(world, launch)
    world.ehr.time.seconds += 269
    assert authorizer.headers()["Authorization"] == f"Bearer {first.tokens.access}"
    world.ehr.time.seconds += 1
    headers = authorizer.headers()

    second = stored(world, launch)
    assert headers == {"Authorization": f"Bearer {second.tokens.access}"}
    assert (second.version, second.tokens.refresh) == (2, world.ehr.refresh)
    assert world.ehr.forms[-1] == {
        "grant_type": "refresh_token",
        "refresh_token": first.tokens.refresh,
        "client_id": "fhirgate-app",
    }


def test_c2_9_what_the_server_does_not_send_again_is_kept(world: LaunchWorld) -> None:
    launch = world.launched()
    before = stored(world, launch)
    world.ehr.refreshed = {"refresh_token": None}
    for _ in range(2):
        world.ehr.time.seconds += 300
        world.ehr.refresh = before.tokens.refresh
        bearer(world, launch).headers()

    after = stored(world, launch)
    assert after.launch == launch
    assert after.tokens.refresh == before.tokens.refresh
    assert (after.version, after.browser, after.base_url) == (3, before.browser, before.base_url)


def test_c2_9_a_scope_that_shrank_is_told_and_one_that_grew_too(world: LaunchWorld) -> None:
    launch = world.launched()
    lesser = str(launch.granted.granted).replace("patient/Observation.rs ", "")
    for scope in (lesser, f"{lesser} patient/Observation.rs patient/CarePlan.rs"):
        world.ehr.refreshed = {"scope": scope}
        world.ehr.time.seconds += 300
        bearer(world, launch).headers()

    after = stored(world, launch).launch
    assert after.granted.lost == ()
    assert [(each.code, each.text) for each in after.findings] == [
        (
            "SCOPES_NOT_GRANTED",
            "The EHR did not grant all data that was asked for; the assessment is without it. Missing: Observation"
            " (patient): read, search.",
        ),
        (
            "SCOPES_WIDENED",
            "On renewal the EHR granted more than before, which OAuth forbids: Observation (patient): read, search;"
            " CarePlan (patient): read, search.",
        ),
    ]


def test_a_scope_that_was_never_told_is_told_at_a_renewal(tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(token={"scope": None})) as world:
        launch = world.launched()
        assert bearer(world, launch).granted is None
        world.ehr.refreshed = {"scope": "patient/*.rs openid fhirUser online_access"}
        world.ehr.time.seconds += 300
        bearer(world, launch).headers()

        assert bearer(world, launch).granted == Scopes.of("patient/*.rs openid fhirUser online_access")


def test_a_renewal_that_grants_nothing_ends_the_launch(world: LaunchWorld) -> None:
    launch = world.launched()
    world.ehr.refreshed = {"scope": "openid"}
    world.ehr.time.seconds += 300
    error = failed(bearer(world, launch).headers)

    assert isinstance(error, EhrDenied)
    assert error.status == 403
    assert "grants none of the data" in str(error)
    assert world.launches.find(launch.id, BROWSER) is None


def test_c2_9_many_threads_renew_once(world: LaunchWorld) -> None:
    launch = world.launched()
    world.ehr.time.seconds += 300
    authorizer = bearer(world, launch)

    with ThreadPoolExecutor(8) as pool:
        told = {str(each) for each in pool.map(lambda _: authorizer.headers(), range(16))}

    assert len(told) == 1
    assert refreshes(world) == 1


def test_c2_9_several_processes_renew_once(world: LaunchWorld) -> None:
    launch = world.launched()
    world.ehr.time.seconds += 300
    processes = [bearer(world, launch, world.again()) for _ in range(4)]
    underway, go = threading.Event(), threading.Event()

    def slowly() -> None:
        underway.set()
        assert go.wait(5)

    world.ehr.meanwhile = slowly
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(processes[0].headers)
        assert underway.wait(5)
        others = [pool.submit(each.headers) for each in processes[1:]]
        go.set()
        told = {str(each.result()) for each in (first, *others)}

    assert len(told) == 1
    assert refreshes(world) == 1


def test_a_token_that_was_refused_is_renewed_once_for_all_who_met_it(world: LaunchWorld) -> None:
    launch = world.launched()
    authorizer = bearer(world, launch)
    first = authorizer.headers()
    authorizer.renew()
    second = authorizer.headers()
    authorizer._given.version = 1  # as a thread that was given the first, and hears of its 401 only now
    authorizer.renew()

    assert first != second
    assert authorizer.headers() == second
    assert refreshes(world) == 1


def test_a_thread_that_was_given_none_refuses_the_one_there_is(world: LaunchWorld) -> None:
    launch = world.launched()
    authorizer = bearer(world, launch)
    authorizer.renew()
    authorizer.headers()

    assert refreshes(world) == 1


def test_a_record_is_read_on_after_a_token_was_taken_back(world: LaunchWorld) -> None:
    launch = world.launched()
    world.ehr.good.clear()
    records = world.launches.records(launch.id, BROWSER)
    assert records is not None

    assert [each["id"] for each, _ in records.fetch("p1").resources] == ["p1"]
    assert refreshes(world) == 1


def test_a_session_that_is_over_at_the_ehr_is_over_here(world: LaunchWorld) -> None:
    launch = world.launched()
    world.ehr.refresh = "another"
    world.ehr.time.seconds += 300
    authorizer = bearer(world, launch)
    errors = [failed(authorizer.headers) for _ in range(2)]

    assert [str(each) for each in errors] == [
        f"server 'main': {OVER}the EHR says that its session is over. Launch again from the chart",
        f"server 'main': {OVER}it was ended, or its time is over. Launch again from the chart",
    ]
    assert refreshes(world) == 1
    assert world.launches.find(launch.id, BROWSER) is None


def test_without_a_refresh_token_a_launch_ends_with_its_token(tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(token={"refresh_token": None})) as world:
        launch = world.launched()
        authorizer = bearer(world, launch)
        authorizer.headers()
        authorizer.renew()
        refused = failed(authorizer.headers)
        world.ehr.time.seconds += 270
        over = failed(authorizer.headers)

        assert world.launches.find(launch.id, BROWSER) is None
    assert "the EHR gave nothing to renew it with" in str(refused)
    assert "it was ended, or its time is over" in str(over)


def test_no_launch_lasts_longer_than_a_working_day(world: LaunchWorld) -> None:
    launch = world.launched()
    authorizer = bearer(world, launch)
    assert launch.ends_at - launch.began_at == timedelta(hours=12)
    world.ehr.time.seconds += 12 * 3600 - 1
    authorizer.headers()
    world.ehr.time.seconds += 1

    assert OVER in str(failed(authorizer.headers))
    assert world.launches.find(launch.id, BROWSER) is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (as_json({}, 503), EhrUnavailable),
        (as_json({"token_type": "Bearer"}), EhrGarbled),
        (as_json({"error": "invalid_client"}, 401), EhrDenied),
    ],
)
def test_a_renewal_that_fails_otherwise_is_tried_again_next_time(
    answer: Any, kind: type[EhrError], world: LaunchWorld
) -> None:
    launch = world.launched()
    world.ehr.time.seconds += 300
    world.ehr.fails["/token"] = [answer]
    authorizer = bearer(world, launch)

    assert type(failed(authorizer.headers)) is kind
    assert authorizer.headers()
    assert stored(world, launch).version == 2
    # At once: nobody waited for the lease of the first to end.
    assert world.ehr.time.slept == []


def test_who_waited_for_a_renewal_shares_its_failure(world: LaunchWorld) -> None:
    launch = world.launched()
    world.ehr.time.seconds += 300
    authorizer = bearer(world, launch)
    underway, go = threading.Event(), threading.Event()

    def slowly() -> Answer:
        underway.set()
        assert go.wait(5)
        return as_json({}, 503)

    world.ehr.meanwhile = slowly
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(authorizer.headers)
        assert underway.wait(5)
        second = pool.submit(authorizer.headers)
        # Until it waits at the lock; there is nothing to be seen of that from outside.
        while not second.running():
            time.sleep(0.01)
        time.sleep(0.05)
        go.set()
        errors = [failed(first.result), failed(second.result)]

    assert errors[0] is errors[1]
    assert len(world.ehr.asked("/token")) == 2


def test_waiting_for_another_process_ends_with_the_time_for_the_patient(world: LaunchWorld) -> None:
    launch = world.launched()
    world.ehr.time.seconds += 300
    assert world.store.lease_renewal(launch.id, 1, stored(world, launch).launch.ends_at)
    authorizer = bearer(world, launch)

    error = failed(lambda: authorizer.headers(within=2.0))
    assert isinstance(error, EhrUnavailable)
    assert "before the time for this patient was over" in str(error)
    assert 2.0 <= sum(world.ehr.time.slept) < 2.2


def test_who_went_silent_in_a_renewal_is_followed_by_another(world: LaunchWorld) -> None:
    launch = world.launched()
    world.ehr.time.seconds += 300
    assert world.store.lease_renewal(launch.id, 1, world.ehr.time.now() + timedelta(seconds=2))

    assert bearer(world, launch).headers(within=10)
    assert sum(world.ehr.time.slept) == pytest.approx(2, abs=0.1)
    assert LEASE.total_seconds() > LONGEST_CALL


def test_no_renewal_is_begun_without_time_for_it(world: LaunchWorld) -> None:
    launch = world.launched()
    world.ehr.time.seconds += 300
    authorizer = bearer(world, launch)

    assert isinstance(failed(lambda: authorizer.headers(within=0.0)), EhrUnavailable)
    assert refreshes(world) == 0
    assert authorizer.headers(within=1.0)
    assert world.ehr.time.slept == []


def test_a_thread_does_not_wait_for_another_longer_than_it_has(world: LaunchWorld) -> None:
    launch = world.launched()
    world.ehr.time.seconds += 300
    authorizer = bearer(world, launch)

    with authorizer._lock:
        assert isinstance(failed(lambda: authorizer.headers(within=0.01)), EhrUnavailable)


def test_who_waited_for_a_renewal_uses_what_it_brought(world: LaunchWorld) -> None:
    launch = world.launched()
    world.ehr.time.seconds += 300
    authorizer = bearer(world, launch)
    with ThreadPoolExecutor(1) as pool:
        with authorizer._lock:
            waiting = pool.submit(authorizer.headers)
            authorizer._session = authorizer._stored_or_renewed(float("inf"))
        told = waiting.result()

    assert told == authorizer.headers()
    assert refreshes(world) == 1


def test_a_launch_that_is_ended_while_it_is_renewed_stays_ended(world: LaunchWorld) -> None:
    launch = world.launched()
    world.ehr.time.seconds += 300
    authorizer = bearer(world, launch)

    def ended() -> None:
        world.store.delete_session(launch.id)

    world.ehr.meanwhile = ended

    assert "it was ended while its token was renewed" in str(failed(authorizer.headers))
    assert world.store.read_session(launch.id) is None
