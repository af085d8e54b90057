"""Attacks on a launch, as whole conversations: what the attacker wins is nothing, and the victim is told in words."""

import json
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlencode

import pytest
from launch_world import (
    BASE,
    BROWSER,
    CONTEXT,
    ISSUER,
    OTHER_BROWSER,
    LaunchEhr,
    LaunchWorld,
    as_json,
    entry,
    launching,
    query_of,
    smart,
)
from sqlalchemy import text

from fhirgate.errors import EhrError, EhrForbiddenAddress, EhrRefused, FhirgateError
from fhirgate.services.ehr_server import EhrServer
from fhirgate.services.launches import LaunchRefused, Why

EVIL = "https://evil.example.org/fhir"
EVIL_ENTRY = entry("evil", EVIL)


def evil_smart(**more: Any) -> dict[str, Any]:
    place = "https://evil.example.org"
    said = {"issuer": place, "jwks_uri": f"{place}/jwks", "authorization_endpoint": f"{place}/authorize"}
    return smart(**(said | {"token_endpoint": f"{place}/token", "revocation_endpoint": None} | more))


class TwoEhrs(LaunchEhr):
    """The honest one, and a registered one that an attacker took over and that keeps what it is sent."""

    evil: dict[str, Any]
    stolen: list[str]

    def respond(self, request: Any) -> Any:
        if not str(request.url).startswith("https://evil.example.org/"):
            return super().respond(request)
        self.stolen.append(f"{request.url} {request.body} {request.headers.get('Authorization')}")
        return as_json(self.evil) if request.url.endswith("smart-configuration") else as_json({}, 400)


def two_ehrs(**evil: Any) -> TwoEhrs:
    found = TwoEhrs()
    found.evil, found.stolen = evil_smart(**evil), []
    return found


def refused(
    world: LaunchWorld, back: list[tuple[str, str]], browser: str = BROWSER, came_to: str = "main"
) -> LaunchRefused:
    with pytest.raises(LaunchRefused) as error:
        world.launches.finish(came_to, back, browser)
    return error.value


def test_a_login_forced_on_a_victim_by_the_attackers_own_answer_is_refused(tmp_path: Path) -> None:
    """The attacker begins a launch and has the victim's browser open the answer, to see what the victim decides."""
    with launching(tmp_path) as world:
        attackers = world.ehr.authorize(world.launches.begin_from_ehr(BASE, CONTEXT, OTHER_BROWSER).url)

        assert refused(world, attackers, BROWSER).why is Why.OTHER_BROWSER
        assert world.ehr.asked("/token") == []


