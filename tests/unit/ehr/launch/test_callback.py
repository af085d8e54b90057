"""What comes back to the redirect URI: used once, for who began it, and every error in words (C2-3, C2-5, RFC 9207)."""

from pathlib import Path

import pytest
from launch_world import (
    BROWSER,
    ISSUER,
    OTHER_BROWSER,
    LaunchEhr,
    LaunchWorld,
    entry,
    launching,
    query_of,
    smart,
)

from fhirgate.ehr.launch.callback import Callback
from fhirgate.services.launches import LaunchRefused, Why

Pairs = list[tuple[str, str]]


def refusal(world: LaunchWorld, parameters: Pairs, browser: str = BROWSER) -> LaunchRefused:
    """And nothing was asked of a token endpoint because of it."""
    before = len(world.ehr.asked("/token"))
    with pytest.raises(LaunchRefused) as error:
        world.launches.finish("main", parameters, browser)
    assert len(world.ehr.asked("/token")) == before
    return error.value


def test_c2_3_a_state_is_used_once(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        back = world.ehr.authorize(world.begin().url)
        world.launches.finish("main", back, BROWSER)

        assert refusal(world, back).why is Why.UNKNOWN_STATE


def test_c2_3_a_state_is_of_one_browser_session_and_is_used_up_by_another(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        back = world.ehr.authorize(world.begin().url)

        error = refusal(world, back, OTHER_BROWSER)
        assert error.why is Why.OTHER_BROWSER
        assert "open it in a new window" in str(error)
        assert refusal(world, back, BROWSER).why is Why.UNKNOWN_STATE


def test_c2_3_a_lost_cookie_is_another_browser(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        assert refusal(world, world.ehr.authorize(world.begin().url), "").why is Why.OTHER_BROWSER


def test_c2_3_a_state_lasts_ten_minutes(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        in_time, late = (world.ehr.authorize(world.begin().url) for _ in range(2))
        world.ehr.time.seconds += 599
        world.launches.finish("main", in_time, BROWSER)
        world.ehr.time.seconds += 1

        error = refusal(world, late)
    assert error.why is Why.UNKNOWN_STATE
    assert "took longer than 10 minutes" in str(error)


def test_c2_3_a_state_that_was_never_given_is_refused(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        back = world.ehr.authorize(world.begin().url, state="x" * 43)

        assert refusal(world, back).why is Why.UNKNOWN_STATE


@pytest.mark.parametrize(
    ("error", "why", "told"),
    [
        ("access_denied", Why.DENIED, "(access_denied): access was denied: the person declined"),
        ("invalid_scope", Why.AUTHORIZATION_FAILED, "have the scopes of the entry registered there"),
        ("temporarily_unavailable", Why.AUTHORIZATION_FAILED, "it is busy; launch again in a while"),
        ("login_required", Why.AUTHORIZATION_FAILED, "log in to the EHR and launch again"),
        ("<script>", Why.AUTHORIZATION_FAILED, "did not let the launch in: it tells of an error that no"),
        ("of_its_own", Why.AUTHORIZATION_FAILED, "did not let the launch in: it tells of an error that no"),
    ],
)
def test_c2_5_an_error_is_told_in_our_words_and_no_token_is_asked_for(
    error: str, why: Why, told: str, tmp_path: Path
) -> None:
    with launching(tmp_path) as world:
        state = world.begin().state
        back = [("error", error), ("state", state), ("error_description", "Zyzxname may not")]

        refused = refusal(world, back)
        again = refusal(world, back)

    assert (refused.why, refused.code) == (why, error if "(" in str(refused) else "")
    assert told in str(refused)
    assert "Zyzxname" not in str(refused)
    assert "<script>" not in str(refused)
    # The state is used up: a reload does not tell the error of a launch that was never begun.
    assert again.why is Why.UNKNOWN_STATE


def test_c2_5_an_error_without_a_launch_of_ours_is_not_told(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        assert refusal(world, [("error", "access_denied"), ("state", "y" * 43)]).why is Why.UNKNOWN_STATE


def test_c2_5_parameters_that_mean_nothing_are_passed_over(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        back = world.ehr.authorize(world.begin().url)
        extra = [("next", "https://evil.example.org"), ("next", "again"), ("session_state", "s")]
        launch = world.launches.finish("main", [*back, *extra], BROWSER)

    assert "evil" not in repr(launch)


@pytest.mark.parametrize(
    ("back", "told"),
    [
        ([("code", "c")], "it has no state"),
        ([("state", "s")], "it has neither a code nor an error, or both"),
        ([("state", "s"), ("code", "c"), ("error", "access_denied")], "neither a code nor an error, or both"),
        ([("state", "s"), ("code", "c"), ("code", "d")], "code is given twice"),
        ([("state", "s"), ("code", "")], "code is given twice, is empty"),
        ([("state", "s"), ("code", "c\n")], "code is given twice, is empty, or holds what cannot be"),
        ([("state", "s" * 8193), ("code", "c")], "state is given twice"),
    ],
)
def test_what_is_no_answer_of_an_ehr_is_refused(back: Pairs, told: str) -> None:
    with pytest.raises(LaunchRefused, match=told) as error:
        Callback.of(back)

    assert error.value.why is Why.MALFORMED


def test_rfc_9207_an_issuer_in_the_answer_is_that_of_the_server_we_asked(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        assert world.launched(iss=ISSUER).server == "main"
        back = world.ehr.authorize(world.begin().url, iss="https://other.example.org/auth")

        assert refusal(world, back).why is Why.OTHER_ISSUER


def test_rfc_9207_a_server_that_always_names_its_issuer_has_to(tmp_path: Path) -> None:
    said = smart(authorization_response_iss_parameter_supported=True)
    with launching(tmp_path, LaunchEhr(smart=said)) as world:
        assert world.launched(iss=ISSUER).server == "main"

        error = refusal(world, world.ehr.authorize(world.begin().url))
    assert error.why is Why.OTHER_ISSUER
    assert "names no issuer" in str(error)


def test_rfc_9207_an_issuer_is_told_before_an_error_is(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        back = [
            ("error", "access_denied"), ("state", world.begin().state), ("iss", "https://evil.example.org")
        ]  # fmt: skip

        assert refusal(world, back).why is Why.OTHER_ISSUER


@pytest.mark.parametrize(
    ("iss", "fits"),
    [("https://ehr.example.org/any", True), ("https://evil.example.org/auth", False), ("no address", False)],
)
def test_rfc_9207_where_a_server_told_no_issuer_its_host_is_compared(
    iss: str, fits: bool, tmp_path: Path
) -> None:
    said = smart(issuer=None, jwks_uri=None, capabilities=["permission-v2"])
    with launching(tmp_path, LaunchEhr(smart=said)) as world:
        back = world.ehr.authorize(world.begin().url, iss=iss)
        if fits:
            assert world.launches.finish("main", back, BROWSER).server == "main"
        else:
            assert refusal(world, back).why is Why.OTHER_ISSUER


@pytest.mark.parametrize(
    "changed",
    [
        entry(client_id="another"),
        entry(base_url="https://moved.example.org/fhir"),
        entry(name="renamed"),
    ],
)
def test_a_launch_does_not_survive_a_change_of_its_entry(changed: object, tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        back = world.ehr.authorize(world.begin().url)
        world.launches = world.again(changed)  # type: ignore[arg-type]

        assert refusal(world, back).why is Why.REGISTRATION_CHANGED


def test_a_launch_is_finished_by_another_process_of_ours(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        begun = world.begin()
        launch = world.again().finish("main", world.ehr.authorize(begun.url), BROWSER)

    assert query_of(begun.url)["state"] == begun.state
    assert launch.context.patient == "p1"