def test_a_state_seen_over_the_shoulder_is_of_no_use(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        back = world.ehr.authorize(world.begin().url)
        launch = world.launches.finish("main", back, BROWSER)

        assert refused(world, back, OTHER_BROWSER).why is Why.UNKNOWN_STATE
        assert world.launches.find(launch.id, OTHER_BROWSER) is None


def test_a_code_of_another_launch_is_refused_by_its_challenge(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        victims = dict(world.ehr.authorize(world.begin().url))
        attackers = world.ehr.authorize(
            world.launches.begin_from_ehr(BASE, CONTEXT, OTHER_BROWSER).url, code=victims["code"]
        )

        with pytest.raises(EhrRefused, match="invalid_grant"):
            world.launches.finish("main", attackers, OTHER_BROWSER)


@pytest.mark.parametrize(("came_to", "tells_issuer"), [("main", False), ("main", True), ("evil", True)])
def test_mix_up_a_code_of_the_honest_ehr_does_not_go_to_the_one_taken_over(
    came_to: str, tells_issuer: bool, tmp_path: Path
) -> None:
    """The launch begins at the evil EHR, whose page sends the browser on to the honest one with our own challenge.

    The honest one sends its code to the redirect URI that we have there, and to no other.
    """
    ehr = two_ehrs()
    with launching(tmp_path, ehr, entry(), EVIL_ENTRY) as world:
        begun = world.launches.begin_from_ehr(EVIL, "x", BROWSER)
        sent_on = query_of(begun.url) | {"redirect_uri": world.launches.redirect_uri("main"), "aud": BASE}
        code = dict(ehr.authorize(f"{ISSUER}/authorize?{urlencode(sent_on)}"))["code"]
        back = [("code", code), ("state", begun.state), *([("iss", ISSUER)] if tells_issuer else [])]

        assert refused(world, back, came_to=came_to).why is Why.OTHER_ISSUER
    assert [each for each in ehr.stolen if code in each] == []


def test_mix_up_an_answer_of_the_evil_ehr_to_a_launch_of_the_honest_one_is_refused(tmp_path: Path) -> None:
    ehr = two_ehrs()
    with launching(tmp_path, ehr, entry(), EVIL_ENTRY) as world:
        back = ehr.authorize(world.begin().url, iss="https://evil.example.org")

        assert refused(world, back).why is Why.OTHER_ISSUER
    assert ehr.stolen == []


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint"])
def test_mix_up_a_server_cannot_name_endpoints_of_another(name: str, tmp_path: Path) -> None:
    place = {"authorization_endpoint": f"{ISSUER}/authorize", "token_endpoint": f"{ISSUER}/token"}[name]
    ehr = two_ehrs(**{name: place})
    with launching(tmp_path, ehr, entry(), EVIL_ENTRY) as world, pytest.raises(EhrForbiddenAddress):
        world.launches.begin_from_ehr(EVIL, "x", BROWSER)


def test_an_id_token_of_the_honest_ehr_does_not_prove_a_person_to_the_other(tmp_path: Path) -> None:
    """Its signature is good, and its issuer is not the one that this launch went to."""
    with launching(tmp_path) as world:
        world.launched()
        honest = world.ehr._id_token({"scope": "openid", "nonce": "n"})["id_token"]
    ehr = LaunchEhr(
        smart=smart(issuer=f"{ISSUER}/other"), id_token=honest, openid={"issuer": f"{ISSUER}/other"}
    )
    with launching(tmp_path, ehr) as world:
        error = refused(world, ehr.authorize(world.begin().url))

    assert error.why is Why.IDENTITY_UNPROVEN
    assert "from another issuer" in str(error)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_token_endpoint_that_sends_us_elsewhere_is_not_followed(status: int, tmp_path: Path) -> None:
    away = (status, {"Location": "https://evil.example.org/token"}, "")
    ehr = LaunchEhr(fails={"/token": [away]})
    with launching(tmp_path, ehr) as world, pytest.raises(EhrRefused, match="redirect"):
        world.launched()

    assert len(ehr.asked("/token")) == 1


def test_a_key_set_that_sends_us_elsewhere_is_not_followed(tmp_path: Path) -> None:
    ehr = LaunchEhr(fails={"/jwks": [(302, {"Location": "https://evil.example.org/jwks"}, "")]})
    with launching(tmp_path, ehr) as world, pytest.raises(EhrRefused, match="redirect"):
        world.launched()


def test_a_smart_configuration_that_changed_in_between_does_not_get_the_code(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        begun = world.begin()
        world.ehr.smart = smart(token_endpoint="https://evil.example.org/token")  # noqa: S106
        later = world.again()
        later.finish("main", world.ehr.authorize(begun.url), BROWSER)
        with pytest.raises(EhrForbiddenAddress):
            later.begin_from_ehr(BASE, CONTEXT, BROWSER)


def test_a_launch_written_for_another_server_in_the_database_is_not_opened(tmp_path: Path) -> None:
    """Whoever can write the database, and not open it, cannot turn one launch into another."""
    with launching(tmp_path) as world:
        first, second = world.launched(), world.launched()
        with world.store.database.writing() as connection:
            connection.execute(
                text("UPDATE launch_session SET sealed = (SELECT min(sealed) FROM launch_session)")
            )
        outcomes = []
        for each in (first, second):
            try:
                outcomes.append(world.launches.find(each.id, BROWSER))
            except Exception as error:
                outcomes.append(type(error).__name__)

    assert "SealBroken" in outcomes
    assert {each if isinstance(each, str) else each.id for each in outcomes if each} <= {
        "SealBroken",
        first.id,
        second.id,
    }


def test_an_answer_that_comes_twice_at_once_is_used_once(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        for _ in range(5):
            back, start = world.ehr.authorize(world.begin().url), Barrier(2)

            def finish(back: list[tuple[str, str]] = back, start: Barrier = start) -> str:
                start.wait()
                try:
                    return world.launches.finish("main", back, BROWSER).server
                except LaunchRefused as error:
                    return error.why

            with ThreadPoolExecutor(2) as pool:
                outcomes = [pool.submit(finish), pool.submit(finish)]
            assert sorted(each.result() for each in outcomes) == ["main", Why.UNKNOWN_STATE]
        assert len(world.ehr.asked("/token")) == 5


def test_a_session_fixed_by_an_attacker_is_not_the_victims(tmp_path: Path) -> None:
    """Every launch has a new id, and one cannot be given from outside."""
    with launching(tmp_path) as world:
        ids = {world.launched().id for _ in range(3)}
        back = [*world.ehr.authorize(world.begin().url), ("launch_id", "fixed"), ("id", "fixed")]

        assert world.launches.finish("main", back, BROWSER).id not in {"fixed", *ids}
    assert len(ids) == 3


def test_no_secret_of_a_launch_is_logged_traced_or_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    caplog.set_level(1)
    with launching(tmp_path) as world:
        begun = world.begin()
        back = dict(world.ehr.authorize(begun.url))
        launch = world.launches.finish("main", list(back.items()), BROWSER)
        session = world.store.read_session(launch.id)
        assert session is not None
        secrets = {begun.state, back["code"], BROWSER, CONTEXT, session.tokens.access, session.tokens.refresh}
        world.ehr.time.seconds += 300
        failing = [
            as_json({"error": "x", "error_description": f"{secrets}"}, status) for status in (400, 401, 503)
        ]
        for answer in failing:
            world.ehr.fails["/token"] = [answer]
            told += _errors(world.launches.server(session).authorizer.headers)
        for answer in failing:
            world.ehr.fails["/token"] = [answer]
            told += _errors(world.launched)
        for error in ("access_denied", "invalid_scope"):
            state = world.begin().state
            secrets.add(state)
            parameters = [("error", error), ("state", state), ("error_description", state)]
            told += _errors(lambda parameters=parameters: world.launches.finish("main", parameters, BROWSER))
        secrets |= {
            str(form.get(name))
            for form in world.ehr.forms
            for name in ("code", "code_verifier", "refresh_token")
        }
        secrets |= set(world.ehr.grants)
        whole = "\n".join([caplog.text, *told, *map(str, world.ehr.told), repr(world.ehr.told)])
    secrets.discard("None")

    assert len(told) >= 8
    assert len(secrets) >= 12
    assert [each for each in secrets if each in whole] == []


def _errors(act: Any) -> list[str]:
    with pytest.raises(FhirgateError) as error:
        act()
    return ["".join(traceback.format_exception(error.value)), error.value.safe_message]


def test_a_server_listed_twice_launches_by_the_entry_that_is_meant_for_it(tmp_path: Path) -> None:
    batch = EhrServer(name="batch", base_url=BASE)
    with launching(tmp_path, None, batch, entry()) as world:
        assert world.begin().server == "main"


@pytest.mark.parametrize("bomb", ["x" * (2 << 20), json.dumps({"scope": "patient/*.rs " * 200_000})])
def test_a_token_answer_without_end_is_not_read_to_its_end(bomb: str, tmp_path: Path) -> None:
    answer = (200, {"Content-Type": "application/json"}, bomb)
    with launching(tmp_path, LaunchEhr(fails={"/token": [answer]})) as world, pytest.raises(EhrError):
        world.launched()
